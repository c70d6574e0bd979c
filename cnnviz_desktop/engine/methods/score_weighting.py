"""Score-CAM: a layer's channels weighted with the score of the image seen through each of them."""

import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.engine.chunks import parts, precision_of, rows_at_once
from cnnviz_desktop.engine.explanation import Explanation
from cnnviz_desktop.engine.folding import ManyScores
from cnnviz_desktop.engine.methods.activation_maps import OfEachLayer
from cnnviz_desktop.engine.methods.explaining import Asked, Explainer, Found
from cnnviz_desktop.engine.methods.projections import reduced


def scorecam(asked: Asked, one: Explanation, layer: LayerRef, row: int) -> Iterator[Found]:
    """L = Σ_c w_c · A_c with w = softmax_c S(x ⊙ minmax(up(A_c))) (Wang et al. 2020).

    Strongest channels first; those not asked about yet weigh nothing.
    """
    activation, seen = one.activation(layer)[0], one.seen.input.detach()  # (C, h, w), (1, 3, H, W)
    precision = precision_of(asked.bench, asked.choice("precision"))
    order, dead = _by_strength(activation)
    count = len(order) - max(0, dead - 1)  # channels without a pattern all show the same: one stands for them
    rows = rows_at_once(asked.bench, int(asked.number("chunk")), Size(*seen.shape[-2:]))
    scorer = ManyScores(asked.bench, one.objective, precision, math.ceil(count / rows))
    scores = torch.full((len(order),), -torch.inf, device=activation.device)
    for chunk in parts(count, rows):
        found = scorer.of(seen_through(activation[order[chunk]], seen, one.seen.extent()))
        scores[order[chunk]] = found
        if chunk.stop == count and dead:
            scores[order[count:]] = found[-1]
        contributions = scores.softmax(dim=0)[:, None, None] * activation
        yield Found(row, layer, reduced(contributions[None], asked)[0], chunk.stop / count, notes=precision.notes)


def _by_strength(activation: Tensor) -> tuple[Tensor, int]:
    """(C,) indices of the channels (C, h, w), strongest first, those of one value last; and how many these are."""
    flat = activation.flatten(1)
    constant = flat.amax(dim=1) == flat.amin(dim=1)
    order = flat.abs().mean(dim=1).masked_fill(constant, -1).argsort(descending=True, stable=True)
    return order, int(constant.sum())


def seen_through(maps: Tensor, seen: Tensor, extent: Size | None = None) -> Tensor:
    """(n, 3, H, W) tensor: an input (1, 3, H, W) times each of n maps (n, h, w), enlarged, 0–1.

    Without the 1e-8 that pytorch-grad-cam adds to the denominator, and that outweighs maps of small activations.

    Args:
        maps: The maps.
        seen: The input.
        extent: What the maps lie over, in pixels of the input, where that is more than the input.
    """
    height, width = seen.shape[-2:]
    enlarged = F.interpolate(maps[:, None], size=extent or (height, width), mode="bilinear", align_corners=True)
    enlarged = enlarged[:, :, :height, :width]
    low, high = enlarged.amin(dim=(2, 3), keepdim=True), enlarged.amax(dim=(2, 3), keepdim=True)
    # A map of one value is 0 throughout, and not the rounding of its enlargement blown up.
    constant = (maps.amax(dim=(1, 2)) == maps.amin(dim=(1, 2)))[:, None, None, None] | (high == low)
    masks = ((enlarged - low) / (high - low).masked_fill(constant, 1)).masked_fill(constant, 0)
    return seen * masks.to(seen.dtype)


EXPLAINERS: dict[str, Explainer] = {"scorecam": OfEachLayer(scorecam)}
