"""Constants that an operation puts beside the values of a signal, or in the place of some of them."""

from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from cnnviz_desktop.engine.methods.operation_calls import Call, Constant, Rule


def _without_signals(function: Callable[..., object]) -> Rule:
    """What an operation gives where all its signals are 0, for one that is linear in them but for what it adds."""

    def rule(call: Call) -> Iterator[Constant]:
        args = [_silenced(each) for each in call.args]
        found = function(*args, **{name: _silenced(each) for name, each in call.kwargs.items()})
        still = args[0] if found is None else found  # an assignment to a part gives nothing
        if isinstance(still, Tensor) and bool(still.any()):
            yield Constant(still.detach())

    return rule


def _silenced(value: object) -> object:
    """An argument, 0 where it is a signal."""
    if isinstance(value, Tensor):
        return torch.zeros_like(value) if value.requires_grad else value
    if isinstance(value, list | tuple):
        silenced = [_silenced(each) for each in value]
        return silenced if isinstance(value, list) else tuple(silenced)
    return value


def _joined(function: Callable[..., object]) -> Rule:
    """The constant ones among tensors that are put together, such as a class token."""
    parts_alone = _without_signals(function)

    def rule(call: Call) -> Iterator[Constant]:
        parts = call.args[0] if call.args else call.kwargs["tensors"]
        if not all(part.requires_grad for part in parts):
            yield from parts_alone(call)

    return rule


def _padded(call: Call) -> Iterator[Constant]:
    if call.number(3, "value", 0.0):
        yield from _without_signals(F.pad)(call)


def _held(*bounds: tuple[int, str, float | None]) -> Rule:
    """The bounds, where values are held at them.

    Args:
        bounds: Position and name of each among the arguments, and what it is where it was not given.
    """

    def rule(call: Call) -> Iterator[Constant]:
        for position, name, default in bounds:
            bound = call.constant(position, name)
            if bound is None and default is not None and call.argument(position, name) is None:
                bound = call.output.new_tensor(default)
            if bound is not None:
                yield from _where_at(bound, call)

    return rule


def _relu6(call: Call) -> Iterator[Constant]:
    yield from _where_at(call.output.new_tensor(6), call)


def _where_at(bound: Tensor, call: Call) -> Iterator[Constant]:
    if bool((bound != 0).any()):
        held = (call.output.detach() == bound) & bound.isfinite()
        yield Constant(torch.where(held, bound.detach(), 0))


_LOWEST_AND_HIGHEST, _EITHER = _held((1, "min", None), (2, "max", None)), _held((0, "input", None), (1, "other", None))
_JOINS = (torch.cat, torch.concat, torch.concatenate, torch.stack, torch.hstack, torch.vstack, torch.dstack,
          torch.row_stack, torch.column_stack)  # fmt: skip
_LINEAR = (
    torch.where, Tensor.where, torch.masked_fill, Tensor.masked_fill, Tensor.masked_fill_, torch.masked_scatter,
    Tensor.masked_scatter, Tensor.masked_scatter_, Tensor.__setitem__, torch.index_put, Tensor.index_put,
    Tensor.index_put_, torch.index_fill, Tensor.index_fill, Tensor.index_fill_, torch.index_copy, Tensor.index_copy,
    Tensor.index_copy_, torch.index_add, Tensor.index_add, Tensor.index_add_, torch.scatter, Tensor.scatter,
    Tensor.scatter_, torch.scatter_add, Tensor.scatter_add, Tensor.scatter_add_, torch.slice_scatter,
    Tensor.slice_scatter, torch.select_scatter, Tensor.select_scatter,
)  # fmt: skip

PLACED: dict[Callable[..., object], Rule] = {
    **{function: _joined(function) for function in _JOINS},
    **{function: _without_signals(function) for function in _LINEAR},
    F.pad: _padded,
    **dict.fromkeys((torch.clamp, torch.clamp_, torch.clip, torch.clip_, Tensor.clamp, Tensor.clamp_, Tensor.clip,
                     Tensor.clip_), _LOWEST_AND_HIGHEST),
    **dict.fromkeys((torch.clamp_min, torch.clamp_min_, Tensor.clamp_min, Tensor.clamp_min_), _held((1, "min", None))),
    **dict.fromkeys((torch.clamp_max, torch.clamp_max_, Tensor.clamp_max, Tensor.clamp_max_), _held((1, "max", None))),
    **dict.fromkeys((torch.maximum, torch.minimum, torch.fmax, torch.fmin, torch.max, torch.min, Tensor.maximum,
                     Tensor.minimum, Tensor.fmax, Tensor.fmin, Tensor.max, Tensor.min), _EITHER),
    **dict.fromkeys((F.threshold, torch.threshold, torch.threshold_), _held((2, "value", None))),
    F.hardtanh: _held((1, "min_val", -1.0), (2, "max_val", 1.0)),
    F.relu6: _relu6,
}  # fmt: skip
"""What each such operation adds."""
