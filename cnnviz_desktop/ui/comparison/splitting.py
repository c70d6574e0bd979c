"""What is asked next where a request failed: its parts, so that what fails alone takes nothing else with it."""

import msgspec

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Failure

HOPELESS = frozenset({"ConsentNeeded", "WeightsMismatch"})
"""Errors that are about the network as a whole: every part would fail in the same way."""

_BLAMED = {"ImageError": "images", "LayerError": "layers", "TargetError": "targets"}
_WAYS = ("methods", "layers", "targets", "images")


def parts_of(request: Request, failure: Failure) -> tuple[Request, ...]:
    """The request in parts along one of its axes, what the error is about first; empty where it has no parts."""
    if failure.kind in HOPELESS:
        return ()
    blamed = _BLAMED.get(failure.kind, "methods")
    for way in (blamed, *_WAYS):
        parts = _along(request, way)
        if len(parts) > 1:
            return parts
    return ()


def _along(request: Request, way: str) -> tuple[Request, ...]:
    if way == "methods":
        return tuple(msgspec.structs.replace(request, method=each, also=()) for each in request.methods)
    if way == "layers":
        return tuple(msgspec.structs.replace(request, layers=(each,)) for each in request.layers)
    if way == "targets":
        return tuple(msgspec.structs.replace(request, targets=(each,)) for each in request.targets)
    return tuple(msgspec.structs.replace(request, images=(each,)) for each in request.images)
