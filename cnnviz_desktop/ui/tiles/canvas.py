"""The painted half of the tile grid: thousands of small maps from one indexed picture of what is in sight."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from cnnviz_desktop.core.errors import CnnvizError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.rendering import colour_table
from cnnviz_desktop.core.results import ByteArray
from cnnviz_desktop.ui.tiles.layout import Place, TileLayout, Zoom, fitting_step, next_step
from cnnviz_desktop.ui.tiles.painting import (
    CAPTIONED_SIDE,
    Block,
    SheetCache,
    caption_font,
    caption_room,
    paint_captions,
    paint_frames,
    paint_ground,
)
from cnnviz_desktop.ui.tiles.scale import TileScale
from cnnviz_desktop.ui.tiles.stack import SortKey, TileStack

TILE_SIDE = 56  # logical pixels
WHEEL_STEP = 32
LARGEST_PICTURE = 64_000_000  # pixels


class TileCanvas(QAbstractScrollArea):
    """Lays out a stack of tiles, colours and paints it. Scroll bars count device pixels.

    Signals:
        zoom_changed: The size of a cell, one of `ZOOM_STEPS`.
        scale_changed: Colours or limits are others now: they were set, or more tiles arrived.
    """

    zoom_changed = Signal(int)
    scale_changed = Signal()

    def __init__(self, parent: QWidget | None = None, side: int = TILE_SIDE) -> None:
        """`side` is about how large tiles are at first, in logical pixels."""
        super().__init__(parent)
        self._stack = TileStack(0, (1, 1))
        self._scale = TileScale()
        self._sort_key: SortKey = "index"
        self._order = self._positions = self._stack.order("index")
        self._fixed_columns: int | None = None
        self._captions: Sequence[str] = ()
        self._message = ""
        self._side, self._step, self._keeps_side = side, 1, True
        self._table: ByteArray = colour_table(self._scale.map_name(self._stack))
        self._sheet = SheetCache()
        self._limits_used: object = None
        self._layout = TileLayout(0, Size(1, 1), Zoom(), 1, 1)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Base)

    @property
    def stack(self) -> TileStack:
        """The maps that have arrived so far, with their statistics."""
        return self._stack

    @property
    def scale(self) -> TileScale:
        """The choice of colours and limits."""
        return self._scale

    @property
    def table(self) -> ByteArray:
        """(256, 3) uint8 colours in use."""
        return self._table

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

    def set_scale(self, scale: TileScale) -> None:
        """Colour the tiles so. Where the limits stay, no pixel is made anew."""
        if scale != self._scale:
            self._scale = scale
            self._recolour()

    @Slot(str)
    def set_sort(self, key: SortKey) -> None:
        """Show the tiles in the order of a statistic; tiles keep their numbers."""
        if key != self._sort_key:
            self._sort_key = key
            self._reorder()

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

    def picture(self, ratio: float = 1.0) -> QImage:
        """The whole grid as it is laid out, with `ratio` pixels to a logical one.

        Raises:
            CnnvizError: It would be too large.
        """
        layout = self._layout_for(ratio, self._layout.columns)
        height, width = layout.extent
        if height * width > LARGEST_PICTURE or max(height, width) > 32767:
            raise CnnvizError(
                self.tr("A picture of all tiles would have {width} × {height} pixels. Make the tiles smaller.").format(
                    width=width, height=height
                )
            )
        image = QImage(width, height, QImage.Format.Format_RGB32)
        image.fill(self.palette().color(QPalette.ColorRole.Base))
        self._stack.set_reduction(layout.zoom.reduce)
        painter = QPainter(image)
        self._paint_block(painter, layout, range(layout.rows), range(layout.columns), SheetCache(), ratio)
        painter.end()
        self._stack.set_reduction(self._layout.zoom.reduce)
        return image

    def _show_stack(
        self, stack: TileStack, columns: int | None = None, captions: Sequence[str] = (), step: int | None = None
    ) -> None:
        same = stack.cells == self._stack.cells and stack.total == self._stack.total
        self._stack, self._fixed_columns, self._captions, self._message = stack, columns, captions, ""
        if not same:
            self.verticalScrollBar().setValue(0)
            self.horizontalScrollBar().setValue(0)
            self._step = step or fitting_step(stack.cells, self._side)
            self._keeps_side = step is None
            self.zoom_changed.emit(self._step)

    def _tiles_arrived(self) -> None:
        """Order, limits and layout, after tiles came in."""
        self._reorder()
        self._recolour()
        self._lay_out()

    def _reorder(self) -> None:
        self._order = self._stack.order(self._sort_key)
        self._positions = np.argsort(self._order)
        self._sheet.forget()
        self.viewport().update()

    def _recolour(self) -> None:
        limits = self._limits_key()
        if limits != self._limits_used:
            self._limits_used = limits
            self._stack.forget_pixels()
            self._sheet.forget()
        self._table = colour_table(self._scale.map_name(self._stack))
        self.viewport().update()
        self.scale_changed.emit()

    def _limits_key(self) -> object:
        """What the limits of all tiles follow from: the limits themselves, or how each tile finds its own."""
        if self._scale.is_shared:
            return self._scale.shared_limits(self._stack)
        choice = self._scale.choice
        return choice.limits_mode, choice.percentiles, self._scale.centres(self._stack)

    def _layout_for(self, ratio: float, columns: int | None = None) -> TileLayout:
        zoom = Zoom.of(self._step, ratio)
        tile = zoom.pixels(self._stack.cells)
        captions = self._captions or (str(max(0, self._stack.total - 1)),)
        caption = caption_room(self.font(), ratio, captions, tile.width)
        gap = round((6 if min(tile) >= CAPTIONED_SIDE * ratio else 3) * ratio)
        room = round(self.viewport().width() * ratio)
        fitting = columns or self._fixed_columns or TileLayout.columns_within(room, tile.width, gap)
        columns = min(fitting, max(1, self._stack.total))
        return TileLayout(self._stack.total, self._stack.cells, zoom, columns, gap, caption)

    def _lay_out(self) -> None:
        ratio = self.devicePixelRatioF()
        self._layout = self._layout_for(ratio)
        self._stack.set_reduction(self._layout.zoom.reduce)
        height, width = self._layout.extent if self._stack.total else (0, 0)
        across, down = (round(side * ratio) for side in self.viewport().size().toTuple())
        bars = (self.verticalScrollBar(), height, down), (self.horizontalScrollBar(), width, across)
        for bar, extent, page in bars:
            bar.setRange(0, max(0, extent - page))
            bar.setPageStep(page)
            bar.setSingleStep(round(WHEEL_STEP * ratio))
        self.viewport().update()

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

    def _marked(self, first: int, last: int) -> tuple[Sequence[int], int | None]:
        """Positions between two that are selected, and the one that has the keyboard: none without a selection."""
        return (), None

    def _paint_block(
        self, painter: QPainter, layout: TileLayout, rows: range, columns: range, sheet: SheetCache, ratio: float
    ) -> None:
        """Tiles and captions, in the grid's device pixels."""
        if not rows or not columns:
            return
        block = Block.of(layout, self._order, rows, columns)
        paint_ground(painter, block, self._stack)
        base = self.palette().color(QPalette.ColorRole.Base)
        painter.drawImage(QPoint(*block.origin), sheet.image(block, self._stack, self._scale, self._table, base))
        if layout.caption:
            painter.setFont(caption_font(self.font(), ratio))
            painter.setPen(self.palette().color(QPalette.ColorRole.Text))
            tiles = block.tiles[block.tiles >= 0].tolist()
            paint_captions(painter, block, [self._captions[tile] if self._captions else str(tile) for tile in tiles])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows in sight."""
        painter = QPainter(self.viewport())
        if not self._stack.total:
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            words = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(self.viewport().rect().adjusted(16, 16, -16, -16), words, self._message)
            painter.end()
            return
        ratio, layout = self.devicePixelRatioF(), self._layout
        left, top = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        rows = layout.rows_within(top, round(self.viewport().height() * ratio))
        columns = layout.columns_between(left, round(self.viewport().width() * ratio))
        painter.scale(1 / ratio, 1 / ratio)
        painter.translate(-left, -top)
        self._paint_block(painter, layout, rows, columns, self._sheet, ratio)
        selected, current = self._marked(rows.start * layout.columns, rows.stop * layout.columns)
        paint_frames(painter, layout, self.palette(), selected, current, ratio)
        painter.resetTransform()
        if self.hasFocus() and current is None:
            painter.setPen(self.palette().color(QPalette.ColorRole.Highlight))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out for the new width."""
        super().resizeEvent(event)
        self._lay_out()

    def event(self, event: QEvent) -> bool:
        """Lay out anew for another font or a screen of another resolution; show where the focus is."""
        done = super().event(event)
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.viewport().update()
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.DevicePixelRatioChange):
            self._lay_out()
        return done
