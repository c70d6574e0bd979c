"""What follows a layer in a network, run again and again on changed activations of that layer."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from itertools import count, product

import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import CnnvizError, LayerError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.engine.arrays import channels_last
from cnnviz_desktop.engine.capture import tensors_of, version_of, with_tensors
from cnnviz_desktop.engine.chunks import rows_at_once
from cnnviz_desktop.engine.objectives import Objective
from cnnviz_desktop.engine.passes import ForwardPass
from cnnviz_desktop.engine.workbench import Workbench

_TOLERANCE = 1e-4


class _Way(Enum):
    """How what ran before the layer meets a batch of its activations, the quickest way first."""

    BROADCAST = "its outputs, of one row, are broadcast against the batch"
    EXPANDED = "its outputs are given in as many rows as the batch has, for networks that concatenate"
    WHOLE = "it runs again"


@dataclass(slots=True)
class _Given:
    """What a module gave out, before anything overwrote it.

    Attributes:
        output: The output, its tensors copies.
        overwritten: Whether something wrote into it afterwards, so that every run needs a copy of its own.
    """

    output: object
    overwritten: bool = False

    def in_rows(self, rows: int) -> object:
        """The output with every tensor of one row repeated."""
        changed = {}
        for position, tensor in enumerate(tensors_of(self.output)):
            many = tensor.expand(rows, *tensor.shape[1:]) if tensor.dim() and len(tensor) == 1 else tensor
            changed[position] = many.clone() if self.overwritten else many
        return with_tensors(self.output, changed)


class Tail:
    """The score of one image as a function of a layer's activation.

    Modules that ran before the layer answer with what they gave out for the image, so that only what follows the layer
    computes. Every way of doing so is tried on two activations whose scores the whole network has computed, and
    the first that gives the same scores is taken.

    Attributes:
        activation: (1, …) tensor: the layer's own, in the network's shape and type.
        score: S of the image.

    Args:
        bench: The network.
        layer: A layer's output that `seen` has recorded.
        seen: A pass of one row.
        objective: The score of that row.

    Raises:
        LayerError: The score is read from a layer that ran earlier, or the layer gives other numbers at each run.
    """

    def __init__(self, bench: Workbench, layer: LayerRef, seen: ForwardPass, objective: Objective) -> None:
        self._bench = bench
        self._layer = layer
        self._input = seen.input.detach()
        self._output = seen.output
        self._objective = objective
        self._module = bench.module.get_submodule(layer.name)
        self._calls = seen.calls.get(layer.name, 1)
        self.activation = seen.activations[layer].detach()
        taken = _Taken(self._module, _enclosing(bench.module, layer.name), self._calls)
        with torch.no_grad(), taken.listening(bench.module, objective):
            self.score = self._scores(1)
        taken.check(layer, objective)
        self._answers = taken.answers()
        self._own = taken.own
        self._most_rows, self._way, self._fast_layout = self._choose()

    def rows_at_once(self, asked: int) -> int:
        """How many activations to score together; 0 asks for as many as help and the memory allows."""
        if self._most_rows == 1:
            return 1
        size = Size(*self._input.shape[-2:])
        return rows_at_once(self._bench, asked, size, after="" if self._way is _Way.WHOLE else self._layer.name)

    def scores(self, batch: Tensor) -> Tensor:
        """(B,) tensor: S with each of a batch (B, …) of activations in place of the layer's own; without a graph.

        The network may write into the batch.
        """
        with torch.no_grad(), self._replaced(self._laid_out(batch), self._way):
            return self._scores(len(batch) if self._way is not _Way.BROADCAST else 1)

    def copies(self, rows: int) -> Tensor:
        """(rows, …) tensor of the layer's own activation, in the memory layout that `scores` takes without a copy."""
        copies = self.activation.expand(rows, *self.activation.shape[1:])
        return self._laid_out(copies).clone()

    def _laid_out(self, batch: Tensor) -> Tensor:
        return channels_last(batch) if self._fast_layout else batch.contiguous()

    def _scores(self, rows: int) -> Tensor:
        # A copy each time: a network may work in place on what it is given.
        batch = self._input.expand(rows, *self._input.shape[1:]).clone()
        return self._bench.score_as_is(batch, self._objective).detach()

    def _choose(self) -> tuple[int, _Way, bool]:
        """How many rows it scores together (2 stands for any number), the way, and whether they lie channels last."""
        self._fast_layout = False
        own, changed = self.activation, self.activation / 2
        expected = torch.tensor([*self.score.tolist(), *self._trial(changed, 1, _Way.WHOLE)])
        relative, absolute = self._rounding()
        together = (2, 1) if self._bench.rows_are_apart else (1,)  # the network's code may be made for one image alone
        for rows, way, fast_layout in product(together, _Way, (True, False)):
            self._fast_layout = fast_layout
            try:
                found = torch.tensor(self._trial(torch.cat([own, changed]), rows, way))
            except (CnnvizError, IndexError):  # this way does not suit the network's code; the next one may
                continue
            if found.shape == expected.shape and torch.allclose(found, expected, relative, absolute, equal_nan=True):
                return rows, way, fast_layout
        raise LayerError(
            f"The score does not follow from what {self._layer} gives out: {self._bench.outline.name} answers "
            "differently each time it runs.",
            of_image=True,
        )

    def _rounding(self) -> tuple[float, float]:
        """The relative and the absolute difference that two scores may have and still count as the same."""
        numbers = [tensor for tensor in tensors_of(self._output) if tensor.is_floating_point() and tensor.numel()]
        rounding = torch.finfo(self.activation.dtype).eps
        # A score may be the small difference of two large numbers, which are rounded by their own size.
        size = max((float(tensor.detach().nan_to_num(0, 0, 0).abs().max()) for tensor in numbers), default=1.0)
        return max(_TOLERANCE, 4 * rounding), 8 * rounding * size

    def _trial(self, batch: Tensor, rows: int, way: _Way) -> list[float]:
        self._way = way
        return [score for part in torch.split(batch, rows) for score in self.scores(part.clone()).tolist()]

    @contextmanager
    def _replaced(self, batch: Tensor, way: _Way) -> Iterator[None]:
        """The layer gives out the batch, and what ran before it answers from the record."""
        rows = len(batch) if way is _Way.EXPANDED else 1
        with ExitStack() as restore:
            if way is _Way.WHOLE:
                calls = count(1)

                def replace(_: nn.Module, __: object, output: object) -> object:
                    return with_tensors(output, {self._layer.part: batch}) if next(calls) == self._calls else None

                restore.callback(self._module.register_forward_hook(replace).remove)
            else:
                for module, given in self._answers:
                    _answer(module, partial(given.in_rows, rows), restore)
                *earlier, last = [given.in_rows(rows) for given in self._own]
                outputs = iter([*earlier, with_tensors(last, {self._layer.part: batch})])
                _answer(self._module, partial(next, outputs), restore)
            yield


@dataclass(slots=True)
class _Taken:
    """What the modules of a network gave out until a layer ran for the last time.

    Attributes:
        layer: The layer.
        enclosing: The modules that contain it, which must run again.
        expected: How often the layer runs.
        own: What the layer gave out, a call each.
    """

    layer: nn.Module
    enclosing: frozenset[nn.Module]
    expected: int
    own: list[_Given] = field(default_factory=list)
    _given: list[tuple[nn.Module, _Given, list[Tensor], list[int]]] = field(default_factory=list)
    _calls: Counter[nn.Module] = field(default_factory=Counter)
    _depth: int = 0
    _after: set[str] = field(default_factory=set)

    @contextmanager
    def listening(self, network: nn.Module, objective: Objective) -> Iterator[None]:
        """Record the network while it runs inside the block."""
        names = {layer.name for layer in objective.layers}
        with ExitStack() as restore:
            for name, module in network.named_modules():
                if isinstance(module, torch.jit.ScriptModule):  # takes no hooks: it runs again
                    continue
                if module not in self.enclosing:
                    restore.callback(module.register_forward_pre_hook(self._enter).remove)
                    restore.callback(module.register_forward_hook(self._leave).remove)
                if name in names:
                    restore.callback(module.register_forward_hook(partial(self._note, name)).remove)
            yield

    def check(self, layer: LayerRef, objective: Objective) -> None:
        """Raises: LayerError: The score is read from a layer that ran before this one."""
        for read in objective.layers:
            if read.name not in self._after:
                raise LayerError(f"The score of {read} does not depend on {layer}: the layer is not on the way to it.")

    def answers(self) -> list[tuple[nn.Module, _Given]]:
        """What to answer for the outermost modules that ran before the layer, and ran once."""
        answers = []
        for module, given, tensors, versions in self._given:
            given.overwritten |= [version_of(tensor) for tensor in tensors] != versions
            if self._calls[module] == 1 and module is not self.layer:
                answers.append((module, given))
        self._given.clear()
        return answers

    def _enter(self, module: nn.Module, _: object) -> None:
        self._calls[module] += 1
        self._depth += 1

    def _leave(self, module: nn.Module, _: object, output: object) -> None:
        self._depth -= 1
        tensors = tensors_of(output)
        if len(self.own) >= self.expected or not tensors or (self._depth and module is not self.layer):
            return
        given = _Given(
            with_tensors(output, {position: tensor.detach().clone() for position, tensor in enumerate(tensors)}),
            overwritten=any(tensor.is_inference() for tensor in tensors),
        )
        self._given.append((module, given, tensors, [version_of(tensor) for tensor in tensors]))
        if module is self.layer:
            self.own.append(given)

    def _note(self, name: str, *_: object) -> None:
        if len(self.own) >= self.expected:
            self._after.add(name)


def _enclosing(network: nn.Module, name: str) -> frozenset[nn.Module]:
    """The network and every module on the path to one of its layers."""
    parents = name.split(".")[:-1]
    paths = [".".join(parents[:length]) for length in range(len(parents) + 1)]
    return frozenset(network.get_submodule(path) for path in paths)


def _answer(module: nn.Module, give: Callable[[], object], restore: ExitStack) -> None:
    """Let a module give an answer instead of computing, whatever hooks of its own it has, until `restore` closes."""
    given: list[object] = []

    def forward(*_: object, **__: object) -> object:
        given[:] = [give()]
        return given[0]

    def put_back() -> None:
        del vars(module)["forward"]
        vars(module).update(before)

    before = {"forward": vars(module)["forward"]} if "forward" in vars(module) else {}
    vars(module)["forward"] = forward
    restore.callback(put_back)
    restore.callback(module.register_forward_hook(lambda *_: given[0]).remove)
