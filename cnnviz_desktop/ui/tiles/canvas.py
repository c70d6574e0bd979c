"""The painted half of the tile grid: thousands of small maps from one indexed picture of what is in sight."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

from cnnviz_desktop.core.errors import CnnvizError
from cnnviz_desktop.core.rendering import colour_table
from cnnviz_desktop.core.results import ByteArray
from cnnviz_desktop.ui import theme
from cnnviz_desktop.ui.tiles.painting import Block, SheetCache, caption_font, paint_captions, paint_frames, paint_ground
from cnnviz_desktop.ui.tiles.scale import TileScale
from cnnviz_desktop.ui.tiles.scroll_area import TILE_SIDE, TileScrollArea
from cnnviz_desktop.ui.tiles.stack import TileStack

LARGEST_PICTURE = 64_000_000  # pixels


class TileCanvas(TileScrollArea):
    """Colours a stack of tiles and paints it.

    Signals:
        scale_changed: Colours or limits are others now: they were set, or more tiles arrived.
    """

    scale_changed = Signal()

    def __init__(self, parent: QWidget | None = None, side: int = TILE_SIDE) -> None:
        """`side` is about how large tiles are at first, in logical pixels."""
        super().__init__(parent, side)
        self._scale = TileScale()
        self._message = ""
        self._table: ByteArray = colour_table(self._scale.map_name(self._stack))
        self._sheet = SheetCache()
        self._limits_used: object = None
        self.viewport().setBackgroundRole(QPalette.ColorRole.Base)

    @property
    def message(self) -> str:
        """Why there are no tiles, or that they are on their way; empty where there are."""
        return self._message

    @property
    def scale(self) -> TileScale:
        """The choice of colours and limits."""
        return self._scale

    @property
    def table(self) -> ByteArray:
        """(256, 3) uint8 colours in use."""
        return self._table

    def set_scale(self, scale: TileScale) -> None:
        """Colour the tiles so. Where the limits stay, no pixel is made anew."""
        if scale != self._scale:
            self._scale = scale
            self._recolour()

    def picture(self, ratio: float = 1.0, tiles: Sequence[int] | None = None) -> QImage:
        """The tiles as they are laid out, in the light theme's colours whatever the window's are.

        Args:
            ratio: Pixels to a logical one.
            tiles: Which of them, in this order; all of them, as they are shown, where None.

        Raises:
            CnnvizError: It would be too large.
        """
        order = self._order if tiles is None else np.array(tiles, dtype=np.intp)
        layout = self._layout_for(ratio, len(order), self._layout.columns)
        height, width = layout.extent
        if height * width > LARGEST_PICTURE or max(height, width) > 32767:
            raise CnnvizError(
                self.tr("A picture of all tiles would have {width} × {height} pixels. Make the tiles smaller.").format(
                    width=width, height=height
                )
            )
        colours = theme.palette(dark=False)
        image = QImage(width, height, QImage.Format.Format_RGB32)
        image.fill(colours.color(QPalette.ColorRole.Base))
        self._stack.set_reduction(layout.zoom.reduce)
        painter = QPainter(image)
        block = Block.of(layout, order, range(layout.rows), range(layout.columns))
        self._paint_block(painter, block, SheetCache(), colours, ratio)
        painter.end()
        self._stack.set_reduction(self._layout.zoom.reduce)
        return image

    def _show_stack(
        self,
        stack: TileStack,
        columns: int | None = None,
        captions: Sequence[str] = (),
        step: int | None = None,
        message: str = "",
    ) -> None:
        self._message = message
        self._take_stack(stack, columns, captions, step)

    def _tiles_arrived(self) -> None:
        """Order, limits and layout, after tiles came in."""
        self._reorder()
        self._recolour()
        self._lay_out()

    def _reorder(self) -> None:
        self._sheet.forget()
        super()._reorder()

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

    def _marked(self, first: int, last: int) -> tuple[Sequence[int], int | None]:
        """Positions between two that are selected, and the one that has the keyboard: none without a selection."""
        return (), None

    def _paint_block(self, painter: QPainter, block: Block, sheet: SheetCache, colours: QPalette, ratio: float) -> None:
        """Tiles and captions, in the grid's device pixels."""
        paint_ground(painter, block, self._stack)
        base = colours.color(QPalette.ColorRole.Base)
        painter.drawImage(QPoint(*block.origin), sheet.image(block, self._stack, self._scale, self._table, base))
        if block.layout.caption:
            painter.setFont(caption_font(self.font(), ratio))
            painter.setPen(colours.color(QPalette.ColorRole.Text))
            tiles = block.tiles[block.tiles >= 0].tolist()
            paint_captions(painter, block, [self._captions[tile] if self._captions else str(tile) for tile in tiles])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows in sight."""
        painter = QPainter(self.viewport())
        if self._stack.total:
            self._paint_tiles(painter)
        else:
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            words = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(self.viewport().rect().adjusted(16, 16, -16, -16), words, self._message)
        painter.end()

    def _paint_tiles(self, painter: QPainter) -> None:
        ratio, layout = self.devicePixelRatioF(), self._layout
        left, top = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        rows = layout.rows_within(top, round(self.viewport().height() * ratio))
        columns = layout.columns_between(left, round(self.viewport().width() * ratio))
        painter.scale(1 / ratio, 1 / ratio)
        painter.translate(-left, -top)
        if rows and columns:
            block = Block.of(layout, self._order, rows, columns)
            self._paint_block(painter, block, self._sheet, self.palette(), ratio)
        selected, current = self._marked(rows.start * layout.columns, rows.stop * layout.columns)
        paint_frames(painter, layout, self.palette(), selected, current, ratio)
        painter.resetTransform()
        if self.hasFocus() and current is None:
            painter.setPen(self.palette().color(QPalette.ColorRole.Highlight))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))

    def event(self, event: QEvent) -> bool:
        """Show where the focus is."""
        done = super().event(event)
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.viewport().update()
        return done
