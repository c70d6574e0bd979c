"""What there is to choose from for each axis, and what is chosen until the user chooses."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from PySide6.QtCore import QCoreApplication

from cnnviz_desktop.core.catalog import METHODS
from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.core.resources import image_name
from cnnviz_desktop.core.token_grids import Shape
from cnnviz_desktop.ui.comparison.choice_popup import Offer
from cnnviz_desktop.ui.comparison.comparison import Layout
from cnnviz_desktop.ui.nearby_layers import first_maps

SUGGESTED_LAYERS = 4
SUGGESTED_CLASSES = 3

translate = QCoreApplication.translate


def method_offers(layout: Layout) -> tuple[Offer, ...]:
    """The methods that explain a target; where cam, gb and cam_gb are shown, those that give a map."""
    return tuple(
        Offer(method.id, method.title, method.family, "\n".join(filter(None, (method.summary, method.formula))))
        for method in METHODS
        if method.gives == "map" or (method.gives and layout != "views")
    )


def layer_offers(outline: Outline, chosen: str = "") -> tuple[Offer, ...]:
    """The layers that give maps, in the network's order; the suggested and the tree's chosen one come first."""
    offers = _offers_in_order(outline)
    first: dict[str, Offer] = {}
    for name, group in (
        (outline.suggested, translate("Comparison", "Suggested")),
        (chosen, translate("Comparison", "Chosen in the network's tree")),
    ):
        key = first_maps(outline.layer(name), "output") if name in outline.places else ""
        if key and key not in first:
            first[key] = replace(offers[key], group=group)
    return (*first.values(), *(each for key, each in offers.items() if key not in first))


@lru_cache(maxsize=2)  # asked at every click, and a network may have ten thousand layers
def _offers_in_order(outline: Outline) -> dict[str, Offer]:
    """An offer for each layer that gives maps, by its key."""
    group = translate("Comparison", "Layers of the network")
    return {
        key: Offer(key, f"{node.name} ({node.type})", group, _written(node.outputs), brief=node.name)
        for node in outline.layers
        if (key := first_maps(node, "output"))
    }


def suggested_layers(outline: Outline) -> tuple[str, ...]:
    """A layer for each resolution, at most four in the network's order: what comes out of the outermost block there.

    Of the suggested layer's resolution it is that layer.
    """
    outermost: dict[tuple[int, int], LayerNode] = {}
    for node in outline.layers:
        cells = _cells(node)
        known = outermost.get(cells)
        if max(cells) > 1 and (known is None or _depth(node) <= _depth(known)):
            outermost[cells] = node
    if outline.suggested:
        outermost.pop(_cells(outline.layer(outline.suggested)), None)
    references = [first_maps(node, "output") for node in outermost.values()][-(SUGGESTED_LAYERS - 1) :]
    return in_order(outline, (*references, *first_layer(outline)))


def _cells(node: LayerNode) -> tuple[int, int]:
    """(rows, columns) of the first stack of maps that comes out of a layer; a single cell where none does."""
    for grid in node.grids("output"):
        if grid is not None:
            return grid.rows, grid.columns
    return 1, 1


def _depth(node: LayerNode) -> int:
    return node.name.count(".")


def in_order(outline: Outline, references: Sequence[str]) -> tuple[str, ...]:
    """Layer references in the network's order."""
    order = outline.places
    return tuple(sorted(references, key=lambda each: order.get(LayerRef.parse(each).name, len(order))))


def first_layer(outline: Outline) -> tuple[str, ...]:
    """The suggested layer; empty where there is none."""
    suggested = first_maps(outline.layer(outline.suggested), "output") if outline.suggested else ""
    return (suggested,) if suggested else ()


def is_there(outline: Outline, reference: str) -> bool:
    """Whether a network has a layer that gives such a stack of maps."""
    layer = LayerRef.parse(reference)
    grids = outline.layer(layer.name).grids(layer.side) if layer.name in outline.places else ()
    return layer.part < len(grids) and grids[layer.part] is not None


def image_offers(references: Sequence[str]) -> tuple[Offer, ...]:
    """The images that are open."""
    return tuple(Offer(reference, image_name(reference), tip=reference) for reference in references)


@lru_cache(maxsize=256)  # the many layers of a large network have few shapes
def _written(shapes: tuple[Shape, ...]) -> str:
    return ", ".join("×".join(map(str, shape)) for shape in shapes)
