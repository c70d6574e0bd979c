"""The layers of a network as an item model, built from its outline alone.

The items live in Qt: a model that answered from Python would wait for the interpreter at every cell that is painted
while the worker computes.
"""

import math
from enum import IntEnum

from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtGui import QBrush, QStandardItem, QStandardItemModel

from cnnviz_desktop.core.geometry import ReceptiveField
from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.core.token_grids import Shape

NONE = "–"
JOINED = "  ＋"
LAYER_NAME_ROLE = Qt.ItemDataRole.UserRole
SEARCH_ROLE = Qt.ItemDataRole.UserRole + 1


class Column(IntEnum):
    """The model's columns."""

    NAME = 0
    TYPE = 1
    OUTPUT = 2
    PARAMETERS = 3
    FIELD = 4


class ModelTreeModel(QStandardItemModel):
    """One row a layer, below the layer it belongs to."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(0, len(Column), parent)
        self._rows: dict[str, list[QStandardItem]] = {}
        self._joined: frozenset[str] = frozenset()
        self._without_maps: list[str] = []
        self._label_columns()

    def show(self, outline: Outline, faint: QBrush) -> None:
        """Replace everything by the layers of that network; those that give no maps are written in `faint`."""
        self.removeRows(0, self.rowCount())
        self._rows = {}
        self._joined = frozenset()
        self._without_maps = [layer.name for layer in outline.layers if not layer.gives_maps]
        top = self.invisibleRootItem()
        for layer in outline.layers:
            row = self._row_of(layer, suggested=layer.name == outline.suggested)
            parent = self._rows.get(layer.parent)
            (top if parent is None else parent[0]).appendRow(row)
            self._rows[layer.name] = row
        self.set_faint(faint)

    def set_faint(self, faint: QBrush) -> None:
        """Write the layers that give no maps in another colour."""
        for name in self._without_maps:
            for item in self._rows[name]:
                item.setForeground(faint)

    def mark_joined(self, names: frozenset[str]) -> None:
        """Mark the layers whose maps are joined with those of the chosen one."""
        for name in self._joined ^ names:
            item = self._rows[name][Column.NAME] if name in self._rows else None
            if item is not None:
                words = self.tr(", joined with the chosen layer")
                text, spoken = item.text().removesuffix(JOINED), (item.accessibleText() or name).removesuffix(words)
                item.setText(f"{text}{JOINED}" if name in names else text)
                item.setAccessibleText(f"{spoken}{words}" if name in names else spoken)
        self._joined = names

    def index_of(self, name: str) -> QModelIndex:
        """Where a layer stands; an invalid index where there is none of that name."""
        row = self._rows.get(name)
        return row[0].index() if row else QModelIndex()

    def _label_columns(self) -> None:
        labels = (
            (self.tr("Layer"), self.tr("The layer's name in the network")),
            (self.tr("Type"), self.tr("What kind of layer it is")),
            (self.tr("Output"), self.tr("Shape of what it gives: channels × height × width")),
            (self.tr("Params"), self.tr("Number of parameters, those of its parts included")),
            (self.tr("Sees"), self.tr("Receptive field: how many pixels of the input one output value can depend on")),
        )
        for column, (title, explanation) in enumerate(labels):
            item = QStandardItem(title)
            item.setToolTip(explanation)
            item.setTextAlignment(_alignment(Column(column)))
            self.setHorizontalHeaderItem(column, item)

    def _row_of(self, layer: LayerNode, *, suggested: bool) -> list[QStandardItem]:
        explanation = self._explanation(layer, suggested=suggested)
        row = []
        for column in Column:
            item = QStandardItem(self._text(layer, column))
            item.setTextAlignment(_alignment(column))
            item.setToolTip(explanation)
            item.setAccessibleDescription(explanation)
            item.setEditable(False)
            item.setData(layer.name, LAYER_NAME_ROLE)
            row.append(item)
        name = row[Column.NAME]
        name.setData(f"{layer.name} {layer.type}", SEARCH_ROLE)
        if suggested:
            font = name.font()
            font.setBold(True)
            name.setFont(font)
            name.setText(f"{name.text()} ★")
            name.setAccessibleText(self.tr("{0}, the suggested layer").format(layer.name))
        return row

    def _text(self, layer: LayerNode, column: Column) -> str:
        if column == Column.NAME:
            return layer.name.rpartition(".")[2]
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

    def _explanation(self, layer: LayerNode, *, suggested: bool) -> str:
        lines = [f"{layer.name} ({layer.type})"]
        if suggested:
            lines.append(self.tr("Suggested: the layer that class activation maps suit best."))
        if layer.why_no_maps:
            lines.append(layer.why_no_maps)
        for part in range(len(layer.outputs)):
            if words := layer.grid_words("output", part):
                lines.append(self.tr("Laid over the image: {0}.").format(words))
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
