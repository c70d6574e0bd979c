"""Images that go through the network together get what each gets alone."""

import weakref
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from cnnviz_desktop.core.errors import LayerError, NetworkError
from cnnviz_desktop.core.requests import ClassTarget, LayerRef, Request, UnitTarget
from cnnviz_desktop.core.results import HeatMap
from cnnviz_desktop.engine.chunks import Precision, score_rows
from cnnviz_desktop.engine.objectives import ClassObjective
from cnnviz_desktop.engine.passes import Wanted
from cnnviz_desktop.engine.session import EngineSession
from tests.engine.networks_for_tests import Counting, Functional, InPlace, bench_of, seeded, session_with
from tests.engine.test_objectives import pictures


class OneAtATime(InPlace):
    """Drops the batch, as code written for one image does."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x[:1])[0]


class OverTheBatch(nn.Module):
    """Normalises with statistics of the batch, in evaluation mode too."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3)
        self.norm = nn.BatchNorm2d(6, track_running_stats=False)
        self.head = nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.norm(self.conv(x)).relu().mean(dim=(2, 3)))
        return logits


@pytest.fixture
def images(tmp_path: Path) -> tuple[str, ...]:
    noise = np.random.default_rng(1).integers(0, 256, (5, 32, 24, 3), dtype=np.uint8)
    for number, pixels in enumerate(noise):
        Image.fromarray(pixels[: 24 if number == 3 else 32]).save(tmp_path / f"{number}.png")
    return tuple(str(tmp_path / f"{number}.png") for number in range(5))


def maps(session: EngineSession, images: tuple[str, ...], layer: str) -> list[HeatMap]:
    targets = (ClassTarget(), ClassTarget(2))
    request = Request(method="gradcam", network="test", images=images, layers=(layer,), targets=targets)
    return [result for result in session.run(request) if isinstance(result, HeatMap)]


@pytest.mark.parametrize(
    ("network", "layer"),
    [(InPlace, "last"), (Functional, "join"), (OneAtATime, "last"), (OverTheBatch, "conv")],
)
def test_that_images_together_give_what_each_gives_alone(
    network: type[nn.Module], layer: str, images: tuple[str, ...]
) -> None:
    together = {(heat.image, heat.explained.title): heat for heat in maps(session_with(seeded(network)), images, layer)}
    for image in images:
        for alone in maps(session_with(seeded(network)), (image,), layer):
            found = together[image, alone.explained.title]
            assert np.allclose(found.raw, alone.raw, rtol=1e-4, atol=1e-7)
            assert found.explained.score == pytest.approx(alone.explained.score, rel=1e-5)
            assert found.geometry == alone.geometry


def test_that_images_of_one_size_share_a_pass(images: tuple[str, ...]) -> None:
    network = seeded(Counting)
    assert isinstance(network, Counting)
    session = session_with(network)
    network.rows.clear()
    maps(session, images, "last")
    assert network.rows == [3, 1, 3, 1, 1]  # noise first: three rows, and one of them alone


def test_that_one_row_of_a_pass_is_a_view_of_it() -> None:
    session = session_with(seeded(InPlace))
    layer = LayerRef("last")
    seen = next(iter(session._benches.values())).forward_together(pictures(3), Wanted(frozenset({layer})))
    alone = seen.only(1)
    assert torch.equal(alone.maps(layer)[0], seen.maps(layer)[1])
    assert alone.maps(layer).data_ptr() == seen.maps(layer)[1].data_ptr()
    assert torch.equal(alone.scores.logits[0], seen.scores.logits[1])
    assert alone.transforms == seen.transforms[1:2]


@pytest.mark.parametrize("network", [OneAtATime, OverTheBatch])
def test_that_a_network_for_one_image_at_a_time_says_why_it_cannot_be_smoothed(
    network: type[nn.Module], images: tuple[str, ...]
) -> None:
    request = Request(method="gradcam", network="test", images=images[:1], parameters={"aug_smooth": True})
    with pytest.raises(NetworkError, match="takes one image at a time"):
        list(session_with(seeded(network)).run(request))


def test_that_scores_of_a_network_for_one_image_at_a_time_are_those_of_each_row() -> None:
    bench, usual = bench_of(seeded(OneAtATime)), bench_of(seeded(InPlace))
    objective = ClassObjective((2,), None, None, bench.outline)
    rows = torch.rand(4, 3, 32, 24, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        found, expected = (score_rows(each, rows, objective, Precision()) for each in (bench, usual))
        assert torch.allclose(found, expected, rtol=1e-5)
    assert not bench.rows_are_apart


class OneLogitSqueezed(InPlace):
    """One logit an image, without a dimension for classes."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x)[:, 0]


def test_that_a_squeezed_logit_of_several_images_is_not_read_as_several_classes(images: tuple[str, ...]) -> None:
    request = Request(method="gradcam", network="test", images=images[:3], layers=("last",))
    together = [heat for heat in session_with(seeded(OneLogitSqueezed)).run(request) if isinstance(heat, HeatMap)]
    assert [heat.explained.class_index for heat in together] == [0, 0, 0]


class Upscaled(nn.Module):
    """Gives far more than it takes in, and has no layer whose output could be recorded."""

    def forward(self, x: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=8)


def test_that_passes_are_forgotten_for_what_the_network_returned_too() -> None:
    row = 4 * 3 * 32 * 24
    bench = bench_of(Upscaled(), memory_budget=2 * 65 * row)
    outputs = [weakref.ref(bench.forward(picture).output) for picture in pictures(4)]
    assert [output() is not None for output in outputs] == [False, False, True, True]


def test_that_a_unit_of_no_layer_is_refused_before_images_go_together(images: tuple[str, ...]) -> None:
    request = Request(method="saliency", network="test", images=images[:3], targets=(UnitTarget("nowhere", channel=0),))
    with pytest.raises(LayerError, match="no layer “nowhere”"):
        list(session_with(seeded(InPlace)).run(request))
