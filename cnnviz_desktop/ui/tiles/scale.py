"""Between which values the tiles of a grid run: one scale for all, or each tile its own."""

from dataclasses import dataclass

import numpy as np

from cnnviz_desktop.core.rendering import Limits, is_signed
from cnnviz_desktop.core.results import FloatArray
from cnnviz_desktop.ui.colours.colour_controls import ColourChoice, DrawnLimits
from cnnviz_desktop.ui.tiles.stack import IndexArray, TileStack

AUTOMATIC_CHOICE = ColourChoice()


@dataclass(frozen=True, slots=True)
class TileScale:
    """A choice of colours and limits, applied to one stack of tiles.

    Attributes:
        choice: What the user chose.
        shared: Whether one scale holds for all tiles. Fixed limits always do.
        group: How many neighbouring tiles share a scale where not all do: the slices of one filter.
    """

    choice: ColourChoice = AUTOMATIC_CHOICE
    shared: bool = True
    group: int = 1

    @property
    def is_shared(self) -> bool:
        """Whether all tiles have the same limits."""
        return self.shared or self.choice.limits_mode == "fixed"

    def map_name(self, stack: TileStack) -> str:
        """The colour map for the stack."""
        return self.choice.map_name(signed=_signed(stack))

    def shared_limits(self, stack: TileStack) -> Limits:
        """The one scale of all tiles."""
        return self.shared_drawn(stack).single

    def shared_drawn(self, stack: TileStack) -> DrawnLimits:
        """The one scale of all tiles, and how it came about."""
        return self.choice.drawn(stack.overall, stack.percentiles, signed=_signed(stack))

    def centres(self, stack: TileStack) -> bool:
        """Whether 0 lies in the middle of the colours."""
        return self.choice.centres(signed=_signed(stack))

    def limits_of(self, stack: TileStack, tile: int) -> Limits:
        """The limits of one tile."""
        low, high = self.between(stack, np.array([tile]))
        return Limits(float(low[0]), float(high[0]))

    def between(self, stack: TileStack, tiles: IndexArray) -> tuple[FloatArray, FloatArray]:
        """(k,) lower and (k,) upper limits of k tiles."""
        if self.is_shared:
            limits = self.shared_limits(stack)
            alike = np.ones(len(tiles), dtype=np.float32)
            return alike * np.float32(limits.low), alike * np.float32(limits.high)

        def percentiles(percents: tuple[float, float]) -> tuple[FloatArray, FloatArray]:
            return stack.tile_percentiles(tiles, percents, self.group)

        drawn = self.choice.drawn(self._own_range(stack, tiles), percentiles, signed=_signed(stack))
        return drawn.low.astype(np.float32), drawn.high.astype(np.float32)

    def is_sampled(self, stack: TileStack) -> bool:
        """Whether percentiles are those of a random sample of the values."""
        if self.choice.limits_mode != "percentiles":
            return False
        return stack.is_sampled if self.is_shared else self.group == 1 and stack.tiles_are_sampled

    def _own_range(self, stack: TileStack, tiles: IndexArray) -> tuple[FloatArray, FloatArray]:
        """(k,) smallest and (k,) largest value of each tile's group."""
        low, high = stack.statistics.minimum, stack.statistics.maximum
        if self.group > 1:
            starts = np.arange(0, stack.total, self.group)
            low = np.minimum.reduceat(np.where(stack.known, low, np.inf), starts)
            high = np.maximum.reduceat(np.where(stack.known, high, -np.inf), starts)
            known = low <= high
            low, high = np.where(known, low, 0), np.where(known, high, 0)
        return low[tiles // self.group].astype(np.float32), high[tiles // self.group].astype(np.float32)


def _signed(stack: TileStack) -> bool:
    return is_signed(np.array(stack.overall))
