"""How each ATen operation changes where its output looks. One small function a kind of operation.

An operation that is in none of the tables gives an unknown field rather than a wrong one.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload

from cnnviz_desktop.core.geometry import AxisField

_EVERYTHING = AxisField(0.0, 0.0, math.inf)


@dataclass(frozen=True, slots=True)
class Placed:
    """A tensor's field and where its rows and columns are.

    Attributes:
        fields: Along y and x.
        dims: Which dimensions of the tensor are y and x; None where they are folded into another by a view.
        extent: Number of rows and columns.
    """

    fields: tuple[AxisField, AxisField]
    dims: tuple[int, int] | None
    extent: tuple[int, int]

    def over(self, tensor: Tensor) -> "Placed | None":
        """The same field on another tensor, where its rows and columns can be found in it."""
        for dims in (self.dims, (2, 3), (1, 2), (3, 4)):
            if dims and tensor.dim() > max(dims) and tuple(tensor.shape[dim] for dim in dims) == self.extent:
                return self if dims == self.dims else replace(self, dims=dims)
        folded = replace(self, dims=None)
        return folded if self.dims is None or tensor.dim() < 4 else None


def carried(operation: OpOverload, args: tuple[Any, ...], sources: list[Placed], output: Tensor) -> Placed | None:
    """Where a cell of the output looks.

    Args:
        operation: What ran.
        args: Its arguments.
        sources: Places of those tensors among the arguments that have one; at least one.
        output: What it gave.
    """
    name = operation.overloadpacket.__name__
    rule = _SLIDING.get(name)
    if rule is not None:
        return rule(sources[0], args, output) if sources[0].dims == (2, 3) else None
    if name in _NAMING_DIMENSIONS:
        return _moved(name, sources[0], args, output)
    if name in ("addmm", "mm") and not _keeps_rows(sources[0], args):
        return _whole(output)
    if name in _NORMALISING and args[5]:  # by the statistics of this very batch
        return _whole(output)
    if name in _FOLDING or name in _CELL_WISE or torch.Tag.pointwise in operation.tags:
        return _union(sources, output)
    return _whole(output) if name in _MIXING else None


def _keeps_rows(source: Placed, args: tuple[Any, ...]) -> bool:
    """Whether a matrix product works on one cell a row, as a linear layer on (…, h, w, C) does."""
    rows = args[-2].shape[0]
    return bool(rows % math.prod(source.extent) == 0)


Rule = Callable[[Placed, tuple[Any, ...], Tensor], Placed]
Window = tuple[int, float, float, int]
"""Kernel, stride, padding and dilation of a sliding window along one axis."""


def _whole(output: Tensor) -> Placed:
    """Every cell sees everything."""
    extent = (output.shape[2], output.shape[3]) if output.dim() == 4 else (1, 1)
    return Placed((_EVERYTHING, _EVERYTHING), (2, 3) if output.dim() == 4 else None, extent)


def _union(sources: list[Placed], output: Tensor) -> Placed | None:
    """What a cell sees that is made from the same cell of every source; a source of one cell is broadcast."""
    if len(sources) == 1:
        return sources[0].over(output)
    largest = max(sources, key=lambda placed: placed.extent)
    fields = [
        reduce(
            partial(_joined, cells=cells),
            (replace(placed.fields[axis], stride=0.0) if placed.extent[axis] < cells else placed.fields[axis]
             for placed in sources),
            largest.fields[axis],
        )
        for axis, cells in enumerate(largest.extent)
    ]  # fmt: skip
    return replace(largest, fields=(fields[0], fields[1])).over(output)


def _joined(first: AxisField, second: AxisField, cells: int) -> AxisField:
    """The smallest field of the first one's stride that holds both, for each of that many cells."""
    if math.isinf(first.size) or math.isinf(second.size):
        return _EVERYTHING
    drift = [cell * (second.stride - first.stride) for cell in (0, cells - 1)]  # linear between the two ends
    start = min(first.start, *(second.start + step for step in drift))
    end = max(first.start + first.size, *(second.start + second.size + step for step in drift))
    return AxisField(start, first.stride, end - start)


def _window(field: AxisField, kernel: int, stride: float, padding: float, dilation: int = 1) -> AxisField:
    """The field after a sliding window."""
    if math.isinf(field.size):
        return field
    reach = (kernel - 1) * dilation
    return AxisField(
        field.start - padding * field.stride, field.stride * stride, field.size + reach * abs(field.stride)
    )


def _slid(source: Placed, output: Tensor, windows: Iterable[Window]) -> Placed:
    return _placed(output, [_window(field, *window) for field, window in zip(source.fields, windows, strict=True)])


def _placed(output: Tensor, fields: Sequence[AxisField]) -> Placed:
    """The place of an output (N, C, h, w)."""
    return Placed((fields[0], fields[1]), (2, 3), (output.shape[2], output.shape[3]))


def _pair(args: tuple[Any, ...], position: int, default: tuple[int, int]) -> tuple[int, int]:
    """An argument that gives one number for both axes, or one each; the default where it is absent or empty."""
    value = args[position] if position < len(args) else None
    if value is None or value == []:
        return default
    return (value, value) if isinstance(value, int) else (value[0], value[-1])


def _number(args: tuple[Any, ...], position: int, default: int) -> int:
    value = args[position] if position < len(args) else None
    return default if value is None else int(value)


def _convolution(source: Placed, args: tuple[Any, ...], output: Tensor) -> Placed:
    kernel = (args[1].shape[2], args[1].shape[3])
    strides, paddings, dilations = (_pair(args, position, (1, 1)) for position in (3, 4, 5))
    windows: list[Window] = list(zip(kernel, strides, paddings, dilations, strict=True))
    if not args[6]:
        return _slid(source, output, windows)
    # Transposed: output i sees source cells (i + padding − (kernel − 1)·dilation) / stride … (i + padding) / stride.
    return _placed(
        output,
        [
            _spread(field, -((size - 1) * gap - pad) / step, (size - 1) * gap / step, 1 / step)
            for field, (size, step, pad, gap) in zip(source.fields, windows, strict=True)
        ],
    )


def _spread(field: AxisField, offset: float, reach: float, stride: float) -> AxisField:
    """The field of an output finer than its source: cell i sees source cells i·stride + offset … + reach, rounded."""
    if math.isinf(field.size):
        return field
    return AxisField(field.start + offset * field.stride, field.stride * stride, field.size + reach * field.stride)


def _pool(source: Placed, args: tuple[Any, ...], output: Tensor, *, dilated: bool) -> Placed:
    kernel = _pair(args, 1, (1, 1))
    strides, paddings = _pair(args, 2, kernel), _pair(args, 3, (0, 0))
    dilations = _pair(args, 4, (1, 1)) if dilated else (1, 1)
    return _slid(source, output, list(zip(kernel, strides, paddings, dilations, strict=True)))


def _adaptive_pool(source: Placed, _: tuple[Any, ...], output: Tensor) -> Placed:
    fields = []
    for field, cells, made in zip(source.fields, source.extent, output.shape[2:], strict=True):
        step = cells / made
        # Window i is [floor(i·step), ceil((i + 1)·step)): at most one cell more on either side than step when uneven.
        slack = 0 if cells % made == 0 else 1
        fields.append(_EVERYTHING if made == 1 else _window(field, math.ceil(step) + 2 * slack, step, slack))
    return _placed(output, fields)


def _upsampling(reach: float) -> Rule:
    def rule(source: Placed, _: tuple[Any, ...], output: Tensor) -> Placed:
        fields = []
        for field, cells, made in zip(source.fields, source.extent, output.shape[2:], strict=True):
            fields.append(_spread(field, 0.5 * cells / made - 0.5 - reach, 2 * reach, cells / made))
        return _placed(output, fields)

    return rule


def _padding(source: Placed, args: tuple[Any, ...], output: Tensor) -> Placed:
    pad = [*args[1], 0, 0, 0, 0]
    return _slid(source, output, [(1, 1, pad[2], 1), (1, 1, pad[0], 1)])


def _moved(name: str, source: Placed, args: tuple[Any, ...], output: Tensor) -> Placed | None:
    """Operations that name dimensions: what they do depends on whether those are the rows or the columns."""
    if source.dims is None:
        return source if name == "native_layer_norm" else None
    rank = args[0].dim()
    if name == "slice":
        return _sliced(source, args, output, rank)
    if name in ("permute", "transpose"):
        order = _new_order(name, args, rank)
        return replace(source, dims=(order.index(source.dims[0]), order.index(source.dims[1])))
    if _touched(name, args, rank).isdisjoint(source.dims):
        return source.over(output)
    return _whole(output)


def _new_order(name: str, args: tuple[Any, ...], rank: int) -> list[int]:
    if name == "permute":
        return [dim % rank for dim in args[1]]
    order = list(range(rank))
    first, second = args[1] % rank, args[2] % rank
    order[first], order[second] = order[second], order[first]
    return order


def _touched(name: str, args: tuple[Any, ...], rank: int) -> set[int]:
    """Dimensions along which values are mixed."""
    named = args[1] if len(args) > 1 else None
    if name == "native_layer_norm":
        return set(range(rank - len(args[1]), rank))
    if named is None or named == []:
        return set(range(rank))
    return {dim % rank for dim in ([named] if isinstance(named, int) else named)}


def _sliced(source: Placed, args: tuple[Any, ...], output: Tensor, rank: int) -> Placed | None:
    dim = _number(args, 1, 0) % rank
    if source.dims is None or dim not in source.dims:
        return source.over(output)
    axis = source.dims.index(dim)
    start = _number(args, 2, 0)
    start = max(0, start + source.extent[axis]) if start < 0 else start
    fields, extent = list(source.fields), list(source.extent)
    fields[axis] = _window(fields[axis], 1, _number(args, 4, 1), -start)
    extent[axis] = output.shape[dim]
    return Placed((fields[0], fields[1]), source.dims, (extent[0], extent[1]))


_SLIDING: dict[str, Rule] = {
    "convolution": _convolution,
    "_convolution": _convolution,
    "max_pool2d_with_indices": partial(_pool, dilated=True),
    "avg_pool2d": partial(_pool, dilated=False),
    "_adaptive_avg_pool2d": _adaptive_pool,
    "adaptive_max_pool2d": _adaptive_pool,
    "upsample_nearest2d": _upsampling(0.5),
    "_upsample_nearest_exact2d": _upsampling(0.5),
    "upsample_bilinear2d": _upsampling(1.0),
    "upsample_bicubic2d": _upsampling(2.0),
    "constant_pad_nd": _padding,
    "reflection_pad2d": _padding,
    "replication_pad2d": _padding,
}
# What joins or cuts channels, or folds dimensions, and leaves the cells' places to be found again in the output.
_FOLDING = frozenset({"view", "_unsafe_view", "reshape", "cat", "split", "split_with_sizes", "clone", "_to_copy",
                      "unsqueeze", "squeeze", "expand", "detach", "alias", "contiguous", "stack", "chunk",
                      "channel_shuffle", "native_channel_shuffle", "lift_fresh", "copy_"})  # fmt: skip
# What works on each cell by itself along the channels.
_NORMALISING = frozenset({"native_batch_norm", "cudnn_batch_norm", "miopen_batch_norm", "_native_batch_norm_legit"})
_CELL_WISE = _NORMALISING | frozenset({"_native_batch_norm_legit_no_training", "addmm", "mm",
                       "linear", "prelu", "_prelu_kernel", "native_dropout", "dropout", "batch_norm",
                       "hardswish", "hardswish_", "log_sigmoid_forward"})  # fmt: skip
_MIXING = frozenset({"native_group_norm", "bmm", "baddbmm", "matmul", "_scaled_dot_product_flash_attention_for_cpu",
                     "_scaled_dot_product_flash_attention", "_scaled_dot_product_efficient_attention",
                     "_scaled_dot_product_cudnn_attention", "scaled_dot_product_attention"})  # fmt: skip
_NAMING_DIMENSIONS = frozenset({"slice", "permute", "transpose", "mean", "sum", "amax", "amin",
                                "native_layer_norm", "_softmax", "_log_softmax", "select"})  # fmt: skip
