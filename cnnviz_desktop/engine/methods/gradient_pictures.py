"""Gradient pictures from one backward pass: how each number of the input moves the score, by one rule or another."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from cnnviz_desktop.core import catalog
from cnnviz_desktop.engine.explanation import Explanation
from cnnviz_desktop.engine.methods.explainers import explainer
from cnnviz_desktop.engine.methods.explaining import Asked, Explainer, Found
from cnnviz_desktop.engine.methods.fusing import over_input
from cnnviz_desktop.engine.passes import Wanted
from cnnviz_desktop.engine.relu_rules import Rule, deconvolution, guided


def gradient(explanation: Explanation) -> Tensor:
    """∂S/∂x (Simonyan et al. 2014), (N, C, H, W)."""
    return explanation.input_gradient()


def gradient_times_input(explanation: Explanation) -> Tensor:
    """∂S/∂x ⊙ x (Shrikumar et al. 2017), (N, C, H, W)."""
    return explanation.seen.input.detach().float() * explanation.input_gradient()


@dataclass(frozen=True, slots=True)
class Plain:
    """A picture computed from the true gradient."""

    pictures: Callable[[Explanation], Tensor]

    def needs(self, asked: Asked) -> Wanted:
        """A graph that reaches the input, and the gradient there."""
        del asked
        return Wanted(of_input=True, input_gradient=True)

    def explain(self, asked: Asked, explanation: Explanation) -> Iterator[Found]:
        """A picture for each row."""
        del asked
        for row, raw in enumerate(self.pictures(explanation)):
            yield Found(row, None, raw)


@dataclass(frozen=True, slots=True)
class Ruled:
    """What comes back where every ReLU follows a rule."""

    rule: Rule

    def needs(self, asked: Asked) -> Wanted:
        """A graph that reaches the input."""
        del asked
        return Wanted(of_input=True)

    def explain(self, asked: Asked, explanation: Explanation) -> Iterator[Found]:
        """A picture for each row, with the activations named that the rule does not cover."""
        del asked
        for row, raw in enumerate(explanation.input_gradient(self.rule)):
            yield Found(row, None, raw, notes=explanation.nonlinearities.notes)


class GuidedMap:
    """up(relu(L)) ⊙ guided backpropagation (Selvaraju et al. 2017), for the class activation map L that is chosen."""

    def needs(self, asked: Asked) -> Wanted:
        """What the map needs, and a graph that reaches the input."""
        chosen = _of_map(asked)
        return explainer(chosen.method.id).needs(chosen) | Wanted(of_input=True)

    def explain(self, asked: Asked, explanation: Explanation) -> Iterator[Found]:
        """A picture for each row and layer."""
        chosen = _of_map(asked)
        pictures = explanation.input_gradient(guided)
        for found in explainer(chosen.method.id).explain(chosen, explanation):
            picture = pictures[found.row]
            raw = over_input(found.raw.clamp(min=0), explanation.seen, found.row) * picture
            notes = [*found.notes, *explanation.nonlinearities.notes]
            if not bool((found.raw > 0).any()) and bool(torch.isfinite(found.raw).all()):
                notes.append("No cell of the map is positive, so nothing is left of the guided gradient.")
            yield replace(found, raw=raw, notes=tuple(notes))


def _of_map(asked: Asked) -> Asked:
    """The map that is a factor, asked for with its own defaults."""
    method = catalog.method(asked.choice("cam"))
    return replace(asked, method=method, parameters=method.values({}))


EXPLAINERS: dict[str, Explainer] = {
    "saliency": Plain(gradient),
    "gradxinput": Plain(gradient_times_input),
    "guided_backprop": Ruled(guided),
    "deconvolution": Ruled(deconvolution),
    "guided_gradcam": GuidedMap(),
}
