"""Ablation-CAM: a layer's channels weighted with how much the score drops without them."""

from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor

from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.engine.capture import version_of
from cnnviz_desktop.engine.chunks import Precision, parts, precision_of
from cnnviz_desktop.engine.explanation import Explanation
from cnnviz_desktop.engine.methods.activation_maps import OfEachLayer
from cnnviz_desktop.engine.methods.explaining import Asked, Explainer, Found
from cnnviz_desktop.engine.methods.projections import reduced
from cnnviz_desktop.engine.tail import Tail

_ROUNDING = 1e-6
"""Of the score: a smaller drop is no drop."""

_NOTHING_MOVES = "No channel moves the score by more than rounding: the layer is not on the way to it, or is dead."
_SCORE_IS_ZERO = "The score is 0, so the channels are weighted with its drop itself and not with its relative drop."


def ablationcam(asked: Asked, one: Explanation, layer: LayerRef, row: int) -> Iterator[Found]:
    """L = Σ_c w_c · A_c with w_c = (S − S with A_c = 0) / |S| (Desai and Ramaswamy 2020).

    |S| rather than S, so that a channel that speaks for the target weighs positively where S is negative too.
    Strongest channels first; those not asked about yet weigh nothing.
    """
    activation = one.activation(layer)  # (1, C, h, w)
    precision = precision_of(asked.bench, asked.choice("precision"))
    tail = Tail(asked.bench, layer, one.seen, one.objective)
    with precision.computing():
        score = tail.scores(tail.copies(1))[0]
    notes = precision.notes if score else (*precision.notes, _SCORE_IS_ZERO)
    strength = activation[0].abs().mean(dim=(1, 2))  # (C,)
    channels = strength.argsort(descending=True, stable=True)
    channels = channels[strength[channels] != 0]  # without a channel that is dead nothing changes
    weights = torch.zeros_like(strength)
    for chunk, without in _ablated(tail, partial(one.seen.placed, layer), channels, asked, precision):
        weights[channels[chunk]] = ((score - without) / (score.abs() if score else 1)).float()
        contributions = weights[None, :, None, None] * activation
        still = chunk.stop == len(channels) and float(weights.abs().max()) <= _ROUNDING
        said = (*notes, _NOTHING_MOVES) if still else notes
        yield Found(row, layer, reduced(contributions, asked)[0], chunk.stop / len(channels), notes=said)
    if not len(channels):
        yield Found(row, layer, torch.zeros_like(activation[0, 0]), notes=notes)


def _ablated(
    tail: Tail, placed: Callable[[Tensor], Tensor], channels: Tensor, asked: Asked, precision: Precision
) -> Iterator[tuple[slice, Tensor]]:
    """The scores (n,) without each of some channels, a chunk of them at a time.

    Args:
        tail: What follows the layer.
        placed: Puts the layer's tensor (N, …) as maps (N, C, h, w) that share its memory.
        channels: (K,) indices, in the order they are ablated in.
        asked: The method.
        precision: What to compute in.
    """
    rows = tail.rows_at_once(int(asked.number("chunk")))
    copies, own = tail.copies(min(rows, len(channels))), placed(tail.activation)[0]
    maps = placed(copies)
    for chunk in parts(len(channels), rows):
        these = channels[chunk]
        numbers = torch.arange(len(these), device=these.device)
        maps[numbers, these] = 0
        version = version_of(copies)
        with precision.computing():
            scores = tail.scores(copies[: len(these)])
        if version_of(copies) == version:
            maps[numbers, these] = own[these]
        else:  # the network works in place on what the layer gives out
            copies.copy_(tail.activation.expand_as(copies))
        yield chunk, scores


EXPLAINERS: dict[str, Explainer] = {"ablationcam": OfEachLayer(ablationcam)}
