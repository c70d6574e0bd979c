"""The layers of a network as an item model, built from its outline alone."""

import math
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont, QPalette

from cnnviz_desktop.core.geometry import ReceptiveField
from cnnviz_desktop.core.outline import LayerNode, Outline, Shape

Index = QModelIndex | QPersistentModelIndex
NONE = "–"

LAYER_NAME_ROLE = Qt.ItemDataRole.UserRole
SEARCH_ROLE = Qt.ItemDataRole.UserRole + 1


class Column(IntEnum):
    """The model's columns."""

    NAME = 0
    TYPE = 1
    OUTPUT = 2
    PARAMETERS = 3
    FIELD = 4


class ModelTreeModel(QAbstractItemModel):
    """One row a layer, below the layer it belongs to."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._layers: tuple[LayerNode, ...] = ()
        self._suggested = ""
        self._numbers: dict[str, int] = {}
        self._children: dict[int, list[int]] = {-1: []}
        self._rows: list[int] = []
        self._parents: list[int] = []

    def show(self, outline: Outline) -> None:
        """Replace everything by the layers of that network."""
        self.beginResetModel()
        self._layers = outline.layers
        self._suggested = outline.suggested
        self._numbers = {layer.name: number for number, layer in enumerate(outline.layers)}
        self._children = {number: [] for number in range(-1, len(outline.layers))}
        self._rows, self._parents = [], []
        for number, layer in enumerate(outline.layers):
            parent = self._numbers.get(layer.parent, -1)
            self._parents.append(parent)
            self._rows.append(len(self._children[parent]))
            self._children[parent].append(number)
        self.endResetModel()

    def index_of(self, name: str) -> QModelIndex:
        """Where a layer stands; an invalid index where there is none of that name."""
        number = self._numbers.get(name)
        return QModelIndex() if number is None else self.createIndex(self._rows[number], 0, number)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Number of layers directly below one, or at the top."""
        if parent.isValid() and parent.column() != 0:
            return 0
        return len(self._children[self._number(parent)])

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Always the same columns."""
        return len(Column)

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """The index of a cell."""
        children = self._children[self._number(parent)]
        if 0 <= row < len(children) and 0 <= column < len(Column):
            return self.createIndex(row, column, children[row])
        return QModelIndex()

    def parent(self, child: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        """The layer that a layer belongs to."""
        parent = self._parents[self._number(child)] if child.isValid() else -1
        return QModelIndex() if parent < 0 else self.createIndex(self._rows[parent], 0, parent)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - whatever the role wants
        """Titles of the columns and what they mean."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        titles = (
            (self.tr("Layer"), self.tr("The layer's name in the network")),
            (self.tr("Type"), self.tr("What kind of layer it is")),
            (self.tr("Output"), self.tr("Shape of what it gives: channels × height × width")),
            (self.tr("Params"), self.tr("Number of parameters, those of its parts included")),
            (self.tr("Sees"), self.tr("Receptive field: how many pixels of the input one output value can depend on")),
        )
        title, explanation = titles[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return title
        if role == Qt.ItemDataRole.ToolTipRole:
            return explanation
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(Column(section))
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        """What a cell shows and tells."""
        if not index.isValid():
            return None
        layer, column = self._layers[self._number(index)], Column(index.column())
        suggested = layer.name == self._suggested
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(layer, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == LAYER_NAME_ROLE:
            return layer.name
        if role == SEARCH_ROLE:
            return f"{layer.name} {layer.type}"
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return self._explanation(layer)
        if role == Qt.ItemDataRole.AccessibleTextRole and suggested and column == Column.NAME:
            return self.tr("{0}, the suggested layer").format(layer.name)
        if role == Qt.ItemDataRole.FontRole and suggested and column == Column.NAME:
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.ForegroundRole and not layer.gives_maps:
            return QPalette().placeholderText()
        return None

    def _number(self, index: Index) -> int:
        return int(index.internalId()) if index.isValid() else -1

    def _text(self, layer: LayerNode, column: Column) -> str:
        if column == Column.NAME:
            own = layer.name.rpartition(".")[2]
            return f"{own} ★" if layer.name == self._suggested else own
        if column == Column.TYPE:
            return layer.type
        if column == Column.OUTPUT:
            return ", ".join(map(_shape_text, layer.outputs)) or NONE
        if column == Column.PARAMETERS:
            return f"{layer.parameters:,}" if layer.parameters else NONE
        return self._field_text(layer.field)

    def _field_text(self, field: ReceptiveField | None) -> str:
        if field is None:
            return NONE
        if math.isinf(field.y.size) or math.isinf(field.x.size):
            return self.tr("everything")
        return f"{field.y.size:g}×{field.x.size:g}"

    def _explanation(self, layer: LayerNode) -> str:
        lines = [f"{layer.name} ({layer.type})"]
        if layer.name == self._suggested:
            lines.append(self.tr("Suggested: the layer that class activation maps suit best."))
        if layer.why_no_maps:
            lines.append(layer.why_no_maps)
        if layer.kernel_shape:
            lines.append(self.tr("Kernels: {0}").format(_shape_text(layer.kernel_shape)))
        if layer.overwritten:
            lines.append(self.tr("A later layer overwrites its output in place; what is shown is the value before."))
        return "\n".join(lines)


def _shape_text(shape: Shape) -> str:
    return "×".join(map(str, shape)) or "1"


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column >= Column.OUTPUT else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
