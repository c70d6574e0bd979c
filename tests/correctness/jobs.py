"""The work in parts that processes of their own do side by side."""

import functools
import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import torch

from tests.acceptance.real_data import RealData
from tests.correctness.checks import CHECKS
from tests.correctness.comparing import Row, compared
from tests.correctness.ground_truth import Tally, measured
from tests.correctness.subjects import RESNET20, SAMPLE, TORCHVISION, opened

SOURCES = {source.name: source for source in (SAMPLE, RESNET20, *TORCHVISION)}
_SCENES_AT_ONCE = 20


@dataclass(frozen=True)
class Comparison:
    """The checks of some methods on one network.

    Attributes:
        network: Its name.
        small: Whether those with the smaller input are meant, or the others.
        methods: Their ids.
        real_data: The folder of the real data; empty where there is none.
    """

    network: str
    small: bool
    methods: tuple[str, ...]
    real_data: str


@dataclass(frozen=True)
class Scenes:
    """The ground truth of some methods on some scenes: `count` from the `first` one."""

    first: int
    count: int
    methods: tuple[str, ...]


@contextmanager
def processes(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """That many processes, which share the processor's cores among them."""
    threads = max(1, (os.cpu_count() or 1) // jobs)
    with ProcessPoolExecutor(jobs, get_context("spawn"), torch.set_num_threads, (threads,)) as pool:
        yield pool


def comparisons(networks: Sequence[str], methods: Sequence[str], real_data: str) -> list[Comparison]:
    """The work for a table of references, network by network."""
    return [Comparison(network, small, tuple(methods), real_data) for network in networks for small in (False, True)]


def scenes(count: int, methods: Sequence[str]) -> list[Scenes]:
    """The work for a table of the ground truth."""
    firsts = range(0, count, _SCENES_AT_ONCE)
    return [Scenes(first, min(_SCENES_AT_ONCE, count - first), tuple(methods)) for first in firsts]


def rows(work: Comparison) -> list[Row]:
    """A line for each check."""
    checks = [
        check
        for check in CHECKS
        if check.method in work.methods and check.small is work.small and work.network in (check.only or SOURCES)
    ]
    if not checks:
        return []
    data = RealData(Path(work.real_data)) if work.real_data else None
    with tempfile.TemporaryDirectory() as folder:
        prepared = functools.partial(opened, SOURCES[work.network], Path(folder), small=work.small, data=data)
        in_float64 = functools.cache(functools.partial(prepared, in_float64=True))
        subject = prepared()
        return [compared(check, subject, in_float64) for check in checks]


def tallies(work: Scenes) -> dict[str, Tally]:
    """What each method's maps came to."""
    with tempfile.TemporaryDirectory() as folder:
        return measured(work.methods, work.count, Path(folder), first=work.first)
