"""Class scores out of whatever a network returns."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.results import Activation
from cnnviz_desktop.engine.capture import tensors_of

_NAMES = ("logits", "out", "output", "scores", "pred", "predictions")


@dataclass(frozen=True, slots=True)
class Scores:
    """The class scores of a batch.

    Attributes:
        logits: (N, K) tensor, as the network gives them: before softmax or sigmoid in most networks.
        note: How they were found, as a sentence; empty where the network returns them directly.
    """

    logits: Tensor
    note: str = ""

    @property
    def activation(self) -> Activation:
        """How probabilities come from the scores.

        ``sigmoid`` for a head with a single logit; ``none`` where the network itself ends in a softmax, so that every
        row is positive and adds up to 1; else ``softmax``. Rows with NaN or infinite scores tell nothing.
        """
        if self.logits.shape[1] == 1:
            return "sigmoid"
        scores = self.logits.detach().double()
        scores = scores[scores.isfinite().all(dim=1)]
        adds_up = bool(len(scores)) and bool((scores.sum(dim=1) - 1).abs().max() < 1e-3)
        return "none" if adds_up and bool((scores >= 0).all()) else "softmax"

    @property
    def probabilities(self) -> Tensor:
        """(N, K) tensor in 0–1, float32."""
        return activated(self.logits.detach().float(), self.activation)

    def notes(self, row: int) -> tuple[str, ...]:
        """What to know about the scores of one row, in sentences."""
        softened = "The network ends in a softmax: its outputs are shown as probabilities, and it is these that are "
        notes = [self.note, softened + "explained, not logits." if self.activation == "none" else ""]
        return tuple(note for note in (*notes, not_finite(self.logits[row].detach())) if note)


def activated(logits: Tensor, activation: Activation | None) -> Tensor:
    """(N, K) tensor: what an activation makes of logits (N, K); the logits as they are by ``none``, or for None."""
    match activation:
        case "softmax":
            return logits.softmax(dim=1)
        case "sigmoid":
            return logits.sigmoid()
        case _:
            return logits


def scores_of(output: object) -> Scores:
    """Find the class scores.

    Raises:
        NetworkError: The network returns no (N, K) tensor; the sentence says what it returns.
    """
    found, note = (output, "") if isinstance(output, Tensor) else _inside(output)
    if found is not None and found.dim() == 4 and found.shape[2:] == (1, 1):
        found = found.flatten(1)
    if found is not None and found.dim() == 1:
        found = found.unsqueeze(0)  # an input is one image: a squeezed batch of one
    if found is None or found.dim() != 2 or not found.is_floating_point() or found.shape[1] == 0:
        raise NetworkError(
            f"The network returns {describe(output)}, not one score a class, so there are no predictions and no class "
            "to explain. Its feature maps and kernels can be shown."
        )
    return Scores(found, note)


def _inside(output: object) -> tuple[Tensor | None, str]:
    """The likeliest tensor of scores in a container, and how it was found."""
    fields = output if isinstance(output, Mapping) else getattr(output, "_asdict", dict)()
    for name in _NAMES:
        value = fields.get(name)
        if isinstance(value, Tensor):
            return (
                value,
                f"The network returns {describe_one(output, value)}; its “{name}” was taken as the class scores.",
            )
    for position, tensor in enumerate(tensors_of(output)):
        if tensor.dim() == 2 and tensor.is_floating_point():
            one = describe_one(output, tensor)
            return tensor, f"The network returns {one}; tensor {position} was taken as the class scores."
    return None, ""


def describe(output: object) -> str:
    """What a network returned, in a few words: ``a tuple of 2 tensors (1×10, 1×64)``."""
    return _describe(output, [tuple(tensor.shape) for tensor in tensors_of(output)])


def describe_one(output: object, scores: Tensor) -> str:
    """What a network returned, as `describe` tells it, had it been given one image alone.

    Args:
        output: What it returned for a batch.
        scores: A tensor of that with a row for each image, or of fewer than two dimensions where there is one image.
    """
    shapes = [tuple(tensor.shape) for tensor in tensors_of(output)]
    if scores.dim() > 1:
        shapes = [(1, *shape[1:]) if shape[:1] == scores.shape[:1] else shape for shape in shapes]
    return _describe(output, shapes)


def _describe(output: object, tensors: list[tuple[int, ...]]) -> str:
    shapes = ", ".join("×".join(map(str, shape)) or "scalar" for shape in tensors[:4])
    more = ", …" if len(tensors) > 4 else ""
    if isinstance(output, Tensor):
        return f"a tensor {shapes}"
    if not tensors:
        return f"{type(output).__name__} without a tensor"
    plural = "s" if len(tensors) > 1 else ""
    kind = type(output).__name__
    article = "an" if kind[0] in "AEIOaeio" else "a"
    return f"{article} {kind} of {len(tensors)} tensor{plural} ({shapes}{more})"


def not_finite(logits: Tensor) -> str:
    """One sentence where scores are NaN or infinite, else the empty string."""
    share = (~torch.isfinite(logits)).float().mean().item()
    if share == 0:
        return ""
    many = "Every score" if share == 1 else f"{share:.0%} of the scores"
    return f"{many} of the network is NaN or infinite: look for broken weights or an input outside its range."
