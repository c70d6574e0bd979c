"""Arrays as PNG files, and heat maps over their picture at the picture's own size."""

from pathlib import Path

import numpy as np
from PIL import Image

from cnnviz_desktop.core.atomic_files import replacing
from cnnviz_desktop.core.geometry import MapGeometry
from cnnviz_desktop.core.rendering import PERCEPTUAL, Limits, blend, colourise, resample, value_range
from cnnviz_desktop.core.results import ByteArray, FloatArray

OPACITY = 0.5
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
    transform = geometry.transform
    y = (np.arange(rows.start, rows.stop) + 0.5) * transform.scale_y + transform.offset_y
    x = (np.arange(transform.original.width) + 0.5) * transform.scale_x + transform.offset_x
    positive = np.maximum(np.where(np.isfinite(raw), raw, np.float32(np.nan)), 0)
    across, down = raw.shape[1] / transform.input.width, raw.shape[0] / transform.input.height
    seen = ((y >= 0) & (y < transform.input.height))[:, None] & ((x >= 0) & (x < transform.input.width))
    return resample(positive, y * down, x * across), seen.astype(np.float32)


def overlay(
    pixels: ByteArray, raw: FloatArray, geometry: MapGeometry, name: str = PERCEPTUAL, opacity: float = OPACITY
) -> ByteArray:
    """(H, W, 3) uint8: the positive part of a map (h, w), coloured from 0 to its maximum, over the picture (H, W, 3).

    What the network does not see of the picture stays as it is.
    """
    limits = positive_limits(raw)
    drawn = np.empty_like(pixels)
    step = max(1, _STRIP_PIXELS // pixels.shape[1])
    for top in range(0, len(pixels), step):
        rows = slice(top, min(top + step, len(pixels)))
        values, seen = over_picture(raw, geometry, rows)
        drawn[rows] = blend(pixels[rows], colourise(values, limits, name), seen * np.float32(opacity))
    return drawn
