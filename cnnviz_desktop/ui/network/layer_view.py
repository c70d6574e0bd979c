"""How the tree of layers looks and is worked with."""

from collections.abc import Iterable

from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt, QTimer, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView

from cnnviz_desktop.ui.network.layer_rows import LAYER_NAME_ROLE
from cnnviz_desktop.ui.network.layer_words import Column
from cnnviz_desktop.ui.steady_tree import SteadyTree

_ROWS_LOOKED_AT = 200
"""Rows above and below those in sight whose widths the columns are fitted to."""


class LayerView(SteadyTree):
    """A tree whose first column tells the name of a layer, which can be copied."""

    def __init__(self, model: QAbstractItemModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setIndentation(14)
        self.header().setStretchLastSection(False)
        self.header().setResizeContentsPrecision(_ROWS_LOOKED_AT)
        self._fitting = QTimer(self, singleShot=True, interval=0)
        self._fitting.timeout.connect(self.fit_columns)
        self.expanded.connect(self._on_expanded)

    def add_copying(self) -> None:
        """Offer to copy the name of the layer that the keyboard is on."""
        action = QAction(self.tr("&Copy the layer's name"), self)
        action.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(self._on_copy)
        self.addAction(action)

    def unfolded(self) -> list[str]:
        """Names of the layers that are unfolded in sight, from the top."""
        names, index = [], self.model().index(0, 0)
        while index.isValid():
            if self.isExpanded(index):
                names.append(str(index.data(LAYER_NAME_ROLE)))
            index = self.indexBelow(index)
        return names

    def unfold(self, rows: Iterable[QModelIndex]) -> None:
        """Unfold rows, where they are there."""
        for row in rows:
            if row.isValid():
                self.expand(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the whole name, where Qt would copy what the cell shows of it."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self._on_copy()
        else:
            super().keyPressEvent(event)

    @Slot()
    def fit_columns(self) -> None:
        """Make every column as wide as what it shows."""
        for column in Column:
            self.resizeColumnToContents(column)

    def unfold_all(self) -> None:
        """Unfold everything, without a word about each row."""
        self.blockSignals(True)
        self.expandAll()
        self.blockSignals(False)
        self._fitting.start()

    @Slot()
    def _on_expanded(self) -> None:
        self._fitting.start()  # once for all that are unfolded together

    @Slot()
    def _on_copy(self) -> None:
        name = self.currentIndex().siblingAtColumn(0).data(LAYER_NAME_ROLE)
        if name:
            QGuiApplication.clipboard().setText(str(name))
