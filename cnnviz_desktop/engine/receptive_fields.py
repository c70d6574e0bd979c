"""The receptive field of every tensor of a forward pass, computed from the operations that really ran."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.weak import WeakTensorKeyDictionary

from cnnviz_desktop.core.geometry import AxisField, ReceptiveField
from cnnviz_desktop.engine.capture import place_of
from cnnviz_desktop.engine.field_rules import Placed, carried

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping


class _Constant:
    """Stands for the place of a tensor that was not made from the input."""


_CONSTANT = _Constant()


class ReceptiveFieldTracer(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's base class has no types
    """While active, follows the receptive field of everything computed from `source`, an input (1, C, H, W).

    It sees each ATen operation, whether a module or a function asked for it, so that functional ReLUs, slices and
    concatenations in a network's own code count as its modules do.

    Attributes:
        ran: Told of each operation that has run, with its arguments and what it gave; None for nobody.
    """

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No: guarding `__torch_dispatch__` against torch.compile imports its compiler, longer than torch itself."""
        return False

    def __init__(self, source: Tensor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self.ran: Callable[[OpOverload, tuple[Any, ...], object], None] | None = None
        # By tensor made from the input: where it looks, or None where that is unknown.
        self._placed: MutableMapping[Tensor, Placed | None] = WeakTensorKeyDictionary()
        self._placed[source] = Placed((AxisField(), AxisField()), (2, 3), (source.shape[2], source.shape[3]))

    def field_of(self, tensor: Tensor) -> ReceptiveField | None:
        """The field of a tensor (1, C, h, w) or (1, h, w, C); None where unknown."""
        placed = self._placed.get(tensor)
        if placed is None or self.rows_at(tensor) is None:
            return None
        return ReceptiveField(*placed.fields)

    def follows(self, tensor: Tensor) -> bool:
        """Whether a tensor was computed from the source."""
        return tensor in self._placed

    def rows_at(self, tensor: Tensor) -> int | None:
        """Which dimension after the batch is the rows: 1 of (1, C, h, w), 0 of (1, h, w, C); None where unknown."""
        placed = self._placed.get(tensor)
        if placed is None or placed.dims not in ((1, 2), (2, 3)) or tensor.dim() != 4:
            return None
        return placed.dims[0] - 1

    def __torch_dispatch__(
        self,
        func: OpOverload,
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> object:
        """Run the operation and carry the fields over to what it gives."""
        if torch.is_inference_mode_enabled() and _is_composite(
            func
        ):  # else PyTorch takes it apart before it comes here
            with self:
                return func.decompose(*args, **(kwargs or {}))
        self._written_into(func, args)
        looked_up = [self._placed.get(tensor, _CONSTANT) for tensor in tensors_among(args)]
        sources = [placed for placed in looked_up if not isinstance(placed, _Constant)]
        output = func(*args, **(kwargs or {}))
        if self.ran is not None:
            self.ran(func, args, output)
        known = [placed for placed in sources if placed is not None]
        for tensor in tensors_among((output,)):
            if sources:
                self._placed[tensor] = carried(func, args, known, tensor) if len(known) == len(sources) else None
            else:
                self._placed.pop(tensor, None)  # an in-place operation has made it a constant
        return output

    def _written_into(self, operation: OpOverload, args: tuple[Any, ...]) -> None:
        """Where a part of a tensor is about to get cells that look elsewhere, no field tells where the whole looks."""
        for position in written_positions(operation):
            for part in tensors_among(args[position : position + 1]):
                known = self._placed.get(part)
                others = [
                    self._placed[each] for each in tensors_among(args) if each is not part and each in self._placed
                ]
                if any(known is None or other is None or other.fields != known.fields for other in others):
                    for whole in self._around(part):
                        self._placed[whole] = None

    def _around(self, part: Tensor) -> list[Tensor]:
        """The tensors of which another is a view."""
        base = part._base  # noqa: SLF001 - PyTorch offers it under this name alone
        if base is not None:
            return [base]
        if not part.is_inference():
            return []
        place = place_of(part)  # in inference mode, views do not know of what they are one
        return [each for each in self._placed if each.numel() > part.numel() and place_of(each) == place]


@cache
def written_positions(operation: OpOverload) -> tuple[int, ...]:
    """Which of an operation's arguments it writes into."""
    return tuple(
        position
        for position, argument in enumerate(operation._schema.arguments)  # noqa: SLF001 - there is no other name for it
        if argument.alias_info is not None and argument.alias_info.is_write
    )


@cache
def _is_composite(operation: OpOverload) -> bool:
    """Whether it is made of other operations."""
    return operation.has_kernel_for_dispatch_key(torch.DispatchKey.CompositeImplicitAutograd)


def tensors_among(values: Iterable[object]) -> list[Tensor]:
    """Every tensor among the arguments of an operation."""
    found: list[Tensor] = []
    for value in values:
        if isinstance(value, Tensor):
            found.append(value)
        elif isinstance(value, list | tuple):
            found += tensors_among(value)
    return found
