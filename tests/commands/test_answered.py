"""Results that fail half-way and come again: everything comes once and is written once, whatever kind it is."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from cnnviz_desktop.commands.asking import Asker
from cnnviz_desktop.commands.console import Console
from cnnviz_desktop.commands.engine import Engine
from cnnviz_desktop.commands.writing import Writer
from cnnviz_desktop.core.errors import CnnvizError, NetworkError, OutOfMemory
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import (
    ChannelStatistics,
    ChannelSummary,
    FeatureMaps,
    Kernels,
    Picture,
    Predictions,
    Result,
)
from cnnviz_desktop.figures.manifest import Problem
from cnnviz_desktop.figures.result_folder import ResultFolder
from tests.figures.made import geometry, noise, picture

VALUES = noise(6, 3, 3)


def maps_of(image: str, layer: str) -> Iterator[Result]:
    """A layer's maps in two parts, and their sum."""
    over = geometry(Size(60, 90), Size(3, 3))
    zeros = np.zeros(3, dtype=np.float32)
    seen = ChannelStatistics(mean=zeros, minimum=zeros, maximum=zeros, energy=zeros, zeros=zeros, finite=zeros)
    total = VALUES.sum(axis=0)
    for first in (0, 3):
        maps = VALUES[first : first + 3]
        yield FeatureMaps(image=image, layer=layer, first=first, total=6, maps=maps, statistics=seen, geometry=over)
    yield ChannelSummary(image=image, layer=layer, total=total, mean=VALUES.mean(axis=0), geometry=over)


def kernels_of(layer: str) -> Iterator[Result]:
    """A layer's kernels in two parts."""
    for first in (0, 3):
        part = VALUES[first : first + 3, None]
        norms = np.zeros(3, dtype=np.float32)
        yield Kernels(layer=layer, first=first, total=6, weights=part, norms=norms, bias=None, kind="convolution")


def predictions_of(image: str) -> Predictions:
    logits = VALUES[0, 0]
    return Predictions(image=image, logits=logits, probabilities=logits, activation="none", class_names=("a", "b", "c"))


class Stopping(Engine):
    """Answers looking at the network, and raises where as many results as a key says have come."""

    def __init__(self, errors: dict[int, CnnvizError]) -> None:
        super().__init__(Console())
        self._errors = errors
        self._count = 0

    def picture(self, image: str) -> Picture:
        return picture(image=image)

    def answers(self, request: Request) -> Iterator[Result]:
        for result in self._all(request):
            self._count += 1
            if self._count in self._errors:
                raise self._errors[self._count]
            yield result

    def _all(self, request: Request) -> Iterator[Result]:
        for image in request.images or ("",):
            if request.method == "predictions":
                yield predictions_of(image)
            for layer in request.layers:
                yield from kernels_of(layer) if request.method == "kernels" else maps_of(image, layer)


def named(result: Result) -> str:
    numbers = [getattr(result, name, "") for name in ("image", "layer", "first")]
    return " ".join(map(str, (type(result).__name__, *numbers)))


ASKED = (
    Request(method="feature_maps", images=("a", "b"), layers=("conv1", "conv2")),
    Request(method="kernels", layers=("conv1", "conv2")),
    Request(method="predictions", images=("a", "b")),
)


@pytest.mark.parametrize("request_", ASKED, ids=lambda each: each.method)
def test_that_what_stops_anywhere_comes_once(request_: Request) -> None:
    whole = Counter(map(named, Stopping({}).answers(request_)))
    for stop in range(1, whole.total() + 1):
        asker = Asker(Stopping({stop: OutOfMemory("full")}), lambda _: None, lone=True)
        assert Counter(map(named, asker.answers(request_))) == whole, stop
        assert not asker.problems


def test_that_half_of_a_layer_is_never_written_with_another(tmp_path: Path) -> None:
    request_ = Request(method="feature_maps", images=("a", "b"), layers=("conv1",))
    # Image a stops after its first part, together with b and then by itself.
    engine = Stopping({2: NetworkError("It failed."), 4: NetworkError("It failed.")})
    folder = ResultFolder(tmp_path, {"a": "a", "b": "b"})
    asker, writer = Asker(engine, lambda _: None, lone=True), Writer(request_, folder, engine)
    for result in asker.answers(request_):
        writer.take(result)
    (entry,) = folder.entries
    with np.load(tmp_path / entry.files["arrays"]) as arrays:
        np.testing.assert_array_equal(arrays["maps"], VALUES)
    assert entry.image == "b"
    assert asker.problems == [Problem("a", "feature_maps", "It failed.")]
