"""What the rows of a grid of tiles are, at their left."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_desktop.ui.tiles.grid import TileGrid

PADDING = 4


class TileRowHeader(QWidget):
    """A label beside every row of the grid in sight that is high enough for it; scrolls with the grid."""

    def __init__(self, grid: TileGrid, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = grid
        self._labels: Sequence[str] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)
        grid.verticalScrollBar().valueChanged.connect(self._on_moved)
        grid.zoom_changed.connect(self._on_moved)
        grid.scale_changed.connect(self._on_moved)

    def set_labels(self, labels: Sequence[str]) -> None:
        """One label a row; none hides the header."""
        self._labels = labels
        self.setVisible(bool(labels))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the longest label."""
        widest = max((self.fontMetrics().horizontalAdvance(label) for label in self._labels), default=0)
        return QSize(widest + PADDING, 0)

    @Slot()
    def _on_moved(self) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write the labels of the rows in sight."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        line, offset, written = self.fontMetrics().height(), self._grid.viewport().y(), -1.0
        beside = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.setClipRect(0, offset, self.width(), self._grid.viewport().height())
        for row, top, height in self._grid.rows_in_sight():
            middle = offset + top + height / 2
            if row < len(self._labels) and middle - line / 2 >= written:
                place = QRectF(0, middle - line / 2, self.width() - PADDING, line)
                painter.drawText(place, beside, self._labels[row])
                written = middle + line / 2
        painter.end()
