"""What is asked next where a request failed: its parts, so that what fails alone takes nothing else with it."""

from cnnviz_desktop.core.request_parts import Axis, along
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Failure

HOPELESS = frozenset({"ConsentNeeded", "WeightsMismatch"})
"""Errors that are about the network as a whole: every part would fail in the same way."""

_BLAMED: dict[str, Axis] = {"ImageError": "images", "LayerError": "layers", "TargetError": "targets"}
_WAYS: tuple[Axis, ...] = ("methods", "layers", "targets", "images")


def parts_of(request: Request, failure: Failure) -> tuple[Request, ...]:
    """The request in parts along one of its axes, what the error is about first; empty where it has no parts."""
    if failure.kind in HOPELESS:
        return ()
    blamed = _BLAMED.get(failure.kind, "methods")
    for way in (blamed, *_WAYS):
        parts = along(request, way)
        if len(parts) > 1:
            return parts
    return ()
