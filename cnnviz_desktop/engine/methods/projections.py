"""The strongest pattern among a layer's channels: what each cell has of the first principal component."""

import torch
from torch import Tensor

from cnnviz_desktop.engine.methods.explaining import Asked

_CENTRED_BYTES = 1 << 27

_LEFT = 1e-4
"""A sum smaller than this share of its terms has lost four of the seven digits of float32."""


def first_component(values: Tensor) -> Tensor:
    """(N, h, w) float32 tensor: the projection of each cell's channels on their first principal component.

    Eigen-CAM's (Muhammad and Yeasin 2020). The cells are the samples; each channel's mean over them is taken off, NaN
    and infinite values count as 0. The sign, which a decomposition leaves open, is the one with which the map rises
    and falls with Σ_c of the values. It comes from the eigenvectors of the smaller of the two Gram matrices, in
    float64, since squares of small gradients leave float32.

    Args:
        values: (N, C, h, w) tensor.
    """
    rows, height, width = len(values), *values.shape[-2:]
    cells = values.flatten(2)
    at_once = max(1, _CENTRED_BYTES // (8 * max(1, cells[0].numel()))) if rows else 1
    return torch.cat([_projected(part) for part in torch.split(cells, at_once)]).view(rows, height, width)


def reduced(contributions: Tensor, asked: Asked) -> Tensor:
    """(N, h, w) tensor: the sum of what the channels contribute, or with `eigen_smooth` its first component.

    Args:
        contributions: (N, C, h, w) tensor: what each channel adds to the map.
        asked: The method, with its parameters.
    """
    return first_component(contributions) if asked.flag("eigen_smooth") else contributions.sum(dim=1)


def cancelling(contributions: Tensor, sums: Tensor) -> list[bool]:
    """Whether what the channels contribute cancels: next to nothing is left of it in any cell, of each of N rows.

    That is how channels behave in front of a layer normalisation, whose gradient is orthogonal to what it takes in.

    Args:
        contributions: (N, C, h, w) tensor: what each channel adds to the map.
        sums: (N, h, w) tensor: their sum over the channels.
    """
    terms = contributions.abs().sum(dim=1).flatten(1).sum(dim=1)
    left = sums.abs().flatten(1).sum(dim=1)
    found: list[bool] = ((terms > 0) & (left < _LEFT * terms)).tolist()
    return found


def turned(components: Tensor, totals: Tensor) -> Tensor:
    """The components (N, cells), each or its negative, so that it rises and falls with the totals (N, cells)."""
    totals = totals - totals.mean(dim=1, keepdim=True)
    against = (components * totals).sum(dim=1, keepdim=True) < 0
    return torch.where(against, -components, components)


def _projected(cells: Tensor) -> Tensor:
    """(n, cells) float32 tensor of (n, C, cells)."""
    usable = cells.double().nan_to_num(nan=0.0, posinf=0.0, neginf=0.0)
    centred = usable - usable.mean(dim=2, keepdim=True)
    if centred.shape[1] <= centred.shape[2]:
        axes = torch.linalg.eigh(centred @ centred.mT).eigenvectors[:, :, -1]  # (n, C)
        projected = (axes[:, None] @ centred)[:, 0]
    else:
        found = torch.linalg.eigh(centred.mT @ centred)
        projected = found.eigenvectors[:, :, -1] * found.eigenvalues[:, -1:].clamp(min=0).sqrt()
    return turned(projected, centred.sum(dim=1)).float()
