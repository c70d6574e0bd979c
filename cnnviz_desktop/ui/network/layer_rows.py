"""The rows of the tree of layers: which there are, in which order, and what their cells hold."""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QFont

from cnnviz_desktop.core.operations import Operation
from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.ui.network.layer_words import (
    Column,
    explanation,
    layer_cells,
    operation_cells,
    spoken_name,
)

LAYER_NAME_ROLE = int(Qt.ItemDataRole.UserRole)
"""Of the first column: name of the layer; empty in the row of an operation."""
SEARCH_ROLE = LAYER_NAME_ROLE + 1
"""Of the first column: what a search looks in, then the row's kinds."""
OPERATION_ROLE = LAYER_NAME_ROLE + 2
"""Of the first column: place of the operation among those of the outline; nothing in the row of a layer."""

Cells = dict[Column, dict[int, object]]
"""Values by their role, of every cell of a row that holds any."""

# As numbers: an enumeration is converted anew at each of the hundred thousand uses.
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TOOL_TIP = int(Qt.ItemDataRole.ToolTipRole)
_TEXT_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_FONT = int(Qt.ItemDataRole.FontRole)
_FOREGROUND = int(Qt.ItemDataRole.ForegroundRole)
_ACCESSIBLE_TEXT = int(Qt.ItemDataRole.AccessibleTextRole)
_ACCESSIBLE_DESCRIPTION = int(Qt.ItemDataRole.AccessibleDescriptionRole)
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Kind(StrEnum):
    """What rows can be narrowed to, each a character that no name contains."""

    MAPS = "\ue000"
    CONVOLUTION = "\ue001"
    UNUSED = "\ue002"


@dataclass(frozen=True, slots=True)
class Row:
    """One row to be made.

    Attributes:
        parent: Name of the layer above; empty at the top.
        number: Its place below that.
        of: How many rows there are below that.
        shows: A layer, or the place of an operation among those of the outline.
    """

    parent: str
    number: int
    of: int
    shows: LayerNode | int


def rows_of(outline: Outline, *, operations: bool) -> Iterator[Row]:
    """Every row, level by level: the top of a large network can be shown while the rest is still being made.

    An operation stands after the layer that had returned last when it was called.
    """
    below: defaultdict[str, list[LayerNode]] = defaultdict(list)
    for layer in outline.layers:
        below[layer.parent].append(layer)
    called: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for place, operation in enumerate(outline.operations if operations else ()):
        called[operation.owner, operation.after].append(place)
    parents = deque([""])
    while parents:
        parent = parents.popleft()
        shown: list[LayerNode | int] = [*called[parent, ""]]
        for layer in below[parent]:
            shown += [layer, *called[parent, layer.name]]
            parents.append(layer.name)
        for number, each in enumerate(shown):
            yield Row(parent, number, len(shown), each)


def layer_row(layer: LayerNode, faint: QBrush, *, suggested: bool) -> Cells:
    """What a layer's cells hold; those of one that gives no maps are written in `faint`."""
    told = explanation(layer, suggested=suggested)
    cells = _cells(layer_cells(layer, suggested=suggested), told)
    cells[Column.NAME] |= {
        LAYER_NAME_ROLE: layer.name,
        SEARCH_ROLE: f"{layer.name} {layer.type}{''.join(_kinds(layer))}",
        _ACCESSIBLE_TEXT: spoken_name(layer, suggested=suggested),
        _ACCESSIBLE_DESCRIPTION: told,
    }
    if suggested:
        cells[Column.NAME][_FONT] = _font(bold=True)
    if not layer.gives_maps:
        for cell in cells.values():
            cell[_FOREGROUND] = faint
    return cells


def operation_row(operation: Operation, place: int, faint: QBrush, told: str) -> Cells:
    """What an operation's cells hold, slanted: it is no layer."""
    cells = _cells(operation_cells(operation), told)
    for cell in cells.values():
        cell |= {_FONT: _font(italic=True), _FOREGROUND: faint}
    cells[Column.NAME] |= {
        LAYER_NAME_ROLE: "",
        OPERATION_ROLE: place,
        SEARCH_ROLE: f"{operation.name} {operation_cells(operation)[Column.TYPE]}",
        _ACCESSIBLE_DESCRIPTION: told,
    }
    return cells


def alignment(column: Column) -> Qt.AlignmentFlag:
    """Words to the left, numbers to the right."""
    return _RIGHT if column >= Column.OUTPUT else _LEFT


def _cells(texts: dict[Column, str], told: str) -> Cells:
    cells: Cells = {}
    for column, text in texts.items():
        cells[column] = {_DISPLAY: text, _TOOL_TIP: told}
        if column >= Column.OUTPUT:
            cells[column][_TEXT_ALIGNMENT] = _RIGHT
    return cells


def _font(*, bold: bool = False, italic: bool = False) -> QFont:
    font = QFont()
    font.setBold(bold)
    font.setItalic(italic)
    return font


def _kinds(layer: LayerNode) -> Iterator[Kind]:
    if layer.gives_maps:
        yield Kind.MAPS
    if layer.kernel_shape is not None and len(layer.kernel_shape) > 2:
        yield Kind.CONVOLUTION
    if layer.unused:
        yield Kind.UNUSED
