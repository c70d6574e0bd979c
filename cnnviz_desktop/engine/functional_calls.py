"""The functions and operators that modules' own code calls, noted while the network runs."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakTensorKeyDictionary

from cnnviz_desktop.core.operations import Operation
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.core.token_grids import Shape
from cnnviz_desktop.engine.capture import tensors_of, version_of

if TYPE_CHECKING:
    from collections.abc import MutableMapping

_ATTRIBUTES = frozenset({"__get__", "__set__"})
_OPERATORS = {
    "__getitem__": "index",
    "__add__": "add",
    "__radd__": "add",
    "__iadd__": "add",
    "__sub__": "sub",
    "__rsub__": "sub",
    "__isub__": "sub",
    "__mul__": "mul",
    "__rmul__": "mul",
    "__imul__": "mul",
    "__truediv__": "div",
    "__rtruediv__": "div",
    "__itruediv__": "div",
    "__matmul__": "matmul",
    "__rmatmul__": "matmul",
}
"""What operators are called in the tree; functions keep their own names, without the underscore of in-place ones."""


class Identities:
    """Numbers by which tensors are known without being kept alive; none is given twice, as Python's own are."""

    def __init__(self) -> None:
        self._known: MutableMapping[Tensor, int] = WeakTensorKeyDictionary()
        self._next = count()

    def of(self, tensor: Tensor) -> int:
        """The tensor's number."""
        number = self._known.get(tensor)
        if number is None:
            number = self._known[tensor] = next(self._next)
        return number


@dataclass(slots=True)
class _Called:
    name: str
    after: str
    outputs: tuple[Shape, ...]
    same_as: str = ""


@dataclass(slots=True)
class _Running:
    """A module at work, and the last one directly below it that has returned."""

    name: str
    after: str = ""


@dataclass(slots=True)
class CallsBetween:
    """Knows which module is at work, and what its code has called in its last run.

    A value is known again by its tensor and that one's version: an in-place operation makes another value of it.

    Attributes:
        identities: What tensors are known by.
        closed: Names of modules whose inner calls are PyTorch's own affair.
        follows: Whether a tensor was computed from the input.
    """

    closed: frozenset[str]
    follows: Callable[[Tensor], bool]
    identities: Identities = field(default_factory=Identities)
    _stack: list[_Running] = field(default_factory=list)
    _by_owner: dict[str, list[_Called]] = field(default_factory=dict)
    _made: dict[tuple[int, int], _Called] = field(default_factory=dict)

    @property
    def at_work(self) -> str:
        """Name of the module whose code runs now; empty for the network itself."""
        return self._stack[-1].name if self._stack else ""

    @property
    def operations(self) -> tuple[Operation, ...]:
        """What was called, in order within each owner."""
        return tuple(
            Operation(name=each.name, owner=owner, after=each.after, outputs=each.outputs, same_as=each.same_as)
            for owner, called in self._by_owner.items()
            for each in called
        )

    def begin(self, name: str, inputs: list[Tensor]) -> None:
        """A module begins to run on these tensors."""
        self._match(name, "input", inputs)
        self._stack.append(_Running(name))
        self._by_owner.pop(name, None)

    def end(self, name: str, outputs: list[Tensor]) -> None:
        """A module has returned these tensors."""
        while self._stack and self._stack.pop().name != name:
            """Those in between have raised, and somebody has caught it."""
        self._match(name, "output", outputs)
        if not self._stack or not name:
            return
        caller = self._stack[-1]
        inside = f"{caller.name}." if caller.name else ""
        if name.startswith(inside):
            caller.after = inside + name[len(inside) :].partition(".")[0]

    def called(self, function: str, outputs: list[Tensor]) -> None:
        """The code of the module at work has called a function that gave these tensors."""
        if not self._stack or self.at_work in self.closed or not any(map(self.follows, outputs)):
            return
        name = _OPERATORS.get(function) or function.strip("_")
        running = self._stack[-1]
        call = _Called(name, running.after, tuple(tuple(tensor.shape[1:]) for tensor in outputs))
        self._by_owner.setdefault(running.name, []).append(call)
        self._made[self._value(outputs[0])] = call

    def _value(self, tensor: Tensor) -> tuple[int, int]:
        return self.identities.of(tensor), version_of(tensor)

    def _match(self, name: str, side: str, tensors: list[Tensor]) -> None:
        """Note where values that a function gave are those of a module."""
        for part, tensor in enumerate(tensors) if name else ():
            call = self._made.get(self._value(tensor))
            if call is not None and not call.same_as:
                call.same_as = str(LayerRef(name, "input" if side == "input" else "output", part))


class FunctionWatch(TorchFunctionMode):
    """While active, tells of each function of PyTorch that Python code calls.

    Functions that such a function calls in turn are not told of, and neither is what compiled or scripted code calls.

    Args:
        calls: Is told.
    """

    def __init__(self, calls: CallsBetween) -> None:
        super().__init__()
        self._calls = calls

    def __torch_function__(
        self,
        func: Callable[..., object],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> object:
        """Call the function and tell of it."""
        output = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", "")
        if isinstance(output, Tensor | tuple | list) and name and name not in _ATTRIBUTES:
            tensors = tensors_of(output)
            if tensors:
                self._calls.called(name, tensors)
        return output


def unwatched() -> AbstractContextManager[object]:
    """Inside, nobody is told of functions: asking a tensor for its shape is one, and costs ten times as much then."""
    return torch._C.DisableTorchFunction()  # noqa: SLF001 - PyTorch offers it under this name alone
