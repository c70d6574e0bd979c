"""The layers of a network as an item model, built from its outline alone.

The items live in Qt: a model that answered from Python would wait for the interpreter at every cell that is painted
while the worker computes. Those of a large network are made a few at a time, so that the window never waits for them.
"""

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QBrush, QStandardItem, QStandardItemModel

from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.ui.network.layer_rows import Cells, alignment, layer_row, operation_row, rows_of
from cnnviz_desktop.ui.network.layer_words import Column, headings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnnviz_desktop.ui.network.layer_rows import Row

JOINED = "  ＋"
ROWS_AT_ONCE = 64
"""Rows that are made before the network is shown: all of a small one, the stages and blocks of a large one."""
SLICE_S = 0.012
"""How long the window may be kept by the making of further rows."""
_ROWS_BETWEEN_LOOKS = 8


class ModelTreeModel(QStandardItemModel):
    """One row a layer, below the layer it belongs to, and one for each operation between them.

    `filled` says that the rows of a large network are all there.
    """

    filled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(0, len(Column), parent)
        self._outline: Outline | None = None
        self._places: dict[str, tuple[str, int]] = {}  # of each layer: below which one, and where there
        self._joined: frozenset[str] = frozenset()
        self._faint = QBrush()
        self._to_make: Iterator[Row] = iter(())
        self._maker = QTimer(self, interval=0)
        self._maker.timeout.connect(self._on_time_to_make)
        prototype = QStandardItem()
        prototype.setEditable(False)
        self.setItemPrototype(prototype)
        self._label_columns()

    def show(self, outline: Outline, faint: QBrush, *, operations: bool = True) -> None:
        """Replace everything by the layers of that network; those that give no maps are written in `faint`."""
        self._maker.stop()
        self.removeRows(0, self.rowCount())
        self._outline = outline
        self._places = {}
        self._joined = frozenset()
        self._faint = faint
        self._to_make = rows_of(outline, operations=operations)
        for _ in range(ROWS_AT_ONCE):
            if not self._make_one():
                return
        self._maker.start()

    @property
    def is_filled(self) -> bool:
        """Whether all rows are there."""
        return not self._maker.isActive()

    def set_faint(self, faint: QBrush) -> None:
        """Write the layers that give no maps in another colour."""
        self._faint = faint
        below = [QModelIndex()]
        while below:
            above = below.pop()
            for number in range(self.rowCount(above)):
                row = self.index(number, 0, above)
                below.append(row)
                if row.data(Qt.ItemDataRole.ForegroundRole) is not None:
                    for column in Column:
                        self.setData(row.siblingAtColumn(column), faint, Qt.ItemDataRole.ForegroundRole)

    def mark_joined(self, names: frozenset[str]) -> None:
        """Mark the layers whose maps are joined with those of the chosen one."""
        words = self.tr(", joined with the chosen layer")
        for name in self._joined ^ names:
            index = self.index_of(name)
            if index.isValid():
                for role, mark in ((Qt.ItemDataRole.DisplayRole, JOINED), (Qt.ItemDataRole.AccessibleTextRole, words)):
                    text = str(index.data(role)).removesuffix(mark)
                    self.setData(index, f"{text}{mark}" if name in names else text, role)
        self._joined = names

    def index_of(self, name: str) -> QModelIndex:
        """Where a layer stands; an invalid index where there is none of that name, or not yet."""
        if name not in self._places:
            return QModelIndex()
        parent, number = self._places[name]
        return self.index(number, 0, self.index_of(parent))

    def _label_columns(self) -> None:
        for column, (title, explanation) in headings().items():
            item = QStandardItem(title)
            item.setToolTip(explanation)
            item.setTextAlignment(alignment(column))
            self.setHorizontalHeaderItem(column, item)

    @Slot()
    def _on_time_to_make(self) -> None:
        until = time.perf_counter() + SLICE_S
        while time.perf_counter() < until:
            for _ in range(_ROWS_BETWEEN_LOOKS):
                if not self._make_one():
                    self._maker.stop()
                    self.filled.emit()
                    return

    def _make_one(self) -> bool:
        """Make the next row; whether there was one."""
        row = next(self._to_make, None)
        if row is None:
            return False
        parent = self.index_of(row.parent)
        if row.number == 0:
            self.insertRows(0, row.of, parent)
            self.insertColumns(0, len(Column) - self.columnCount(parent), parent)
        if not isinstance(row.shows, int):
            self._places[row.shows.name] = row.parent, row.number
        for column, values in self._cells(row.shows).items():
            # Items that Python makes stay known to Python: the memory of ten thousand rows would be walked at each
            # collection of garbage.
            self.setItemData(self.index(row.number, column, parent), values)
        return True

    def _cells(self, shows: LayerNode | int) -> Cells:
        outline = self._outline
        if outline is None:
            return {}
        if not isinstance(shows, int):
            return layer_row(shows, self._faint, suggested=shows.name == outline.suggested)
        operation = outline.operations[shows]
        told = self.tr("{0}: an operation in the code of {1}, no layer of its own")
        return operation_row(
            operation, shows, self._faint, told.format(operation.name, operation.owner or outline.name)
        )
