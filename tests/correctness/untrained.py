"""Weights for networks that have none of their own, the same at every call."""

import torch
from torch import Tensor, nn


def draw_kernels(module: nn.Module) -> None:
    """Give kernels a size that keeps the signal alive (He et al. 2015): of some networks, an image moves no score."""
    generator = torch.Generator().manual_seed(1)
    for part in module.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight, nonlinearity="relu", generator=generator)


def draw_constants(module: nn.Module) -> None:
    """Draw what is one value throughout and would hide mistakes.

    These are biases, means, class tokens and heads of zeros; slopes and variances of one; scales of a millionth.
    """
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for tensor in (*module.parameters(), *module.buffers()):
            if not _is_constant(tensor):
                continue
            if bool(tensor.any()):
                tensor.uniform_(0.5, 1.5, generator=generator)
            else:
                tensor.normal_(0, 0.1, generator=generator)


def _is_constant(tensor: Tensor) -> bool:
    return tensor.is_floating_point() and tensor.numel() > 1 and bool((tensor == tensor.flatten()[0]).all())
