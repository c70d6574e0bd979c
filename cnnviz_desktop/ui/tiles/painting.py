"""Painting of a grid of tiles: the sheet of pixels, and what is drawn under and over it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontInfo, QFontMetrics, QImage, QPainter, QPalette, QPen

from cnnviz_desktop.core.results import ByteArray
from cnnviz_desktop.ui.qt_images import indexed_image, rgb_image, set_colour_table
from cnnviz_desktop.ui.tiles.layout import TileLayout
from cnnviz_desktop.ui.tiles.sheet import compose
from cnnviz_desktop.ui.tiles.stack import IndexArray, TileLimits, TileStack

CAPTION_SHARE = 0.85
CAPTIONED_SIDE = 28  # logical pixels: narrower tiles have no captions
MISSING, MISSING_LINES = QColor(128, 128, 128), QColor(96, 96, 96)
ON_ITS_WAY = QColor(128, 128, 128, 64)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Neighbouring rows and columns of a grid, and the tile at each place.

    Attributes:
        layout: The whole grid's.
        rows: Which rows.
        columns: Which columns.
        tiles: (rows, columns) tile numbers; −1 beyond the last tile.
    """

    layout: TileLayout
    rows: range
    columns: range
    tiles: IndexArray

    @classmethod
    def of(cls, layout: TileLayout, order: IndexArray, rows: range, columns: range) -> "Block":
        """The block of a grid that shows tiles in that order."""
        positions = np.arange(rows.start, rows.stop)[:, None] * layout.columns + np.arange(columns.start, columns.stop)
        there = positions < len(order)
        return cls(layout, rows, columns, np.where(there, order[np.where(there, positions, 0)], -1))

    @property
    def origin(self) -> tuple[int, int]:
        """Left and top of its first tile in the grid."""
        rectangle = self.layout.rectangle(self.rows.start * self.layout.columns + self.columns.start)
        return rectangle.left, rectangle.top

    def rectangles(self, chosen: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]") -> list[QRect]:
        """Where the tiles of a (rows, columns) choice lie in the grid."""
        left, top = self.origin
        height, width = self.layout.pitch
        tile = self.layout.tile
        return [
            QRect(left + width * column, top + height * row, tile.width, tile.height)
            for row, column in np.argwhere(chosen).tolist()
        ]


class SheetCache:
    """The sheet of the block that was painted last: scrolling by less than a row and recolouring make none anew."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._image = QImage()
        self._table: ByteArray | None = None

    def forget(self) -> None:
        """Make the sheet anew, because tiles, order or limits changed."""
        self._key = ()

    def image(self, block: Block, stack: TileStack, limits: TileLimits, table: ByteArray, background: QColor) -> QImage:
        """The block's picture in (256, 3) uint8 colours; see-through around the tiles where they are not colours."""
        key = (block.layout, block.rows, block.columns, background.rgb() if stack.in_colour else 0)
        if key != self._key:
            around = background.red(), background.green(), background.blue()
            sheet = compose(stack, limits, block.tiles, block.layout, around)
            self._image = rgb_image(sheet) if stack.in_colour else indexed_image(sheet, table)
            self._key, self._table = key, None
        if self._table is not table and not stack.in_colour:
            set_colour_table(self._image, table)
            self._image.setColor(0, 0)
            self._table = table
        return self._image


def caption_font(font: QFont, ratio: float) -> QFont:
    """The font under tiles, measured in device pixels."""
    small = QFont(font)
    small.setPixelSize(max(8, round(QFontInfo(font).pixelSize() * CAPTION_SHARE * ratio)))
    return small


def caption_room(font: QFont, ratio: float, captions: Sequence[str], width: int) -> int:
    """Device pixels that captions need under tiles `width` device pixels wide; 0 where they do not fit."""
    metrics = QFontMetrics(caption_font(font, ratio))
    widest = max(map(metrics.horizontalAdvance, sorted(captions, key=len)[-3:]), default=0)
    fits = 0 < widest <= width and width >= CAPTIONED_SIDE * ratio
    return metrics.height() + round(3 * ratio) if fits else 0


def paint_ground(painter: QPainter, block: Block, stack: TileStack) -> None:
    """What shows through the sheet: hatched grey where values are missing, grey in the hatching of constant tiles.

    A tile that has not arrived is a faint grey.
    """
    arrived = stack.arrived[block.tiles]
    there = (block.tiles >= 0) & arrived
    missing = there & (stack.statistics.finite[block.tiles] < 1)
    constant = there & stack.constant[block.tiles] & (not stack.in_colour)
    painter.setPen(Qt.PenStyle.NoPen)
    for chosen, brushes in (
        (missing, (QBrush(MISSING), QBrush(MISSING_LINES, Qt.BrushStyle.BDiagPattern))),
        (constant, (QBrush(MISSING),)),
        ((block.tiles >= 0) & ~arrived, (QBrush(ON_ITS_WAY),)),
    ):
        rectangles = block.rectangles(chosen) if chosen.any() else []
        for brush in brushes if rectangles else ():
            painter.setBrush(brush)
            painter.drawRects(rectangles)


def paint_captions(painter: QPainter, block: Block, captions: Iterable[str]) -> None:
    """A short text under every tile of the block, in the painter's font and pen; `captions` in reading order."""
    metrics = painter.fontMetrics()
    baseline = metrics.ascent() + block.layout.caption - metrics.height()
    for rectangle, caption in zip(block.rectangles(block.tiles >= 0), captions, strict=True):
        across = (rectangle.width() - metrics.horizontalAdvance(caption)) // 2
        painter.drawText(rectangle.left() + across, rectangle.bottom() + 1 + baseline, caption)


def paint_frames(
    painter: QPainter, layout: TileLayout, palette: QPalette, selected: Iterable[int], current: int | None, ratio: float
) -> None:
    """Frames around selected tiles, and a ring around the current one; positions in display order.

    Args:
        painter: In the grid's coordinates.
        layout: The grid's.
        palette: The theme's.
        selected: Positions in sight that are selected.
        current: The position that has the keyboard; None where the grid is without focus.
        ratio: Device pixels to a logical one.
    """
    thick = max(1, min(round(2 * ratio), layout.gap // 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    accent = palette.color(QPalette.ColorRole.Highlight)
    _draw_frames(painter, layout, selected, thick, accent)
    if current is not None:
        _draw_frames(painter, layout, (current,), thick, accent)
        ink = palette.color(QPalette.ColorRole.Text)
        _draw_frames(painter, layout, (current,), max(1, thick // 2), ink, outside=thick)


def _draw_frames(
    painter: QPainter, layout: TileLayout, positions: Iterable[int], thick: int, colour: QColor, outside: int = 0
) -> None:
    """Frames `thick` pixels wide around tiles, `outside` pixels away from them."""
    pen = QPen(colour, thick)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    reach = outside + thick / 2
    tiles = (QRectF(*layout.rectangle(position)) for position in positions)
    painter.drawRects([tile.adjusted(-reach, -reach, reach, reach) for tile in tiles])
