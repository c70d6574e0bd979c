"""What is asked of each network: shapes in its tree, a suggested layer, a heat map that varies, and no trace left."""

import gc
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from torch import nn

from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import HeatMap, Result
from cnnviz_desktop.engine.networks.untrained import zero_weights
from cnnviz_desktop.engine.session import EngineSession
from tests.correctness.untrained import draw_constants, draw_kernels
from tests.engine.networks_for_tests import fingerprint

IMAGE = "sample:scene_01"
_BUDGET = 1 << 28
Wanted = TypeVar("Wanted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found of one network.

    Attributes:
        reference: What opened it.
        layers: Number of its layers.
        shaped: How many of them ran and gave a tensor.
        suggested: The layer suggested for maps.
        cells: Size of that layer's heat map, as in ``7×7``.
        seconds: How long all of it took.
        remark: What had to be done for the map to vary; empty where nothing had.
        failures: What is not as it should be, in sentences.
    """

    reference: str
    layers: int = 0
    shaped: int = 0
    suggested: str = ""
    cells: str = ""
    seconds: float = 0.0
    remark: str = ""
    failures: tuple[str, ...] = ()


def surveyed(reference: str, *, explained: bool = True) -> Finding:
    """Open a network, look into it and let go of it.

    Args:
        reference: The network.
        explained: Whether it gives class scores, so that a heat map can be asked for.
    """
    start = time.perf_counter()
    session = EngineSession(_BUDGET)
    try:
        finding = _looked_into(session, reference, explained=explained)
    except Exception as error:  # whatever goes wrong with one network is a line of the table
        first = str(error).splitlines()[0] if str(error) else ""
        finding = Finding(reference=reference, failures=(f"{type(error).__name__}: {first}",))
    finally:
        session.close()
        gc.collect()
    return replace(finding, seconds=time.perf_counter() - start)


def _looked_into(session: EngineSession, reference: str, *, explained: bool) -> Finding:
    outline = _only(session.run(Request(method="outline", network=reference, device="cpu")), Outline)
    shaped = sum(bool(node.outputs) for node in outline.layers)
    failures = [] if shaped else ["no layer has a shape"]
    if not outline.suggested:
        failures.append("no layer is suggested")
    (bench,) = session._benches.values()
    before = fingerprint(bench.module)
    remark, cells = "", ""
    if explained and outline.suggested:
        heat_map = _heat_map(session, reference)
        if not _varies(heat_map):
            if fingerprint(bench.module) != before:
                failures.append("a trace is left in the network, whose map does not vary")
            remark = _revived(bench.module)
            before = fingerprint(bench.module)
            bench.forget()
            heat_map = _heat_map(session, reference)
        cells = "×".join(map(str, heat_map.raw.shape))
        if not _varies(heat_map):
            failures.append(f"the heat map is constant: {heat_map.raw.flat[0]:g}; {' '.join(heat_map.notes)}")
    if fingerprint(bench.module) != before:
        failures.append("a trace is left in the network")
    return Finding(
        reference=reference,
        layers=len(outline.layers),
        shaped=shaped,
        suggested=outline.suggested,
        cells=cells,
        remark=remark,
        failures=tuple(failures),
    )


def _heat_map(session: EngineSession, reference: str) -> HeatMap:
    request = Request(method="gradcam", network=reference, images=(IMAGE,), device="cpu")
    return _only(session.run(request), HeatMap)


def _varies(heat_map: HeatMap) -> bool:
    raw = heat_map.raw
    return bool(np.isfinite(raw).all()) and float(np.ptp(raw)) > 0


def _revived(module: nn.Module) -> str:
    """Draw what an untrained network has as zeros, and kernels that keep the signal alive; why that was needed."""
    zeros = zero_weights(module)
    draw_kernels(module)
    draw_constants(module)
    more = f" and {len(zeros) - 1} more" if len(zeros) > 1 else ""
    return f"drawn anew: zeros in {zeros[0]}{more}" if zeros else "drawn anew: the signal dies out"


def _only(results: Iterator[Result], kind: type[Wanted]) -> Wanted:
    return next(result for result in list(results) if isinstance(result, kind))
