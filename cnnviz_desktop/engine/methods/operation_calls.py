"""One operation of a network as it ran, and a constant that it adds to the signal that runs through it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """Something that is added to a signal.

    Attributes:
        value: Tensor that is broadcast to the signal.
        rows_at: Which dimension of the signal after its batch is the rows of cells, where the operation tells: 1 of
            (1, C, h, w), 0 of (1, h, w, C).
    """

    value: Tensor
    rows_at: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One operation with its arguments and what it gave.

    Attributes:
        args: By position.
        kwargs: By name.
        output: What it gave.
    """

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    output: Tensor

    def tensor(self, position: int, name: str) -> Tensor | None:
        """An argument by its position or name, where it is a tensor."""
        value = self.argument(position, name)
        return value if isinstance(value, Tensor) else None

    def number(self, position: int, name: str, default: float) -> float:
        """An argument by its position or name, where it is a number."""
        value = self.argument(position, name)
        return float(value) if isinstance(value, int | float) else default

    def constant(self, position: int, name: str) -> Tensor | None:
        """An argument that does not depend on the network's input: a tensor, or a number as one."""
        value = self.argument(position, name)
        if isinstance(value, Tensor):
            return None if value.requires_grad else value
        return self.output.new_tensor(value) if isinstance(value, int | float) else None

    def argument(self, position: int, name: str) -> object:
        """An argument by its position or name; None where it was not given."""
        return self.args[position] if position < len(self.args) else self.kwargs.get(name)


Rule = Callable[[Call], Iterator[Constant]]
