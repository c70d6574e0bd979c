"""Many inputs through a network, chunk by chunk: how many at once, in which memory layout, in which precision."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.engine.objectives import Objective
from cnnviz_desktop.engine.outlining import dtype_of
from cnnviz_desktop.engine.passes import Wanted
from cnnviz_desktop.engine.workbench import Workbench

_USEFUL_ROWS = {"cpu": 8, "cuda": 64}
"""More rows at once help no more: on a CPU the activations leave its caches, and 16 take longer than 8 twice."""

_MORE_OF_TAILS = 8
"""So many times more rows are useful where only the end of a network runs, since the calls themselves count there."""


def rows_at_once(bench: Workbench, asked: int, size: Size, *, keeping: Wanted | None = None, after: str = "") -> int:
    """How many inputs go through the network together.

    Args:
        bench: The network.
        asked: The user's number; 0 takes as many as help and as fit into a quarter of the budget.
        size: Of the inputs.
        keeping: What is recorded of them, and kept together with the graph it needs.
        after: The layer from which on the network runs; empty for all of it.
    """
    if not bench.rows_are_apart:
        return 1
    if asked:
        return asked
    kind = "cuda" if bench.outline.device.startswith("cuda") else "cpu"
    useful = _USEFUL_ROWS[kind] * (_MORE_OF_TAILS if after else 1)
    kept = bench.kept_elements(keeping) if keeping is not None else 0
    return max(1, min(useful, int(bench.budget / 4 / _bytes_of_row(bench, size, after, kept))))


def parts(count: int, rows: int) -> Iterator[slice]:
    """0 … count in slices of so many rows; the last may be shorter."""
    for start in range(0, count, rows):
        yield slice(start, min(start + rows, count))


@dataclass(frozen=True, slots=True)
class Precision:
    """In what the network computes.

    Attributes:
        device: ``cpu`` or ``cuda``.
        dtype: What its convolutions and matrix products are computed in; None for the network's own.
        notes: What to say of it in a result.
    """

    device: str = "cpu"
    dtype: torch.dtype | None = None
    notes: tuple[str, ...] = ()

    def computing(self) -> AbstractContextManager[object]:
        """A context in which the network computes so. It must not be held open across a yield."""
        if self.dtype is None:
            return nullcontext()
        return torch.autocast(self.device, dtype=self.dtype)


def precision_of(bench: Workbench, choice: str) -> Precision:
    """Float16 on a GPU, bfloat16 on a processor that has it, for ``reduced``; the network's own otherwise.

    A processor without bfloat16 instructions emulates them: ResNet-18 then takes 15 times as long as in float32.
    """
    if choice != "reduced":
        return Precision()
    own = dtype_of(bench.module)
    if own is not torch.float32:
        name = str(own).removeprefix("torch.")
        return Precision(notes=(f"Computed in the network's own precision ({name}): only float32 can be reduced.",))
    if bench.outline.device.startswith("cuda"):
        return Precision("cuda", torch.float16, ("Computed in reduced precision (float16).",))
    if computes_bfloat16():
        return Precision("cpu", torch.bfloat16, ("Computed in reduced precision (bfloat16).",))
    return Precision(notes=("Computed in full precision: this processor is slower in a reduced one.",))


def computes_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself (AVX-512 BF16, AMX, or Arm's BF16)."""
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))


def score_rows(bench: Workbench, batch: Tensor, objective: Objective, precision: Precision) -> Tensor:
    """(N,) float32 tensor: S of each row of (N, C, H, W), with a graph where the caller enables one.

    The batch itself is never written into. A network made for one image at a time gets one row at a time.

    Raises:
        NetworkError: The network fails on it.
    """

    def scores_of(laid_out: Tensor) -> Tensor:
        # A copy, since a network may work in place on what it is given, and the batch may be needed once more.
        return bench.score_as_is(laid_out.clone() if laid_out is batch else laid_out, objective)

    with precision.computing():
        if bench.rows_are_apart or len(batch) == 1:
            try:
                scores = bench.quickly(batch, scores_of)
            except NetworkError:
                if len(batch) == 1:
                    raise
            else:
                if len(scores) == len(batch):
                    return scores.float()
        return torch.cat([bench.score_as_is(row[None].clone(), objective)[:1] for row in batch]).float()


def _bytes_of_row(bench: Workbench, size: Size, after: str, kept: int) -> float:
    """What one row needs in the network: what lives at a time while it runs, and what is kept."""
    nodes = bench.outline.layers
    parents = {node.parent for node in nodes}
    first = next((index for index, node in enumerate(nodes) if node.name == after), 0)
    leaves = [
        node for index, node in enumerate(nodes) if index == first or (index > first and node.name not in parents)
    ]
    largest = max((sum(map(prod, node.outputs)) for node in leaves), default=0)
    share = prod(size) / prod(bench.outline.preprocessing.size)
    # A layer's input and output live at a time, a skip beside them, and the kernels' scratch memory.
    return 4 * (share * max(1, kept, 4 * largest) + (0 if after else 4 * prod(size)))
