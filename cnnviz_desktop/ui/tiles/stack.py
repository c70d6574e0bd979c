"""The maps behind a grid of tiles: they arrive in parts, and become pixels only where they are looked at."""

import math
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.rendering import Limits, quantise_between, value_range
from cnnviz_desktop.core.results import ByteArray, ChannelStatistics, FloatArray

IndexArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]
SortKey = Literal["index", "mean", "energy", "maximum", "sparsity"]
STATISTICS = ("mean", "minimum", "maximum", "energy", "zeros", "finite")
SAMPLE = 1 << 18
TILE_SAMPLE = 1 << 14


class TileLimits(Protocol):
    """What tells a stack between which values a tile runs."""

    def between(self, stack: "TileStack", tiles: IndexArray) -> tuple[FloatArray, FloatArray]:
        """(k,) lower and (k,) upper limits of k tiles."""


class TileStack:
    """`total` maps of one shape, (h, w) or (h, w, 3) for maps that are colours, with their statistics and pixels.

    The floats stay in the arrays they came in. Pixels are kept until the limits or the reduction change.
    """

    def __init__(self, total: int, shape: tuple[int, ...]) -> None:
        self.total = total
        self.shape = shape
        self.arrived: BoolArray = np.zeros(total, dtype=np.bool_)
        self.statistics = ChannelStatistics(**{name: np.zeros(total, dtype=np.float32) for name in STATISTICS})
        self._parts: list[tuple[int, FloatArray]] = []
        self._reduce = 0
        self._pixels: ByteArray = np.zeros(0, dtype=np.uint8)
        self._valid: BoolArray = np.zeros(total, dtype=np.bool_)
        self._means: FloatArray = np.zeros(0, dtype=np.float32)
        self._averaged: BoolArray = np.zeros(total, dtype=np.bool_)
        self._samples: list[FloatArray] = []
        self._percentiles: dict[tuple[float, float], Limits] = {}
        self.set_reduction(1)

    @property
    def cells(self) -> Size:
        """Size of a map."""
        return Size(*self.shape[:2])

    def is_like(self, other: "TileStack") -> bool:
        """Whether another stack has as many maps of the same shape."""
        return (self.total, self.shape) == (other.total, other.shape)

    @property
    def in_colour(self) -> bool:
        """Whether the maps are colours of their own, (h, w, 3)."""
        return len(self.shape) == 3

    def add(self, first: int, maps: FloatArray, statistics: ChannelStatistics | None = None) -> None:
        """Take in (n, *shape) float32 maps number `first` and on; their statistics are computed where not given."""
        known = statistics or tile_statistics(maps)
        here = slice(first, first + len(maps))
        for name in STATISTICS:
            getattr(self.statistics, name)[here] = getattr(known, name)
        self.arrived[here] = True
        self._valid[here] = self._averaged[here] = False
        self._parts.append((first, maps))
        self._samples.append(_sample(maps.reshape(-1), SAMPLE / (self.total * math.prod(self.shape))))
        self._percentiles.clear()

    def map(self, tile: int) -> FloatArray | None:
        """One map; None as long as it has not arrived."""
        for first, maps in self._parts:
            if first <= tile < first + len(maps):
                whole: FloatArray = maps[tile - first]
                return whole
        return None

    @property
    def known(self) -> BoolArray:
        """(total,) whether a tile has arrived and holds any finite value."""
        return self.arrived & (self.statistics.finite > 0)

    @property
    def constant(self) -> BoolArray:
        """(total,) whether a tile of several cells holds one value only."""
        several = self.shape[0] * self.shape[1] > 1
        one_value: BoolArray = self.statistics.minimum == self.statistics.maximum
        return self.known & one_value & several

    @property
    def overall(self) -> Limits:
        """Smallest and largest finite value of all tiles that have arrived; (0, 0) where there is none."""
        known = self.known
        if not known.any():
            return Limits(0.0, 0.0)
        return Limits(float(self.statistics.minimum[known].min()), float(self.statistics.maximum[known].max()))

    @property
    def is_sampled(self) -> bool:
        """Whether `percentiles` are those of a random sample."""
        return self.total * math.prod(self.shape) > SAMPLE

    @property
    def tiles_are_sampled(self) -> bool:
        """Whether `tile_percentiles` of single tiles are those of a random sample."""
        return math.prod(self.shape) > TILE_SAMPLE

    def percentiles(self, percentiles: tuple[float, float]) -> Limits:
        """Percentiles over all tiles that have arrived, of a fixed random quarter of a million where there are more."""
        if percentiles not in self._percentiles:
            values = np.concatenate(self._samples) if self._samples else np.zeros(0)
            self._percentiles[percentiles] = value_range(values, percentiles)
        return self._percentiles[percentiles]

    def tile_percentiles(
        self, tiles: IndexArray, percentiles: tuple[float, float], group: int = 1
    ) -> tuple[FloatArray, FloatArray]:
        """(k,) lower and (k,) upper percentile of each tile, or of the `group` neighbouring tiles it belongs to.

        Of a tile of more than `TILE_SAMPLE` cells, so many at random are looked at, the same at every call.
        """
        if group > 1:
            groups, which = np.unique(tiles // group, return_inverse=True)
            found = np.array([self._group_percentiles(number, group, percentiles) for number in groups.tolist()])
            return found[which, 0].astype(np.float32), found[which, 1].astype(np.float32)
        bounds = np.zeros((2, len(tiles)), dtype=np.float32)
        for selected, maps in self._by_part(tiles):
            rows = maps.reshape(len(maps), -1)
            if rows.shape[1] > TILE_SAMPLE:
                rows = rows[:, np.random.default_rng(0).integers(rows.shape[1], size=TILE_SAMPLE)]
            if np.isfinite(rows).all():
                bounds[:, selected] = np.percentile(rows, percentiles, axis=1)
            else:
                bounds[:, selected] = np.transpose([value_range(row, percentiles) for row in rows])
        return bounds[0], bounds[1]

    def _group_percentiles(self, number: int, group: int, percentiles: tuple[float, float]) -> Limits:
        maps = (self.map(tile) for tile in range(number * group, min((number + 1) * group, self.total)))
        there = [values.reshape(-1) for values in maps if values is not None]
        return value_range(np.concatenate(there), percentiles) if there else Limits(0.0, 0.0)

    def order(self, key: SortKey) -> IndexArray:
        """(total,) tile numbers in the order of a statistic, largest first; tiles without any value come last."""
        if key == "index":
            return np.arange(self.total)
        values = self.statistics.zeros if key == "sparsity" else getattr(self.statistics, key)
        return np.argsort(np.where(self.known, -values, np.inf), kind="stable")

    def set_reduction(self, reduce: int) -> None:
        """Make pixels of the means of `reduce` × `reduce` cells from now on."""
        if reduce != self._reduce:
            height, width = (-(-side // reduce) for side in self.cells)
            self._pixels = np.zeros((self.total, height, width, *self.shape[2:]), dtype=np.uint8)
            self._reduce = reduce
            if reduce > 1:
                self._means = np.zeros(self._pixels.shape, dtype=np.float32)
                self._averaged[:] = False
            self.forget_pixels()

    def forget_pixels(self) -> None:
        """Make all pixels anew when they are next asked for, because the limits changed."""
        self._valid[:] = False

    def pixels(self, tiles: IndexArray, limits: TileLimits) -> ByteArray:
        """(k, h', w'[, 3]) uint8: quantised maps of k tiles, all 0 for one that has not arrived."""
        stale = tiles[~self._valid[tiles] & self.arrived[tiles]]
        if stale.size:
            low, high = limits.between(self, stale)
            beside = (-1, *(1 for _ in self.shape))
            for selected, maps in self._reduced(stale) if self._reduce > 1 else self._by_part(stale):
                bounds = low[selected].reshape(beside), high[selected].reshape(beside)
                self._pixels[stale[selected]] = quantise_between(maps, *bounds)
            self._valid[stale] = True
        chosen: ByteArray = self._pixels[tiles]
        return chosen

    def _reduced(self, tiles: IndexArray) -> list[tuple[IndexArray, FloatArray]]:
        """As `_by_part`, of the block means; they are kept, for the limits change more often than the zoom."""
        fresh = tiles[~self._averaged[tiles]]
        for selected, maps in self._by_part(fresh):
            self._means[fresh[selected]] = _block_means(maps, self._reduce)
        self._averaged[fresh] = True
        return [(np.arange(len(tiles)), self._means[tiles])]

    def _by_part(self, tiles: IndexArray) -> list[tuple[IndexArray, FloatArray]]:
        """The tiles' maps, from each part they came in: (which of `tiles`, their maps)."""
        found = []
        for first, maps in self._parts:
            selected = np.flatnonzero((tiles >= first) & (tiles < first + len(maps)))
            if selected.size == len(maps) and np.array_equal(tiles[selected], np.arange(first, first + len(maps))):
                found.append((selected, maps))
            elif selected.size:
                found.append((selected, maps[tiles[selected] - first]))
        return found


def tile_statistics(maps: FloatArray) -> ChannelStatistics:
    """Statistics of each of (n, …) maps; values that are not finite are left out and counted."""
    values = maps.reshape(len(maps), -1)
    finite = np.isfinite(values)
    count = np.maximum(finite.sum(axis=1), 1)
    if finite.all():
        low, high, known = values.min(axis=1), values.max(axis=1), values
    else:
        some = finite.any(axis=1)
        low = np.where(some, np.where(finite, values, np.inf).min(axis=1), 0)
        high = np.where(some, np.where(finite, values, -np.inf).max(axis=1), 0)
        known = np.where(finite, values, np.float32(0))
    numbers = {
        "mean": known.sum(axis=1) / count,
        "minimum": low,
        "maximum": high,
        "energy": np.sqrt(np.square(known).sum(axis=1) / count),
        "zeros": (values == 0).sum(axis=1) / count,
        "finite": finite.mean(axis=1),
    }
    return ChannelStatistics(**{name: numbers[name].astype(np.float32) for name in STATISTICS})


def _sample(values: FloatArray, share: float) -> FloatArray:
    """A share of (n,) values, the same at every call; at random, for a regular step could keep to a few columns."""
    if share >= 1:
        return values
    chosen = np.random.default_rng(0).integers(len(values), size=max(1, round(len(values) * share)))
    return values[chosen]


def _block_means(maps: FloatArray, reduce: int) -> FloatArray:
    """Means of `reduce` × `reduce` cells of (n, h, w, …) maps; blocks at the lower and right edge may be smaller."""
    height, width = maps.shape[1:3]
    rows, columns = np.arange(0, height, reduce), np.arange(0, width, reduce)
    sums = np.add.reduceat(np.add.reduceat(maps, rows, axis=1), columns, axis=2)
    counts = np.outer(np.diff(rows, append=height), np.diff(columns, append=width)).astype(np.float32)
    return np.asarray(sums / counts.reshape(1, *counts.shape, *(1 for _ in maps.shape[3:])), dtype=np.float32)
