"""The part of a segmentation or detection network that sees features in the image, before its heads answer."""

from collections.abc import Mapping
from math import prod

from cnnviz_desktop.core.description import Task
from cnnviz_desktop.core.token_grids import TokenGrid
from cnnviz_desktop.engine.observing import Call

Calls = Mapping[str, Call]
Grids = Mapping[str, tuple[TokenGrid | None, ...]]

_TRUNKS = ("backbone", "encoder", "body", "features", "trunk")
"""What people call it, in torchvision and in most networks for these tasks."""


def trunk_of(calls: Calls, grids: Grids, task: Task, classes: int) -> dict[str, Call]:
    """The layers among which the one is that maps suit best, with what they did.

    Every answer should rest on it. In a feature pyramid that is the body below it; where detection heads read several
    layers of the trunk, those up to the first that is read, since an object found on fine maps does not depend on the
    coarse ones; in a network without such a part, or with coarser layers behind it, its layers of the fewest cells.

    Args:
        calls: What every module did.
        grids: How their outputs lie over the input.
        task: What the network is for.
        classes: How many scores a pixel has: a layer that gives these has answered already.
    """
    trunk = next((name for name in _TRUNKS if _inside(calls, name)), "")
    coarsest = _coarsest(calls, grids, classes)
    inside = _inside(calls, trunk)
    if not trunk or (task == "segmentation" and coarsest.keys().isdisjoint(inside)):
        return coarsest
    body = f"{trunk}.body"
    if body in calls:
        return _inside(calls, body)
    first_read = _cells(grids, trunk)
    if task == "detection" and trunk in calls and len(calls[trunk].outputs) > 1 and first_read:
        return {name: call for name, call in inside.items() if _cells(grids, name) >= first_read} or inside
    return inside


def _inside(calls: Calls, name: str) -> dict[str, Call]:
    return {each: call for each, call in calls.items() if each.startswith(f"{name}.")}


def _coarsest(calls: Calls, grids: Grids, classes: int) -> dict[str, Call]:
    """The layers of the fewest cells, more than one, but for those that give the answer."""
    cells = {name: _cells(grids, name) for name in calls if name and _channels(grids, name) != classes}
    fewest = min((count for count in cells.values() if count > 1), default=0)
    return {name: calls[name] for name, count in cells.items() if count == fewest}


def _cells(grids: Grids, name: str) -> int:
    """Cells of the first tensor that a layer gives; 0 where it gives no maps."""
    grid = next(iter(grids.get(name, ())), None)
    return prod(grid.map_shape[1:]) if grid is not None else 0


def _channels(grids: Grids, name: str) -> int:
    """Its channels; −1 where it gives no maps."""
    grid = next(iter(grids.get(name, ())), None)
    return grid.channels if grid is not None else -1
