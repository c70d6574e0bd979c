"""Ablation-CAM and Score-CAM against pytorch-grad-cam.

The library takes minutes for the larger of them. It is therefore measured on some of its channels, all of which cost it
the same, and the figure is that for all: the names of such figures end in ``extrapolated_s``.
"""

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import numpy.typing as npt
from pytorch_grad_cam import AblationCAM, GradCAM, ScoreCAM
from pytorch_grad_cam.ablation_layer import AblationLayer

from cnnviz_desktop.core.rendering import cam_input
from cnnviz_desktop.core.results import FloatArray
from tests.benchmarks.library import Bout, bout, check_equal, librarys, seconds
from tests.benchmarks.limits import at_least, at_most

ROOT = Path(__file__).parents[2]
SAMPLED = 64
LIMITS = {
    "ablationcam_resnet18_faster_times": at_least(30),
    "ablationcam_resnet50_faster_times": at_least(100),
    "scorecam_resnet18_faster_times": at_least(1.3),
    "scorecam_resnet18_reduced_faster_times": at_least(2),
    "scorecam_resnet18_reduced_correlation": at_least(0.999),
    "scorecam_resnet50_memory_to_library_ratio": at_most(0.2),
}


def run() -> dict[str, float]:
    """Seconds, and what they promise, with random weights."""
    with bout("resnet18", "layer4") as made:
        librarys(GradCAM, made)  # what its first call costs is no method's own
        figures = _ablation_in_full(made) | _score(made)
    with bout("resnet50", "layer4") as made:
        figures |= _ablation_of_a_sample(made)
    return figures | _memory()


def _ablation_in_full(made: Bout) -> dict[str, float]:
    ours = _median(partial(made.answers, "ablationcam"))
    taken: list[FloatArray] = []
    library = seconds(lambda: taken.append(librarys(AblationCAM, made)[0]))
    (answer,) = made.answers("ablationcam")
    # The library divides by S and not by |S|, and so turns the map of a score below 0.
    raw = answer.raw if answer.explained.score > 0 else -answer.raw
    check_equal(cam_input(raw, *taken[0].shape), taken[0], 1e-2, "ablationcam")
    return _figures("ablationcam_resnet18", ours, library, "library_s")


def _ablation_of_a_sample(made: Bout) -> dict[str, float]:
    ours = _median(partial(made.answers, "ablationcam"))
    some, none = (seconds(partial(librarys, AblationCAM, made, ablation_layer=_Some(count))) for count in (SAMPLED, 0))
    library = none + (some - none) * _channels(made) / SAMPLED
    return _figures("ablationcam_resnet50", ours, library, "library_extrapolated_s")


class _Some(AblationLayer):  # type: ignore[misc]  # the library has no types
    """Ablates the first few channels."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count

    def activations_to_be_ablated(
        self, activations: FloatArray, ratio_channels_to_ablate: float = 1.0
    ) -> npt.NDArray[np.int32]:
        """Indices of the channels."""
        del activations, ratio_channels_to_ablate
        self.indices = np.arange(self._count, dtype=np.int32)
        first: npt.NDArray[np.int32] = self.indices
        return first


def _score(made: Bout) -> dict[str, float]:
    full = seconds(partial(made.answers, "scorecam"))
    reduced = seconds(partial(made.answers, "scorecam", parameters={"precision": "reduced"}))
    taken: list[FloatArray] = []
    library = seconds(lambda: taken.append(librarys(ScoreCAM, made)[0]))
    (answer,) = made.answers("scorecam")
    (rough,) = made.answers("scorecam", parameters={"precision": "reduced"})
    check_equal(cam_input(answer.raw, *taken[0].shape), taken[0], 1e-3, "scorecam")
    return {
        **_figures("scorecam_resnet18", full, library, "library_s"),
        "scorecam_resnet18_reduced_s": reduced,
        "scorecam_resnet18_reduced_faster_times": library / reduced,
        "scorecam_resnet18_reduced_correlation": float(np.corrcoef(answer.raw.ravel(), rough.raw.ravel())[0, 1]),
    }


def _figures(name: str, ours: float, library: float, called: str) -> dict[str, float]:
    return {f"{name}_s": ours, f"{name}_{called}": library, f"{name}_faster_times": library / ours}


def _median(errand: Callable[[], object], rounds: int = 3) -> float:
    errand()
    return median(seconds(errand) for _ in range(rounds))


def _channels(made: Bout) -> int:
    node = next(node for node in made.bench.outline.layers if node.name == made.layer)
    return node.outputs[0][0]


def _memory() -> dict[str, float]:
    """Peaks in MiB above the idle process, each in a process of its own."""
    ours, library = (_peak(who) for who in ("program", "library"))
    return {
        "scorecam_resnet50_memory_mib": ours,
        "scorecam_resnet50_library_memory_mib": library,
        "scorecam_resnet50_memory_to_library_ratio": ours / library,
    }


def _peak(who: str) -> float:
    command = [sys.executable, "-m", "tests.benchmarks.score_cam_memory", who]
    answer = subprocess.run(command, check=True, capture_output=True, cwd=ROOT, text=True)
    return float(answer.stdout.splitlines()[-1])
