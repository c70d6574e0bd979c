"""A process of its own that tells how far Score-CAM on resnet50.layer4 takes its memory above idle, in MiB.

Both sides reach their peak with the first inputs: the library builds all of them before, the program a chunk at a time.
"""

import sys
from contextlib import suppress
from pathlib import Path
from unittest import mock

from cnnviz_desktop.core.requests import ClassTarget, Request
from cnnviz_desktop.core.results import HeatMap
from tests.benchmarks.library import LABEL, Bout, bout, librarys

_FIRST = 12


class _EnoughError(Exception):
    """The peak is behind us."""


def main(who: str) -> None:
    """Print the peak of the program, or of the library."""
    with bout("resnet50", "layer4") as made:
        made.answers("gradcam")
        if who == "library":
            import pytorch_grad_cam  # noqa: F401 - its import is no part of what the method takes
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        idle = _mib("VmRSS")
        (_library if who == "library" else _program)(made)
        print(_mib("VmHWM") - idle)


def _program(made: Bout) -> None:
    request = Request(
        method="scorecam",
        network=made.network,
        images=made.images,
        layers=(made.layer,),
        targets=(ClassTarget(LABEL),),
        device="cpu",
    )
    run, seen = made.session.run(request), 0
    for result in run:
        seen += isinstance(result, HeatMap)
        if seen >= _FIRST:
            break
    run.close()


def _library(made: Bout) -> None:
    from pytorch_grad_cam import ScoreCAM

    calls = 0

    def forward(*arguments: object) -> None:
        nonlocal calls
        del arguments
        calls += 1
        if calls > _FIRST:
            raise _EnoughError

    handle = made.module.register_forward_hook(forward)
    with suppress(_EnoughError), mock.patch("tqdm.tqdm", list):
        librarys(ScoreCAM, made)
    handle.remove()


def _mib(name: str) -> float:
    """A figure of this process's memory, as Linux tells it."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return float(next(line for line in lines if line.startswith(f"{name}:")).split()[1]) / 1024


if __name__ == "__main__":
    main(sys.argv[1])
