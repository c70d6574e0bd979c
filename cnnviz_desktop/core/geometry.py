"""From a point of the original picture to the network's input, to a layer's cell, and back.

Coordinates are continuous: pixel or cell i covers the interval [i, i + 1), x runs right and y down. Sizes are
(height, width) everywhere.
"""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

Resize = Literal["stretch", "short_side_crop", "short_side", "letterbox", "none"]


class Size(NamedTuple):
    """Extent of a picture, an input or a map."""

    height: int
    width: int


class Point(NamedTuple):
    """A continuous position."""

    x: float
    y: float


class Box(NamedTuple):
    """An axis-aligned rectangle [left, right) × [top, bottom)."""

    left: float
    top: float
    right: float
    bottom: float

    def clipped(self, size: Size) -> "Box":
        """The part of the box inside a picture of that size."""
        return Box(
            min(max(self.left, 0.0), size.width),
            min(max(self.top, 0.0), size.height),
            min(max(self.right, 0.0), size.width),
            min(max(self.bottom, 0.0), size.height),
        )


def _centred(length: int, room: int) -> int:
    """Where a length begins when it lies in the middle of the room, to the pixel as torchvision's CenterCrop has it."""
    return -round((length - room) / 2) if length > room else (room - length) // 2


@dataclass(frozen=True, slots=True)
class InputTransform:
    """Where the original picture lies in the network's input: input = original × scale + offset, per axis."""

    original: Size
    input: Size
    scale_x: float
    scale_y: float
    offset_x: float = 0.0
    offset_y: float = 0.0

    @classmethod
    def of(cls, resize: Resize, original: Size, size: Size, short_side: int | None = None) -> "InputTransform":
        """The transform that a way of resizing makes.

        Args:
            resize: ``stretch`` fills the input, or fills what `short_side` makes of it and crops the centre of that;
                ``short_side_crop`` scales the short side to `short_side` and crops
                the centre, padding where that is too small; ``short_side`` scales so and keeps all of it; ``letterbox``
                fits the whole picture and pads; ``none`` keeps the picture's own size.
            original: Size of the picture.
            size: Size of the network's input; not used by ``none``, nor by ``short_side`` where the next is given.
            short_side: For all but ``letterbox`` and ``none``; the input's shorter side where None.
        """
        if resize == "none":
            return cls(original, original, 1.0, 1.0)
        if resize == "stretch":
            share = (short_side or min(size)) / min(size)
            scaled = Size(*(int(side * share) for side in size))
        elif resize == "letterbox":
            ratio = min(size.height / original.height, size.width / original.width)
            scaled = Size(*(max(1, round(side * ratio)) for side in original))
        else:
            shorter = min(original)
            target = short_side or min(size)
            scaled = Size(*(int(target * side / shorter) for side in original))  # cut off, as torchvision does
        if resize == "short_side":
            size = scaled
        offset_y, offset_x = _centred(scaled.height, size.height), _centred(scaled.width, size.width)
        return cls(original, size, scaled.width / original.width, scaled.height / original.height, offset_x, offset_y)

    @property
    def scaled(self) -> Size:
        """Size of the whole picture at the input's scale, before cropping or padding."""
        return Size(round(self.original.height * self.scale_y), round(self.original.width * self.scale_x))

    def to_input(self, point: Point) -> Point:
        """A point of the original picture, in the input's coordinates."""
        return Point(point.x * self.scale_x + self.offset_x, point.y * self.scale_y + self.offset_y)

    def to_original(self, point: Point) -> Point:
        """A point of the input, in the original picture's coordinates."""
        return Point((point.x - self.offset_x) / self.scale_x, (point.y - self.offset_y) / self.scale_y)

    def box_to_original(self, box: Box) -> Box:
        """A rectangle of the input, in the original picture's coordinates; it may reach beyond the picture."""
        top_left = self.to_original(Point(box.left, box.top))
        bottom_right = self.to_original(Point(box.right, box.bottom))
        return Box(*top_left, *bottom_right)

    def extent_over(self, outer: "InputTransform") -> Size:
        """Size, in pixels of an outer input, of all that this input covers: more where it is that one, padded.

        Args:
            outer: Of the same picture; the two inputs begin at the same corner.
        """
        return Size(
            max(outer.input.height, round(self.input.height * outer.scale_y / self.scale_y)),
            max(outer.input.width, round(self.input.width * outer.scale_x / self.scale_x)),
        )

    @property
    def seen(self) -> Box:
        """The part of the original picture that the network sees, in the original's coordinates."""
        return self.box_to_original(Box(0, 0, self.input.width, self.input.height)).clipped(self.original)


@dataclass(frozen=True, slots=True)
class AxisField:
    """Receptive field along one axis: cell i sees the input interval [start + i·stride, start + i·stride + size).

    An infinite size means that every cell sees the whole input.
    """

    start: float = 0.0
    stride: float = 1.0
    size: float = 1.0

    def interval(self, cell: int) -> tuple[float, float]:
        """What the cell sees, before clipping to the input."""
        if math.isinf(self.size):
            return -math.inf, math.inf
        low = self.start + cell * self.stride
        return low, low + self.size


@dataclass(frozen=True, slots=True)
class ReceptiveField:
    """The rectangle of the input that a cell of a layer can depend on."""

    y: AxisField = AxisField()
    x: AxisField = AxisField()

    def box(self, row: int, column: int, input_size: Size) -> Box:
        """The rectangle that cell (row, column) sees, clipped to the input."""
        top, bottom = self.y.interval(row)
        left, right = self.x.interval(column)
        return Box(left, top, right, bottom).clipped(input_size)


@dataclass(frozen=True, slots=True)
class MapGeometry:
    """How the cells of one layer's map lie over one picture.

    Attributes:
        transform: From the picture to the input.
        cells: Size of the map.
        field: The layer's receptive field, None where it could not be computed.
    """

    transform: InputTransform
    cells: Size
    field: ReceptiveField | None = None

    def cell_at(self, point: Point) -> tuple[int, int] | None:
        """(row, column) of the cell drawn over a point of the original picture; None outside what the network sees."""
        at = self.transform.to_input(point)
        row = math.floor(at.y * self.cells.height / self.transform.input.height)
        column = math.floor(at.x * self.cells.width / self.transform.input.width)
        if 0 <= row < self.cells.height and 0 <= column < self.cells.width:
            return row, column
        return None

    def cell_box(self, row: int, column: int) -> Box:
        """Where the cell is drawn, in the original picture's coordinates."""
        height = self.transform.input.height / self.cells.height
        width = self.transform.input.width / self.cells.width
        cell = Box(column * width, row * height, (column + 1) * width, (row + 1) * height)
        return self.transform.box_to_original(cell)

    def field_box(self, row: int, column: int) -> Box | None:
        """The cell's receptive field in the original picture's coordinates, clipped to it; None where unknown."""
        if self.field is None:
            return None
        box = self.field.box(row, column, self.transform.input)
        return self.transform.box_to_original(box).clipped(self.transform.original)
