"""Class activation maps from the activations A of a layer and the gradients G = ∂S/∂A of one shared pass."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torch import Tensor

from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.engine.explanation import Explanation
from cnnviz_desktop.engine.methods.explaining import Asked, Explainer, Found
from cnnviz_desktop.engine.passes import Wanted

Contributions = Callable[[Tensor, Tensor], Tensor]
"""(N, C, h, w) activations and gradients → (N, C, h, w): what each channel adds to the map."""


def outputs_only(asked: Asked) -> frozenset[LayerRef]:
    """The layers asked for, all of them outputs.

    Raises:
        LayerError: One is what a layer takes in.
    """
    for layer in asked.layers:
        if layer.side == "input":
            title = asked.method.title
            raise LayerError(f"{title} needs what a layer gives out: ask for {layer.name} instead of {layer}.")
    return frozenset(asked.layers)


@dataclass(frozen=True, slots=True)
class Weighted:
    """Channels weighted and summed."""

    contributions: Contributions

    def needs(self, asked: Asked) -> Wanted:
        """The layers and their gradients."""
        layers = outputs_only(asked)
        return Wanted(layers, layers)

    def explain(self, asked: Asked, explanation: Explanation) -> Iterator[Found]:
        """A map for each row and layer."""
        for layer in asked.layers:
            parts = self.contributions(explanation.activation(layer), explanation.gradient(layer))
            for row, raw in enumerate(parts.sum(dim=1)):
                yield Found(row, layer, raw)


def gradcam(activation: Tensor, gradient: Tensor) -> Tensor:
    """mean_ij(G_c) · A_c (Selvaraju et al. 2017)."""
    return gradient.mean(dim=(2, 3), keepdim=True) * activation


EXPLAINERS: dict[str, Explainer] = {"gradcam": Weighted(gradcam)}
