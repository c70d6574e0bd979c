"""What there is to choose from for each axis, and what is chosen until the user chooses."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from cnnviz_desktop.core.catalog import METHODS
from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.core.resources import image_name
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
    offers = [
        Offer(
            first_maps(node, "output"),
            f"{node.name} ({node.type})",
            _other_layers(),
            _shape(outline, node.name),
            brief=node.name,
        )
        for node in outline.layers
        if node.gives_maps
    ]
    first: list[Offer] = []
    for name, group in (
        (outline.suggested, translate("Comparison", "Suggested")),
        (chosen, translate("Comparison", "Chosen in the network's tree")),
    ):
        if name and all(name != LayerRef.parse(each.key).name for each in first):
            first += [replace(each, group=group) for each in offers if _named(each) == name]
    named = {each.key for each in first}
    return (*first, *(each for each in offers if each.key not in named))


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
    grid = next((grid for grid in node.grids("output") if grid is not None), None)
    return (grid.rows, grid.columns) if grid is not None else (1, 1)


def _depth(node: LayerNode) -> int:
    return node.name.count(".")


def in_order(outline: Outline, references: Sequence[str]) -> tuple[str, ...]:
    """Layer references in the network's order."""
    order = {node.name: place for place, node in enumerate(outline.layers)}
    return tuple(sorted(references, key=lambda each: order.get(LayerRef.parse(each).name, len(order))))


def first_layer(outline: Outline) -> tuple[str, ...]:
    """The suggested layer; empty where there is none."""
    suggested = first_maps(outline.layer(outline.suggested), "output") if outline.suggested else ""
    return (suggested,) if suggested else ()


def is_there(outline: Outline, reference: str) -> bool:
    """Whether a network has a layer that gives such a stack of maps."""
    layer = LayerRef.parse(reference)
    grids = next((node.grids(layer.side) for node in outline.layers if node.name == layer.name), ())
    return layer.part < len(grids) and grids[layer.part] is not None


def image_offers(references: Sequence[str]) -> tuple[Offer, ...]:
    """The images that are open."""
    return tuple(Offer(reference, image_name(reference), tip=reference) for reference in references)


def _other_layers() -> str:
    return translate("Comparison", "Layers of the network")


def _named(offer: Offer) -> str:
    return LayerRef.parse(offer.key).name


def _shape(outline: Outline, name: str) -> str:
    return ", ".join("×".join(map(str, shape)) for shape in outline.layer(name).outputs)
