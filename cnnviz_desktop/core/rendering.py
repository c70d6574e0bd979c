"""From raw maps to pixels: limits, colour tables, quantising, upsampling, blending. numpy only.

A quantised map holds 0 where there is no value (NaN, the gaps of a mosaic) and 1–255 from the lower limit to the upper
one; a colour table gives each of those 256 indices its colour. Recolouring replaces the table and touches no pixel.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cnnviz_desktop.core.resources import resource_path
from cnnviz_desktop.core.results import ByteArray, FloatArray

LEVELS = 255
PERCEPTUAL = "viridis"
DIVERGING = "coolwarm"


class Limits(NamedTuple):
    """The values drawn in a colour map's first and last colour."""

    low: float
    high: float

    def centred(self) -> "Limits":
        """The same reach on both sides of 0, for a diverging map."""
        reach = max(abs(self.low), abs(self.high))
        return Limits(-reach, reach)


@lru_cache(maxsize=1)
def _tables() -> dict[str, ByteArray]:
    with np.load(resource_path("colormaps.npz")) as archive:
        return {name: archive[name] for name in archive.files}


def colour_map_names() -> tuple[str, ...]:
    """Names of the colour maps there are."""
    return tuple(_tables())


def colour_table(name: str, missing: tuple[int, int, int] = (128, 128, 128)) -> ByteArray:
    """(256, 3) uint8 RGB: index 0 is `missing`, 1–255 run through the colour map.

    Raises:
        KeyError: No such colour map.
    """
    table = _tables()[name]
    positions = np.round(np.linspace(0, len(table) - 1, LEVELS)).astype(np.intp)
    return np.vstack([np.array([missing], dtype=np.uint8), table[positions]]).astype(np.uint8, copy=False)


def value_range(values: npt.NDArray[np.floating], percentiles: tuple[float, float] = (0.0, 100.0)) -> Limits:
    """Limits of the finite values, or of the percentiles given; (0, 0) where no value is finite."""
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return Limits(0.0, 0.0)
    if percentiles == (0.0, 100.0):
        return Limits(float(finite.min()), float(finite.max()))
    low, high = np.percentile(finite, percentiles)
    return Limits(float(low), float(high))


def is_signed(values: npt.NDArray[np.floating]) -> bool:
    """Whether a diverging colour map suits: both signs carry weight (the smaller reach is above 5 % of the larger)."""
    low, high = value_range(values)
    return low < 0 < high and min(-low, high) > 0.05 * max(-low, high)


def why_blank(values: npt.NDArray[np.floating]) -> str:
    """One sentence for a map in which there is nothing to see (empty, NaN, constant), else the empty string."""
    if values.size == 0:
        return "The map is empty."
    finite = np.isfinite(values)
    if not finite.any():
        return "Every value of the map is NaN or infinite."
    low, high = value_range(values)
    if low == high:
        return f"The map is constant: every value is {low:g}."
    if not finite.all():
        return f"{(~finite).mean():.0%} of the map is NaN or infinite and drawn in grey."
    return ""


def quantise(values: npt.NDArray[np.floating], limits: Limits) -> ByteArray:
    """uint8 of the same shape: 0 for NaN and ±∞, 1–255 between the limits, clipped to them; 128 where they meet.

    `values` broadcasts against limits given as arrays, for a scale per tile.
    """
    return quantise_between(values, np.asarray(limits.low), np.asarray(limits.high))


def quantise_between(
    values: npt.NDArray[np.floating], low: npt.NDArray[np.floating], high: npt.NDArray[np.floating]
) -> ByteArray:
    """As `quantise`, with limits that broadcast against `values`."""
    span = np.asarray(high, dtype=np.float64) - low
    flat = span <= 0
    extreme = ((span > 1e30) | ((span < 1e-30) & ~flat)).any()
    precision = np.float64 if extreme else np.float32
    scale = np.where(flat, 0, (LEVELS - 1) / np.where(flat, 1, span)).astype(precision)
    with np.errstate(over="ignore", invalid="ignore"):  # infinite values
        scaled = np.subtract(values, np.asarray(low, dtype=precision), dtype=precision)
        scaled *= scale
    scaled += np.where(flat, LEVELS / 2 + 1, 1.5).astype(precision)
    np.clip(scaled, 1, LEVELS + 0.5, out=scaled)
    np.copyto(scaled, precision(0), where=~np.isfinite(values))
    return np.asarray(scaled, dtype=np.uint8)


def colourise(values: FloatArray, limits: Limits, name: str) -> ByteArray:
    """(h, w, 3) uint8 RGB picture of a map (h, w)."""
    coloured: ByteArray = colour_table(name)[quantise(values, limits)]
    return coloured


def upsample(values: FloatArray, height: int, width: int) -> FloatArray:
    """(height, width) float32: bilinear, half-pixel centres, edges clamped, as torch's ``align_corners=False``."""
    rows, columns = values.shape
    return resample(values, (np.arange(height) + 0.5) * rows / height, (np.arange(width) + 0.5) * columns / width)


def resample(values: FloatArray, rows: npt.NDArray[np.float64], columns: npt.NDArray[np.float64]) -> FloatArray:
    """(len(rows), len(columns)) float32: bilinear at continuous positions; cell i covers [i, i + 1), edges clamped."""
    row, column = _taps(values.shape[0], rows), _taps(values.shape[1], columns)
    down = values[row.low] * (1 - row.weight)[:, None] + values[row.high] * row.weight[:, None]
    across = down[:, column.low] * (1 - column.weight) + down[:, column.high] * column.weight
    return np.asarray(across, dtype=np.float32)


class _Taps(NamedTuple):
    low: npt.NDArray[np.intp]
    high: npt.NDArray[np.intp]
    weight: FloatArray


def _taps(cells: int, positions: npt.NDArray[np.float64]) -> _Taps:
    centred = np.clip(positions - 0.5, 0, cells - 1)
    low = np.floor(centred).astype(np.intp)
    high = np.minimum(low + 1, cells - 1)
    return _Taps(low, high, (centred - low).astype(np.float32))


def unit_scaled(raw: FloatArray) -> FloatArray:
    """relu(raw) scaled to 0–1 as pytorch-grad-cam does: (x − min) / (1e-7 + max − min) of what relu leaves."""
    positive = np.maximum(raw, 0)
    shifted = positive - positive.min()
    return np.asarray(shifted / (1e-7 + shifted.max()), dtype=np.float32)


def cam_input(raw: FloatArray, height: int, width: int) -> FloatArray:
    """(height, width) float32 in 0–1: the map over the network's input exactly as pytorch-grad-cam returns it.

    relu, scaled to 0–1 at the layer's resolution, bilinear to the input's size, and scaled to 0–1 again.
    """
    return unit_scaled(upsample(unit_scaled(raw), height, width))


def blend(picture: ByteArray, heat: ByteArray, opacity: float | FloatArray) -> ByteArray:
    """(h, w, 3) uint8: `heat` over `picture` with an opacity of 0–1, one for all or (h, w)."""
    alpha = np.asarray(opacity, dtype=np.float32)
    alpha = alpha[..., None] if alpha.ndim else alpha
    mixed = picture * (1 - alpha) + heat * alpha + np.float32(0.5)
    return np.asarray(mixed, dtype=np.uint8)
