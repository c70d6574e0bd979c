"""What a target means for the images of a pass: the score S of each, differentiable in whatever the pass recorded."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor

from cnnviz_desktop.core.errors import TargetError
from cnnviz_desktop.core.geometry import Box, InputTransform, Point, Size
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import ClassTarget, LayerRef, UnitTarget
from cnnviz_desktop.core.results import Activation, Explained
from cnnviz_desktop.core.token_grids import TokenGrid
from cnnviz_desktop.engine.outputs import activated, scores_of
from cnnviz_desktop.engine.passes import ForwardPass
from cnnviz_desktop.engine.token_grids import arranged

Tensors = Mapping[LayerRef, Tensor]

_HAIR = 1e-6
"""Of a cell: a region that reaches no further into it ends at its border, but for rounding."""


class Objective(Protocol):
    """A score of each row of a pass."""

    @property
    def layers(self) -> frozenset[LayerRef]:
        """Layers whose tensors the score is read from."""

    def scores(self, output: object, tensors: Tensors, size: Size) -> Tensor:
        """(N,) tensor, S of each row.

        Args:
            output: What the network returned.
            tensors: The tensors of `layers`.
            size: Of the network's input.
        """

    def explained(self, seen: ForwardPass, row: int) -> Explained:
        """What is explained of one row, in words and numbers."""

    def notes(self, seen: ForwardPass, row: int, explained: Explained) -> tuple[str, ...]:
        """What to know before believing an explanation of one row, in sentences.

        Args:
            seen: The pass.
            row: Of it.
            explained: What is explained of that row.
        """

    def only(self, row: int) -> "Objective":
        """The same score for one row's image, however many modified copies of it a batch holds."""


@dataclass(frozen=True, slots=True)
class ClassObjective:
    """The score of a class, or of one class less that of another.

    Attributes:
        indices: The class, a row each, or one for all rows.
        minus: The class whose score is taken off; None for none.
        activation: How probabilities follow from the logits; None where logits are explained.
        outline: The network's, for its class names.
    """

    indices: tuple[int, ...]
    minus: int | None
    activation: Activation | None
    outline: Outline

    @property
    def layers(self) -> frozenset[LayerRef]:
        """None: the score is read from the output."""
        return frozenset()

    def scores(self, output: object, tensors: Tensors, size: Size) -> Tensor:
        """(N,) tensor: logits or probabilities."""
        del tensors, size
        values = activated(scores_of(output).logits, self.activation)
        indices = torch.tensor(self.indices, device=values.device).expand(len(values))
        chosen = values.gather(1, indices[:, None])[:, 0]
        return chosen if self.minus is None else chosen - values[:, self.minus]

    def explained(self, seen: ForwardPass, row: int) -> Explained:
        """The class, its probability, and the score."""
        index = self.indices[row if len(self.indices) > 1 else 0]
        name = self.outline.class_name(index)
        title = name if self.minus is None else f"{name} − {self.outline.class_name(self.minus)}"
        return Explained(
            title=title if self.activation is None else f"probability of {title}",
            score=float(self.scores(seen.output, {}, Size(*seen.input.shape[-2:]))[row].detach()),
            class_index=index,
            class_name=name,
            probability=float(seen.scores.probabilities[row, index]),
            target=ClassTarget(index, self.minus, "logit" if self.activation is None else "probability"),
        )

    def notes(self, seen: ForwardPass, row: int, explained: Explained) -> tuple[str, ...]:
        """How the scores were found, and whether a probability is so sure that nothing moves it."""
        found, probability = seen.scores, explained.probability
        notes = found.notes(row)
        if self.activation in (None, "none") or self.minus is not None or probability is None:
            return notes
        rounding = 2 * torch.finfo(found.logits.dtype).eps
        if not math.isfinite(probability) or 0 < probability < 1 - rounding:
            return notes
        sure = "1" if probability > 0.5 else "0"
        return (
            *notes,
            f"The probability is {sure} but for rounding, so hardly anything moves it: explain the logit instead.",
        )

    def only(self, row: int) -> "ClassObjective":
        """The row's class, for every row of a batch."""
        return replace(self, indices=(self.indices[row if len(self.indices) > 1 else 0],))


@dataclass(frozen=True, slots=True)
class UnitObjective:
    """A channel's mean, one unit, or the sum over a region; of a linear layer, the one value that a channel has.

    Attributes:
        layer: The layer.
        target: As the request has it.
        transforms: Where the images lie in what the layer's maps lie over, a row each, or one for all rows.
        grid: How the layer's tensor lies over the input; None where its values have no places.
    """

    layer: LayerRef
    target: UnitTarget
    transforms: tuple[InputTransform, ...]
    grid: TokenGrid | None

    @property
    def layers(self) -> frozenset[LayerRef]:
        """The unit's layer."""
        return frozenset({self.layer})

    def scores(self, output: object, tensors: Tensors, size: Size) -> Tensor:
        """(N,) tensor.

        Raises:
            TargetError: The layer has no such channel or cell, or the region lies outside of what the network sees.
            LayerError: Its values have no places in the image, and are more than one a channel.
        """
        del output, size
        tensor = tensors[self.layer]
        if self.grid is None and tensor.dim() == 2:
            return self._of_vectors(tensor)
        maps = arranged(tensor, self.grid, str(self.layer))  # (N, C, h, w)
        chosen = maps if self.target.channel is None else maps[:, self._channel(maps)][:, None]
        if self.target.box is not None:
            cells = Size(*maps.shape[-2:])
            boxes = [touched_cells(self.target.box, self._transform(row), cells) for row in range(len(maps))]
            regions = [chosen[row, :, top:bottom, left:right] for row, (top, bottom, left, right) in enumerate(boxes)]
            exact = torch.promote_types(maps.dtype, torch.float32)  # the sum may be more than a float16 holds
            return torch.stack([region.sum(dtype=exact) for region in regions])
        if self.target.cell is not None:
            row, column = self.target.cell
            if not (0 <= row < maps.shape[2] and 0 <= column < maps.shape[3]):
                raise TargetError(
                    f"{self.layer} has {maps.shape[2]} × {maps.shape[3]} cells, and none at {row}, {column}.",
                    of_image=True,
                )
            return torch.stack([each[0, row, at] for each, at in zip(chosen, self._columns(maps, column), strict=True)])
        return chosen.mean(dim=(1, 2, 3))

    def explained(self, seen: ForwardPass, row: int) -> Explained:
        """The unit in words, and its score."""
        score = self.scores(seen.output, seen.activations, Size(*seen.input.shape[-2:]))[row]
        return Explained(title=unit_title(self.target), score=float(score.detach()), target=self.target)

    def notes(self, seen: ForwardPass, row: int, explained: Explained) -> tuple[str, ...]:
        """Which run of the layer it is, and how its tokens were laid over the image."""
        del row, explained
        return seen.notes(self.layer)

    def only(self, row: int) -> "UnitObjective":
        """The same unit or region, for every row of a batch."""
        return replace(self, transforms=(self.transforms[row if len(self.transforms) > 1 else 0],))

    def _of_vectors(self, vectors: Tensor) -> Tensor:
        """(N,) tensor: the channel of a layer that gives (N, K)."""
        if self.target.cell is not None or self.target.box is not None:
            raise TargetError(
                f"{self.layer} gives {vectors.shape[1]} values without a place in the image, so it has no units and no "
                "regions there to explain. Explain one of its channels."
            )
        return vectors[:, self._channel(vectors)]

    def _channel(self, values: Tensor) -> int:
        channel = self.target.channel or 0
        if not 0 <= channel < values.shape[1]:
            raise TargetError(
                f"{self.layer} has the channels 0 to {values.shape[1] - 1}, and none with number {channel}."
            )
        return channel

    def _transform(self, row: int) -> InputTransform:
        return self.transforms[row if len(self.transforms) > 1 else 0]

    def _columns(self, maps: Tensor, column: int) -> list[int]:
        """Where the unit lies in each row: in a mirrored copy, as far from the other side."""
        mirrored = [transform.scale_x < 0 for transform in self.transforms]
        flips = mirrored if len(mirrored) > 1 else mirrored * len(maps)
        return [maps.shape[3] - 1 - column if flipped else column for flipped in flips]


def touched_cells(
    box: tuple[float, float, float, float], transform: InputTransform, cells: Size
) -> tuple[int, int, int, int]:
    """(top, bottom, left, right) of the cells that a rectangle of the picture touches.

    Args:
        box: (left, top, right, bottom) in pixels of the picture.
        transform: Where the picture lies in what the cells lie over.
        cells: How many there are.

    Raises:
        TargetError: The rectangle lies outside of what the network sees.
    """
    low, high = transform.to_input(Point(box[0], box[1])), transform.to_input(Point(box[2], box[3]))
    left, right = sorted((low.x, high.x))  # a mirrored copy swaps them
    part = Box(left, low.y, right, high.y).clipped(transform.input)
    if part.right <= part.left or part.bottom <= part.top:
        raise TargetError(
            "The region lies outside of what the network sees of the image. Draw it further inside.", of_image=True
        )
    rows = _touched(part.top, part.bottom, cells.height, transform.input.height)
    return *rows, *_touched(part.left, part.right, cells.width, transform.input.width)


def _touched(low: float, high: float, count: int, length: int) -> tuple[int, int]:
    """The first of `count` cells over a length that an interval touches, and the one behind the last."""
    first = min(math.floor(low * count / length + _HAIR), count - 1)
    return first, max(math.ceil(high * count / length - _HAIR), first + 1)


def box_words(box: tuple[float, float, float, float]) -> str:
    """A rectangle of the picture: ``10–60 × 20–90 px``."""
    left, top, right, bottom = map(round, box)
    return f"{left}–{right} × {top}–{bottom} px"


def unit_title(target: UnitTarget) -> str:
    """What a unit target means, in words: ``layer3, channel 12``."""
    title = target.layer if target.channel is None else f"{target.layer}, channel {target.channel}"
    if target.cell is not None:
        return f"{title}, unit {target.cell[0]}, {target.cell[1]}"
    if target.box is not None:
        return f"{title}, region {box_words(target.box)}"
    return title
