"""A quicker twin of a network, for many passes: normalisations folded into convolutions."""

import copy
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from cnnviz_desktop.core.errors import LayerError, NetworkError
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.engine.answers import answer_of
from cnnviz_desktop.engine.arrays import channels_last
from cnnviz_desktop.engine.capture import capture, storage_bytes
from cnnviz_desktop.engine.chunks import Precision, score_rows
from cnnviz_desktop.engine.objectives import Objective
from cnnviz_desktop.engine.outlining import dtype_of
from cnnviz_desktop.engine.row_independence import agree
from cnnviz_desktop.engine.running import is_out_of_memory, told_in_words
from cnnviz_desktop.engine.workbench import Workbench

_WORTH_IT = 12
"""Chunks from which on making the twin is repaid."""

_TOLERANCE = 1e-4
"""Of the greatest value: a twin whose answer differs by more computes something else."""


class ManyScores:
    """S of many inputs without a graph, chunk by chunk: by the network, or by a twin that gives the same.

    The twin is made for the first chunk, and takes over where it gives that chunk the same scores.

    Args:
        bench: The network.
        objective: The score.
        precision: What to compute in.
        chunks: How many chunks there will be.
    """

    def __init__(self, bench: Workbench, objective: Objective, precision: Precision, chunks: int) -> None:
        self._bench = bench
        self._objective = objective
        self._precision = precision
        self._twin_due = chunks >= _WORTH_IT and precision.dtype is None

    def of(self, batch: Tensor) -> Tensor:
        """(N,) float32 tensor: S of each row of (N, C, H, W).

        Raises:
            NetworkError: The network fails on it.
        """
        with torch.no_grad():
            scores = score_rows(self._bench, batch, self._objective, self._precision)
            if self._twin_due:
                self._twin_due = False
                scores = self._by_twin(batch, scores)
            return scores

    def _by_twin(self, batch: Tensor, scores: Tensor) -> Tensor:
        """The twin's scores, and the twin from now on; the network's own where the twin gives others."""
        twin = quicker_twin(self._bench, batch[-1:], self._objective.layers)
        if twin is None:
            return scores
        try:
            found = score_rows(twin.bench, batch, self._objective, self._precision)
        except (NetworkError, LayerError):
            return scores
        if not agree([found], [scores], _TOLERANCE):
            return scores
        self._bench = twin.bench
        return found


@dataclass(slots=True)
class Twin:
    """A copy of a network that is meant to compute the same, quicker.

    Attributes:
        bench: The copy.
        recorded: Layers that give and take in the copy what they do in the network.
        expected: What the network gives for one row: its answer, then these layers' tensors. None once the copy has
            been seen to give that too.
    """

    bench: Workbench
    recorded: frozenset[LayerRef]
    expected: list[Tensor] | None

    def gives(self, found: list[Tensor]) -> bool:
        """Whether this, the copy's answer to the same row, is what the network gives. Asked once."""
        if self.expected is not None and not agree(found, self.expected, _TOLERANCE):
            return False
        self.expected = None
        return True

    def serves(self, recorded: Collection[LayerRef]) -> bool:
        """Whether the copy has been seen to give what the network gives, in these layers too."""
        return self.expected is None and self.recorded.issuperset(recorded)


def quicker_twin(bench: Workbench, row: Tensor, recorded: Collection[LayerRef] = ()) -> Twin | None:
    """The network's twin; None where there is nothing to fold, or no copy can be made or kept.

    The network keeps it for the next request. Networks in 16 bits get none: their rounding hides what a twin computes.

    Args:
        bench: The network, whose rows are independent.
        row: (1, C, H, W) tensor to find out on what follows what.
        recorded: Layers that have to give and take in the twin what they do in the network.
    """
    if bench.twin is None or not bench.twin.serves(recorded):
        bench.twin = _made(bench, row, recorded)
    return bench.twin


def _made(bench: Workbench, row: Tensor, recorded: Collection[LayerRef]) -> Twin | None:
    weights = [part.weight for part in bench.module.modules() if isinstance(part, nn.Conv2d)]
    too_large = storage_bytes(weights) > bench.budget / 4
    if too_large or bench.writes_parameters or dtype_of(bench.module).itemsize < 4 or not bench.rows_are_apart:
        return None
    try:
        with told_in_words("The network cannot be copied"), torch.no_grad():
            found = folded(bench.module, row.clone(), recorded)
    except NetworkError:
        return None
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        return None
    if found is None:
        return None
    twin, expected = found
    return Twin(Workbench(twin, bench.outline, bench.budget, rows_are_apart=True), frozenset(recorded), expected)


def folded(
    module: nn.Module, row: Tensor, recorded: Collection[LayerRef] = ()
) -> tuple[nn.Module, list[Tensor]] | None:
    """A copy with each normalisation that takes what a convolution gives folded into the convolution.

    It shares with the network every tensor but the weights of these convolutions. It is not certain to compute the
    same: something else may read what a convolution gives.

    Args:
        module: The network, in evaluation mode.
        row: (1, C, H, W) tensor to find out on what follows what.
        recorded: Layers that are not to be touched.

    Returns:
        The copy, and what the network gives for the row: its answer (`answer_of`), then the recorded tensors. None
        where there is nothing to fold.
    """
    shared = (*module.parameters(), *module.buffers())
    twin = copy.deepcopy(module, {id(tensor): tensor for tensor in shared})
    names = {part: name for name, part in twin.named_modules()}
    with capture(twin, layers=recorded, copied=recorded) as recording, _following(twin) as pairs:
        output = twin(row)
    untouched = {layer.name for layer in recorded}
    foldable = [pair for pair in pairs() if not {names[part] for part in pair}.intersection(untouched)]
    for convolution, normalisation in foldable:
        both = fuse_conv_bn_eval(convolution, normalisation)
        both.weight.data = channels_last(both.weight.data)
        _put(twin, names[convolution], both)
        _put(twin, names[normalisation], nn.Identity())
    given = (*answer_of(output), *(recording.tensors[layer] for layer in sorted(recorded, key=str)))
    return (twin, [tensor[0] for tensor in given]) if foldable else None


@contextmanager
def _following(module: nn.Module) -> Iterator[Callable[[], list[tuple[nn.Conv2d, nn.BatchNorm2d]]]]:
    """While the module runs inside, finds its convolutions and the normalisations that take just what they give.

    Both must run once, and have no hooks that would see other numbers.
    """
    gave: dict[int, tuple[nn.Conv2d, Tensor]] = {}  # the tensors are held, so that no other has their identity
    runs: Counter[nn.Module] = Counter()
    pairs: dict[nn.Conv2d, nn.BatchNorm2d] = {}

    def given(part: nn.Module, _: object, output: Tensor) -> None:
        runs[part] += 1
        if isinstance(part, nn.Conv2d):
            gave[id(output)] = part, output

    def taken(part: nn.Module, args: tuple[Tensor, ...]) -> None:
        if isinstance(part, nn.BatchNorm2d) and len(args) == 1 and id(args[0]) in gave:
            pairs[gave[id(args[0])][0]] = part

    def found() -> list[tuple[nn.Conv2d, nn.BatchNorm2d]]:
        once = {part for part, times in runs.items() if times == 1}
        return [pair for pair in pairs.items() if once.issuperset(pair) and pair[1].running_var is not None]

    with ExitStack() as restore:
        for part in module.modules():
            if type(part) in (nn.Conv2d, nn.BatchNorm2d) and not _has_hooks(part):
                restore.callback(part.register_forward_hook(given).remove)
                restore.callback(part.register_forward_pre_hook(taken).remove)
        yield found
        gave.clear()


def _has_hooks(part: nn.Module) -> bool:
    """Whether something is done to the module's weights, inputs or outputs whenever it runs."""
    return bool(part._forward_hooks or part._forward_pre_hooks)  # noqa: SLF001 - PyTorch tells of hooks nowhere else


def _put(module: nn.Module, name: str, part: nn.Module) -> None:
    """Set the module of a dotted name."""
    parent, _, last = name.rpartition(".")
    setattr(module.get_submodule(parent), last, part)
