"""A quicker twin of a network, for many passes: normalisations folded into convolutions."""

import copy
from collections import Counter
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.engine.arrays import channels_last
from cnnviz_desktop.engine.capture import storage_bytes, tensors_of
from cnnviz_desktop.engine.chunks import Precision, score_rows
from cnnviz_desktop.engine.objectives import Objective
from cnnviz_desktop.engine.running import told_in_words
from cnnviz_desktop.engine.workbench import Workbench

_WORTH_IT = 6
"""Chunks from which on making the twin is repaid."""


class ManyScores:
    """S of many inputs without a graph, chunk by chunk: by the network, or by a twin that gives the same.

    The twin is a copy; the network is left as it is. It is made after the first chunk and takes over where it gives
    that chunk the same scores.

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
        self._twin_due = chunks >= _WORTH_IT

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
        twin = quicker_twin(self._bench, batch[:1])
        if twin is None:
            return scores
        try:
            found = score_rows(twin.bench, batch, self._objective, self._precision)
        except NetworkError:
            return scores
        if not twin.bench.rows_are_apart or not torch.allclose(found, scores, 1e-4, 1e-5 * float(scores.abs().max())):
            return scores
        self._bench = twin.bench
        return found


@dataclass(slots=True)
class Twin:
    """A copy of a network that is meant to compute the same, quicker.

    Attributes:
        bench: The copy.
        expected: (…) tensors, what the network itself gives for the first row it was tried on: the first it returns.
        trusted: Whether the copy has been seen to give that too.
    """

    bench: Workbench
    expected: list[Tensor]
    trusted: bool = False


def quicker_twin(bench: Workbench, row: Tensor, kept: Collection[LayerRef] = ()) -> Twin | None:
    """The network's twin; None where there is nothing to fold, or no copy can be made or kept.

    Args:
        bench: The network.
        row: (1, C, H, W) tensor to find out on what follows what.
        kept: Layers that have to give and take in the twin what they do in the network.
    """
    weights = [part.weight for part in bench.module.modules() if isinstance(part, nn.Conv2d)]
    if bench.writes_parameters or storage_bytes(weights) > bench.budget / 4:
        return None
    try:
        with told_in_words("The network cannot be copied"), torch.no_grad():
            twin, output = folded(bench.module, row.clone(), {layer.name for layer in kept})
    except NetworkError:
        return None
    expected = [tensor[0] for tensor in tensors_of(output)[:1] if tensor.dim()]
    return Twin(Workbench(twin, bench.outline, bench.budget), expected) if twin is not None and expected else None


def folded(module: nn.Module, batch: Tensor, kept: Collection[str] = ()) -> tuple[nn.Module | None, object]:
    """A copy with each normalisation that takes what a convolution gives folded into the convolution.

    It shares with the network every tensor but the weights of these convolutions. It is not certain to compute the
    same: something else may read what a convolution gives.

    Args:
        module: The network, in evaluation mode.
        batch: (N, C, H, W) tensor to find out on what follows what.
        kept: Names of modules that are not to be touched.

    Returns:
        The copy, None where there is nothing to fold; and what the network returns for the batch.
    """
    shared = (*module.parameters(), *module.buffers())
    twin = copy.deepcopy(module, {id(tensor): tensor for tensor in shared})
    names = {part: name for name, part in twin.named_modules()}
    pairs, output = _following(twin, batch)
    pairs = [pair for pair in pairs if not {names[part] for part in pair}.intersection(kept)]
    for convolution, normalisation in pairs:
        both = fuse_conv_bn_eval(convolution, normalisation)
        both.weight.data = channels_last(both.weight.data)
        _put(twin, names[convolution], both)
        _put(twin, names[normalisation], nn.Identity())
    return twin if pairs else None, output


def _following(module: nn.Module, batch: Tensor) -> tuple[list[tuple[nn.Conv2d, nn.BatchNorm2d]], object]:
    """Convolutions and the normalisations that take just what they give, both run once; and the module's output."""
    gave: dict[int, tuple[nn.Conv2d, Tensor]] = {}  # the tensors are held, so that no other has their identity
    runs: Counter[nn.Module] = Counter()
    pairs: list[tuple[nn.Conv2d, nn.BatchNorm2d]] = []

    def given(part: nn.Module, _: object, output: Tensor) -> None:
        runs[part] += 1
        if isinstance(part, nn.Conv2d):
            gave[id(output)] = part, output

    def taken(part: nn.Module, args: tuple[Tensor, ...]) -> None:
        if isinstance(part, nn.BatchNorm2d) and len(args) == 1 and id(args[0]) in gave:
            pairs.append((gave[id(args[0])][0], part))

    with ExitStack() as restore:
        for part in module.modules():
            if type(part) in (nn.Conv2d, nn.BatchNorm2d) and not part._forward_hooks:  # noqa: SLF001 - PyTorch tells of hooks nowhere else
                restore.callback(part.register_forward_hook(given).remove)
                restore.callback(part.register_forward_pre_hook(taken).remove)
        output = module(batch)
    once = [pair for pair in pairs if runs[pair[0]] == runs[pair[1]] == 1 and pair[1].running_var is not None]
    return list({pair[0]: pair for pair in once}.values()), output


def _put(module: nn.Module, name: str, part: nn.Module) -> None:
    """Set the module of a dotted name."""
    parent, _, last = name.rpartition(".")
    setattr(module.get_submodule(parent), last, part)
