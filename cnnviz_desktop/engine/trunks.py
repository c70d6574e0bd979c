"""The part of a segmentation or detection network that sees features in the image, before its heads answer."""

from collections.abc import Mapping
from math import prod

from cnnviz_desktop.core.description import Task
from cnnviz_desktop.core.token_grids import TokenGrid
from cnnviz_desktop.engine.observing import Call

_TRUNKS = ("backbone", "encoder", "body", "features", "trunk")
"""What people call it, in torchvision and in most networks for these tasks."""


def trunk_of(
    calls: Mapping[str, Call], grids: Mapping[str, tuple[TokenGrid | None, ...]], task: Task
) -> frozenset[str]:
    """Names of the layers among which the one is that maps suit best.

    Every answer should rest on it. In a feature pyramid that is the body below it; where detection heads read several
    layers of the trunk, those up to the first that is read, since an object found on fine maps does not depend on the
    coarse ones; in a network of no known parts, its layers of the fewest cells.
    """
    named = [name for name in _TRUNKS if name in calls or any(each.startswith(f"{name}.") for each in calls)]
    if not named:
        return _coarsest(calls, grids)
    trunk = named[0]
    body = f"{trunk}.body"
    if body in calls:
        return _inside(calls, body)
    inside = _inside(calls, trunk)
    gives = _cells(grids, trunk)
    if task == "detection" and trunk in calls and len(calls[trunk].outputs) > 1 and gives:
        return frozenset(name for name in inside if _cells(grids, name) >= gives) or inside
    return inside


def _inside(calls: Mapping[str, Call], name: str) -> frozenset[str]:
    return frozenset(each for each in calls if each.startswith(f"{name}."))


def _coarsest(calls: Mapping[str, Call], grids: Mapping[str, tuple[TokenGrid | None, ...]]) -> frozenset[str]:
    cells = {name: _cells(grids, name) for name in calls if name}
    fewest = min((count for count in cells.values() if count > 1), default=0)
    return frozenset(name for name, count in cells.items() if count == fewest)


def _cells(grids: Mapping[str, tuple[TokenGrid | None, ...]], name: str) -> int:
    """Cells of the first tensor that a layer gives; 0 where it gives no maps."""
    grid = next(iter(grids.get(name, ())), None)
    return prod(grid.map_shape[1:]) if grid is not None else 0
