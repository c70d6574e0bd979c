"""Arrays as PNG files; heat maps over their picture, and gradient pictures, at the picture's own size."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from cnnviz_desktop.core.atomic_files import replacing
from cnnviz_desktop.core.geometry import InputTransform, MapGeometry, Size
from cnnviz_desktop.core.gradient_rendering import gradient_rgb
from cnnviz_desktop.core.rendering import PERCEPTUAL, Limits, blend, colourise, resample, value_range
from cnnviz_desktop.core.results import ByteArray, FloatArray

OPACITY = 0.5
_GREY = 127  # what `gradient_rgb` gives for the mean
_STRIP_PIXELS = 1 << 21  # what is in work at once: a 50-megapixel picture takes no gigabytes


def write_png(path: Path, pixels: ByteArray) -> None:
    """Write (H, W, 3) or (H, W) uint8 as PNG.

    Raises:
        OutputError: The file cannot be written.
    """
    with replacing(path) as file:
        Image.fromarray(pixels).save(file, format="PNG", compress_level=3)


def positive_limits(raw: FloatArray) -> Limits:
    """From 0 to the map's greatest finite value; 0–1 where nothing is positive."""
    high = value_range(raw).high
    return Limits(0.0, high if high > 0 else 1.0)


def over_picture(raw: FloatArray, geometry: MapGeometry, rows: slice) -> tuple[FloatArray, FloatArray]:
    """The positive part of a map (h, w), bilinear at every pixel of some rows of the original picture.

    Returns:
        (n, W) float32 values, NaN where the map has none; and (n, W) float32: 1 where the network sees the picture,
        0 where it was cropped away.
    """
    places = _places(geometry.transform, rows)
    positive = np.maximum(np.where(np.isfinite(raw), raw, np.float32(np.nan)), 0)
    return _resampled(positive, places), places.seen


def overlay(
    pixels: ByteArray, raw: FloatArray, geometry: MapGeometry, name: str = PERCEPTUAL, opacity: float = OPACITY
) -> ByteArray:
    """(H, W, 3) uint8: the positive part of a map (h, w), coloured from 0 to its maximum, over the picture (H, W, 3).

    What the network does not see of the picture stays as it is.
    """
    limits = positive_limits(raw)
    drawn = np.empty_like(pixels)
    for rows in strips(geometry.transform.original):
        values, seen = over_picture(raw, geometry, rows)
        drawn[rows] = blend(pixels[rows], colourise(values, limits, name), seen * np.float32(opacity))
    return drawn


def gradient_picture(raw: FloatArray, transform: InputTransform) -> ByteArray:
    """(H, W, 3) uint8: a gradient picture (C, h, w) in colours as `gradient_rgb` draws it, over the original picture.

    Grey is 0, and what the network does not see of the picture.
    """
    colours = gradient_rgb(raw).astype(np.float32)
    drawn = np.empty((*transform.original, 3), dtype=np.uint8)
    for rows in strips(transform.original):
        places = _places(transform, rows)
        resampled = np.stack([_resampled(colours[:, :, channel], places) for channel in range(3)], axis=-1)
        drawn[rows] = np.where(places.seen[:, :, None] > 0, resampled + np.float32(0.5), _GREY)
    return drawn


class _Places(NamedTuple):
    """Where the pixels of some rows of the original picture lie in the input.

    Attributes:
        y: (n,) float64: each row's centre, as a share of the input's height.
        x: (W,) float64: each column's centre, as a share of the input's width.
        seen: (n, W) float32: 1 where the network sees the picture, 0 where it was cropped away.
    """

    y: npt.NDArray[np.float64]
    x: npt.NDArray[np.float64]
    seen: FloatArray


def _places(transform: InputTransform, rows: slice) -> _Places:
    y = ((np.arange(rows.start, rows.stop) + 0.5) * transform.scale_y + transform.offset_y) / transform.input.height
    x = ((np.arange(transform.original.width) + 0.5) * transform.scale_x + transform.offset_x) / transform.input.width
    seen = ((y >= 0) & (y < 1))[:, None] & ((x >= 0) & (x < 1))
    return _Places(y, x, seen.astype(np.float32))


def _resampled(values: FloatArray, places: _Places) -> FloatArray:
    return resample(values, places.y * values.shape[0], places.x * values.shape[1])


def strips(original: Size) -> Iterator[slice]:
    """Rows of a picture of that size, as many at a time as are drawn together."""
    step = max(1, _STRIP_PIXELS // original.width)
    for top in range(0, original.height, step):
        yield slice(top, min(top + step, original.height))
