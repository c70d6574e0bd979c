"""What a segmentation network says about a class, over the pixels that it gives to it or over a rectangle."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from cnnviz_desktop.core.answers import NO_CLASS, is_background
from cnnviz_desktop.core.errors import TargetError
from cnnviz_desktop.core.geometry import InputTransform, Size
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import ClassTarget, LayerRef
from cnnviz_desktop.core.results import Activation, Explained
from cnnviz_desktop.engine.answers import PixelScores, pixel_scores_of
from cnnviz_desktop.engine.augmentation import ORIGINAL
from cnnviz_desktop.engine.objectives import Tensors, box_words, touched_cells
from cnnviz_desktop.engine.outputs import not_finite
from cnnviz_desktop.engine.passes import ForwardPass
from cnnviz_desktop.engine.targets import class_index


@dataclass(frozen=True, slots=True, eq=False)
class PixelObjective:
    """The mean of a class's scores over some pixels, or of one class's less another's (SegGrad-CAM).

    The pixels are those of the image itself and stay the same however it is changed.

    Attributes:
        indices: The class, a row each, or one for all rows.
        pixels: (N, h, w) bool tensor: those the score is read from, a row each, or one for all rows.
        target: As the request has it.
        activation: How probabilities follow from the scores; None where logits are explained.
        minus: The class whose score is taken off; None for none.
        outline: The network's, for its class names.
    """

    indices: tuple[int, ...]
    pixels: Tensor
    target: ClassTarget
    activation: Activation | None
    minus: int | None
    outline: Outline

    @property
    def layers(self) -> frozenset[LayerRef]:
        """None: the score is read from the output."""
        return frozenset()

    def scores(self, output: object, tensors: Tensors, size: Size) -> Tensor:
        """(N,) tensor: mean logits or probabilities."""
        del tensors, size
        return self.mean(pixel_scores_of(output).values(self.activation))

    def explained(self, seen: ForwardPass, row: int) -> Explained:
        """The class and where it is asked about, its mean probability there, and the score."""
        index = self.indices[row if len(self.indices) > 1 else 0]
        name = self.outline.class_name(index)
        title = name if self.minus is None else f"{name} − {self.outline.class_name(self.minus)}"
        if self.target.score == "probability":
            title = f"probability of {title}"
        if self.target.box is not None:
            title = f"{title} in {box_words(self.target.box)}"
        scores, of_row = _scores_of_row(seen, row), self.only(row)
        probability = replace(of_row, activation=scores.activation, minus=None)
        return Explained(
            title=title,
            score=float(of_row.mean(scores.values(self.activation))),
            class_index=index,
            class_name=name,
            probability=float(probability.mean(scores.values(scores.activation))),
            target=ClassTarget(index, self.minus, self.target.score, self.target.box),
        )

    def notes(self, seen: ForwardPass, row: int, explained: Explained) -> tuple[str, ...]:
        """What the score is the mean of, and how the scores were found."""
        scores = _scores_of_row(seen, row)
        pixels = self.pixels[row if len(self.pixels) > 1 else 0]
        share = float(pixels.float().mean())
        name, index = explained.class_name, explained.class_index
        called = f"class {index}" if name == str(index) else name
        where = "of that region" if self.target.box is not None else f"that the network gives to {called}"
        mean = (
            f"The score is the mean over the {int(pixels.sum()):,} pixels {where}, {100 * share:.1f} % of its output."
        )
        return tuple(note for note in (scores.note, mean, not_finite(scores.logits[0])) if note)

    def only(self, row: int) -> "PixelObjective":
        """The row's class and pixels, for every row of a batch."""
        index = self.indices[row if len(self.indices) > 1 else 0]
        at = row if len(self.pixels) > 1 else 0
        return replace(self, indices=(index,), pixels=self.pixels[at : at + 1])

    def mean(self, values: Tensor) -> Tensor:
        """(N,) tensor: the means of values (N, K, h, w) over the pixels, of the class or the difference.

        In float32 at least: the sum over the pixels of a large image is more than a float16 holds.
        """
        rows = torch.arange(len(values), device=values.device)
        chosen = values[rows, torch.tensor(self.indices, device=values.device).expand(len(values))]
        if self.minus is not None:
            chosen = chosen - values[:, self.minus]
        exact = torch.promote_types(values.dtype, torch.float32)
        # What lies beside the pixels may be infinite, and 0 times that is no number.
        inside = torch.where(self.pixels, chosen, chosen.new_zeros(()))
        return inside.sum(dim=(1, 2), dtype=exact) / self.pixels.sum(dim=(1, 2))


def pixel_objective(target: ClassTarget, outline: Outline, seen: ForwardPass) -> PixelObjective:
    """The score that a class target means for the rows of a pass of a segmentation network.

    Raises:
        TargetError: No such class, or the network gives it no pixel of the image.
        NetworkError: The network gives no scores of pixels.
    """
    scores = pixel_scores_of(seen.output)
    labels = scores.labels  # (N, h, w)
    indices, pixels = [], []
    for first in range(0, len(labels), seen.copies):
        own = first + ORIGINAL % seen.copies  # every copy of an image is asked about the image's own pixels
        region = _region(target, seen.transforms[own], labels[own])
        index = class_index(target.label, outline, _areas(labels[own], region, outline, scores.logits.shape[1]))
        mask = region if target.box is not None else labels[own] == index
        if not bool(mask.any()):
            name = outline.class_name(index)
            raise TargetError(
                f"{outline.name} gives no pixel of this image to {name}. Draw a region to ask about it there, or "
                "choose another class.",
                of_image=True,
            )
        indices += [index] * seen.copies
        pixels += [_lying(mask, transform) for transform in seen.transforms[first : first + seen.copies]]
    minus = _minus(target, outline, scores.logits, indices)
    activation = scores.activation if target.score == "probability" else None
    return PixelObjective(tuple(indices), torch.stack(pixels), target, activation, minus, outline)


def _scores_of_row(seen: ForwardPass, row: int) -> PixelScores:
    """Those of one row, detached: a batch of large images takes seconds to go through for each of its rows."""
    scores = pixel_scores_of(seen.output)
    return replace(scores, logits=scores.logits[row : row + 1].detach())


def _region(target: ClassTarget, transform: InputTransform, labels: Tensor) -> Tensor:
    """(h, w) bool tensor: where the class is looked for."""
    region = torch.ones_like(labels, dtype=torch.bool)
    if target.box is not None:
        top, bottom, left, right = touched_cells(target.box, transform, Size(*labels.shape))
        region.zero_()
        region[top:bottom, left:right] = True
    return region


def _areas(labels: Tensor, region: Tensor, outline: Outline, classes: int) -> Tensor:
    """(K,) tensor: pixels of each class in a region, the background's as the last resort."""
    inside = labels[region & (labels != NO_CLASS)]
    areas = torch.bincount(inside.flatten(), minlength=classes).double()
    for index in range(classes):
        if is_background(outline.class_name(index)):
            areas[index] /= 2.0 * labels.numel()
    return areas


def _lying(mask: Tensor, transform: InputTransform) -> Tensor:
    """The pixels (h, w) of the image itself, where they lie in a copy of it."""
    return mask.flip(-1) if transform.scale_x < 0 else mask


def _minus(target: ClassTarget, outline: Outline, logits: Tensor, indices: list[int]) -> int | None:
    if target.minus is None:
        return None
    minus = class_index(target.minus, outline, logits[0, :, 0, 0])
    if minus in indices:
        name = outline.class_name(minus)
        raise TargetError(
            f"{name} less {name} is nothing to explain: choose two classes.", of_image=target.label is None
        )
    return minus
