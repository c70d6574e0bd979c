"""The pointer over a grid of tiles: it reads out the value under it, and goes on doing so while the tiles move."""

from PySide6.QtCore import QEvent, QPoint, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from cnnviz_desktop.ui.tiles.canvas import TileCanvas
from cnnviz_desktop.ui.tiles.scroll_area import TILE_SIDE


class HoveredTiles(TileCanvas):
    """Tells the raw value under the pointer; again whenever other tiles or other values come to lie there.

    Signals:
        hovered: (tile, row, column, value) of the cell under the pointer; the value is the map's own.
        hover_left: The pointer is over no cell any more.
    """

    hovered = Signal(int, int, int, float)
    hover_left = Signal()

    def __init__(self, parent: QWidget | None = None, side: int = TILE_SIDE) -> None:
        """`side` is about how large tiles are at first, in logical pixels."""
        super().__init__(parent, side)
        self._pointer: QPoint | None = None
        self._hover: tuple[int, int, int, float] | None = None
        self.viewport().setMouseTracking(True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read out the cell under the pointer."""
        self._pointer = event.position().toPoint()
        self._hover_at(self._pointer)

    def viewportEvent(self, event: QEvent) -> bool:
        """Forget the readout when the pointer leaves."""
        if event.type() == QEvent.Type.Leave:
            self._pointer = None
            self._hover_at(None)
        return super().viewportEvent(event)

    def _moved(self) -> None:
        """Read out what lies under a resting pointer now."""
        super()._moved()
        self._hover_at(self._pointer)

    def _hover_at(self, point: QPoint | None) -> None:
        """Read out the cell at a point of the viewport, where it is another one or has another value than before."""
        place = self.place_at(point) if point is not None else None
        tile = int(self._order[place.position]) if place else -1
        values = self._stack.map(tile) if place else None
        there = None
        if place is not None and values is not None:
            there = tile, place.row, place.column, float(values[place.row, place.column].mean())
        if there == self._hover:
            return
        self._hover = there
        if there is None:
            self.hover_left.emit()
        else:
            self.hovered.emit(*there)
