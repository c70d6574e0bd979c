"""The filters of one layer as they arrive, and the pages of tiles that are made of them."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cnnviz_desktop.core.rendering import Limits
from cnnviz_desktop.core.results import FloatArray, Kernels
from cnnviz_desktop.ui.tiles.stack import IndexArray

KernelView = Literal["colour", "slices", "filters", "rows"]
KernelOrder = Literal["index", "norm"]
MOST_TILES = 4096
MOST_ROWS = 512
MOST_INPUTS = 2048
SAMPLE = 1 << 18


class KernelStore:
    """The weight of one layer, (total, in, kh, kw), of which the first `arrived` filters are there."""

    def __init__(self, first_part: Kernels) -> None:
        self.layer, self.total, self.kind = first_part.layer, first_part.total, first_part.kind
        self.shape: tuple[int, ...] = first_part.weights.shape[1:]  # (in, kh, kw)
        self.arrived = 0
        self.norms: FloatArray = np.zeros(self.total, dtype=np.float32)
        self.biases: list[FloatArray] = []
        self._parts: list[Kernels] = []
        self._samples: list[FloatArray] = []
        self._count = self._zeros = 0
        self._sum = self._squares = 0.0
        self._low, self._high = math.inf, -math.inf

    def add(self, part: Kernels) -> None:
        """Take in the next filters."""
        self._parts.append(part)
        self.arrived = part.first + len(part.weights)
        self.norms[part.first : self.arrived] = part.norms
        if part.bias is not None:
            self.biases.append(part.bias)
        flat = part.weights.reshape(-1)
        share = SAMPLE / max(1, self.total * math.prod(self.shape))
        if share < 1:
            chosen = np.random.default_rng(part.first).integers(flat.size, size=max(1, round(flat.size * share)))
            self._samples.append(flat[chosen])
        else:
            self._samples.append(flat)
        known = np.isfinite(flat)
        finite = flat if known.all() else flat[known]  # choosing among a million copies them all
        if finite.size:
            self._low, self._high = min(self._low, float(finite.min())), max(self._high, float(finite.max()))
        self._count += finite.size
        self._zeros += finite.size - int(np.count_nonzero(finite))
        self._sum += float(finite.sum(dtype=np.float64))
        self._squares += float(np.einsum("i,i->", finite, finite, dtype=np.float64))

    @property
    def complete(self) -> bool:
        """Whether all filters have arrived."""
        return self.arrived >= self.total

    @property
    def overall(self) -> Limits:
        """Smallest and largest finite weight; (0, 0) where there is none."""
        return Limits(self._low, self._high) if self._count else Limits(0.0, 0.0)

    @property
    def mean(self) -> float:
        """Mean of the finite weights."""
        return self._sum / max(1, self._count)

    @property
    def deviation(self) -> float:
        """Standard deviation of the finite weights."""
        return math.sqrt(max(0.0, self._squares / max(1, self._count) - self.mean**2))

    @property
    def zeros(self) -> float:
        """Share of exact zeros, 0–1."""
        return self._zeros / max(1, self._count)

    @property
    def is_sampled(self) -> bool:
        """Whether `sample` holds a share of the weights only."""
        return self.total * math.prod(self.shape) > SAMPLE

    def sample(self) -> FloatArray:
        """(n,) weights: all, or the same random quarter of a million at every call."""
        return np.concatenate(self._samples) if self._samples else np.zeros(0, dtype=np.float32)

    def filters(self, numbers: IndexArray) -> FloatArray:
        """(k, in, kh, kw) weights of filters that have arrived."""
        found = np.empty((len(numbers), *self.shape), dtype=np.float32)
        for part in self._parts:
            here = (numbers >= part.first) & (numbers < part.first + len(part.weights))
            found[here] = part.weights[numbers[here] - part.first]
        return found

    def rows(self, numbers: IndexArray, start: int, stop: int) -> FloatArray:
        """(k, 1, stop − start) weights of filters that have arrived, as one row of cells each, of which a stretch."""
        stop = min(stop, math.prod(self.shape))
        found = np.empty((len(numbers), 1, stop - start), dtype=np.float32)
        for part in self._parts:
            here = (numbers >= part.first) & (numbers < part.first + len(part.weights))
            if here.any():  # the stretch first: a linear layer's whole rows are many megabytes
                found[here, 0] = part.weights.reshape(len(part.weights), -1)[:, start:stop][numbers[here] - part.first]
        return found

    def order(self, key: KernelOrder) -> IndexArray:
        """(arrived,) filter numbers: as they are, or the largest norm first."""
        if key == "index":
            return np.arange(self.arrived)
        return np.argsort(-np.nan_to_num(self.norms[: self.arrived], nan=-1), kind="stable")

    @property
    def views(self) -> tuple[KernelView, ...]:
        """How the filters can be laid out, the best way first."""
        inputs, height, width = self.shape
        if height == 1 and (width == 1 or inputs == 1):
            return ("rows",)
        if inputs == 1:
            return ("filters",)
        return ("colour", "slices") if inputs == 3 else ("slices",)


@dataclass(frozen=True, slots=True)
class KernelPage:
    """Which filters, and which of their inputs, are tiles at once.

    Attributes:
        view: ``colour``: a filter of three inputs is one tile in colour. ``slices``: a row of tiles a filter, one for
            each input. ``filters``: one tile a filter. ``rows``: one row of cells a filter, one for each input.
        number: Of the page, from 0.
        input_number: Of the page along the inputs, for ``rows``.
    """

    view: KernelView
    number: int = 0
    input_number: int = 0

    def filters_a_page(self, store: KernelStore) -> int:
        """Most filters shown at once."""
        if self.view == "slices":
            return max(1, MOST_TILES // store.shape[0])
        return MOST_ROWS if self.view == "rows" else MOST_TILES

    def pages(self, store: KernelStore) -> int:
        """Number of pages along the filters."""
        return max(1, -(-store.total // self.filters_a_page(store)))

    def input_pages(self, store: KernelStore) -> int:
        """Number of pages along the inputs."""
        return max(1, -(-self.inputs(store) // MOST_INPUTS)) if self.view == "rows" else 1

    def inputs(self, store: KernelStore) -> int:
        """Number of cells of a filter's row, or of its slices."""
        return math.prod(store.shape) if self.view == "rows" else store.shape[0]

    def filters(self, store: KernelStore, order: KernelOrder) -> IndexArray:
        """Numbers of the filters on the page, of those that have arrived."""
        size = self.filters_a_page(store)
        return store.order(order)[self.number * size : (self.number + 1) * size]

    def tiles(self, store: KernelStore, filters: IndexArray) -> FloatArray:
        """The tiles of those filters: (k·in, kh, kw), (k, kh, kw), (k, 1, m) or, in colour, (k, kh, kw, 3)."""
        if self.view == "rows":
            start = self.input_number * MOST_INPUTS
            return store.rows(filters, start, start + MOST_INPUTS)
        weights = store.filters(filters)
        if self.view == "colour":
            return np.ascontiguousarray(weights.transpose(0, 2, 3, 1))
        return weights.reshape(-1, *store.shape[1:])
