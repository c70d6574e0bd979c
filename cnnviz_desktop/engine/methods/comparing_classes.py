"""Finer-CAM: what tells a class from those most like it."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz_desktop.core.errors import TargetError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.core.results import Explained
from cnnviz_desktop.engine.augmentation import ORIGINAL
from cnnviz_desktop.engine.explanation import Explanation
from cnnviz_desktop.engine.methods.activation_maps import gradcam
from cnnviz_desktop.engine.methods.explaining import Asked, Explainer, Found, OfGradients
from cnnviz_desktop.engine.methods.projections import reduced
from cnnviz_desktop.engine.objectives import ClassObjective, Objective, Tensors
from cnnviz_desktop.engine.outputs import activated, scores_of
from cnnviz_desktop.engine.passes import ForwardPass, Wanted


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """S = Σ_d p_d · (y_k − α·y_d) / Σ_d p_d over the classes d that k is compared with (Zhang et al. 2025).

    The shares p_d / Σ p are the softmax over the logits of those classes alone: the quotient of probabilities, as the
    library computes it with an ε, loses its direction where the network is so sure of k that all p_d are below that ε.

    Attributes:
        of: The score of k.
        others: (N, m) tensor, the classes compared with, a row each, or one for all rows.
        alpha: How much of them is taken off.
    """

    of: ClassObjective
    others: Tensor
    alpha: float

    @property
    def layers(self) -> frozenset[LayerRef]:
        """None: the score is read from the output."""
        return frozenset()

    def scores(self, output: object, tensors: Tensors, size: Size) -> Tensor:
        """(N,) tensor; y are logits, or probabilities where those are explained."""
        del tensors, size
        logits = scores_of(output).logits
        values = activated(logits, self.of.activation)
        chosen = torch.tensor(self.of.indices, device=logits.device).expand(len(logits))
        others = self.others.expand(len(logits), -1)
        shares = logits.gather(1, others).softmax(dim=1)
        compared = (shares * values.gather(1, others)).sum(dim=1)
        return values.gather(1, chosen[:, None])[:, 0] - self.alpha * compared

    def explained(self, seen: ForwardPass, row: int) -> Explained:
        """The class k, with its own score."""
        return self.of.explained(seen, row)

    def notes(self, seen: ForwardPass, row: int, explained: Explained) -> tuple[str, ...]:
        """Those of the class k."""
        return self.of.notes(seen, row, explained)

    def only(self, row: int) -> "Contrast":
        """The row's class and those it is compared with, for every row of a batch."""
        return Contrast(self.of.only(row), self.others[row : row + 1], self.alpha)


class FinerCam(OfGradients):
    """Grad-CAM of the contrast between a class and those whose logits are nearest; or the one it is asked less."""

    def explain(self, asked: Asked, explanation: Explanation) -> Iterator[Found]:
        """A map for each row and layer.

        Raises:
            TargetError: No class is explained, or there is no other to compare it with.
        """
        objective = _class_of(explanation.objective, asked.method.title)
        others = _compared(objective, explanation.seen, int(asked.number("compared")))
        contrast = Contrast(objective, others, asked.number("alpha"))
        compared = Explanation(explanation.bench, explanation.seen, contrast, Wanted(gradients=frozenset(asked.layers)))
        notes = [_note(objective, row) for row in others.tolist()]
        for layer in asked.layers:
            maps = reduced(gradcam(explanation.activation(layer), compared.gradient(layer)), asked)
            for row, raw in enumerate(maps):
                yield Found(row, layer, raw, notes=(notes[row],))


def _class_of(objective: Objective, title: str) -> ClassObjective:
    if not isinstance(objective, ClassObjective):
        raise TargetError(f"{title} tells a class from others: it explains classes, and no channel, unit or region.")
    if objective.outline.classes < 2:
        raise TargetError(f"{title} tells a class from others, and {objective.outline.name} has only one.")
    return objective


def _compared(objective: ClassObjective, seen: ForwardPass, count: int) -> Tensor:
    """(N, m) tensor: the classes whose logits are nearest to that of each row's class; or the one that is taken off.

    All copies of an image compare with the classes of the image itself.
    """
    logits = seen.scores.logits.detach()
    if objective.minus is not None:
        return torch.full((len(logits), 1), objective.minus, device=logits.device)
    chosen = torch.tensor(objective.indices, device=logits.device).expand(len(logits))[:, None]
    distance = (logits - logits.gather(1, chosen)).abs().scatter(1, chosen, torch.inf)
    nearest = distance.argsort(dim=1, stable=True)[:, : min(count, logits.shape[1] - 1)]
    own = torch.arange(len(logits), device=logits.device) // seen.copies * seen.copies + ORIGINAL % seen.copies
    return nearest[own]


def _note(objective: ClassObjective, others: list[int]) -> str:
    return f"Compared with {', '.join(map(objective.outline.class_name, others))}."


EXPLAINERS: dict[str, Explainer] = {"finercam": FinerCam()}
