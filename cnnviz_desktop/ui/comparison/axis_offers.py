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
            _reference(outline, node.name),
            f"{node.name} ({node.type})",
            _other_layers(),
            _shape(outline, node.name),
            brief=node.name,
        )
        for node in outline.layers
        if node.gives_maps or node.name == outline.suggested
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
    """A layer for each resolution, at most four in the network's order: what comes out of the outermost block there."""
    outermost: dict[tuple[int, ...], LayerNode] = {}
    for node in outline.layers:
        shape = next((shape[1:] for shape in node.outputs if len(shape) == 3), (1, 1))
        known = outermost.get(shape)
        if max(shape) > 1 and (known is None or _depth(node) <= _depth(known)):
            outermost[shape] = node
    if outline.suggested:
        shapes = [shape for shape in outline.layer(outline.suggested).outputs if len(shape) == 3]
        outermost.pop(shapes[0][1:] if shapes else (), None)
    names = [node.name for node in outermost.values()][-(SUGGESTED_LAYERS - 1) :]
    return in_order(outline, [_reference(outline, name) for name in (*names, outline.suggested) if name])


def _depth(node: LayerNode) -> int:
    return node.name.count(".")


def in_order(outline: Outline, references: Sequence[str]) -> tuple[str, ...]:
    """Layer references in the network's order."""
    order = {node.name: place for place, node in enumerate(outline.layers)}
    return tuple(sorted(references, key=lambda each: order.get(LayerRef.parse(each).name, len(order))))


def first_layer(outline: Outline) -> tuple[str, ...]:
    """The suggested layer; empty where there is none."""
    return (_reference(outline, outline.suggested),) if outline.suggested else ()


def image_offers(references: Sequence[str]) -> tuple[Offer, ...]:
    """The images that are open."""
    return tuple(Offer(reference, image_name(reference), tip=reference) for reference in references)


def _other_layers() -> str:
    return translate("Comparison", "Layers of the network")


def _named(offer: Offer) -> str:
    return LayerRef.parse(offer.key).name


def _reference(outline: Outline, name: str) -> str:
    """The layer's first output that is a stack of maps."""
    shapes = outline.layer(name).outputs
    return str(LayerRef(name, "output", next((part for part, shape in enumerate(shapes) if len(shape) == 3), 0)))


def _shape(outline: Outline, name: str) -> str:
    return ", ".join("×".join(map(str, shape)) for shape in outline.layer(name).outputs)
