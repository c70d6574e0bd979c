"""How many multiply–accumulates an ATen operation does. One small function a kind of operation.

Counted is what papers count: convolutions and products of matrices, attention among them. Additions, activations,
normalisation and pooling count nothing.
"""

import math
from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch._ops import OpOverload

Rule = Callable[[tuple[Any, ...], Any], int]


def multiply_adds(operation: OpOverload, args: tuple[Any, ...], output: object) -> int:
    """Multiply–accumulates of one call; 0 for an operation that is not counted.

    Args:
        operation: What ran.
        args: Its arguments.
        output: What it gave.
    """
    rule = _RULES.get(operation.overloadpacket.__name__)
    return rule(args, output) if rule is not None else 0


def _convolution(args: tuple[Any, ...], output: Tensor) -> int:
    """Each value of the output sums over a kernel; each value of a transposed one's input is spread over a kernel."""
    source, weight = args[0], args[1]  # weight (out, in / groups, …), of a transposed one (in, out / groups, …)
    return int((source if args[6] else output).numel() * math.prod(weight.shape[1:]))


def _deformed_convolution(args: tuple[Any, ...], output: Tensor) -> int:
    return int(output.numel() * math.prod(args[1].shape[1:]))


def _product_at(position: int) -> Rule:
    """Of a matrix product whose first factor stands there among the arguments: each value sums over its last axis."""

    def rule(args: tuple[Any, ...], output: Tensor) -> int:
        return int(output.numel() * args[position].shape[-1])

    return rule


def _summed_products(args: tuple[Any, ...], _: Tensor) -> int:
    batch1, batch2 = args[1], args[2]  # (B, n, k), (B, k, m); the sum over B is given
    return int(batch1.numel() * batch2.shape[-1])


def _of_every_value(position: int) -> Rule:
    """One for each value of the argument at that place: a matrix times a vector, or two vectors."""

    def rule(args: tuple[Any, ...], _: Tensor) -> int:
        return int(args[position].numel())

    return rule


def _attention(args: tuple[Any, ...], _: object) -> int:
    query, key, value = args[:3]  # (…, L, E), (…, S, E), (…, S, V): L·S products of length E, then of length V
    return int(query.numel() * key.shape[-2] + math.prod(query.shape[:-1]) * value.shape[-2] * value.shape[-1])


_RULES: dict[str, Rule] = {
    "convolution": _convolution,
    "_convolution": _convolution,
    "deform_conv2d": _deformed_convolution,
    "linear": _product_at(0),
    "mm": _product_at(0),
    "matmul": _product_at(0),
    "bmm": _product_at(0),
    "addmm": _product_at(1),
    "_addmm_activation": _product_at(1),
    "baddbmm": _product_at(1),
    "addbmm": _summed_products,
    "mv": _of_every_value(0),
    "addmv": _of_every_value(1),
    "dot": _of_every_value(0),
    "vdot": _of_every_value(0),
    "_scaled_dot_product_attention_math": _attention,
    "_scaled_dot_product_cudnn_attention": _attention,
    "_scaled_dot_product_efficient_attention": _attention,
    "_scaled_dot_product_flash_attention": _attention,
    "_scaled_dot_product_flash_attention_for_cpu": _attention,
    "_scaled_dot_product_fused_attention_overrideable": _attention,
}
