"""Pictures that go through a network together, and whether that gives what each gives alone."""

import gc
import weakref
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from cnnviz_desktop.core.errors import ImageError
from cnnviz_desktop.core.requests import LayerRef, Request
from cnnviz_desktop.core.results import GradientPicture, HeatMap, Picture
from cnnviz_desktop.engine import batches
from cnnviz_desktop.engine.folding import Twin, quicker_twin
from cnnviz_desktop.engine.passes import ForwardPass, Wanted
from cnnviz_desktop.engine.session import EngineSession
from cnnviz_desktop.engine.workbench import Workbench
from tests.engine.folding_for_tests import (
    CentresTheBatch,
    CentresTheLogits,
    GatedByTheFirst,
    GatedByTheLast,
    Normalised,
    ReadsTheNormalisation,
    Watched,
    WatchedInPart,
    with_statistics,
)
from tests.engine.methods.maps_for_tests import Joined
from tests.engine.networks_for_tests import Counting, Functional, InPlace, bench_of, fingerprint, seeded, session_with
from tests.engine.networks_with_tails import Careless, MixesRows, Residual

Answer = HeatMap | GradientPicture


@pytest.fixture
def images(tmp_path: Path) -> tuple[str, ...]:
    noise = np.random.default_rng(1).integers(0, 256, (40, 32, 24, 3), dtype=np.uint8)
    for number, pixels in enumerate(noise):
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    return tuple(str(tmp_path / f"{number}.png") for number in range(40))


def answers(
    module: nn.Module, images: tuple[str, ...], layer: str, method: str = "gradcam", **parameters: int
) -> dict[str, Answer]:
    layers = (layer,) if method in ("gradcam", "eigencam") else ()
    request = Request(method=method, network="test", images=images, layers=layers, parameters=dict(parameters))
    found = [result for result in session_with(module).run(request) if isinstance(result, HeatMap | GradientPicture)]
    return {answer.image: answer for answer in found}


@pytest.fixture
def twins(monkeypatch: pytest.MonkeyPatch) -> list[Twin | None]:
    """The twins that are made."""
    made: list[Twin | None] = []

    def make(bench: Workbench, row: Tensor, recorded: Collection[LayerRef] = ()) -> Twin | None:
        made.append(quicker_twin(bench, row, recorded))
        return made[-1]

    monkeypatch.setattr(batches, "quicker_twin", make)
    return made


def is_used(twin: Twin | None) -> bool:
    """Whether the twin has been compared with its network and found to give the same."""
    return twin is not None and twin.expected is None


@pytest.mark.parametrize("method", ["gradcam", "saliency", "guided_backprop"])
@pytest.mark.parametrize(
    ("network", "layer"), [(Joined, "block"), (Joined, "block.0"), (Joined, "stem.1"), (Residual, "body.1")]
)
def test_that_many_images_seen_by_a_twin_give_what_each_gives_alone(
    network: type[nn.Module], layer: str, method: str, images: tuple[str, ...], twins: list[Twin | None]
) -> None:
    module = with_statistics(seeded(network))
    before = fingerprint(module)
    together = answers(module, images, layer, method)
    assert [is_used(made) for made in twins] == [True]
    assert fingerprint(module) == before
    for image in images[::13]:
        alone = answers(with_statistics(seeded(network)), (image,), layer, method)[image]
        assert np.abs(together[image].raw - alone.raw).max() <= 1e-5 * float(np.abs(alone.raw).max())
        assert together[image].explained.score == pytest.approx(alone.explained.score, rel=1e-5)


@pytest.mark.parametrize("layer", ["last", "between"])
@pytest.mark.parametrize("network", [Watched, WatchedInPart, ReadsTheNormalisation, Normalised])
def test_that_a_twin_that_gives_something_else_is_not_used(
    network: type[nn.Module], layer: str, images: tuple[str, ...], twins: list[Twin | None]
) -> None:
    session = session_with(with_statistics(seeded(network)))
    if network in (Watched, WatchedInPart, ReadsTheNormalisation) and layer == "between":
        layer = "conv"
    request = Request(method="eigencam", network="test", images=images, layers=(layer,))
    together = {each.image: each for each in session.run(request) if isinstance(each, HeatMap)}
    usable = network is Normalised and layer == "last"
    assert not any(is_used(twin) for twin in twins) or usable
    assert only(session).rows_are_apart
    for image in images[::13]:
        alone = answers(with_statistics(seeded(network)), (image,), layer, "eigencam")[image]
        assert np.allclose(together[image].raw, alone.raw, rtol=1e-3, atol=1e-5 * float(np.abs(alone.raw).max()))


def test_that_few_images_get_no_twin(images: tuple[str, ...], twins: list[Twin | None]) -> None:
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


@pytest.mark.parametrize("method", ["gradcam", "occlusion"])
@pytest.mark.parametrize(
    "network", [CentresTheBatch, CentresTheLogits, GatedByTheFirst, GatedByTheLast, MixesRows, Functional]
)
def test_that_rows_that_depend_on_each_other_are_found_out(
    network: type[nn.Module], method: str, images: tuple[str, ...]
) -> None:
    module = seeded(network)
    layer = next(name for name, part in module.named_modules() if isinstance(part, nn.Conv2d))
    together = answers(module, images[:3], layer, method)
    for image in images[:3]:
        one_by_one = {"chunk": 1} if method == "occlusion" else {}
        alone = answers(seeded(network), (image,), layer, method, **one_by_one)[image]
        assert np.allclose(together[image].raw, alone.raw, rtol=1e-4, atol=1e-3 * float(np.abs(alone.raw).max()))
    assert bench_of(module).rows_are_apart is (network is Functional)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_that_rounding_in_half_precision_is_not_taken_for_rows_that_depend_on_each_other(dtype: torch.dtype) -> None:
    assert bench_of(seeded(Joined).to(dtype)).rows_are_apart


def test_that_rows_are_compared_once_for_each_network(images: tuple[str, ...]) -> None:
    network = seeded(Counting)
    assert isinstance(network, Counting)
    session = session_with(network)
    network.rows.clear()
    for _ in range(2):
        list(session.run(Request(method="gradcam", network="test", images=images[:6], layers=("last",))))
    assert network.rows == [3, 1, 6, 6]


def test_that_the_pictures_before_an_unreadable_one_are_answered(images: tuple[str, ...], tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    request = Request(method="gradcam", network="test", images=(*images[:2], str(broken)), layers=("last",))
    found: list[str] = []
    with pytest.raises(ImageError):
        found.extend(each.image for each in session_with(seeded(InPlace)).run(request) if isinstance(each, HeatMap))
    assert found == list(images[:2])


def test_that_one_groups_graph_is_gone_when_the_next_group_is_seen(
    images: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[weakref.ref[Tensor]] = []
    alive: list[int] = []
    original = Workbench.forward_together

    def forward(self: Workbench, pictures: list[Picture], wanted: Wanted, *, smoothed: bool = False) -> ForwardPass:
        alive.append(sum(each() is not None for each in seen))
        made = original(self, pictures, wanted, smoothed=smoothed)
        seen.append(weakref.ref(made.activations[LayerRef("last")]))
        return made

    monkeypatch.setattr(Workbench, "forward_together", forward)
    gc.disable()
    try:
        answers(seeded(InPlace), images[:24], "last")
    finally:
        gc.enable()
    assert alive == [0, 0, 0]


def test_that_methods_of_many_passes_come_last_for_all_images(images: tuple[str, ...]) -> None:
    request = Request(
        method="occlusion", also=("gradcam",), network="test", images=images[:2], parameters={"aug_smooth": True}
    )
    found = [each for each in session_with(seeded(InPlace)).run(request) if isinstance(each, HeatMap)]
    assert [each.method for each in found[:2]] == ["gradcam", "gradcam"]


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
