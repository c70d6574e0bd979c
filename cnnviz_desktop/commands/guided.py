"""Guided backpropagation as the companion of heat maps: what a request says of it."""

from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.requests import Request

GUIDED = "guided_backprop"
"""The method whose picture goes with each heat map of the same request and target, in place of files of its own."""


def is_companion(request: Request) -> bool:
    """Whether the request's guided backpropagation goes with its heat maps."""
    return GUIDED in request.methods and any(catalog.method(method).gives == "map" for method in request.methods)


def essential_methods(request: Request) -> frozenset[str]:
    """The request's methods that have files of their own."""
    companions = {GUIDED} if is_companion(request) else set[str]()
    return frozenset(request.methods) - companions
