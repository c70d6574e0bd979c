"""A network's twin: the same modules, their ReLUs replaced by ones that are written out here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest import mock

import torch
import torch.nn.functional as F
from torch import Tensor

Rectified = Callable[[Tensor, float], Tensor]
"""(values, upper bound) → the values clamped to 0 … upper bound."""


@contextmanager
def relus(rectified: Rectified) -> Iterator[None]:
    """Every ReLU that runs inside, module or function, is `rectified`; nothing is overwritten in place."""

    def relu(values: Tensor, inplace: bool = False) -> Tensor:
        del inplace
        return rectified(values, float("inf"))

    def relu6(values: Tensor, inplace: bool = False) -> Tensor:
        del inplace
        return rectified(values, 6.0)

    def hardtanh(values: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
        del inplace
        if min_val != 0:
            raise NotImplementedError("only a hardtanh that is a ReLU with an upper bound")
        return rectified(values, max_val)

    with mock.patch.multiple(F, relu=relu, relu6=relu6, hardtanh=hardtanh):
        yield


def plain(values: Tensor, upper: float) -> Tensor:
    """A ReLU that overwrites nothing, its gradient 0 at 0 as torch's is."""
    return torch.where(values < upper, torch.relu(values), upper)


class _Guided(torch.autograd.Function):
    """Passes a gradient where it is positive and the ReLU is open."""

    @staticmethod
    def forward(context: torch.autograd.function.FunctionCtx, values: Tensor, upper: float) -> Tensor:
        context.save_for_backward(values)
        context.upper = upper  # type: ignore[attr-defined]  # torch's own way to keep a number
        return values.clamp(0, upper)

    @staticmethod
    def backward(context: torch.autograd.function.FunctionCtx, *gradients: Tensor) -> tuple[Tensor, None]:
        (values,) = context.saved_tensors  # type: ignore[attr-defined]  # as above
        (gradient,) = gradients
        opened = (values > 0) & (values < context.upper)  # type: ignore[attr-defined]
        return torch.where(opened & (gradient > 0), gradient, 0), None


class _Deconvolution(torch.autograd.Function):
    """Passes a gradient where it is positive, be the ReLU open or not."""

    @staticmethod
    def forward(context: torch.autograd.function.FunctionCtx, values: Tensor, upper: float) -> Tensor:
        del context
        return values.clamp(0, upper)

    @staticmethod
    def backward(context: torch.autograd.function.FunctionCtx, *gradients: Tensor) -> tuple[Tensor, None]:
        del context
        (gradient,) = gradients
        return torch.where(gradient > 0, gradient, 0), None


def guided(values: Tensor, upper: float) -> Tensor:
    """A ReLU with Springenberg et al.'s rule."""
    found: Tensor = _Guided.apply(values, upper)
    return found


def deconvolution(values: Tensor, upper: float) -> Tensor:
    """A ReLU with Zeiler and Fergus's rule."""
    found: Tensor = _Deconvolution.apply(values, upper)
    return found
