"""Integrated gradients and SmoothGrad equal captum's, add up, and do not depend on how they are cut into chunks."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from cnnviz_desktop.core.errors import CnnvizError, LayerError
from cnnviz_desktop.core.requests import ClassTarget, UnitTarget
from cnnviz_desktop.core.results import GradientPicture
from cnnviz_desktop.engine.chunks import Precision
from tests.engine.asking import ask, input_of, results
from tests.engine.networks_for_tests import Functional, InPlace, fingerprint, seeded, session_with
from tests.engine.test_passes import OneAtATime, OverTheBatch
from tests.engine.test_unusual_networks import Inferring

METHODS = pytest.mark.parametrize("method", ["integrated_gradients", "smoothgrad"])
POINTS = {"integrated_gradients": "steps", "smoothgrad": "samples"}


@pytest.fixture
def blank_image(tmp_path: Path) -> str:
    Image.fromarray(np.zeros((32, 24, 3), dtype=np.uint8)).save(tmp_path / "blank.png")
    return str(tmp_path / "blank.png")


class Smooth(nn.Module):
    """Few kinks, so that quadrature converges soon; works in place on its input."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3, stride=2)
        self.head = nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        x.mul_(0.5)
        logits: Tensor = self.head(torch.tanh(self.conv(x)).mean(dim=(2, 3)))
        return logits


class Jagged(Functional):
    """Kinks all the way."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(torch.sin(9 * x))


def pictures(network: nn.Module, method: str, image: str, **fields: object) -> list[GradientPicture]:
    request = ask(method, image, **{"targets": (ClassTarget(2),), **fields})
    return [each for each in results(session_with(network), request) if isinstance(each, GradientPicture)]


def last(network: nn.Module, method: str, image: str, **fields: object) -> GradientPicture:
    return pictures(network, method, image, **fields)[-1]


def difference(found: GradientPicture, expected: Tensor) -> float:
    """Largest difference, relative to the largest value expected."""
    reference = expected.detach().numpy()[0]
    return float(np.abs(found.raw - reference).max() / np.abs(reference).max())


@pytest.mark.parametrize("network", [InPlace, Functional])
@pytest.mark.parametrize("colour", ["mean", "black", "white"])
def test_that_integrated_gradients_equal_captums(network: type[nn.Module], colour: str, image: str) -> None:
    from captum.attr import IntegratedGradients

    module, x = seeded(network), input_of(image)
    start = {"mean": 0.0, "black": -2.0, "white": 2.0}[colour]  # (value − 0.5) / 0.25
    expected, gap = IntegratedGradients(module).attribute(
        x, baselines=start, target=2, n_steps=20, method="gausslegendre", return_convergence_delta=True
    )
    found = last(seeded(network), "integrated_gradients", image, parameters={"steps": 20, "baseline": colour})
    with torch.no_grad():
        change = float((module(x.clone()) - module(torch.full_like(x, start)))[0, 2])
    assert difference(found, expected) <= 1e-5
    assert found.completeness == pytest.approx(abs(float(gap)) / abs(change), rel=1e-2, abs=1e-6)


@pytest.mark.parametrize("network", [InPlace, Functional])
def test_that_smoothgrad_equals_captums_with_the_same_seed(network: type[nn.Module], image: str) -> None:
    from captum.attr import NoiseTunnel, Saliency

    x = input_of(image)
    torch.manual_seed(7)
    expected = NoiseTunnel(Saliency(seeded(network))).attribute(
        x, nt_type="smoothgrad", nt_samples=20, stdevs=0.3 * float(x.max() - x.min()), target=2, abs=False
    )
    found = last(seeded(network), "smoothgrad", image, seed=7, parameters={"samples": 20, "noise": 0.3})
    assert difference(found, expected) <= 1e-5


def test_that_the_terms_of_integrated_gradients_add_up_to_the_scores_difference(image: str) -> None:
    found = last(seeded(Smooth), "integrated_gradients", image, parameters={"steps": 30})
    module, x = seeded(Smooth), input_of(image)
    change = (module(x) - module(torch.zeros_like(x)))[0, 2].item()
    assert found.raw.sum() == pytest.approx(change, rel=1e-4)
    assert found.completeness is not None
    assert found.completeness <= 1e-4
    assert not found.notes


def test_that_terms_that_do_not_add_up_are_told(image: str) -> None:
    found = last(seeded(Jagged), "integrated_gradients", image, parameters={"steps": 2})
    assert found.completeness is not None
    assert found.completeness > 0.05
    assert f"{found.completeness:.0%} off" in found.notes[0]


def test_that_an_image_like_the_baseline_has_nothing_to_divide_by(blank_image: str) -> None:
    found = last(seeded(InPlace), "integrated_gradients", blank_image, parameters={"steps": 3, "baseline": "black"})
    assert found.completeness is None
    assert "the same at the baseline" in found.notes[0]


def test_that_a_constant_image_has_no_noise(blank_image: str) -> None:
    found = last(seeded(InPlace), "smoothgrad", blank_image, parameters={"samples": 3})
    plain = last(seeded(InPlace), "saliency", blank_image)
    assert "the noise, is 0" in found.notes[0]
    assert np.allclose(found.raw, plain.raw, rtol=1e-5, atol=1e-8)


@METHODS
@pytest.mark.parametrize("network", [InPlace, Functional, Smooth, OneAtATime])
def test_that_the_chunk_size_changes_nothing_but_the_number_of_previews(
    network: type[nn.Module], method: str, image: str
) -> None:
    found = {
        chunk: pictures(seeded(network), method, image, parameters={POINTS[method]: 33, "chunk": chunk})
        for chunk in (0, 1, 32)
    }
    assert [each.done for each in found[1]] == pytest.approx([(index + 1) / 33 for index in range(33)])
    assert found[32][-1].done == found[0][-1].done == 1
    for chunk in (0, 32):
        assert np.abs(found[chunk][-1].raw - found[1][-1].raw).max() <= 1e-5 * np.abs(found[1][-1].raw).max()


@METHODS
def test_that_previews_come_close_before_the_end(method: str, image: str) -> None:
    found = pictures(seeded(InPlace), method, image, parameters={POINTS[method]: 40, "chunk": 10})
    assert [each.done for each in found] == [0.25, 0.5, 0.75, 1]
    correlations = [float(np.corrcoef(each.raw.ravel(), found[-1].raw.ravel())[0, 1]) for each in found]
    assert min(correlations) > 0.9
    assert all(each.completeness is None for each in found[:-1])


@METHODS
def test_that_statistics_over_the_batch_are_not_mixed_between_points(method: str, image: str) -> None:
    one = last(seeded(OverTheBatch), method, image, parameters={"chunk": 1, POINTS[method]: 5})
    many = last(seeded(OverTheBatch), method, image, parameters={"chunk": 5, POINTS[method]: 5})
    assert np.allclose(one.raw, many.raw, rtol=1e-5, atol=1e-8)


@METHODS
@pytest.mark.parametrize(
    "target",
    [
        UnitTarget("last", channel=3),
        UnitTarget("last", channel=3, cell=(2, 4)),
        UnitTarget("last", box=(3, 3, 17, 20)),
        ClassTarget(1, minus=3),
        ClassTarget(1, score="probability"),
    ],
)
def test_that_any_target_is_explained(method: str, target: UnitTarget | ClassTarget, image: str) -> None:
    from captum.attr import IntegratedGradients, NoiseTunnel, Saliency

    module, x = seeded(InPlace), input_of(image)
    assert isinstance(module, InPlace)

    def score(inputs: Tensor) -> Tensor:
        maps: Tensor = module.last(
            F.relu(module.first(inputs))
        )  # what the layer gives, before the ReLU that overwrites it
        if isinstance(target, ClassTarget):
            logits: Tensor = module(inputs)
            return logits[:, 1] - logits[:, 3] if target.minus is not None else logits.softmax(dim=1)[:, 1]
        if target.box is not None:
            return maps[:, :, 1:10, 1:9].sum(dim=(1, 2, 3))
        return maps[:, 3, 2, 4] if target.cell is not None else maps[:, 3].mean(dim=(1, 2))

    found = last(seeded(InPlace), method, image, targets=(target,), parameters={POINTS[method]: 8})
    torch.manual_seed(0)
    if method == "smoothgrad":
        tunnel = NoiseTunnel(Saliency(score))
        expected = tunnel.attribute(x, nt_samples=8, stdevs=0.15 * float(x.max() - x.min()), abs=False)
    else:
        expected = IntegratedGradients(score).attribute(x, n_steps=8)
    assert difference(found, expected) <= 1e-5


@METHODS
def test_that_reduced_precision_says_so_and_comes_close(
    method: str, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnnviz_desktop.engine.chunks.computes_bfloat16", lambda: True)
    full = last(seeded(InPlace), method, image, parameters={POINTS[method]: 8})
    reduced = last(seeded(InPlace), method, image, parameters={POINTS[method]: 8, "precision": "reduced"})
    assert any("bfloat16" in note for note in reduced.notes)
    assert not np.array_equal(full.raw, reduced.raw)
    assert np.corrcoef(full.raw.ravel(), reduced.raw.ravel())[0, 1] > 0.99


@METHODS
@pytest.mark.parametrize("strength", [1e-6, 1.0, 1e5])
def test_that_float16_loses_neither_small_nor_great_gradients(
    method: str, strength: float, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Scaled(InPlace):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x).float() * strength

    module = "cnnviz_desktop.engine.methods.averaged_gradients"
    full = last(seeded(Scaled), method, image, parameters={POINTS[method]: 8})
    monkeypatch.setattr(f"{module}.precision_of", lambda *_: Precision("cpu", torch.float16))
    reduced = last(seeded(Scaled), method, image, parameters={POINTS[method]: 8})
    assert not np.array_equal(full.raw, reduced.raw)
    assert np.corrcoef(full.raw.ravel(), reduced.raw.ravel())[0, 1] > 0.99
    assert np.abs(reduced.raw).max() == pytest.approx(np.abs(full.raw).max(), rel=0.1)


@METHODS
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_that_networks_of_every_precision_are_explained(method: str, dtype: torch.dtype, image: str) -> None:
    expected = last(seeded(InPlace), method, image, parameters={POINTS[method]: 8})
    found = last(seeded(InPlace).to(dtype), method, image, parameters={POINTS[method]: 8})
    assert found.raw.dtype == np.float32
    assert np.corrcoef(found.raw.ravel(), expected.raw.ravel())[0, 1] > 0.99


@METHODS
def test_that_a_network_in_float64_is_told_not_to_be_reduced(method: str, image: str) -> None:
    full = last(seeded(InPlace).double(), method, image, parameters={POINTS[method]: 4})
    found = last(seeded(InPlace).double(), method, image, parameters={POINTS[method]: 4, "precision": "reduced"})
    assert np.array_equal(found.raw, full.raw)
    assert any("own precision (float64)" in note for note in found.notes)


@METHODS
def test_that_inference_mode_is_told(method: str, image: str) -> None:
    with pytest.raises(LayerError, match="inference mode"):
        last(seeded(Inferring), method, image)


@METHODS
def test_that_a_picture_cancelled_at_any_step_leaves_no_trace(method: str, image: str) -> None:
    module = seeded(InPlace)
    session = session_with(module)
    before = fingerprint(module)
    for steps in range(6):
        running = session.run(ask(method, image, parameters={POINTS[method]: 5, "chunk": 1}))
        for _ in range(steps):
            next(running)
        assert torch.is_grad_enabled()
        running.close()
        assert fingerprint(module) == before


@METHODS
def test_that_a_failure_leaves_no_trace(method: str, image: str) -> None:
    class Tiring(InPlace):
        """Fails for all inputs but the image itself."""

        def forward(self, x: Tensor) -> Tensor:
            if self.tired:
                raise ValueError("tired")
            return super().forward(x)

        tired = False

    module = seeded(Tiring)
    session = session_with(module)
    before = fingerprint(module)
    running = session.run(ask(method, image, parameters={"chunk": 1}))
    next(running)
    Tiring.tired = True
    with pytest.raises(CnnvizError, match="tired"):
        list(running)
    assert fingerprint(module) == before
