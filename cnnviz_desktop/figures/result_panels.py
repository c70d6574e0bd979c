"""Results as panels of a sheet: heat maps over their picture, feature maps and kernels as mosaics."""

import math

import numpy as np

from cnnviz_desktop.core.geometry import Box
from cnnviz_desktop.core.rendering import DIVERGING, PERCEPTUAL, Limits, is_signed, value_range
from cnnviz_desktop.core.results import Explained, FloatArray, HeatMap, Picture
from cnnviz_desktop.figures.pictures import positive_limits
from cnnviz_desktop.figures.sheets import Panel

MOST_TILES = 1024
_TILE_PIXELS = 24
_PERCENTILES = (0.5, 99.5)


def picture_panel(picture: Picture, caption: str) -> Panel:
    """The picture as it was read."""
    return Panel(caption, pixels=picture.pixels)


def heat_map_panel(picture: Picture, heat: HeatMap, heading: str = "") -> Panel:
    """The positive part of a heat map over its picture, from 0 to its maximum; above it `heading`, or its target."""
    size = heat.geometry.transform.input
    low, high = value_range(heat.raw)
    return Panel(
        f"{heading or told_target(heat.explained)}\n{heat.layer}, raw {low:.3g} to {high:.3g}",
        pixels=picture.pixels,
        values=np.maximum(heat.raw, 0),
        limits=positive_limits(heat.raw),
        box=heat.geometry.transform.box_to_original(Box(0, 0, size.width, size.height)),
        smooth=True,
    )


def told_target(explained: Explained) -> str:
    """What is explained and how likely it is, or how high its score."""
    if explained.probability is None:
        return f"{explained.title}: {explained.score:.4g}"
    return f"{explained.title}: p = {explained.probability:.3f}"


def feature_maps_panel(maps: FloatArray, layer: str) -> Panel:
    """Channels (C, h, w) as one mosaic on one scale, their 0.5th to 99.5th percentile, centred if signed."""
    shown = maps[:MOST_TILES]
    limits = value_range(shown, _PERCENTILES)
    if limits.low == limits.high:
        limits = value_range(shown)
    signed = is_signed(shown)
    count = f"{len(maps)} channels" if len(shown) == len(maps) else f"the first {len(shown)} of {len(maps)} channels"
    return Panel(
        f"{layer}: {count}, {maps.shape[2]} × {maps.shape[1]} cells each\n"
        f"one scale for all, {_PERCENTILES[0]:g}th to {_PERCENTILES[1]:g}th percentile",
        values=_mosaic(shown, math.ceil(math.sqrt(len(shown)))),
        limits=limits.centred() if signed else limits,
        colours=DIVERGING if signed else PERCEPTUAL,
    )


def kernels_panel(weights: FloatArray, layer: str, kind: str) -> Panel:
    """Filters (n, in, kh, kw) as one mosaic, 0 in the middle of the scale.

    Three input channels are drawn as one colour picture a filter, in which grey is 0; else every filter has a row
    and every input channel a column.
    """
    filters, inputs, height, width = weights.shape
    reach = value_range(weights).centred().high or 1.0
    caption = f"{layer}: {kind}\n{filters} filters of {inputs} × {height} × {width}"
    if inputs == 3:
        shown = weights[:MOST_TILES]
        columns = math.ceil(math.sqrt(len(shown)))
        sheets = [_mosaic(shown[:, channel], columns) for channel in range(3)]
        scaled = np.ma.stack(sheets, axis=-1) / (2 * reach) + 0.5
        pixels = np.ma.filled(np.rint(np.nan_to_num(scaled, nan=0.5).clip(0, 1) * 255), 255).astype(np.uint8)
        return Panel(f"{caption}, red green blue from {-reach:.2g} to {reach:.2g}, grey is 0", pixels=pixels)
    side = math.isqrt(MOST_TILES) if inputs > 1 else MOST_TILES
    columns = min(inputs, side) if inputs > 1 else math.ceil(math.sqrt(min(filters, side)))
    shown = weights[:side, :side]
    if inputs > 1 and (filters > side or inputs > side):
        caption += f"; the first {len(shown)} rows (filters) and {shown.shape[1]} columns (input channels)"
    return Panel(
        caption,
        values=_mosaic(shown.reshape(-1, height, width), columns),
        limits=Limits(-reach, reach),
        colours=DIVERGING,
    )


def _mosaic(tiles: FloatArray, columns: int) -> FloatArray:
    """Tiles (n, h, w) in reading order as one masked (rows, columns) array, every cell a square of some pixels."""
    pixels = -(-_TILE_PIXELS // max(tiles.shape[1:]))
    drawn = tiles.repeat(pixels, axis=1).repeat(pixels, axis=2)
    count, height, width = drawn.shape
    gap = max(1, max(height, width) // 12)
    rows = -(-count // columns)
    sheet = np.ma.array(np.zeros((rows * columns, height + gap, width + gap), dtype=np.float32), mask=True)
    sheet[:count, :height, :width] = drawn
    grid = sheet.reshape(rows, columns, height + gap, width + gap).swapaxes(1, 2)
    return grid.reshape(rows * (height + gap), columns * (width + gap))[:-gap, :-gap]
