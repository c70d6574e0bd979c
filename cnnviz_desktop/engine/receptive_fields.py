"""The receptive field of every tensor of a forward pass, computed from the operations that really ran."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from torch import Tensor
from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.weak import WeakTensorKeyDictionary

from cnnviz_desktop.core.geometry import AxisField, ReceptiveField
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


def tensors_among(values: Iterable[object]) -> list[Tensor]:
    """Every tensor among the arguments of an operation."""
    found: list[Tensor] = []
    for value in values:
        if isinstance(value, Tensor):
            found.append(value)
        elif isinstance(value, list | tuple):
            found += tensors_among(value)
    return found
