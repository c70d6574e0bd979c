"""What every module of a network does in one run: shapes, places, order, and what is overwritten afterwards."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from torch import Tensor, nn

from cnnviz_desktop.core.geometry import ReceptiveField, Size
from cnnviz_desktop.core.outline import Side
from cnnviz_desktop.core.token_grids import Shape, TokenGrid, grid_of
from cnnviz_desktop.engine.capture import tensors_of, version_of
from cnnviz_desktop.engine.receptive_fields import ReceptiveFieldTracer


@dataclass(frozen=True, slots=True)
class Noted:
    """One tensor that a module took in or gave out.

    Attributes:
        shape: Without the batch.
        rows_at: Which dimension of it is the rows of cells; None where that is unknown.
        batch_first: Whether its first dimension is as long as the batch.
    """

    shape: Shape
    rows_at: int | None
    batch_first: bool

    @property
    def cells(self) -> Size | None:
        """How many cells it has; None where that is unknown, or where there is one."""
        if self.rows_at is None:
            return None
        cells = Size(self.shape[self.rows_at], self.shape[self.rows_at + 1])
        return cells if min(cells) > 1 else None


@dataclass(frozen=True, slots=True)
class Call:
    """What one module did at its last call.

    Attributes:
        inputs: What it took in.
        outputs: What it gave out.
        first: The first tensor it gave out.
        version: That tensor's version counter when the module returned.
        field: That tensor's receptive field; None where unknown.
        order: Its place in the order in which the modules returned.
    """

    inputs: tuple[Noted, ...]
    outputs: tuple[Noted, ...]
    first: Tensor | None
    version: int
    field: ReceptiveField | None
    order: int

    @property
    def overwritten(self) -> bool:
        """Whether an in-place operation has changed what it gave since."""
        if self.first is None:
            return False
        # Inference mode counts no versions: assume the worst.
        return self.first.is_inference() or version_of(self.first) != self.version

    def noted(self, side: Side) -> tuple[Noted, ...]:
        """The tensors of a side."""
        return self.inputs if side == "input" else self.outputs


@dataclass(slots=True)
class Observer:
    """Forward hooks that note every module's last call.

    Attributes:
        tracer: Follows where each tensor looks.
        seen: The calls, by the name of the module.
    """

    tracer: ReceptiveFieldTracer
    seen: dict[str, Call] = field(default_factory=dict)
    _runs: Iterator[int] = field(default_factory=count)

    def hook(self, name: str) -> Callable[..., None]:
        """A forward hook for the module of that name."""

        def note(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: object) -> None:
            tensors = tensors_of(output)
            first = tensors[0] if tensors else None
            self.seen[name] = Call(
                inputs=self._noted(tensors_of((args, kwargs))),
                outputs=self._noted(tensors),
                first=first,
                version=version_of(first) if first is not None else 0,
                field=self.tracer.field_of(first) if first is not None else None,
                order=next(self._runs),
            )

        return note

    def _noted(self, tensors: list[Tensor]) -> tuple[Noted, ...]:
        return tuple(
            Noted(tuple(tensor.shape[1:]), self.tracer.rows_at(tensor), tensor.dim() > 0 and tensor.shape[0] == 1)
            for tensor in tensors
        )


def grids_of(calls: Mapping[str, Call], size: Size, side: Side) -> dict[str, tuple[TokenGrid | None, ...]]:
    """How every tensor on a side of each module lies over an input of one row, None for one without places."""
    cells = {noted.cells for call in calls.values() for noted in call.outputs}
    known = sorted(each for each in cells if each is not None)
    return {name: tuple(_grid(noted, size, known) for noted in call.noted(side)) for name, call in calls.items()}


def _grid(noted: Noted, size: Size, known: list[Size]) -> TokenGrid | None:
    grid = grid_of(noted.shape, size, rows_at=noted.rows_at, known=known)
    return grid if grid is None or grid.form == "maps" or noted.batch_first else None
