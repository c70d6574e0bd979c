"""The table in which arguments are given."""

from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from cnnviz_desktop.ui.opening.picker.arguments_model import VALUE, ArgumentsModel

FEWEST_ROWS, MOST_ROWS = 3, 7.6
"""In sight; part of a row says that there are more."""


class ArgumentsTable(QTableView):
    """Name and value of each argument; typing edits, Delete takes a value back, Tab goes on to the next field.

    Signals:
        changed: Something else is given.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.arguments = ArgumentsModel()
        self.setModel(self.arguments)
        self.setAccessibleName(self.tr("Arguments of what builds the network"))
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed | triggers.AnyKeyPressed)
        self.clicked.connect(self.edit)
        self.setAcceptDrops(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setHighlightSections(False)
        self.arguments.dataChanged.connect(self._on_changed)
        self.arguments.modelReset.connect(self._on_changed)
        self._on_changed()

    @property
    def problem(self) -> str:
        """What is wrong, in a sentence; empty where nothing is."""
        return self.arguments.problem

    @property
    def given(self) -> dict[str, Any]:
        """What is given; only where there is no `problem`."""
        return self.arguments.arguments

    @Slot()
    def _on_changed(self) -> None:
        """Be as high as the rows are many."""
        rows = min(max(self.arguments.rowCount(), FEWEST_ROWS), MOST_ROWS)
        header, frame = self.horizontalHeader().sizeHint().height(), 2 * self.frameWidth()
        self.setFixedHeight(round(rows * self.verticalHeader().defaultSectionSize()) + header + frame)
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take a value back by Delete."""
        index = self.currentIndex()
        if event.key() == Qt.Key.Key_Delete and index.isValid():
            self.arguments.setData(index.siblingAtColumn(VALUE), "")
        else:
            super().keyPressEvent(event)
