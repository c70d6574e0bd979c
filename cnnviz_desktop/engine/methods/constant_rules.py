"""Which constants each operation adds to the signal that runs through it, and which operations bend that signal."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from cnnviz_desktop.engine.methods.operation_calls import Call, Constant, Rule
from cnnviz_desktop.engine.methods.placed_constants import PLACED


def _nothing(_: Call) -> Iterator[Constant]:
    yield from ()


def _bias(position: int, trailing: int | None) -> Rule:
    """The argument ``bias`` where channels are followed by so many dimensions; by all but two of them if None."""

    def rule(call: Call) -> Iterator[Constant]:
        bias = call.tensor(position, "bias")
        if bias is not None:
            after = call.output.dim() - 2 if trailing is None else trailing
            yield Constant(bias.detach()[(..., *[None] * after)], rows_at=1 if after else 0)

    return rule


def _batch_norm(positions: tuple[int, int, int, int, int, int]) -> Rule:
    """What it shifts by, bias − mean · weight / √(var + eps).

    Args:
        positions: Where mean, variance, weight, bias, training and eps stand among the arguments.
    """

    def rule(call: Call) -> Iterator[Constant]:
        names = ("running_mean", "running_var", "weight", "bias")
        mean, variance, weight, bias = (call.tensor(*each) for each in zip(positions, names, strict=False))
        shift: Tensor | None = bias
        if mean is not None and variance is not None and not _by_own_statistics(call, positions[4]):
            slope = (variance + call.number(positions[5], "eps", 1e-5)).rsqrt()
            shift = -mean * (slope if weight is None else slope * weight) + (0 if bias is None else bias)
        if shift is not None:
            yield Constant(shift.detach()[(..., *[None] * (call.output.dim() - 2))], rows_at=1)

    return rule


def _by_own_statistics(call: Call, position: int) -> bool:
    """Whether a batch normalisation goes by the mean and variance of the batch it sees."""
    return bool(call.argument(position, "training"))


def _addition(sign: float = 1.0, first: float = 1.0) -> Rule:
    """One operand of ``first · left + sign · alpha · right`` that is constant."""

    def rule(call: Call) -> Iterator[Constant]:
        left, right = call.constant(0, "input"), call.constant(1, "other")
        if left is not None:
            yield Constant(first * left.detach())
        if right is not None:
            yield Constant(sign * call.number(2, "alpha", 1.0) * right.detach())

    return rule


def _product_added(call: Call) -> Iterator[Constant]:
    added = call.constant(0, "input")
    if added is not None:
        yield Constant(call.number(3, "beta", 1.0) * added.detach())


def constants_of(function: Callable[..., object], call: Call) -> Iterator[Constant]:
    """What an operation added to its signal.

    What is infinite, as in masks of attention, counts as 0: nothing comes back to it, and 0 · ∞ is no number.
    """
    for constant in _RULES.get(function, _nothing)(call):
        yield replace(constant, value=constant.value.masked_fill(constant.value.isinf(), 0))


def bend_of(function: Callable[..., object], call: Call) -> str:
    """What an operation is called that is not linear piece by piece in its signal; empty for one that is."""
    if function in _PRODUCTS:
        factors = (call.argument(0, "input"), call.argument(1, "other"))
        signals = [each for each in factors if isinstance(each, Tensor) and each.requires_grad]
        return "products of two signals" if len(signals) > 1 else ""
    if function in _BATCH_NORMS and _by_own_statistics(call, _BATCH_NORMS[function][4]):
        return "batch normalisation by the batch's own statistics"
    return _CURVED.get(getattr(function, "__name__", ""), "")


_BATCH_NORMS: dict[Callable[..., object], tuple[int, int, int, int, int, int]] = {
    F.batch_norm: (1, 2, 3, 4, 5, 7),
    torch.batch_norm: (3, 4, 1, 2, 5, 7),
}
_RULES: dict[Callable[..., object], Rule] = {
    torch.conv1d: _bias(2, 1),
    torch.conv2d: _bias(2, 2),
    torch.conv3d: _bias(2, 3),
    torch.conv_transpose1d: _bias(2, 1),
    torch.conv_transpose2d: _bias(2, 2),
    torch.conv_transpose3d: _bias(2, 3),
    F.linear: _bias(2, 0),
    F.layer_norm: _bias(3, 0),
    torch.layer_norm: _bias(3, 0),
    F.group_norm: _bias(3, None),
    torch.group_norm: _bias(3, None),
    F.instance_norm: _bias(4, None),
    torch.instance_norm: _bias(2, None),
    **{function: _batch_norm(positions) for function, positions in _BATCH_NORMS.items()},
    **dict.fromkeys((torch.add, Tensor.add, Tensor.add_), _addition()),
    **dict.fromkeys((torch.sub, torch.subtract, Tensor.sub, Tensor.sub_), _addition(sign=-1.0)),
    Tensor.__rsub__: _addition(first=-1.0),
    torch.rsub: _addition(first=-1.0),
    **dict.fromkeys((torch.addmm, torch.baddbmm, Tensor.addmm), _product_added),
    **PLACED,
}  # fmt: skip
_PRODUCTS = frozenset({torch.mul, Tensor.mul, Tensor.mul_, torch.div, Tensor.div, Tensor.div_, torch.matmul,
                       Tensor.matmul, torch.bmm, Tensor.bmm})  # fmt: skip
_CURVED = {
    "softmax": "softmax", "log_softmax": "softmax", "scaled_dot_product_attention": "attention", "gelu": "GELU",
    "silu": "SiLU", "sigmoid": "sigmoid", "sigmoid_": "sigmoid", "tanh": "tanh", "tanh_": "tanh",
    "hardswish": "hard swish", "hardsigmoid": "hard sigmoid", "mish": "Mish", "elu": "ELU", "selu": "SELU",
    "celu": "CELU", "softplus": "softplus", "logsigmoid": "log-sigmoid", "layer_norm": "LayerNorm",
    "group_norm": "GroupNorm", "instance_norm": "InstanceNorm", "rms_norm": "RMSNorm", "normalize": "normalisation",
    "local_response_norm": "local response normalisation", "pow": "powers", "square": "powers", "sqrt": "roots",
    "rsqrt": "roots", "exp": "exponentials", "log": "logarithms", "reciprocal": "divisions",
}  # fmt: skip
"""By their function's name, so that a method of a tensor counts as the function does."""
