"""How the values of a layer lie over the image: maps, maps with their channels last, or tokens in rows and columns.

All shapes are without the batch, and sizes are (height, width) as everywhere.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from cnnviz_desktop.core.geometry import Size

Shape = tuple[int, ...]
Form = Literal["maps", "channels_last", "tokens"]

MOST_LEADING = 16
_NOWHERE = "values without a place in the image, so there is no map."
_PATCHES_IN_USE = (4, 8, 14, 16, 28, 32, 56, 64)
"""Sides of patches that networks cut an image into where they do not divide it evenly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenGrid:
    """The cells over the image that a tensor's values belong to.

    Attributes:
        form: (C, h, w) ``maps``, (h, w, C) ``channels_last``, or (T, C) ``tokens``: the patches row by row, after the
            leading tokens.
        channels: Values a cell has.
        rows: Cells from top to bottom.
        columns: Cells from left to right.
        leading: Class and register tokens, which have no place in the image.
    """

    form: Form
    channels: int
    rows: int
    columns: int
    leading: int = 0

    @property
    def map_shape(self) -> tuple[int, int, int]:
        """(C, h, w) of the maps it makes."""
        return self.channels, self.rows, self.columns

    def words(self, size: Size) -> str:
        """How the tensor is read, for people; empty for plain maps.

        Args:
            size: Of the network's input.
        """
        cells = f"{self.rows} × {self.columns}"
        if self.form == "maps":
            return ""
        if self.form == "channels_last":
            return f"{cells} cells with {self.channels} channels last"
        tokens = f"{self.leading + self.rows * self.columns} tokens"
        patches = f"{cells} patches of {_pixels(size.height // self.rows, size.width // self.columns)}"
        if not self.leading:
            return f"{tokens}: {patches}"
        first = "1 class token" if self.leading == 1 else f"{self.leading} class and register tokens"
        return f"{tokens}: {first}, then {patches}"

    def at(self, shape: Shape, size: Size) -> "TokenGrid | None":
        """The same reading of the tensor that the layer gives for an input of another size; None where it fits none."""
        if self.form == "tokens":
            if len(shape) != 2:
                return None
            found = _cells_of(shape[0] - self.leading, size)
            return None if found is None else replace(self, channels=shape[1], rows=found.height, columns=found.width)
        if len(shape) != 3:
            return None
        if self.form == "maps":
            return plain_maps(shape)
        return replace(self, rows=shape[0], columns=shape[1], channels=shape[2])


def plain_maps(shape: Shape) -> TokenGrid | None:
    """A shape of three taken as (C, h, w); None for any other."""
    return TokenGrid(form="maps", channels=shape[0], rows=shape[1], columns=shape[2]) if len(shape) == 3 else None


def grid_of(shape: Shape, size: Size, *, rows_at: int | None = None, known: Collection[Size] = ()) -> TokenGrid | None:
    """How a tensor lies over the image, as far as its shape tells; None where its values have no place there.

    Three numbers are (C, h, w) unless only (h, w, C) fits the input, or they are attention weights (heads, T, T). Two
    are (T, C) tokens where a grid and as few leading tokens as possible make T; a square counts as attention weights.

    Args:
        shape: Of the tensor, without the batch.
        size: Of the network's input.
        rows_at: Which dimension of the shape is the rows, where that is known.
        known: Cells of tensors of the same network whose places are known.
    """
    if len(shape) == 2:
        return _tokens(shape, size, known)
    if len(shape) != 3:
        return None
    last = TokenGrid(form="channels_last", rows=shape[0], columns=shape[1], channels=shape[2])
    if rows_at is not None:
        return last if rows_at == 0 else plain_maps(shape)
    if not _divides(Size(*shape[1:]), size):
        if _divides(Size(*shape[:2]), size):
            return last
        if shape[1] == shape[2] and _tokens((shape[1], 0), size, known) is not None:
            return None
    return plain_maps(shape)


def why_no_grid(shape: Shape, size: Size | None, *, batch_first: bool = True) -> str:
    """The end of a sentence that says what a tensor without places is, and for tokens, what would fit.

    Args:
        shape: Of the tensor, without its first dimension.
        size: Of the network's input; None where unknown.
        batch_first: Whether that first dimension is the batch.
    """
    if len(shape) == 2 and shape[0] == 1:
        return f"{_NOWHERE} Tokens with the batch after them, (T, N, C), cannot be placed."
    fits = size is not None and grid_of(shape, size) is not None
    if not batch_first and (fits or len(shape) == 2):
        return "more of these than there are images, as attention within windows makes them, so there is no map."
    if len(shape) == 3:
        return "as attention weights are, so there is no map."
    if fits:
        return "channels before places, as layers that mix tokens take them, so there is no map."
    if len(shape) != 2 or size is None or shape[0] <= MOST_LEADING:
        return _NOWHERE
    if shape[0] == shape[1]:
        return "a square, as attention weights are, so there is no map."
    nearest = min(_even_grids(size), key=lambda patch: abs(patch[1].height * patch[1].width - shape[0]), default=None)
    if nearest is None:
        return _NOWHERE
    (down, across), cells = nearest
    return (
        f"and {shape[0]} tokens are no grid of patches over {size.height} × {size.width} px, so there is no map. The "
        f"nearest would be {cells.height} × {cells.width} patches of {_pixels(down, across)}: "
        f"{cells.height * cells.width} tokens, and up to {MOST_LEADING} before them."
    )


def _tokens(shape: Shape, size: Size, known: Collection[Size]) -> TokenGrid | None:
    tokens, channels = shape
    if tokens == channels:
        return None
    for cells in known:
        if cells.height * cells.width == channels and not any(
            _leads(tokens - other.height * other.width, other) for other in known
        ):
            return None  # (C, places)
    candidates = (list(known), [cells for _, cells in _even_grids(size)], list(_uneven_grids(size)))
    for group in candidates:
        fitting = [(tokens - cells.height * cells.width, cells) for cells in group]
        fitting = [(leading, cells) for leading, cells in fitting if _leads(leading, cells)]
        if fitting:
            leading, cells = min(fitting)
            return TokenGrid(form="tokens", channels=channels, rows=cells.height, columns=cells.width, leading=leading)
    return None


def _leads(leading: int, cells: Size) -> bool:
    """Whether so many tokens may stand before a grid: never many more than a small one has itself."""
    return min(cells) > 1 and 0 <= leading <= min(MOST_LEADING, max(1, cells.height * cells.width // 4))


def _cells_of(count: int, size: Size) -> Size | None:
    """The grid of exactly so many patches over an input."""
    grids = [cells for _, cells in _even_grids(size)] + list(_uneven_grids(size))
    return next((cells for cells in grids if cells.height * cells.width == count), None)


def _even_grids(size: Size) -> Iterator[tuple[tuple[int, int], Size]]:
    """(patch, cells) of every square patch in question that divides an input evenly, into more than one row."""
    for side in range(1, min(_PATCHES_IN_USE[-1], min(size) // 2) + 1):
        if size.height % side == 0 and size.width % side == 0:
            yield (side, side), Size(size.height // side, size.width // side)


def _uneven_grids(size: Size) -> Iterator[Size]:
    """Grids of the usual patches with a rest cut off, or filled up."""
    for side in _PATCHES_IN_USE:
        yield Size(size.height // side, size.width // side)
        yield Size(-(-size.height // side), -(-size.width // side))


def _divides(cells: Size, size: Size) -> bool:
    """Whether there is one whole stride that makes so many cells of an input along both axes, cut off or filled up."""
    if min(cells) < 1:
        return False
    strides = range(max(1, size.height // (cells.height + 1)), size.height // cells.height + 2)
    return any(
        all(length // stride <= count <= -(-length // stride) for length, count in zip(size, cells, strict=True))
        for stride in strides
    )


def _pixels(down: int, across: int) -> str:
    return f"{down} px" if down == across else f"{down} × {across} px"
