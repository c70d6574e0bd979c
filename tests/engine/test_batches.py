"""Pictures that go through a network together, and whether that gives what each gives alone."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from cnnviz_desktop.core.requests import LayerRef, Request
from cnnviz_desktop.core.results import GradientPicture, HeatMap, Picture
from cnnviz_desktop.engine import batches
from cnnviz_desktop.engine.folding import quicker_twin
from cnnviz_desktop.engine.passes import ForwardPass
from cnnviz_desktop.engine.session import EngineSession
from cnnviz_desktop.engine.workbench import Workbench
from tests.engine.methods.maps_for_tests import Joined
from tests.engine.networks_for_tests import InPlace, bench_of, fingerprint, seeded, session_with
from tests.engine.networks_with_tails import Careless, MixesRows, Residual

Answer = HeatMap | GradientPicture


class CentresTheBatch(InPlace):
    """Takes the mean over the batch off, in an operation that no module shows."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x if len(x) == 1 else x - x.mean(dim=0, keepdim=True))


class Watched(nn.Module):
    """Reads what a convolution gives beside its normalisation, so that folding would change the answer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.last = nn.Conv2d(4, 4, 3)
        self.head = nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        logits: Tensor = self.head(self.last(self.norm(x) + 3 * x).relu().mean(dim=(2, 3)))
        return logits


@pytest.fixture
def images(tmp_path: Path) -> tuple[str, ...]:
    noise = np.random.default_rng(1).integers(0, 256, (40, 32, 24, 3), dtype=np.uint8)
    for number, pixels in enumerate(noise):
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    return tuple(str(tmp_path / f"{number}.png") for number in range(40))


def answers(module: nn.Module, images: tuple[str, ...], layer: str, method: str = "gradcam") -> dict[str, Answer]:
    request = Request(method=method, network="test", images=images, layers=(layer,) if method == "gradcam" else ())
    found = [result for result in session_with(module).run(request) if isinstance(result, HeatMap | GradientPicture)]
    return {answer.image: answer for answer in found}


def with_statistics(module: nn.Module) -> nn.Module:
    """Statistics as training leaves them: untrained ones are 0 and 1, and folding them changes nothing."""
    generator = torch.Generator().manual_seed(3)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d) and part.running_mean is not None and part.running_var is not None:
            part.running_mean.uniform_(-0.5, 0.5, generator=generator)
            part.running_var.uniform_(0.3, 2, generator=generator)
    return module


@pytest.fixture
def twins(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each twin that was made was taken, once its request is done."""
    made: list[bool] = []
    original = batches.Batches._seen

    def seen(self: batches.Batches, group: list[Picture]) -> ForwardPass:
        had = self._twin is not None
        found = original(self, group)
        if had:
            made.append(self._twin is not None)
        return found

    monkeypatch.setattr(batches.Batches, "_seen", seen)
    return made


@pytest.mark.parametrize("method", ["gradcam", "saliency", "guided_backprop"])
@pytest.mark.parametrize(
    ("network", "layer"), [(Joined, "block"), (Joined, "block.0"), (Joined, "stem.1"), (Residual, "body.1")]
)
def test_that_many_images_seen_by_a_twin_give_what_each_gives_alone(
    network: type[nn.Module], layer: str, method: str, images: tuple[str, ...], twins: list[bool]
) -> None:
    module = with_statistics(seeded(network))
    before = fingerprint(module)
    together = answers(module, images, layer, method)
    assert twins, "no twin was made"
    assert all(twins)
    assert fingerprint(module) == before
    for image in images[::13]:
        alone = answers(with_statistics(seeded(network)), (image,), layer, method)[image]
        assert np.abs(together[image].raw - alone.raw).max() <= 1e-5 * float(np.abs(alone.raw).max())
        assert together[image].explained.score == pytest.approx(alone.explained.score, rel=1e-5)


def test_that_a_twin_that_computes_something_else_is_not_used(images: tuple[str, ...], twins: list[bool]) -> None:
    together = answers(with_statistics(seeded(Watched)), images, "last")
    assert twins == [False]
    alone = answers(with_statistics(seeded(Watched)), images[:1], "last")[images[0]]
    assert np.allclose(together[images[0]].raw, alone.raw, rtol=1e-4, atol=1e-7)


def test_that_few_images_get_no_twin(images: tuple[str, ...], twins: list[bool]) -> None:
    answers(seeded(Joined), images[:8], "block")
    assert twins == []


def test_that_a_twin_is_made_where_there_is_something_to_fold_and_room_for_a_copy() -> None:
    row = torch.randn(1, 3, 32, 24)
    assert quicker_twin(bench_of(seeded(InPlace)), row) is None
    module = seeded(Joined)
    assert quicker_twin(bench_of(module), row) is not None
    weights = sum(tensor.nbytes for tensor in module.state_dict().values())
    assert quicker_twin(bench_of(module, memory_budget=2 * weights), row) is None
    everything = [LayerRef(name) for name, _ in module.named_modules()]
    assert quicker_twin(bench_of(module), row, everything) is None


@pytest.mark.parametrize("network", [CentresTheBatch, MixesRows])
def test_that_rows_that_depend_on_each_other_are_found_out(network: type[nn.Module], images: tuple[str, ...]) -> None:
    module = seeded(network)
    layer = next(name for name, part in module.named_modules() if isinstance(part, nn.Conv2d))
    together = answers(module, images[:3], layer)
    for image in images[:3]:
        alone = answers(seeded(network), (image,), layer)[image]
        assert np.allclose(together[image].raw, alone.raw, rtol=1e-5, atol=1e-9)


class Counting(InPlace):
    """Counts its passes."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[int] = []

    def forward(self, x: Tensor) -> Tensor:
        self.rows.append(len(x))
        return super().forward(x)


def test_that_rows_are_compared_once_for_each_network(images: tuple[str, ...]) -> None:
    network = seeded(Counting)
    assert isinstance(network, Counting)
    session = session_with(network)
    network.rows.clear()
    for _ in range(2):
        list(session.run(Request(method="gradcam", network="test", images=images[:6], layers=("last",))))
    assert network.rows == [6, 1, 6]


class Averages(InPlace):
    """One of its layers gives the mean over the batch; nothing else depends on that."""

    class Mean(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.mean(dim=0, keepdim=True)

    def __init__(self) -> None:
        super().__init__()
        self.mean = self.Mean()

    def forward(self, x: Tensor) -> Tensor:
        self.mean(self.last(self.first(x)))
        return super().forward(x)


def test_that_one_request_for_a_layer_without_rows_slows_no_other(images: tuple[str, ...]) -> None:
    session = session_with(seeded(Averages))
    bench = only(session)
    for layer in ("mean", "last"):
        request = Request(method="eigencam", network="test", images=images[:3], layers=(layer,))
        found = [result for result in session.run(request) if isinstance(result, HeatMap)]
        assert [heat.image for heat in found] == list(images[:3])
        assert bench.rows_are_apart


def only(session: EngineSession) -> Workbench:
    (bench,) = session._benches.values()
    return bench


def test_that_a_network_that_views_its_maps_is_given_the_usual_layout(images: tuple[str, ...]) -> None:
    session = session_with(seeded(Careless))
    request = Request(method="gradcam", network="test", images=images[:3], layers=("body",))
    together = [result for result in session.run(request) if isinstance(result, HeatMap)]
    assert not only(session).reads_channels_last
    assert only(session).rows_are_apart
    for heat in together:
        alone = answers(seeded(Careless), (heat.image,), "body")[heat.image]
        assert np.allclose(heat.raw, alone.raw, rtol=1e-4, atol=1e-7)
