"""The score of one object that a detection network finds, followed through changed images."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from cnnviz_desktop.core.errors import TargetError
from cnnviz_desktop.core.geometry import Box, InputTransform, Point, Size
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import ClassTarget, DetectionTarget, LayerRef
from cnnviz_desktop.core.results import Explained
from cnnviz_desktop.engine.answers import FoundObjects, objects_of
from cnnviz_desktop.engine.augmentation import ORIGINAL
from cnnviz_desktop.engine.objectives import Tensors, box_words
from cnnviz_desktop.engine.passes import ForwardPass
from cnnviz_desktop.engine.targets import class_index

_SURE = 1e-6


@dataclass(frozen=True, slots=True)
class Followed:
    """The object that is explained, as the image itself has it.

    Attributes:
        box: Where it is, in pixels of the network's input.
        label: Index of its class.
        picture_box: Where it is, in pixels of the picture.
    """

    box: Box
    label: int
    picture_box: Box


@dataclass(frozen=True, slots=True)
class ObjectObjective:
    """IoU × score of the object of the same class that overlaps the followed one most; 0 where none does.

    The overlap only picks and weighs: no gradient flows through it, so that on the image itself, where it is 1, the
    gradient is the score's own.

    Attributes:
        followed: The object, a row each, or one for all rows.
        target: As the request has it.
        outline: The network's, for its class names.
    """

    followed: tuple[Followed, ...]
    target: DetectionTarget | ClassTarget
    outline: Outline

    @property
    def layers(self) -> frozenset[LayerRef]:
        """None: the score is read from the output."""
        return frozenset()

    def scores(self, output: object, tensors: Tensors, size: Size) -> Tensor:
        """(N,) tensor, 0–1 each."""
        del tensors, size
        rows = objects_of(output)
        return torch.stack([_score(found, self._followed(row)) for row, found in enumerate(rows)])

    def explained(self, seen: ForwardPass, row: int) -> Explained:
        """The object's class and place, and its score, which is a probability."""
        followed = self._followed(row)
        score = float(self.scores(seen.output, {}, Size(*seen.input.shape[-2:]))[row].detach())
        name = self.outline.class_name(followed.label)
        target = self.target
        if isinstance(target, ClassTarget):
            target = ClassTarget(followed.label, score=target.score)
        return Explained(
            title=f"{name} at {box_words(followed.picture_box)}",
            score=score,
            class_index=followed.label,
            class_name=name,
            probability=score,
            target=target,
        )

    def notes(self, seen: ForwardPass, row: int, explained: Explained) -> tuple[str, ...]:
        """Whether a score is so sure that nothing moves it, and what was left out."""
        sure = "The network is sure of this object but for rounding, so hardly anything moves its score."
        notes = (sure if explained.score >= 1 - _SURE else "", objects_of(seen.output)[row].note)
        return tuple(note for note in notes if note)

    def only(self, row: int) -> "ObjectObjective":
        """The row's object, for every row of a batch."""
        return replace(self, followed=(self._followed(row),))

    def _followed(self, row: int) -> Followed:
        return self.followed[row if len(self.followed) > 1 else 0]


def object_objective(target: DetectionTarget | ClassTarget, outline: Outline, seen: ForwardPass) -> ObjectObjective:
    """The score that a target means for the rows of a pass of a detection network.

    Raises:
        TargetError: The network finds nothing in the image, or no such object, or there is no such class.
        NetworkError: The network gives no boxes.
    """
    rows = objects_of(seen.output)
    followed: list[Followed] = []
    for first in range(0, len(rows), seen.copies):
        own = first + ORIGINAL % seen.copies
        place = _place(target, outline, rows[own], seen.transforms[own])
        picture = _to_picture(rows[own].boxes[place], seen.transforms[own])
        label = int(rows[own].labels[place])
        copies = seen.transforms[first : first + seen.copies]
        followed += [Followed(_to_input(picture, transform), label, picture) for transform in copies]
    return ObjectObjective(tuple(followed), target, outline)


def overlaps(box: Box, boxes: Tensor) -> Tensor:
    """(n,) tensor, 0–1: intersection over union of a box with each of some boxes (n, 4)."""
    left, top = boxes[:, 0].clamp(min=box.left), boxes[:, 1].clamp(min=box.top)
    right, bottom = boxes[:, 2].clamp(max=box.right), boxes[:, 3].clamp(max=box.bottom)
    shared = (right - left).clamp(min=0) * (bottom - top).clamp(min=0)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    own = (box.right - box.left) * (box.bottom - box.top)
    return shared / (areas + own - shared).clamp(min=torch.finfo(boxes.dtype).tiny)


def _to_picture(box: Tensor, transform: InputTransform) -> Box:
    left, top, right, bottom = box.detach().tolist()
    return transform.box_to_original(Box(left, top, right, bottom))


def _score(found: FoundObjects, followed: Followed) -> Tensor:
    places = (found.labels == followed.label).nonzero()[:, 0]
    if not len(places):
        return found.scores.sum() * 0  # with its graph, so that the gradient is 0 and not unknown
    overlap = overlaps(followed.box, found.boxes.detach()[places])
    best = int(overlap.argmax())
    return overlap[best].to(found.scores.dtype) * found.scores[places[best]]


def _to_input(box: Box, transform: InputTransform) -> Box:
    one = transform.to_input(Point(box.left, box.top))
    other = transform.to_input(Point(box.right, box.bottom))
    (left, right), (top, bottom) = sorted((one.x, other.x)), sorted((one.y, other.y))
    return Box(left, top, right, bottom)


def _place(
    target: DetectionTarget | ClassTarget, outline: Outline, found: FoundObjects, transform: InputTransform
) -> int:
    """Which of the objects found is meant."""
    count = len(found.scores)
    if not count:
        raise TargetError(
            f"{outline.name} finds no object in this image that it is sure enough of. Networks have a threshold for "
            "that, such as box_score_thresh or score_thresh among the arguments of their architecture.",
            of_image=True,
        )
    if isinstance(target, ClassTarget):
        _check_class(target, outline)
        return _surest(found, target.label, outline)
    if target.index is not None:
        if not 0 <= target.index < count:
            raise TargetError(
                f"{outline.name} finds {count} object{'s' if count > 1 else ''} in this image, counted from 0, and "
                f"none with number {target.index}.",
                of_image=True,
            )
        return target.index
    if target.box is None:
        return _surest(found, target.label, outline)
    places = _of_class(found, target.label, outline)
    overlap = overlaps(_to_input(Box(*target.box), transform), found.boxes.detach()[places])
    if not bool((overlap > 0).any()):
        raise TargetError(
            f"{outline.name} finds no {'such ' if target.label is not None else ''}object at "
            f"{box_words(target.box)} of this image.",
            of_image=True,
        )
    return int(places[overlap.argmax()])


def _check_class(target: ClassTarget, outline: Outline) -> None:
    if target.minus is not None:
        raise TargetError(
            f"{outline.name} gives each object one class and one score, so no other class can be taken off it."
        )
    if target.box is not None:
        raise TargetError(f"{outline.name} finds objects: name one by its number or its box instead of a region.")


def _surest(found: FoundObjects, label: int | str | None, outline: Outline) -> int:
    places = _of_class(found, label, outline)
    return int(places[found.scores.detach()[places].argmax()])


def _of_class(found: FoundObjects, label: int | str | None, outline: Outline) -> Tensor:
    """(m,) tensor: places of the objects of a class; of all objects for None."""
    if label is None:
        return torch.arange(len(found.scores), device=found.scores.device)
    known = max(outline.classes, int(found.labels.max()) + 1)
    index = class_index(label, outline, found.scores.new_zeros(known))
    places = (found.labels == index).nonzero()[:, 0]
    if not len(places):
        raise TargetError(f"{outline.name} finds no {outline.class_name(index)} in this image.", of_image=True)
    return places
