"""Networks that do what reviewers and users have been bitten by."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from cnnviz_desktop.core.errors import LayerError, NetworkError, RequestError, TargetError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.requests import ClassTarget, Request
from cnnviz_desktop.core.results import FeatureMaps, HeatMap, Predictions, Progress, Result
from cnnviz_desktop.engine.borrowing import borrowed
from cnnviz_desktop.engine.remembered import Remembered
from cnnviz_desktop.engine.session import EngineSession
from tests.engine.networks_for_tests import InPlace, outlined, seeded, session_with
from tests.engine.test_receptive_fields import gradient_support


def answer(session: EngineSession, method: str, image: str, **fields: object) -> list[Result]:
    request = Request(method=method, network="test", images=(image,), **fields)  # type: ignore[arg-type]
    return list(session.run(request))


class Squeezed(InPlace):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).squeeze()


class Softened(InPlace):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).softmax(dim=1)


class Inferring(InPlace):
    @torch.inference_mode()
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x)


class Splitting(InPlace):
    """Writes into a view of a split, which PyTorch forbids in a graph."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.last(self.first(x))
        left, _ = out.chunk(2, dim=1)
        left.relu_()
        logits: Tensor = self.head(out.mean((2, 3)))
        return logits


class Unbackward(InPlace):
    """Changes what its sigmoid saved for the backward pass."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.last(self.first(x)).sigmoid()
        x.mul_(2)
        logits: Tensor = self.head(x.mean((2, 3)))
        return logits


class Quitting(InPlace):
    def forward(self, x: Tensor) -> Tensor:
        if x.abs().sum() > 0:
            raise SystemExit(0)
        return super().forward(x)


class WritesWeights(InPlace):
    def forward(self, x: Tensor) -> Tensor:
        self.head.weight.data.mul_(0.5)
        return super().forward(x)


def test_that_squeezed_logits_are_classes_and_not_samples(image: str) -> None:
    (found,) = answer(session_with(seeded(Squeezed)), "predictions", image)
    assert isinstance(found, Predictions)
    assert found.activation == "softmax"
    assert len(found.logits) == 5


def test_that_a_network_that_ends_in_softmax_is_not_softened_twice(image: str) -> None:
    (found,) = answer(session_with(seeded(Softened)), "predictions", image)
    assert isinstance(found, Predictions)
    assert found.activation == "none"
    assert np.array_equal(found.probabilities, found.logits)
    assert "ends in a softmax" in found.notes[0]


def test_that_a_network_in_inference_mode_is_shown_and_its_missing_gradient_told(image: str) -> None:
    module = seeded(Inferring)
    session = session_with(module)
    maps = answer(session, "feature_maps", image, layers=("first",))[0]
    (found,) = answer(session, "predictions", image)
    assert isinstance(maps, FeatureMaps)
    assert isinstance(found, Predictions)
    assert maps.maps.min() < 0  # not what the in-place ReLU made of it
    with pytest.raises(LayerError, match="inference mode"):
        answer(session, "gradcam", image)


def test_that_a_network_that_cannot_run_in_a_graph_still_predicts(image: str) -> None:
    session = session_with(seeded(Splitting))
    assert isinstance(answer(session, "predictions", image)[0], Predictions)
    assert isinstance(answer(session, "feature_maps", image)[0], FeatureMaps)


def test_that_a_backward_pass_that_fails_is_the_networks_fault(image: str) -> None:
    session = session_with(seeded(Unbackward))
    assert isinstance(answer(session, "predictions", image)[0], Predictions)
    with pytest.raises(NetworkError, match="gradient of Test network cannot be computed"):
        answer(session, "gradcam", image, layers=("first",))


def test_that_a_network_that_exits_does_not_end_the_program(image: str) -> None:
    with pytest.raises(NetworkError, match="failed on an input"):
        answer(session_with(seeded(Quitting)), "predictions", image)


def test_that_weights_that_the_forward_pass_writes_are_put_back() -> None:
    module, plain = seeded(WritesWeights), seeded(InPlace)
    for network, writes in ((module, True), (plain, False)):
        before = {name: value.clone() for name, value in network.state_dict().items()}
        with borrowed(network, seed=0, keep_parameters=True) as loan:
            network(torch.rand(1, 3, 8, 8))
        assert loan.wrote_parameters == writes
        assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_that_a_module_that_ran_twice_is_told_beside_its_maps(image: str) -> None:
    class Twice(InPlace):
        def forward(self, x: Tensor) -> Tensor:
            x = self.relu(self.first(x))
            logits: Tensor = self.head(self.relu(self.last(x)).mean((2, 3)))
            return logits

    found = answer(session_with(seeded(Twice)), "feature_maps", image, layers=("relu",))[0]
    assert isinstance(found, FeatureMaps)
    assert "ran 2 times" in found.notes[0]


def test_that_nobody_can_write_into_a_result(image: str) -> None:
    found = answer(session_with(seeded(InPlace)), "feature_maps", image)[0]
    assert isinstance(found, FeatureMaps)
    with pytest.raises(ValueError, match="read-only"):
        found.maps[0, 0, 0] = 1


def test_that_randomness_follows_the_seed_of_the_request(image: str) -> None:
    class Random(InPlace):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) + torch.rand(5)

    session = session_with(seeded(Random))
    first, second, again = (answer(session, "predictions", image, seed=seed)[0] for seed in (0, 7, 0))
    assert isinstance(first, Predictions)
    assert isinstance(second, Predictions)
    assert isinstance(again, Predictions)
    assert not np.array_equal(first.logits, second.logits)
    assert np.array_equal(first.logits, again.logits)


def test_that_progress_is_told_where_there_are_several_steps(image: str) -> None:
    session = session_with(seeded(InPlace))
    targets = tuple(ClassTarget(index) for index in range(4))
    steps = [each for each in answer(session, "gradcam", image, targets=targets) if isinstance(each, Progress)]
    assert [(step.done, step.total) for step in steps] == [(0, 4), (1, 4), (2, 4), (3, 4)]
    assert not any(isinstance(each, Progress) for each in answer(session, "gradcam", image))


@pytest.mark.parametrize("label", ["--5", "²", "5", "", "nothing"])
def test_that_an_odd_class_is_one_sentence(label: str, image: str) -> None:
    with pytest.raises(TargetError):
        answer(session_with(seeded(InPlace)), "gradcam", image, targets=(ClassTarget(label),))


def test_that_no_class_at_all_is_refused(image: str) -> None:
    with pytest.raises(RequestError, match="needs a class"):
        answer(session_with(seeded(InPlace)), "gradcam", image, targets=())


def test_that_the_pool_that_ends_a_sequential_is_not_suggested() -> None:
    class Pooled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(4))
            self.head = nn.Linear(64, 5)

        def forward(self, x: Tensor) -> Tensor:
            logits: Tensor = self.head(self.body(x).flatten(1))
            return logits

    assert outlined(seeded(Pooled)).suggested == "body.1"


def test_that_fields_belong_to_the_input_that_was_seen(tmp_path: Path) -> None:
    class Adaptive(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3, padding=1)
            self.pool = nn.AdaptiveAvgPool2d(4)

        def forward(self, x: Tensor) -> Tensor:
            pooled: Tensor = self.pool(self.conv(x))
            return pooled.mean((2, 3))

    Image.new("RGB", (240, 320)).save(tmp_path / "large.png")
    session = session_with(seeded(Adaptive))
    for layer in ("pool", "conv"):
        found = answer(session, "feature_maps", str(tmp_path / "large.png"), layers=(layer,))[0]
        assert isinstance(found, FeatureMaps)
        assert found.geometry.field is not None
        cell = found.geometry.cell_box(3, 3)
        field = found.geometry.field_box(3, 3)
        assert field is not None
        assert field.left <= cell.left
        assert field.right >= cell.right
        assert field.right - field.left <= cell.right - cell.left + 4


class _Branches(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.after = nn.Identity()


class RolledBranch(_Branches):
    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        joined: Tensor = self.after(x + x.roll(8, dims=3))
        return joined.mean((2, 3))


class InstanceNormalised(_Branches):
    def forward(self, x: Tensor) -> Tensor:
        normal: Tensor = self.after(nn.functional.instance_norm(self.conv(x)))
        return normal.mean((2, 3))


class PooledGate(_Branches):
    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        gated: Tensor = self.after(x * nn.functional.avg_pool2d(x, x.shape[2:]))
        return gated.mean((2, 3))


@pytest.mark.parametrize("factory", [RolledBranch, InstanceNormalised, PooledGate])
def test_that_a_field_is_never_smaller_than_what_a_cell_sees(factory: type[nn.Module]) -> None:
    module, size = seeded(factory).double(), Size(20, 20)
    field = outlined(module, size).layer("after").field
    if field is None:
        return
    left, top, right, bottom = gradient_support(module, "after", (5, 5), size)
    box = field.box(5, 5, size)
    assert (box.left, box.top) <= (left, top)
    assert (box.right, box.bottom) >= (right, bottom)


def test_that_what_is_larger_than_the_budget_pushes_nothing_else_out() -> None:
    kept: Remembered[str, bytes] = Remembered(10, len)
    kept.put("a", b"1234")
    kept.put("b", b"1234")
    kept.put("huge", b"x" * 11)
    assert kept.get("a") == b"1234"
    assert kept.get("huge") is None
    kept.put("c", b"1234")
    assert kept.get("b") is None  # used longest ago
    assert kept.get("a") == b"1234"


def test_that_a_tiny_budget_remembers_nothing(image: str) -> None:
    module = seeded(InPlace)
    session = session_with(module, memory_budget=100)
    runs: list[int] = []
    handle = module.register_forward_hook(lambda *_: runs.append(1))
    for _ in range(2):
        (heat,) = answer(session, "gradcam", image)
        assert isinstance(heat, HeatMap)
    handle.remove()
    assert len(runs) == 2
