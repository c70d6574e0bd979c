"""Where every tile of a grid lies. Whole device pixels throughout, so that a cell is as sharp at 150 % as at 100 %."""

import bisect
from dataclasses import dataclass
from typing import NamedTuple

from cnnviz_desktop.core.geometry import Size

ZOOM_STEPS = (-16, -12, -8, -6, -4, -3, -2, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32, 48)


class Rectangle(NamedTuple):
    """A rectangle of device pixels."""

    left: int
    top: int
    width: int
    height: int


class Place(NamedTuple):
    """A cell of the tile at some position of the display order."""

    position: int
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Zoom:
    """Size of a cell on the screen: `magnify` pixels a cell, or one pixel for the mean of `reduce` × `reduce` cells."""

    magnify: int = 1
    reduce: int = 1

    @classmethod
    def of(cls, step: int, ratio: float = 1.0) -> "Zoom":
        """The zoom of one of `ZOOM_STEPS`, on a screen with `ratio` device pixels to a logical one."""
        if step > 0:
            return cls(magnify=max(1, round(step * ratio)))
        return cls(reduce=max(1, round(-step / ratio)))

    def pixels(self, cells: Size) -> Size:
        """Device pixels that a map takes."""
        return Size(*(-(-side // self.reduce) * self.magnify for side in cells))

    def cell(self, pixel: int) -> int:
        """The cell drawn at a pixel of a tile; the first one where a pixel stands for several."""
        return pixel // self.magnify * self.reduce


def fitting_step(cells: Size, side: int) -> int:
    """The largest zoom step at which a map's longer side takes at most `side` logical pixels."""
    fitting = [step for step in ZOOM_STEPS if max(Zoom.of(step).pixels(cells)) <= side]
    return fitting[-1] if fitting else ZOOM_STEPS[0]


def next_step(step: int, change: int) -> int:
    """The zoom step so many steps on, within those there are."""
    index = bisect.bisect_left(ZOOM_STEPS, step) + change
    return ZOOM_STEPS[min(max(index, 0), len(ZOOM_STEPS) - 1)]


@dataclass(frozen=True, slots=True)
class TileLayout:
    """A grid of equal tiles in reading order.

    Attributes:
        count: Number of tiles.
        cells: Size of a tile's map.
        zoom: Size of its cells.
        columns: Tiles in a row.
        gap: Device pixels between tiles and around them.
        caption: Device pixels under every tile for its caption; 0 for none.
    """

    count: int
    cells: Size
    zoom: Zoom
    columns: int
    gap: int
    caption: int = 0

    @property
    def tile(self) -> Size:
        """Device pixels of a tile's picture."""
        return self.zoom.pixels(self.cells)

    @property
    def pitch(self) -> Size:
        """Device pixels from one tile to the next below it and beside it."""
        return Size(self.tile.height + self.caption + self.gap, self.tile.width + self.gap)

    @property
    def rows(self) -> int:
        """Rows of tiles."""
        return -(-self.count // self.columns)

    @property
    def extent(self) -> Size:
        """Device pixels of the whole grid."""
        return Size(self.rows * self.pitch.height + self.gap, self.columns * self.pitch.width + self.gap)

    @staticmethod
    def columns_within(width: int, tile_width: int, gap: int) -> int:
        """Tiles that fit side by side, at least one."""
        return max(1, (width - gap) // (tile_width + gap))

    def rectangle(self, position: int) -> Rectangle:
        """Where a tile's picture lies in the grid."""
        row, column = divmod(position, self.columns)
        return Rectangle(
            self.gap + column * self.pitch.width, self.gap + row * self.pitch.height, self.tile.width, self.tile.height
        )

    def position_at(self, x: int, y: int) -> int | None:
        """The tile whose picture or caption is at a point of the grid; None in a gap or beyond the last tile."""
        column, across = divmod(x - self.gap, self.pitch.width)
        row, down = divmod(y - self.gap, self.pitch.height)
        position = row * self.columns + column
        inside = across < self.tile.width and down < self.tile.height + self.caption
        if inside and 0 <= column < self.columns and row >= 0 and position < self.count:
            return position
        return None

    def place_at(self, x: int, y: int) -> Place | None:
        """The cell at a point of the grid; None outside of every tile's picture."""
        position = self.position_at(x, y)
        if position is None:
            return None
        left, top, _, height = self.rectangle(position)
        if y - top >= height:
            return None
        return Place(position, self.zoom.cell(y - top), self.zoom.cell(x - left))

    def rows_within(self, top: int, height: int) -> range:
        """Rows of which something lies between two heights of the grid."""
        return _touched(top - self.gap, height, self.pitch.height, self.rows)

    def columns_between(self, left: int, width: int) -> range:
        """Columns of which something lies in a vertical band of the grid."""
        return _touched(left - self.gap, width, self.pitch.width, self.columns)


def _touched(start: int, length: int, pitch: int, count: int) -> range:
    first = min(max(start // pitch, 0), count)
    return range(first, min(max(-(-(start + length) // pitch), first), count))
