"""Occlusion: how much the score drops when a patch hides a part of the image."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.engine.chunks import parts, precision_of, rows_at_once
from cnnviz_desktop.engine.explanation import Explanation
from cnnviz_desktop.engine.folding import ManyScores
from cnnviz_desktop.engine.methods.averaged_gradients import baseline
from cnnviz_desktop.engine.methods.explaining import Asked, Explainer, Found, OfEachRow

_DEFAULT_PATCHES = 8
_FEW_STEPS = 4


@dataclass(frozen=True, slots=True)
class PatchGrid:
    """Where a patch stands on an input.

    Attributes:
        size: Of the input.
        patch: Side of the patch in pixels.
        stride: Pixels from one place to the next, down and across.
    """

    size: Size
    patch: int
    stride: int

    @property
    def rows(self) -> int:
        """Number of places down; at the last one the patch may reach over the border."""
        return _places(self.size.height, self.patch, self.stride)

    @property
    def columns(self) -> int:
        """Number of places across."""
        return _places(self.size.width, self.patch, self.stride)

    def coarse_to_fine(self) -> list[tuple[int, int, int]]:
        """Every place once, (row, column, reach): every 2ⁿ-th first, then those between them, and so on.

        A place stands for the reach × reach places down and across from it until these have their turn.
        """
        reach = 1 << max(self.rows - 1, self.columns - 1, 1).bit_length()
        places, passed = [(0, 0, reach)], reach
        while passed > 1:
            reach = passed // 2
            for row in range(0, self.rows, reach):
                for column in range(0, self.columns, reach):
                    if row % passed or column % passed:
                        places.append((row, column, reach))
            passed = reach
        return places

    def hide(self, copies: Tensor, places: list[tuple[int, int, int]], fill: Tensor) -> None:
        """Set the patch at one place in each of the copies (n, C, H, W) to a colour (C, 1, 1)."""
        for copy, (row, column, _) in zip(copies, places, strict=True):
            top, left = row * self.stride, column * self.stride
            copy[:, top : top + self.patch, left : left + self.patch] = fill

    def averaged(self, drops: Tensor) -> Tensor:
        """(H, W) tensor: at each pixel the mean of (rows, columns) drops over the patches that cover it."""
        down = self._covers(self.rows, self.size.height).to(drops)
        across = self._covers(self.columns, self.size.width).to(drops)
        counts = down.sum(dim=0)[:, None] * across.sum(dim=0)
        return down.T @ drops @ across / counts

    def _covers(self, places: int, length: int) -> Tensor:
        """(places, length) tensor: whether the patch at each place covers each pixel."""
        starts, pixels = torch.arange(places)[:, None] * self.stride, torch.arange(length)
        return (pixels >= starts) & (pixels < starts + self.patch)


def grid_of(size: Size, patch: int, stride: int) -> PatchGrid:
    """The places of a patch; 0 for an eighth of the input's shorter side, and for half of the patch's side.

    Raises:
        RequestError: The patch is larger than the input, or leaves gaps.
    """
    fitted = not patch
    patch = patch or max(1, round(min(size.height, size.width) / _DEFAULT_PATCHES))
    stride = stride or max(1, patch // 2)
    if patch > min(size.height, size.width):
        raise RequestError(
            f"Occlusion: a patch of {patch} px is larger than the input of {size.height} × {size.width} px.",
            of_image=True,
        )
    if stride > patch and patch < max(size.height, size.width):
        raise RequestError(
            f"Occlusion: a stride of {stride} px leaves gaps between patches of {patch} px. "
            f"Make it {patch} px or less.",
            of_image=fitted,
        )
    return PatchGrid(size, patch, stride)


def occlusion(asked: Asked, one: Explanation, row: int) -> Iterator[Found]:
    """S(x) − S(x with the patch), averaged over the patches that cover a pixel (Zeiler and Fergus 2014).

    A map on the input, coarse at first.
    """
    seen = one.seen.input.detach()  # (1, C, H, W)
    grid = grid_of(Size(*seen.shape[-2:]), int(asked.number("patch")), int(asked.number("stride")))
    fill = baseline(asked.bench, asked.choice("fill")).to(seen)
    precision = precision_of(asked.bench, asked.choice("precision"))
    places, rows = grid.coarse_to_fine(), rows_at_once(asked.bench, int(asked.number("chunk")), grid.size)
    scorer = ManyScores(asked.bench, one.objective, precision, math.ceil(len(places) / rows))
    score = scorer.of(seen.clone())[0]
    drops = torch.zeros(grid.rows, grid.columns, dtype=torch.float64, device=seen.device)
    for chunk in parts(len(places), rows):
        these = places[chunk]
        copies = seen.expand(len(these), *seen.shape[1:]).clone()
        grid.hide(copies, these, fill)
        for (down, across, reach), drop in zip(these, score - scorer.of(copies), strict=True):
            drops[down : down + reach, across : across + reach] = drop
        notes = precision.notes
        if chunk.stop == len(places):
            notes = (*notes, *_about(drops, float(score), precision.dtype or seen.dtype))
        yield Found(row, None, grid.averaged(drops).float(), chunk.stop / len(places), notes=notes)


def _about(drops: Tensor, score: float, dtype: torch.dtype) -> tuple[str, ...]:
    """What to say where drops are no larger than the steps in which scores of that size and type are counted."""
    if not float(drops.abs().max()) <= _FEW_STEPS * torch.finfo(dtype).eps * abs(score):
        return ()
    name = str(dtype).removeprefix("torch.")
    return (f"No patch moves the score by much more than its rounding in {name}: a larger patch may.",)


def _places(length: int, patch: int, stride: int) -> int:
    return math.ceil((length - patch) / stride) + 1


EXPLAINERS: dict[str, Explainer] = {"occlusion": OfEachRow(occlusion)}
