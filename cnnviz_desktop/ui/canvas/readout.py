"""What lies under the pointer, in the picture's and the map's own numbers."""

import math
from dataclasses import dataclass

import numpy as np

from cnnviz_desktop.core.geometry import MapGeometry, Point
from cnnviz_desktop.core.results import ByteArray, FloatArray
from cnnviz_desktop.ui.colours.colour_bar import value_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Readout:
    """One place of the picture.

    Attributes:
        x: Column of the pixel in the original picture.
        y: Its row.
        rgb: Its colour, 0–255.
        cell: (row, column) of the map's cell drawn over the place; None where there is none.
        values: The cell's raw values, exactly ``raw[..., row, column]``, one a channel; none where there is no map.
        source: What the map is, in a few words.
    """

    x: int
    y: int
    rgb: tuple[int, int, int]
    cell: tuple[int, int] | None = None
    values: tuple[np.float32, ...] = ()
    source: str = ""

    @property
    def text(self) -> str:
        """For a status line; the value in as many digits as tell it from every other float32."""
        place = f"x {self.x}  y {self.y}  RGB {self.rgb[0]} {self.rgb[1]} {self.rgb[2]}"
        if self.cell is None or not self.values:
            return place
        row, column = self.cell
        source = f"{self.source}  " if self.source else ""
        told = ", ".join(value_text(float(value)) for value in self.values)
        return f"{place}  ·  {source}[{row}, {column}] = {told}"

    @property
    def value(self) -> np.float32 | None:
        """The cell's one raw value; None where there is none, or several."""
        return self.values[0] if len(self.values) == 1 else None


def read_out(
    point: Point, pixels: ByteArray, raw: FloatArray | None, geometry: MapGeometry | None, source: str = ""
) -> Readout | None:
    """What lies at a point of the picture; None outside it.

    Args:
        point: In the original picture's coordinates.
        pixels: (H, W, 3) uint8, the picture.
        raw: (h, w) or (C, h, w) float32, the map over it, if any.
        geometry: Where the map's cells lie.
        source: What the map is.
    """
    x, y = math.floor(point.x), math.floor(point.y)
    height, width, _ = pixels.shape
    if not (0 <= x < width and 0 <= y < height):
        return None
    red, green, blue = (int(channel) for channel in pixels[y, x])
    cell = geometry.cell_at(point) if geometry is not None else None
    values = tuple(np.atleast_1d(raw[..., *cell])) if raw is not None and cell is not None else ()
    return Readout(x=x, y=y, rgb=(red, green, blue), cell=cell, values=values, source=source)


def stepped(point: Point | None, way: tuple[int, int], size: tuple[int, int], geometry: MapGeometry | None) -> Point:
    """The middle of the next cell, or of the next pixel without a map, in a direction; the picture's middle at first.

    Args:
        point: Where the pointer's stand-in is.
        way: (right, down), in cells or pixels.
        size: (height, width) of the picture.
        geometry: Where the map's cells lie, if there is one.
    """
    height, width = size
    if point is None:
        return Point(math.floor(width / 2) + 0.5, math.floor(height / 2) + 0.5)
    step_x = step_y = 1.0
    cell = geometry.cell_at(point) if geometry is not None else None
    if geometry is not None and cell is not None:
        box = geometry.cell_box(*cell)
        point = Point((box.left + box.right) / 2, (box.top + box.bottom) / 2)
        step_x, step_y = box.right - box.left, box.bottom - box.top
    moved = Point(point.x + way[0] * step_x, point.y + way[1] * step_y)
    return Point(min(max(moved.x, 0.5), width - 0.5), min(max(moved.y, 0.5), height - 0.5))
