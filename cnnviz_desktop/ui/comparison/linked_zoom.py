"""One zoom for all cells: the same part of every picture, whatever its size."""

from dataclasses import dataclass
from typing import Self

from cnnviz_desktop.core.geometry import Point, Size
from cnnviz_desktop.ui.canvas.viewport import Viewport

LARGEST_FACTOR = 24.0


@dataclass(frozen=True, slots=True)
class LinkedZoom:
    """How far, and about what.

    Attributes:
        factor: 1 shows the whole picture, as large as it goes; 24 at most.
        x: What is in the middle of the cell, as a share of the picture's width.
        y: The same of its height.
    """

    factor: float = 1.0
    x: float = 0.5
    y: float = 0.5

    def viewport(self, picture: Size, area: Size) -> Viewport:
        """Where a picture lies in a cell's area; both in (height, width)."""
        fitted = Viewport.fitted(picture, area)
        scale = fitted.scale * self.factor
        x = _held(self.x, area.width / (picture.width * scale)) * picture.width
        y = _held(self.y, area.height / (picture.height * scale)) * picture.height
        return Viewport(picture, area, scale, area.width / 2 - x * scale, area.height / 2 - y * scale)

    def zoomed(self, by: float, about: Point, picture: Size, area: Size) -> Self:
        """Zoomed so that what lies under a point of the area stays there, as far as the picture reaches."""
        before = self.viewport(picture, area)
        factor = min(max(self.factor * by, 1.0), LARGEST_FACTOR)
        scale = before.scale * factor / self.factor
        under = before.to_picture(about)
        middle = Point(under.x + (area.width / 2 - about.x) / scale, under.y + (area.height / 2 - about.y) / scale)
        return self._about(factor, middle, picture, area)

    def moved(self, right: float, down: float, picture: Size, area: Size) -> Self:
        """Pushed by so many pixels of the area, as far as the picture reaches."""
        before = self.viewport(picture, area)
        middle = before.middle
        return self._about(
            self.factor, Point(middle.x - right / before.scale, middle.y - down / before.scale), picture, area
        )

    def _about(self, factor: float, middle: Point, picture: Size, area: Size) -> Self:
        scale = Viewport.fitted(picture, area).scale * factor
        return type(self)(
            factor,
            _held(middle.x / picture.width, area.width / (picture.width * scale)),
            _held(middle.y / picture.height, area.height / (picture.height * scale)),
        )


def _held(middle: float, seen: float) -> float:
    """The middle of a share `seen` of an axis, moved so that nothing beyond the axis is seen; ½ where all of it is."""
    return 0.5 if seen >= 1 else min(max(middle, seen / 2), 1 - seen / 2)
