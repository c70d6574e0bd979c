"""Where a picture lies in a widget: zooming, panning and fitting as arithmetic, without a widget."""

from dataclasses import dataclass, replace
from typing import Self

from cnnviz_desktop.core.geometry import Box, Point, Size

LARGEST_SCALE = 64.0
SMALLEST_SIDE = 16.0
KEPT_IN_SIGHT = 48.0


@dataclass(frozen=True, slots=True)
class Viewport:
    """Widget position = picture position × scale + (left, top), in the widget's logical pixels.

    Attributes:
        picture: Size of the picture in its own pixels.
        widget: Size of the area it is shown in.
        scale: Logical pixels a picture pixel takes.
        left: Where the picture's left edge lies.
        top: Where its top edge lies.
    """

    picture: Size
    widget: Size
    scale: float
    left: float
    top: float

    @classmethod
    def fitted(cls, picture: Size, widget: Size, margin: int = 0) -> Self:
        """The whole picture, as large as it goes, centred."""
        width, height = max(1, widget.width - 2 * margin), max(1, widget.height - 2 * margin)
        scale = min(width / picture.width, height / picture.height, LARGEST_SCALE)
        return cls._centred(picture, widget, scale, Point(picture.width / 2, picture.height / 2))

    @classmethod
    def _centred(cls, picture: Size, widget: Size, scale: float, middle: Point) -> Self:
        left, top = widget.width / 2 - middle.x * scale, widget.height / 2 - middle.y * scale
        return cls(picture, widget, scale, left, top)

    @property
    def middle(self) -> Point:
        """The picture's point in the middle of the widget."""
        return self.to_picture(Point(self.widget.width / 2, self.widget.height / 2))

    @property
    def visible(self) -> Box:
        """The part of the picture that is in sight."""
        top_left = self.to_picture(Point(0, 0))
        bottom_right = self.to_picture(Point(self.widget.width, self.widget.height))
        return Box(*top_left, *bottom_right).clipped(self.picture)

    def to_widget(self, point: Point) -> Point:
        """A point of the picture, in the widget."""
        return Point(point.x * self.scale + self.left, point.y * self.scale + self.top)

    def to_picture(self, point: Point) -> Point:
        """A point of the widget, in the picture; it may lie beyond the picture."""
        return Point((point.x - self.left) / self.scale, (point.y - self.top) / self.scale)

    def box_to_widget(self, box: Box) -> Box:
        """A rectangle of the picture, in the widget."""
        return Box(*self.to_widget(Point(box.left, box.top)), *self.to_widget(Point(box.right, box.bottom)))

    def zoomed(self, factor: float, about: Point) -> Self:
        """Zoomed so that the picture's point under the widget's point `about` stays there."""
        smallest = min(SMALLEST_SIDE / max(self.picture), self.scale)
        scale = min(max(self.scale * factor, smallest), LARGEST_SCALE)
        under = self.to_picture(about)
        moved = replace(self, scale=scale, left=about.x - under.x * scale, top=about.y - under.y * scale)
        return moved.held()

    def scaled_to(self, scale: float, middle: Point | None = None) -> Self:
        """At that scale, with a point of the picture in the middle of the widget; what is there now where None."""
        return self._centred(self.picture, self.widget, scale, middle or self.middle).held()

    def moved(self, right: float, down: float) -> Self:
        """The picture pushed by so many logical pixels; a part of it always stays in sight."""
        return replace(self, left=self.left + right, top=self.top + down).held()

    def resized(self, widget: Size) -> Self:
        """In a widget of another size, with the same point in the middle."""
        return self._centred(self.picture, widget, self.scale, self.middle).held()

    def held(self) -> Self:
        """With the picture pushed back where a part of it is in sight."""

        def kept_edge(edge: float, extent: float, room: int) -> float:
            kept = min(KEPT_IN_SIGHT, extent, room)
            return min(max(edge, kept - extent), room - kept)

        left = kept_edge(self.left, self.picture.width * self.scale, self.widget.width)
        top = kept_edge(self.top, self.picture.height * self.scale, self.widget.height)
        return replace(self, left=left, top=top)
