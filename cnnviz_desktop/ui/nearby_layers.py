"""Layers to look at instead of one that has nothing of a kind to show, and the tensors of one that has."""

from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.ui.subject import Side

MOST_OFFERED = 3


def with_kernels(outline: Outline, node: LayerNode) -> tuple[str, ...]:
    """Names of layers that have kernels: the first ones inside a layer, else the nearest before it, else after it."""
    place = outline.places[node.name]
    inside = [each for each in outline.layers if each.name.startswith(f"{node.name}.")]
    for group in (inside, outline.layers[:place][::-1], outline.layers[place + 1 :]):
        names = [each.name for each in group if each.kernel_shape]
        if names:
            return tuple(names[:MOST_OFFERED])
    return ()


def with_maps(outline: Outline, node: LayerNode) -> tuple[str, ...]:
    """Names of layers that give maps: the nearest before a layer, and the one that suits class activation maps."""
    before = outline.layers[: outline.places[node.name]][::-1]
    nearest = [each.name for each in before if each.gives_maps][:1]
    return tuple(dict.fromkeys((*nearest, *filter(None, [outline.suggested]))))


def lies_before(outline: Outline, reference: str, node: LayerNode) -> bool:
    """Whether a layer comes earlier in the network's own order and the node is no part of it."""
    name = LayerRef.parse(reference).name if reference else ""
    names = [each.name for each in outline.layers[: outline.places[node.name]]]
    return name in names and not node.name.startswith(f"{name}.")


def maps_before(outline: Outline, node: LayerNode) -> str:
    """The nearest stack of maps before a layer, as `LayerRef` writes it; empty where there is none.

    Of a block that ends there it is the block's own, and not that of its last part: a branch, as often as not.
    """
    earlier = [first_maps(each, "output") for each in outline.layers[: outline.places[node.name]][::-1]]
    before = [each for each in earlier if each and lies_before(outline, each, node)]
    if not before:
        return ""
    nearest = LayerRef.parse(before[0]).name
    return min((each for each in before if f"{nearest}.".startswith(f"{LayerRef.parse(each).name}.")), key=len)


def stacks(node: LayerNode, side: Side) -> tuple[tuple[str, str], ...]:
    """(reference, shape in words) of every tensor on that side that is a stack of maps."""
    return tuple(
        (str(LayerRef(node.name, side, part)), f"[{part}]  {'×'.join(map(str, shape))}")
        for part, (shape, grid) in enumerate(zip(node.shapes(side), node.grids(side), strict=True))
        if grid is not None
    )


def first_maps(node: LayerNode, side: Side) -> str:
    """The first of them, as `LayerRef` writes it; empty where there is none."""
    for part, grid in enumerate(node.grids(side)):  # without the words of `stacks`: asked of ten thousand layers
        if grid is not None:
            return node.name if part == 0 and side == "output" else str(LayerRef(node.name, side, part))
    return ""
