"""Refine-CAM: the product of the maps of several layers."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING

from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.engine.explanation import Explanation
from cnnviz_desktop.engine.methods.activation_maps import EXPLAINERS as BASES
from cnnviz_desktop.engine.methods.explaining import Asked, Explainer, Found
from cnnviz_desktop.engine.methods.fusing import over_input, unit_scaled
from cnnviz_desktop.engine.passes import Wanted

if TYPE_CHECKING:
    from torch import Tensor

_SEQUENCES = ("Sequential", "ModuleList")


class RefineCam:
    """Π_l scale(up(relu(L_l))) over the layers l, at the input's resolution (arXiv:2605.14641).

    Where one layer is asked for, l runs over the last layer of every resolution up to it.
    """

    def needs(self, asked: Asked) -> Wanted:
        """What the maps of all layers need."""
        base = _base(asked)
        return BASES[base.method.id].needs(base)

    def explain(self, asked: Asked, explanation: Explanation) -> Iterator[Found]:
        """A map for each row.

        Raises:
            LayerError: The score does not depend on a layer that was asked for.
        """
        base = _base(asked)
        base = replace(base, layers=tuple(_on_the_way(base.layers, asked.layers, explanation)))
        products: dict[int, Tensor] = {}
        of_maps: defaultdict[int, list[str]] = defaultdict(list)
        empty: defaultdict[int, list[str]] = defaultdict(list)
        for found in BASES[base.method.id].explain(base, explanation):
            # Scaled before, too: so it does not matter how small the layer's values are.
            scaled = unit_scaled(over_input(unit_scaled(found.raw), explanation.seen, found.row))
            products[found.row] = products[found.row] * scaled if found.row in products else scaled
            of_maps[found.row].extend(found.notes)
            if not scaled.any():
                empty[found.row].append(str(found.layer))
        name = " + ".join(map(str, base.layers))
        of_layers = tuple(note for layer in base.layers for note in explanation.seen.notes(layer))
        for row, raw in products.items():
            product = f"The product of {base.method.title} of {_listed(base.layers)}."
            notes = (*of_layers, product, *of_maps[row], *_about(empty[row]))
            yield Found(row, None, raw, notes=notes, name=name)


def layers_up_to(outline: Outline, layer: LayerRef) -> tuple[LayerRef, ...]:
    """The last layer of every resolution finer than that of `layer`, finest first, and `layer` itself.

    They are sought in the parts of the network that `layer` lies in, and in sequences beside those: ``layer1.1`` for
    ``layer4.1``, and nothing inside of a block, whose output may be a sum.
    """
    names = [node.name for node in outline.layers]
    asked = outline.layers[names.index(layer.name)]
    opened, last = {""}, dict[int, str]()
    for node in outline.layers[: names.index(layer.name)]:
        if node.parent not in opened:
            continue
        if layer.name.startswith(f"{node.name}.") or node.type in _SEQUENCES:
            opened.add(node.name)
        last[_cells(node)] = node.name
    finer = sorted((cells for cells in last if cells > _cells(asked, layer.part)), reverse=True)
    return (*(LayerRef(last[cells]) for cells in finer), layer)


def _base(asked: Asked) -> Asked:
    """The method whose maps are multiplied, as it is asked for."""
    layers = asked.layers if len(asked.layers) > 1 else layers_up_to(asked.bench.outline, asked.layers[0])
    return replace(asked, method=catalog.method(asked.choice("base")), layers=layers)


def _on_the_way(
    layers: tuple[LayerRef, ...], asked_for: tuple[LayerRef, ...], explanation: Explanation
) -> Iterator[LayerRef]:
    """The layers without those that nobody asked for and the score does not depend on."""
    for layer in layers:
        if layer not in asked_for:
            try:
                explanation.gradient(layer)
            except LayerError:
                continue
        yield layer


def _cells(node: LayerNode, part: int = 0) -> int:
    """Cells of a layer's maps; 0 where it gives none."""
    grid = next(iter(node.grids("output")[part : part + 1]), None)
    return prod(grid.map_shape[1:]) if grid is not None else 0


def _listed(layers: tuple[LayerRef, ...]) -> str:
    *most, last = map(str, layers)
    return f"{', '.join(most)} and {last}" if most else last


def _about(empty: list[str]) -> tuple[str, ...]:
    if not empty:
        return ()
    what = "has no positive part that varies" if len(empty) == 1 else "have no positive part that varies"
    return (f"The map{'s' if len(empty) > 1 else ''} of {' and '.join(empty)} {what}, so the product is empty.",)


EXPLAINERS: dict[str, Explainer] = {"refinecam": RefineCam()}
