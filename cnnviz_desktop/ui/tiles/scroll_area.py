"""The layout half of the tile grid: which tile lies where, how large, and what of it is in sight."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPoint, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.ui.tiles.layout import Place, TileLayout, Zoom, fitting_step, next_step
from cnnviz_desktop.ui.tiles.painting import CAPTIONED_SIDE, caption_room
from cnnviz_desktop.ui.tiles.stack import SortKey, TileStack

TILE_SIDE = 56  # logical pixels
WHEEL_STEP = 32


class TileScrollArea(QAbstractScrollArea):
    """Lays out a stack of tiles and scrolls it. Scroll bars count device pixels.

    Signals:
        zoom_changed: The size of a cell, one of `ZOOM_STEPS`.
    """

    zoom_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None, side: int = TILE_SIDE) -> None:
        """`side` is about how large tiles are at first, in logical pixels."""
        super().__init__(parent)
        self._stack = TileStack(0, (1, 1))
        self._sort_key: SortKey = "index"
        self._order = self._stack.order("index")
        self._positions = self._order
        self._fixed_columns: int | None = None
        self._captions: Sequence[str] = ()
        self._side, self._step, self._keeps_side = side, 1, True
        self._layout = TileLayout(0, Size(1, 1), Zoom(), 1, 1)

    @property
    def stack(self) -> TileStack:
        """The maps that have arrived so far, with their statistics."""
        return self._stack

    @property
    def zoom_step(self) -> int:
        """Size of a cell, one of `ZOOM_STEPS`."""
        return self._step

    @property
    def reduction(self) -> int:
        """How many cells, squared, a pixel is the mean of; 1 where every cell is drawn."""
        return self._layout.zoom.reduce

    def rows_in_sight(self) -> list[tuple[int, float, float]]:
        """(row, top, height) of the pictures of every row in sight, in logical pixels of the viewport."""
        if not self._stack.total:
            return []
        ratio, layout, top = self.devicePixelRatioF(), self._layout, self.verticalScrollBar().value()
        rows = layout.rows_within(top, round(self.viewport().height() * ratio))
        tops = ((row, layout.rectangle(row * layout.columns).top) for row in rows)
        return [(row, (start - top) / ratio, layout.tile.height / ratio) for row, start in tops]

    def neighbour(self, tile: int, step: int) -> int:
        """The tile so many places on in the display order, within those there are."""
        position = min(max(int(self._positions[tile]) + step, 0), self._stack.total - 1)
        return int(self._order[position])

    @Slot(str)
    def set_sort(self, key: SortKey) -> None:
        """Show the tiles in the order of a statistic; tiles keep their numbers."""
        if key != self._sort_key:
            self._sort_key = key
            self._reorder()
            self._moved()

    def set_columns(self, columns: int | None) -> None:
        """Show so many tiles in a row; as many as fit where None."""
        if columns != self._fixed_columns:
            self._fixed_columns = columns
            self._lay_out()

    def set_zoom(self, step: int, about: QPoint | None = None) -> None:
        """Show a cell at one of `ZOOM_STEPS`; a point of the viewport, or its middle, stays on the same tile."""
        if step != self._step:
            self._zoom_to(step, about or self.viewport().rect().center())

    @Slot(int)
    def zoom_by(self, change: int, about: QPoint | None = None) -> None:
        """So many zoom steps larger."""
        self.set_zoom(next_step(self._step, change), about)

    def place_at(self, point: QPoint) -> Place | None:
        """The cell at a logical point of the viewport."""
        return self._layout.place_at(*self._in_grid(point))

    def position_at(self, point: QPoint) -> int | None:
        """The tile, by its position in the display order, at a logical point of the viewport."""
        return self._layout.position_at(*self._in_grid(point))

    def _take_stack(self, stack: TileStack, columns: int | None, captions: Sequence[str], step: int | None) -> None:
        """Lay out another stack; one of as many maps of the same size stays where the one before was."""
        same = stack.is_like(self._stack)
        self._stack, self._fixed_columns, self._captions = stack, columns, captions
        if not same:
            self.verticalScrollBar().setValue(0)
            self.horizontalScrollBar().setValue(0)
            self._step = step or fitting_step(stack.cells, self._side)
            self._keeps_side = step is None
            self.zoom_changed.emit(self._step)

    def _reorder(self) -> None:
        """Put the tiles in order. Where none has arrived there is nothing to sort by: they stay where they were."""
        if self._stack.arrived.any() or len(self._order) != self._stack.total:
            self._order = self._stack.order(self._sort_key)
            self._positions = np.argsort(self._order)

    def _moved(self) -> None:
        """Other tiles lie under a point of the viewport than before, or none."""
        self.viewport().update()

    def _layout_for(self, ratio: float, count: int, columns: int | None = None) -> TileLayout:
        zoom = Zoom.of(self._step, ratio)
        tile = zoom.pixels(self._stack.cells)
        captions = self._captions or (str(max(0, self._stack.total - 1)),)
        caption = caption_room(self.font(), ratio, captions, tile.width)
        gap = round((6 if min(tile) >= CAPTIONED_SIDE * ratio else 3) * ratio)
        room = round(self.viewport().width() * ratio)
        fitting = columns or self._fixed_columns or TileLayout.columns_within(room, tile.width, gap)
        return TileLayout(count, self._stack.cells, zoom, min(fitting, max(1, count)), gap, caption)

    def _lay_out(self) -> None:
        ratio = self.devicePixelRatioF()
        self._layout = self._layout_for(ratio, self._stack.total)
        self._stack.set_reduction(self._layout.zoom.reduce)
        height, width = self._layout.extent if self._stack.total else (0, 0)
        across, down = (round(side * ratio) for side in self.viewport().size().toTuple())
        bars = (self.verticalScrollBar(), height, down), (self.horizontalScrollBar(), width, across)
        for bar, extent, page in bars:
            bar.setRange(0, max(0, extent - page))
            bar.setPageStep(page)
            bar.setSingleStep(round(WHEEL_STEP * ratio))
        self._moved()

    def _zoom_to(self, step: int, about: QPoint) -> None:
        x, y = self._in_grid(about)
        position = self._layout.position_at(x, y)
        offset = y - self._layout.rectangle(position or 0).top
        share, ahead = offset / max(1, self._layout.tile.height), y - self.verticalScrollBar().value()
        self._step = step
        if self._keeps_side:
            self._side = max(Zoom.of(step).pixels(self._stack.cells))
        self._lay_out()
        if position is not None:
            top = self._layout.rectangle(position).top
            self.verticalScrollBar().setValue(round(top + share * self._layout.tile.height) - ahead)
        self.zoom_changed.emit(step)

    def _in_grid(self, point: QPoint) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        left, top = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        return int(point.x() * ratio) + left, int(point.y() * ratio) + top

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Paint what came into sight."""
        self._moved()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out for the new width."""
        super().resizeEvent(event)
        self._lay_out()

    def event(self, event: QEvent) -> bool:
        """Lay out anew for another font or a screen of another resolution."""
        done = super().event(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.DevicePixelRatioChange):
            self._lay_out()
        return done
