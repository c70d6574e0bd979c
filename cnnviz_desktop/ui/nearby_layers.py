"""Layers to look at instead of one that has nothing of a kind to show."""

from cnnviz_desktop.core.outline import LayerNode, Outline

MOST_OFFERED = 3


def with_kernels(outline: Outline, node: LayerNode) -> tuple[str, ...]:
    """Names of layers that have kernels: the first ones inside a layer, else the nearest before it, else after it."""
    place = outline.layers.index(node)
    inside = [each for each in outline.layers if each.name.startswith(f"{node.name}.")]
    for group in (inside, outline.layers[:place][::-1], outline.layers[place + 1 :]):
        names = [each.name for each in group if each.kernel_shape]
        if names:
            return tuple(names[:MOST_OFFERED])
    return ()


def with_maps(outline: Outline, node: LayerNode) -> tuple[str, ...]:
    """Names of layers that give maps: the nearest before a layer, and the one that suits class activation maps."""
    before = outline.layers[: outline.layers.index(node)][::-1]
    nearest = [each.name for each in before if each.gives_maps][:1]
    return tuple(dict.fromkeys((*nearest, *filter(None, [outline.suggested]))))
