"""Many quantised tiles as one picture."""

import numpy as np

from cnnviz_desktop.core.results import ByteArray
from cnnviz_desktop.ui.tiles.layout import TileLayout
from cnnviz_desktop.ui.tiles.stack import BoolArray, IndexArray, TileLimits, TileStack

HATCH_PERIOD = 4


def compose(
    stack: TileStack, limits: TileLimits, tiles: IndexArray, layout: TileLayout, background: tuple[int, int, int]
) -> ByteArray:
    """The picture of a block of the grid, gaps and room for captions at its right and lower sides included.

    Tiles that hold one value only are hatched: their colour says nothing about a pattern.

    Args:
        stack: The maps.
        limits: Between which values they run.
        tiles: (rows, columns) tile numbers; −1 where there is none.
        layout: Sizes of tiles, gaps and captions.
        background: RGB around tiles that are colours of their own.

    Returns:
        (rows·pitch, columns·pitch) uint8 indices with 0 around the tiles, or (…, 3) RGB where the maps are colours.
    """
    rows, columns = tiles.shape
    flat = np.where(tiles < 0, 0, tiles).reshape(-1)
    pixels = stack.pixels(flat, limits)
    depth = pixels.shape[3:]
    nothing = background if depth else 0
    absent = (tiles < 0) | ~stack.arrived[flat].reshape(tiles.shape)
    pixels[absent.reshape(-1)] = nothing
    block = pixels.reshape(rows, columns, *pixels.shape[1:]).swapaxes(1, 2)  # (rows, h, columns, w[, 3])
    magnify = layout.zoom.magnify
    if magnify > 1:
        block = np.repeat(block, magnify, axis=3)
    sheet = np.empty((rows, layout.pitch.height, columns, layout.pitch.width, *depth), dtype=np.uint8)
    sheet[:] = nothing
    inside = sheet[:, : layout.tile.height, :, : layout.tile.width]
    for line in range(magnify):
        inside[:, line::magnify] = block
    _hatch(inside, stack.constant[flat].reshape(tiles.shape) & ~absent, nothing)
    return sheet.reshape(rows * layout.pitch.height, columns * layout.pitch.width, *depth)


def _hatch(inside: ByteArray, chosen: BoolArray, nothing: int | tuple[int, int, int]) -> None:
    """Hatch the chosen, (rows, columns), of (rows, h, columns, w[, 3]) tiles in place."""
    if not chosen.any():
        return
    across, down = np.meshgrid(np.arange(inside.shape[3]), np.arange(inside.shape[1]))
    lines = (across + down) % HATCH_PERIOD == 0
    for row in np.flatnonzero(chosen.any(axis=1)):
        band = inside[row].swapaxes(0, 1)  # (columns, h, w[, 3])
        band[chosen[row][:, None, None] & lines] = nothing
