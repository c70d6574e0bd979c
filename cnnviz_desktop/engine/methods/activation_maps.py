"""Class activation maps from the activations A of a layer and the gradients G = ∂S/∂A of one shared pass."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import torch
from torch import Tensor

from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.engine.augmentation import ORIGINAL
from cnnviz_desktop.engine.explanation import Explanation
from cnnviz_desktop.engine.methods.explaining import Asked, Explainer, Found, OfActivations, OfGradients, outputs_only
from cnnviz_desktop.engine.methods.projections import cancelling, first_component, reduced
from cnnviz_desktop.engine.passes import Wanted

Contributions = Callable[[Tensor, Tensor], Tensor]
"""(N, C, h, w) activations and gradients → (N, C, h, w): what each channel adds to the map."""

Reduction = Callable[[Tensor, Asked], Tensor]
"""(N, C, h, w) contributions and how they were asked for → (N, h, w) maps."""


_CANCELLED = (
    "What the channels of {layer} contribute cancels out in every cell: less than a ten-thousandth of it is left, too "
    "little to tell from rounding. That is so where a normalisation over the channels follows. Ask for the layer of "
    "that normalisation, or for one behind it."
)

_NO_NUMBERS = "Some values in {layer}, or of the gradient there, are NaN or infinite; they count as 0."


@dataclass(frozen=True, slots=True)
class Weighted(OfGradients):
    """Channels weighted with gradients, and made one map."""

    contributions: Contributions
    reduction: Reduction = reduced

    def explain(self, asked: Asked, explanation: Explanation) -> Iterator[Found]:
        """A map for each row and layer."""
        for layer in asked.layers:
            parts = self.contributions(explanation.activation(layer), explanation.gradient(layer))
            maps = self.reduction(parts, asked)
            if self.reduction is not reduced or asked.flag("eigen_smooth"):
                yield from found_in(maps, layer, parts)
                continue
            for row, (raw, cancelled) in enumerate(zip(maps, cancelling(parts, maps), strict=True)):
                yield Found(row, layer, raw, notes=(_CANCELLED.format(layer=layer),) if cancelled else ())


class EigenCam(OfActivations):
    """The first principal component of the activations, whatever the class (Muhammad and Yeasin 2020)."""

    def explain(self, asked: Asked, explanation: Explanation) -> Iterator[Found]:
        """A map for each row and layer."""
        for layer in asked.layers:
            activation = explanation.activation(layer)
            yield from found_in(first_component(activation), layer, activation)


class RandomCam(OfActivations):
    """Channels weighted at random, uniformly in −1 … 1. An image has its own weights, whatever it is seen beside."""

    def explain(self, asked: Asked, explanation: Explanation) -> Iterator[Found]:
        """A map for each row and layer."""
        seen, copies = explanation.seen.input.detach().float(), explanation.seen.copies
        originals = seen[ORIGINAL % copies :: copies]  # every copy of an image has the image's own weights
        images = [seed for row in originals for seed in [crc32(row.cpu().numpy().tobytes())] * copies]
        for layer in asked.layers:
            activation = explanation.activation(layer)
            seed = asked.seed % 2**64, crc32(str(layer).encode())
            drawn = [np.random.default_rng((*seed, image)).uniform(-1, 1, activation.shape[1]) for image in images]
            weights = torch.from_numpy(np.stack(drawn)).to(activation)
            parts = weights[:, :, None, None] * activation
            yield from found_in(reduced(parts, asked), layer, parts)


@dataclass(frozen=True, slots=True)
class OfEachLayer:
    """Many passes for each row and layer, without a gradient; a map arrives ever sharper."""

    maps: Callable[[Asked, Explanation, LayerRef, int], Iterator[Found]]

    def needs(self, asked: Asked) -> Wanted:
        """The layers alone."""
        return Wanted(outputs_only(asked))

    def explain(self, asked: Asked, explanation: Explanation) -> Iterator[Found]:
        """A map for each row and layer, one after the other."""
        for row in range(explanation.rows):
            for layer in asked.layers:
                yield from self.maps(asked, explanation.only(row), layer, row)


def found_in(maps: Tensor, layer: LayerRef, made_of: Tensor) -> Iterator[Found]:
    """The maps (N, h, w) of a layer, a row each; said where something that is no number was left out of one.

    Args:
        maps: As they were made.
        layer: Whose they are.
        made_of: (N, C, h, w) tensor, what they were made of.
    """
    left_out = maps.isfinite().flatten(1).all(dim=1) & ~made_of.isfinite().flatten(1).all(dim=1)
    for row, (raw, partial) in enumerate(zip(maps, left_out.tolist(), strict=True)):
        yield Found(row, layer, raw, notes=(_NO_NUMBERS.format(layer=layer),) if partial else ())


def gradcam(activation: Tensor, gradient: Tensor) -> Tensor:
    """mean_ij(G_c) · A_c (Selvaraju et al. 2017)."""
    return gradient.mean(dim=(2, 3), keepdim=True) * activation


def gradcam_plus_plus(activation: Tensor, gradient: Tensor) -> Tensor:
    """w_c · A_c with w_c = Σ_ij α · relu(G), α = G² / (2G² + ΣA · G³) (Chattopadhay et al. 2018, equation 19).

    α is computed as 1 / (2 + ΣA · G), the same where G ≠ 0: the squares and cubes of gradients as they occur are so
    small that an ε against a division by 0, as other implementations add one, outweighs them. Where the denominator is
    0, α is 0.
    """
    gradient = gradient.double()
    denominator = 2 + activation.double().sum(dim=(2, 3), keepdim=True) * gradient
    weighted = _divided(gradient.clamp(min=0), denominator)
    return weighted.sum(dim=(2, 3), keepdim=True).float() * activation


def xgradcam(activation: Tensor, gradient: Tensor) -> Tensor:
    """w_c · A_c with w_c = Σ_ij (G_c · A_c) / Σ_ij A_c, 0 where the channel sums to 0 (Fu et al. 2020).

    Summed in float64: activations of both signs nearly cancel. Without an ε, which would outweigh small activations.
    """
    exact = activation.double()
    moved = (gradient.double() * exact).sum(dim=(2, 3), keepdim=True)
    return _divided(moved, exact.sum(dim=(2, 3), keepdim=True)).float() * activation


def hirescam(activation: Tensor, gradient: Tensor) -> Tensor:
    """G_c ⊙ A_c (Draelos and Carin 2020)."""
    return gradient * activation


def gradcam_elementwise(activation: Tensor, gradient: Tensor) -> Tensor:
    """relu(G_c ⊙ A_c)."""
    return (gradient * activation).clamp(min=0)


def layercam(activation: Tensor, gradient: Tensor) -> Tensor:
    """relu(G_c) ⊙ A_c (Jiang et al. 2021)."""
    return gradient.clamp(min=0) * activation


def _divided(numerator: Tensor, denominator: Tensor) -> Tensor:
    """The quotient, 0 where the denominator is 0."""
    return torch.where(denominator == 0, 0, numerator / torch.where(denominator == 0, 1, denominator))


def _first_component(contributions: Tensor, _: Asked) -> Tensor:
    return first_component(contributions)


EXPLAINERS: dict[str, Explainer] = {
    "gradcam": Weighted(gradcam),
    "gradcam++": Weighted(gradcam_plus_plus),
    "xgradcam": Weighted(xgradcam),
    "hirescam": Weighted(hirescam),
    "gradcamelementwise": Weighted(gradcam_elementwise),
    "layercam": Weighted(layercam),
    "eigencam": EigenCam(),
    "eigengradcam": Weighted(hirescam, _first_component),
    "randomcam": RandomCam(),
}
