"""Gradient pictures equal captum's where captum sees every ReLU, for every target, and say what does not work."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.core.requests import ClassTarget, Request, Target, UnitTarget
from cnnviz_desktop.core.results import GradientPicture
from cnnviz_desktop.engine.session import EngineSession
from tests.engine.asking import ask, input_of, results
from tests.engine.networks_for_tests import InPlace, fingerprint, seeded, session_with
from tests.engine.test_passes import OneAtATime
from tests.engine.test_unusual_networks import Inferring

METHODS = ("saliency", "gradxinput", "guided_backprop", "deconvolution", "guided_gradcam")


class Modules(nn.Module):
    """A module for each ReLU and none in place: what captum can handle."""

    def __init__(self, channels: int = 3) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, 6, 3, padding=1)
        self.relu1 = nn.ReLU()
        self.last = nn.Conv2d(6, 8, 3, stride=2, padding=1)
        self.relu2 = nn.ReLU()
        self.head = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu2(self.last(self.relu1(self.first(x))))
        logits: Tensor = self.head(x.mean(dim=(2, 3)))
        return logits


class Grey(Modules):
    def __init__(self) -> None:
        super().__init__(channels=1)


class Gelu(Modules):
    def __init__(self) -> None:
        super().__init__()
        self.add_module("relu1", nn.GELU())


class Rounding(Modules):
    """Takes pixel numbers apart from their graph."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward((x * 4).long().float())


class WithoutGraph(Modules):
    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x)


class InItsInput(Modules):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.mul_(0.5).relu_())


class Broken(Modules):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) / 0 * 0


def asked(session: EngineSession, method: str, image: str, **fields: object) -> GradientPicture:
    request = ask(method, image, **{"targets": (ClassTarget(2),), **fields})
    return next(each for each in results(session, request) if isinstance(each, GradientPicture))


def close(found: GradientPicture, expected: Tensor) -> bool:
    reference = expected.detach().float().numpy()[0]
    return bool(np.abs(found.raw - reference).max() <= 1e-5 * np.abs(reference).max())


def reference(method: str, module: Modules, x: Tensor) -> Tensor:
    """Captum's answer."""
    from captum.attr import Deconvolution, GuidedBackprop, GuidedGradCam, InputXGradient, Saliency

    found: Tensor
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # captum's word on its hooks
        match method:
            case "saliency":
                found = Saliency(module).attribute(x, target=2, abs=False)
            case "gradxinput":
                found = InputXGradient(module).attribute(x, target=2)
            case "guided_backprop":
                found = GuidedBackprop(module).attribute(x, target=2)
            case "deconvolution":
                found = Deconvolution(module).attribute(x, target=2)
            case _:
                cam = GuidedGradCam(module, module.last)
                found = cam.attribute(x, target=2, interpolate_mode="bilinear")
    return found


@pytest.mark.parametrize("method", METHODS)
def test_that_pictures_equal_captums(method: str, image: str) -> None:
    layers = ("last",) if method == "guided_gradcam" else ()
    module = seeded(Modules)
    before = fingerprint(module)
    found = asked(session_with(module), method, image, layers=layers)
    assert fingerprint(module) == before
    assert isinstance(module, Modules)
    assert found.raw.dtype == np.float32
    assert found.raw.shape == (3, 32, 24)
    assert found.layer == ("last" if layers else "")
    assert not found.notes
    assert close(found, reference(method, module, input_of(image).requires_grad_()))


def unit_score(module: Modules, x: Tensor, target: Target) -> Tensor:
    """What a target means, written down by hand; a twin of `Modules` that ends where the unit is."""
    first: Tensor = module.first(x)
    if isinstance(target, UnitTarget) and target.layer == "first":
        if target.box is not None:
            return first[:, :, 4:20, 3:17].sum()
        return first[0, 1, 5, 6] if target.cell else first[0, 1].mean()
    logits: Tensor = module(x)
    assert isinstance(target, ClassTarget)
    chances = logits.softmax(dim=1)
    return chances[0, 1] if target.score == "probability" else logits[0, 1] - logits[0, 3]


@pytest.mark.parametrize(
    "target",
    [
        UnitTarget("first", channel=1),
        UnitTarget("first", channel=1, cell=(5, 6)),
        UnitTarget("first", box=(3, 4, 17, 20)),
        ClassTarget(1, minus=3),
        ClassTarget(1, score="probability"),
    ],
)
def test_that_units_regions_and_differences_are_explained(target: Target, image: str) -> None:
    module, x = seeded(Modules), input_of(image).requires_grad_()
    assert isinstance(module, Modules)
    (expected,) = torch.autograd.grad(unit_score(module, x, target), x)
    assert close(asked(session_with(module), "saliency", image, targets=(target,)), expected)
    ruled = asked(session_with(module), "guided_backprop", image, targets=(target,))
    if isinstance(target, UnitTarget):  # no ReLU lies before the unit
        assert close(ruled, expected)
        assert "no ReLU on the way" in ruled.notes[0]
    else:
        assert not close(ruled, expected)
        assert not ruled.notes


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("network", [Modules, InPlace, OneAtATime])
def test_that_images_together_give_what_each_gives_alone(network: type[nn.Module], method: str, tmp_path: Path) -> None:
    noise = np.random.default_rng(4).integers(0, 256, (3, 32, 24, 3), dtype=np.uint8)
    for number, pixels in enumerate(noise):
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    images = tuple(str(tmp_path / f"{number}.png") for number in range(3))
    request = Request(method=method, network="test", images=images, targets=(ClassTarget(2),))
    together = [each for each in results(session_with(seeded(network)), request) if isinstance(each, GradientPicture)]
    assert len(together) == 3
    for found in together:
        alone = asked(session_with(seeded(network)), method, found.image)
        assert np.allclose(found.raw, alone.raw, rtol=1e-4, atol=1e-7)


def test_that_many_methods_cost_one_forward_pass_and_agree_with_each_alone(image: str) -> None:
    class Counting(Modules):
        passes = 0

        def forward(self, x: Tensor) -> Tensor:
            Counting.passes += 1
            return super().forward(x)

    session = session_with(seeded(Counting))
    Counting.passes = 0
    request = ask("gradcam", image, also=METHODS, targets=(ClassTarget(2),), layers=("last",))
    found = [each for each in results(session, request) if isinstance(each, GradientPicture)]
    assert Counting.passes == 1
    assert {each.method for each in found} == set(METHODS)
    for each in found:
        layers = ("last",) if each.layer else ()
        alone = asked(session_with(seeded(Modules)), each.method, image, layers=layers)
        assert np.array_equal(each.raw, alone.raw)


def test_that_an_activation_without_a_rule_is_named_beside_the_picture(image: str) -> None:
    for method in ("guided_backprop", "deconvolution", "guided_gradcam"):
        found = asked(session_with(seeded(Gelu)), method, image, layers=("last",) if "cam" in method else ())
        assert "1 GELU has no rule: the plain gradient passes it." in found.notes
    assert not asked(session_with(seeded(Gelu)), "saliency", image).notes


@pytest.mark.parametrize("method", METHODS)
def test_that_networks_without_a_gradient_are_refused_in_words(method: str, image: str) -> None:
    for network, said in (
        (Inferring, "inference mode"),
        (Rounding, "rounds, detaches or works under torch.no_grad"),
        (WithoutGraph, "torch.no_grad"),
    ):
        module = seeded(network)
        session = session_with(module)
        before = fingerprint(module)
        if method != "guided_gradcam":
            with pytest.raises(LayerError, match=said):
                asked(session, method, image)
        else:
            with pytest.raises(LayerError):
                asked(session, method, image, layers=("last",))
        assert fingerprint(module) == before


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_that_networks_of_every_precision_are_explained(method: str, dtype: torch.dtype, image: str) -> None:
    expected = asked(session_with(seeded(Modules)), method, image)
    found = asked(session_with(seeded(Modules).to(dtype)), method, image)
    assert found.raw.dtype == np.float32
    # Guided gradients choose by sign and maps are clipped: rounding moves whole cells.
    least = 0.999999 if dtype == torch.float64 else 0.98
    assert np.corrcoef(found.raw.ravel(), expected.raw.ravel())[0, 1] > least


def test_that_a_grey_input_gives_one_channel(image: str) -> None:
    recipe = Preprocessing(resize="none", size=(32, 24), mean=(0.5,), std=(0.25,))
    session = session_with(seeded(Grey), preprocessing=recipe)
    for method in (*METHODS, "integrated_gradients", "smoothgrad"):
        assert asked(session, method, image).raw.shape == (1, 32, 24)


def test_that_a_network_that_overwrites_its_input_is_explained_at_the_input(image: str) -> None:
    x = input_of(image).requires_grad_()
    (expected,) = torch.autograd.grad(seeded(InItsInput)(x.clone())[0, 2], x)
    assert close(asked(session_with(seeded(InItsInput)), "saliency", image), expected)
    assert close(asked(session_with(seeded(InItsInput)), "gradxinput", image), expected * x)


def test_that_a_picture_of_nan_says_so(image: str) -> None:
    for method in METHODS:
        found = asked(session_with(seeded(Broken)), method, image)
        assert any("NaN" in note for note in found.notes)


def test_that_pictures_cancelled_at_any_step_leave_no_trace(image: str) -> None:
    module = seeded(Modules)
    session = session_with(module)
    before = fingerprint(module)
    for steps in range(7):
        running = session.run(ask("saliency", image, also=METHODS[1:], layers=("last",)))
        for _ in range(steps):
            next(running)
        running.close()
        assert fingerprint(module) == before
