"""What the tree of layers says: in its cells, in its tool tips, and to a screen reader."""

import math
from collections.abc import Iterator
from enum import IntEnum

from PySide6.QtCore import QCoreApplication

from cnnviz_desktop.core.geometry import ReceptiveField
from cnnviz_desktop.core.operations import Operation
from cnnviz_desktop.core.outline import LayerNode
from cnnviz_desktop.core.token_grids import Shape

NONE = "–"
_PREFIXES = ("", "k", "M", "G", "T", "P", "E")

translate = QCoreApplication.translate


class Column(IntEnum):
    """The tree's columns."""

    NAME = 0
    TYPE = 1
    OUTPUT = 2
    PARAMETERS = 3
    MACS = 4
    FIELD = 5


def headings() -> dict[Column, tuple[str, str]]:
    """Title and explanation of every column."""
    return {
        Column.NAME: (translate("LayerWords", "Layer"), translate("LayerWords", "The layer's name in the network")),
        Column.TYPE: (translate("LayerWords", "Type"), translate("LayerWords", "What kind of layer it is")),
        Column.OUTPUT: (
            translate("LayerWords", "Output"),
            translate("LayerWords", "Shape of what it gives: channels × height × width"),
        ),
        Column.PARAMETERS: (
            translate("LayerWords", "Params"),
            translate("LayerWords", "Number of parameters, those of its parts included; shared ones count once"),
        ),
        Column.MACS: (
            translate("LayerWords", "MACs"),
            translate(
                "LayerWords",
                "Multiply–accumulates of its convolutions and matrix products for one image, its parts included",
            ),
        ),
        Column.FIELD: (
            translate("LayerWords", "Sees"),
            translate("LayerWords", "Receptive field: how many pixels of the input one output value can depend on"),
        ),
    }


def layer_cells(layer: LayerNode, *, suggested: bool) -> dict[Column, str]:
    """The text of every cell of a layer's row."""
    marks = [layer.name.rpartition(".")[2]]
    if suggested:
        marks.append("★")
    if layer.runs is not None and layer.runs > 1:
        marks.append(f"×{layer.runs}")
    if layer.unused:
        marks.append(translate("LayerWords", "(unused)"))
    if layer.shares or layer.also_named:
        marks.append(translate("LayerWords", "(shared)"))
    return {
        Column.NAME: " ".join(marks),
        Column.TYPE: layer.type,
        Column.OUTPUT: shapes_text(layer.outputs),
        Column.PARAMETERS: f"{layer.parameters:,}" if layer.parameters else NONE,
        Column.MACS: short_number(layer.macs) if layer.macs else NONE,
        Column.FIELD: field_text(layer.field),
    }


def operation_cells(operation: Operation) -> dict[Column, str]:
    """The text of every cell of an operation's row."""
    return {
        Column.NAME: operation.name,
        Column.TYPE: translate("LayerWords", "operation"),
        Column.OUTPUT: shapes_text(operation.outputs),
    }


def spoken_name(layer: LayerNode, *, suggested: bool) -> str:
    """The layer's name and its marks in words."""
    said = [layer.name]
    if suggested:
        said.append(translate("LayerWords", "the suggested layer"))
    if layer.runs is not None and layer.runs > 1:
        said.append(translate("LayerWords", "runs {0} times").format(layer.runs))
    if layer.unused:
        said.append(translate("LayerWords", "unused"))
    if layer.shares or layer.also_named:
        said.append(translate("LayerWords", "shared"))
    return ", ".join(said)


def explanation(layer: LayerNode, *, suggested: bool) -> str:
    """All that there is to say of a layer, a line each."""
    return "\n".join(_explained(layer, suggested))


def _explained(layer: LayerNode, suggested: bool) -> Iterator[str]:
    yield f"{layer.name} ({layer.type})"
    if suggested:
        yield translate("LayerWords", "Suggested: the layer that class activation maps suit best.")
    if layer.why_no_maps:
        yield layer.why_no_maps
    for part in range(len(layer.outputs)):
        if words := layer.grid_words("output", part):
            yield translate("LayerWords", "Laid over the image: {0}.").format(words)
    if layer.runs is not None and layer.runs > 1:
        yield translate("LayerWords", "It runs {0} times for one image; what is shown is its last run.").format(
            layer.runs
        )
    if layer.also_named:
        yield translate("LayerWords", "The same module is also registered as {0}.").format(", ".join(layer.also_named))
    if layer.shares:
        yield translate("LayerWords", "It shares its parameters with {0}.").format(", ".join(layer.shares))
    if layer.kernel_shape:
        yield translate("LayerWords", "Kernels: {0}").format(_shape_text(layer.kernel_shape))
    if layer.macs:
        yield translate("LayerWords", "{0:,} multiply–accumulates for one image").format(layer.macs)
    if layer.overwritten:
        yield translate(
            "LayerWords", "A later layer overwrites its output in place; what is shown is the value before."
        )


def field_text(field: ReceptiveField | None) -> str:
    """A receptive field in pixels, height by width."""
    if field is None:
        return NONE
    if math.isinf(field.y.size) or math.isinf(field.x.size):
        return translate("LayerWords", "everything")
    return f"{field.y.size:g}×{field.x.size:g}"


def short_number(count: int) -> str:
    """Three digits and a prefix, as in 118 M; a number below a thousand as it is."""
    if count < 1000:
        return str(count)
    digits, _, power = f"{count:.2e}".partition("e")
    thousands, rest = divmod(int(power), 3)
    return f"{float(digits) * 10**rest:.{2 - rest}f} {_PREFIXES[thousands]}"


def shapes_text(shapes: tuple[Shape, ...]) -> str:
    """Shapes, channels first."""
    return ", ".join(map(_shape_text, shapes)) or NONE


def _shape_text(shape: Shape) -> str:
    return "×".join(map(str, shape)) or "1"
