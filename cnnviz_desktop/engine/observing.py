"""What every module of a network does in one run: shapes, places, order, work, and what is overwritten afterwards."""

import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import torch
from torch import Tensor, nn
from torch._ops import OpOverload

from cnnviz_desktop.core.geometry import ReceptiveField, Size
from cnnviz_desktop.core.outline import Side
from cnnviz_desktop.core.token_grids import Shape, TokenGrid, grid_of
from cnnviz_desktop.engine.capture import place_of, tensors_of
from cnnviz_desktop.engine.functional_calls import CallsBetween, FunctionWatch, unwatched
from cnnviz_desktop.engine.multiply_adds import multiply_adds
from cnnviz_desktop.engine.receptive_fields import ReceptiveFieldTracer, tensors_among, written_positions


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
        first: What the first tensor it gave out is known by; None where it gave none.
        field: That tensor's receptive field; None where unknown.
        order: Its place in the order in which the modules returned.
    """

    inputs: tuple[Noted, ...]
    outputs: tuple[Noted, ...]
    first: int | None
    field: ReceptiveField | None
    order: int

    def noted(self, side: Side) -> tuple[Noted, ...]:
        """The tensors of a side."""
        return self.inputs if side == "input" else self.outputs


@dataclass(slots=True)
class Observer:
    """Watches a network at work.

    Attributes:
        tracer: Follows where each tensor looks.
        between: Notes what the modules' own code calls.
        seen: The last call of every module that ran, by its name.
        runs: How often each ran.
        own_macs: Multiply–accumulates of each module's own code, its children's left out, over all of its runs.
        read: Identities of the tensors that any operation took in.
        overwritten: Modules whose first output an in-place operation has changed since.
    """

    tracer: ReceptiveFieldTracer
    between: CallsBetween
    seen: dict[str, Call] = field(default_factory=dict)
    runs: Counter[str] = field(default_factory=Counter)
    own_macs: Counter[str] = field(default_factory=Counter)
    read: set[int] = field(default_factory=set)
    overwritten: set[str] = field(default_factory=set)
    # By the place of their memory. Kept alive, outputs would take new memory for each layer: a third of a pass's time.
    _outputs: dict[int, list[tuple[weakref.ref[Tensor], str]]] = field(default_factory=dict)
    _order: Iterator[int] = field(default_factory=count)

    def before(self, name: str) -> Callable[..., None]:
        """A forward pre-hook for the module of that name."""

        def begin(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            with unwatched():
                self.between.begin(name, tensors_of((args, kwargs)))

        return begin

    def after(self, name: str) -> Callable[..., None]:
        """A forward hook for the module of that name."""

        def note(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: object) -> None:
            with unwatched():
                self._note(name, tensors_of((args, kwargs)), tensors_of(output))

        return note

    def ran(self, operation: OpOverload, args: tuple[Any, ...], output: object) -> None:
        """An ATen operation has run."""
        self.read.update(map(id, tensors_among(args)))
        for position in written_positions(operation):
            for tensor in tensors_among(args[position : position + 1]):
                for output, name in self._outputs.pop(place_of(tensor), ()):
                    if output() is not None:  # else the memory has gone to another
                        self.overwritten.add(name)
        macs = multiply_adds(operation, args, output)
        if macs:
            self.own_macs[self.between.at_work] += macs

    def _note(self, name: str, inputs: list[Tensor], outputs: list[Tensor]) -> None:
        first = outputs[0] if outputs else None
        self.seen[name] = Call(
            inputs=self._noted(inputs),
            outputs=self._noted(outputs),
            first=self.between.identities.of(first) if first is not None else None,
            field=self.tracer.field_of(first) if first is not None else None,
            order=next(self._order),
        )
        self.runs[name] += 1
        self.overwritten.discard(name)
        if first is not None:
            self._watch(name, first)
        self.between.end(name, outputs)

    def _watch(self, name: str, output: Tensor) -> None:
        if output.is_inference():  # it counts no versions, by which a recording tells later: assume the worst
            self.overwritten.add(name)
        self._outputs.setdefault(place_of(output), []).append((weakref.ref(output), name))

    def _noted(self, tensors: list[Tensor]) -> tuple[Noted, ...]:
        return tuple(
            Noted(tuple(tensor.shape[1:]), self.tracer.rows_at(tensor), tensor.dim() > 0 and tensor.shape[0] == 1)
            for tensor in tensors
        )


@contextmanager
def observed(modules: Mapping[str, nn.Module], source: Tensor) -> Iterator[Observer]:
    """Watch a network's one pass over `source`, an input (1, C, H, W), that runs inside. The hooks always come off.

    Args:
        modules: By name; scripted ones take no hooks and are left alone.
        source: The input.
    """
    tracer = ReceptiveFieldTracer(source)
    closed = frozenset(name for name, part in modules.items() if type(part).__module__.startswith("torch."))
    observer = Observer(tracer, CallsBetween(closed, tracer.follows))
    tracer.ran = observer.ran
    handles = []
    try:
        for name, part in modules.items():
            if not isinstance(part, torch.jit.ScriptModule):
                handles.append(part.register_forward_pre_hook(observer.before(name), with_kwargs=True))
                handles.append(part.register_forward_hook(observer.after(name), with_kwargs=True))
        with FunctionWatch(observer.between), tracer:
            yield observer
    finally:
        for handle in handles:
            handle.remove()


def grids_of(calls: Mapping[str, Call], size: Size, side: Side) -> dict[str, tuple[TokenGrid | None, ...]]:
    """How every tensor on a side of each module lies over an input of one row, None for one without places."""
    cells = {noted.cells for call in calls.values() for noted in call.outputs}
    known = sorted(each for each in cells if each is not None)
    grids: dict[Noted, TokenGrid | None] = {}
    for call in calls.values():
        for noted in call.noted(side):
            if noted not in grids:  # a large network has few shapes
                grids[noted] = _grid(noted, size, known)
    return {name: tuple(grids[noted] for noted in call.noted(side)) for name, call in calls.items()}


def _grid(noted: Noted, size: Size, known: list[Size]) -> TokenGrid | None:
    grid = grid_of(noted.shape, size, rows_at=noted.rows_at, known=known)
    return grid if noted.batch_first else None  # such as features read in many boxes of one image
