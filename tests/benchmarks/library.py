"""pytorch-grad-cam 1.5.7 and the program on the same network, image and layer, in turn, answers compared."""

import gc
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from cnnviz_desktop.core.requests import ClassTarget, ParameterValue, Request
from cnnviz_desktop.core.results import GradientPicture, HeatMap, Picture
from cnnviz_desktop.engine.inputs import prepare
from cnnviz_desktop.engine.session import EngineSession
from cnnviz_desktop.engine.workbench import Workbench
from cnnviz_desktop.samples.scenes import render
from tests.correctness.untrained import draw_constants

LABEL = 7
_PAUSE = 0.5
Attribution = HeatMap | GradientPicture


@dataclass(frozen=True, eq=False)
class Bout:
    """A network open in a session, images of it, and their inputs for the library.

    Attributes:
        session: Where it is open.
        network: Its reference.
        layer: The layer of the maps.
        images: Paths.
        batch: (N, 3, H, W) tensor, what the network takes in.
    """

    session: EngineSession
    network: str
    layer: str
    images: tuple[str, ...]
    batch: Tensor

    @property
    def bench(self) -> Workbench:
        """The open network."""
        (bench,) = self.session._benches.values()
        return bench

    @property
    def module(self) -> nn.Module:
        """The network itself: the library takes the very same."""
        return self.bench.module

    @property
    def part(self) -> nn.Module:
        """The layer itself."""
        return self.module.get_submodule(self.layer)

    def answers(
        self, *methods: str, images: int = 1, parameters: dict[str, ParameterValue] | None = None
    ) -> list[Attribution]:
        """The engine's final answers, computed anew: what earlier passes left is forgotten first."""
        self.bench.forget()
        request = Request(
            method=methods[0],
            also=methods[1:],
            network=self.network,
            images=self.images[:images],
            layers=(self.layer,),
            targets=(ClassTarget(LABEL),),
            parameters=parameters or {},
            device="cpu",
        )
        found = [each for each in self.session.run(request) if isinstance(each, HeatMap | GradientPicture)]
        return [each for each in found if each.done == 1]


@contextmanager
def bout(network: str, layer: str, images: int = 1) -> Iterator[Bout]:
    """Open a network with random weights, with scenes to look at."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number in range(images):
            path = Path(folder) / f"{number}.png"
            Image.fromarray(render(5_000_000 + number, objects=2).image).resize((256, 256)).save(path)
            paths.append(str(path))
        session, reference = EngineSession(), f"torchvision:{network}@random"
        list(session.run(Request(method="outline", network=reference, device="cpu")))
        (bench,) = session._benches.values()
        draw_constants(bench.module)
        read = session.run(Request(method="picture", images=tuple(paths)))
        pictures = [each for each in read if isinstance(each, Picture)]
        batch = torch.cat([prepare(picture, bench.outline.preprocessing).tensor for picture in pictures])
        yield Bout(session, reference, layer, tuple(paths), batch)


def librarys(kind: Callable[..., Any], made: Bout, batch: Tensor | None = None, **options: object) -> np.ndarray:
    """(N, H, W): what a method of the library returns, set up and torn down as its README shows."""
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    inputs = made.batch[:1] if batch is None else batch
    with warnings.catch_warnings(), mock.patch("tqdm.tqdm", list), kind(made.module, [made.part], **options) as method:
        warnings.simplefilter("ignore")
        found: np.ndarray = method(inputs.clone(), targets=[ClassifierOutputTarget(LABEL)] * len(inputs))
    return found


def bare(made: Bout) -> None:
    """Forward, and backward to the layer alone: parameters frozen, the graph begun at the layer."""
    taken: list[Tensor] = []

    def tap(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        del module, inputs
        taken.append(output.requires_grad_())
        return output.clone()

    flags = [(parameter, parameter.requires_grad) for parameter in made.module.parameters()]
    handle = made.part.register_forward_hook(tap)
    try:
        for parameter, _ in flags:
            parameter.requires_grad_(False)
        score = made.module(made.batch[:1])[0, LABEL]
        torch.autograd.grad(score, taken)
    finally:
        handle.remove()
        for parameter, flag in flags:
            parameter.requires_grad_(flag)


def seconds(errand: Callable[[], object]) -> float:
    """What an errand takes, without the collection of other errands' garbage, as `timeit` has it.

    Before it, the threads that the last errand left waiting for more work get the time to fall asleep.
    """
    gc.collect()
    time.sleep(_PAUSE)
    gc.disable()
    try:
        start = time.perf_counter()
        errand()
        return time.perf_counter() - start
    finally:
        gc.enable()


def in_turn(rounds: int, **errands: Callable[[], object]) -> dict[str, float]:
    """Median seconds of each errand, run in turn so that a slow minute hits all; a first round warms up."""
    taken: dict[str, list[float]] = {name: [] for name in errands}
    for number in range(rounds + 1):
        for name, errand in errands.items():
            once = seconds(errand)
            if number:
                taken[name].append(once)
    return {name: median(each) for name, each in taken.items()}


def check_equal(found: np.ndarray, expected: np.ndarray, tolerance: float, name: str) -> None:
    """Raise where two answers differ: a quick wrong answer is worth nothing."""
    difference = float(np.abs(found - expected).max())
    if not difference <= tolerance:
        raise AssertionError(f"{name}: the answers differ by {difference:.2g}")
