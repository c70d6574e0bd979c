"""Paints the cells of the table's view."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from cnnviz_desktop.ui.comparison.cell_painting import Inks, paint_cell
from cnnviz_desktop.ui.comparison.table_model import place_of
from cnnviz_desktop.ui.painting import fill

if TYPE_CHECKING:
    from PySide6.QtCore import QRect

    from cnnviz_desktop.ui.comparison.table_view import TableView

ModelIndex = QModelIndex | QPersistentModelIndex


class CellDelegate(QStyledItemDelegate):
    """Paints cells as `paint_cell` does."""

    def __init__(self, view: "TableView") -> None:
        super().__init__(view)
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: ModelIndex) -> None:
        """Paint a cell."""
        scene, palette = self._view.scene, self._view.palette()
        if scene is None:
            return
        is_current = index == self._view.currentIndex()
        frame = palette.color(QPalette.ColorRole.Highlight) if is_current else None
        inks = Inks(palette.color(QPalette.ColorRole.Text), palette.color(QPalette.ColorRole.PlaceholderText), frame)
        ratio = self._view.devicePixelRatioF()
        area: QRect = option.rect
        fill(painter, area, palette.color(QPalette.ColorRole.Base))  # over the style's own mark of what is chosen
        paint_cell(painter, area, self._view.cell_layout, scene, place_of(index), inks, ratio)

    def sizeHint(self, option: QStyleOptionViewItem, index: ModelIndex) -> QSize:
        """All cells have one size."""
        return self._view.cell_layout.size
