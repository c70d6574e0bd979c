"""What networks that are no classifiers return, found in whatever they return: scores of pixels, boxes, vectors."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz_desktop.core.answers import NO_CLASS
from cnnviz_desktop.core.description import Task
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.results import Activation
from cnnviz_desktop.engine.capture import tensors_of
from cnnviz_desktop.engine.outputs import Scores, activated, describe, describe_one, scores_of

_COARSEST = 8
"""Pixels of the input that a score may stand for, each way: a map that is coarser is a feature map and no answer."""

_VECTOR_NAMES = ("embeddings", "embedding", "features", "image_embeds", "pooler_output")


@dataclass(frozen=True, slots=True)
class PixelScores:
    """The class scores of each pixel of a batch.

    Attributes:
        logits: (N, K, h, w) tensor, as the network gives them.
        note: How they were found, as a sentence; empty where that goes without saying.
    """

    logits: Tensor
    note: str = ""

    @property
    def activation(self) -> Activation:
        """How probabilities come from the scores, as `Scores.activation` finds it."""
        return Scores(self.logits.detach().movedim(1, -1).flatten(0, 2)).activation

    @property
    def labels(self) -> Tensor:
        """(N, h, w) int64 tensor: the class of each pixel; `NO_CLASS` where the only score is not positive."""
        logits = self.logits.detach().nan_to_num(nan=-torch.inf)
        if logits.shape[1] > 1:
            return logits.argmax(dim=1)
        even = 0.5 if self.activation == "none" else 0.0
        return torch.where(logits[:, 0] > even, 0, NO_CLASS)

    def values(self, activation: Activation | None) -> Tensor:
        """(N, K, h, w) tensor: the logits, or what an activation makes of them."""
        return activated(self.logits, activation)


@dataclass(frozen=True, slots=True)
class FoundObjects:
    """The objects found in one image.

    Attributes:
        boxes: (n, 4) tensor: left, top, right, bottom in pixels of the network's input; finite.
        labels: (n,) int64 tensor.
        scores: (n,) tensor, 0–1, with its graph; finite.
        left_out: How many more there are, whose box or score is no finite number.
    """

    boxes: Tensor
    labels: Tensor
    scores: Tensor
    left_out: int = 0

    @property
    def note(self) -> str:
        """One sentence where objects were left out, else the empty string."""
        if not self.left_out:
            return ""
        return (
            f"{self.left_out} more of what the network finds has NaN or infinite boxes or scores and is left out: look "
            "for broken weights or an input outside its range."
        )


def pixel_scores_of(output: object) -> PixelScores:
    """Find the class scores of each pixel.

    Raises:
        NetworkError: The network returns no (N, K, h, w) tensor; the sentence says what it returns.
    """
    found = _maps(output)
    if found is None:
        raise NetworkError(f"The network returns {describe(output)}, and no scores for each pixel.")
    position, tensor = found
    is_plain = isinstance(output, Tensor) or (isinstance(output, Mapping) and "out" in output)
    note = (
        f"The network returns {describe_one(output, tensor)}; tensor {position} was taken as the scores of each pixel."
    )
    return PixelScores(tensor, "" if is_plain else note)


def objects_of(output: object) -> list[FoundObjects]:
    """The objects found in each image of a batch.

    Raises:
        NetworkError: The network returns no boxes with labels and scores.
    """
    rows = _detections(output)
    if not rows:
        raise NetworkError(f"The network returns {describe(output)}, and no boxes with labels and scores.")
    return [_finite(row["boxes"], row["labels"], row["scores"]) for row in rows]


def vectors_of(output: object) -> Tensor:
    """(N, D) tensor: the vector of each image of a batch.

    Raises:
        NetworkError: The network returns no such tensor.
    """
    fields = output if isinstance(output, Mapping) else getattr(output, "_asdict", dict)()
    for name in _VECTOR_NAMES:
        value = fields.get(name)
        if isinstance(value, Tensor) and value.dim() == 2:
            return value
    try:
        return scores_of(output).logits
    except NetworkError:
        raise NetworkError(f"The network returns {describe(output)}, and no vector for each image.") from None


def task_of(output: object, size: Size) -> Task:
    """What a network is for that returned this for an input of that size; a vector is taken as class scores."""
    if _detections(output):
        return "detection"
    try:
        scores_of(output)
    except NetworkError:
        found = _maps(output)
        fine = found is not None and all(
            cells * _COARSEST >= side for cells, side in zip(found[1].shape[2:], size, strict=True)
        )
        return "segmentation" if fine else "other"
    return "classification"


def can_be_segmentation(output: object) -> bool:
    """Whether there are maps among what a network returned, however coarse."""
    return _maps(output) is not None


def answer_of(output: object) -> list[Tensor]:
    """What tells one answer of a network from another: the first tensor it returns, and its class scores.

    Of a detection network, sums over what it finds in each image: there is more in one than in another.
    """
    if _detections(output):
        return [torch.stack([_summary(found) for found in objects_of(output)])]
    try:
        scores = [scores_of(output).logits]
    except NetworkError:  # it gives none, and none are explained
        scores = []
    return [*tensors_of(output)[:1], *scores]


def row_of(output: object, row: int) -> object:
    """What a network returned for one row of a batch, as if it had been alone in it.

    Of a classifier the (1, K) class scores alone; the whole output where nothing is known of it.
    """
    rows = _detections(output)
    if rows:
        return [rows[row]]
    part = slice(row, row + 1)
    try:
        return scores_of(output).logits[part]
    except NetworkError:
        found = _maps(output)
        return output if found is None else found[1][part]


def _finite(boxes: Tensor, labels: Tensor, scores: Tensor) -> FoundObjects:
    kept = boxes.detach().isfinite().all(dim=1) & scores.detach().isfinite()
    if bool(kept.all()):
        return FoundObjects(boxes, labels, scores)
    return FoundObjects(boxes[kept], labels[kept], scores[kept], left_out=int((~kept).sum()))


def _summary(found: FoundObjects) -> Tensor:
    sums = (found.scores.sum(), (found.boxes.mean(dim=1) * found.scores).sum(), (found.labels * found.scores).sum())
    return torch.stack([each.detach() for each in sums])


def _detections(output: object) -> list[Mapping[str, Tensor]]:
    """What was found in each image of a batch; nothing where the output is something else."""
    rows = output if isinstance(output, list | tuple) else [output]
    of_objects = [
        row
        for row in rows
        if isinstance(row, Mapping) and all(isinstance(row.get(key), Tensor) for key in ("boxes", "labels", "scores"))
    ]
    return of_objects if len(of_objects) == len(rows) else []


def _maps(output: object) -> tuple[int, Tensor] | None:
    """The tensor (N, K, h, w) of an output and its place in it: the one called “out”, else the first."""
    if isinstance(output, Mapping) and isinstance(output.get("out"), Tensor):
        output = output["out"]
    for position, tensor in enumerate(tensors_of(output)):
        if tensor.dim() == 4 and tensor.is_floating_point() and tensor.shape[1] and min(tensor.shape[2:]) > 1:
            return position, tensor
    return None
