"""Requests that open no network, and who answers them."""

from collections.abc import Generator
from importlib import import_module

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Result

_FUNCTIONS = {
    "networks": ("catalogue", "list_networks"),
    "download": ("official.weights_errands", "download"),
    "import_weights": ("official.weights_errands", "import_file"),
    "checkpoint": ("checkpoints.checkpoint_report", "report"),
}
"""Module under `engine.networks` and its generator function, by the id of the errand."""


def is_errand(request: Request) -> bool:
    """Whether a request opens no network."""
    return request.method in _FUNCTIONS


def run_errand(request: Request) -> Generator[Result, None, None]:
    """Answer an errand.

    Raises:
        CnnvizError: What the user can mend.
    """
    module, function = _FUNCTIONS[request.method]
    yield from getattr(import_module(f"cnnviz_desktop.engine.networks.{module}"), function)(request)
