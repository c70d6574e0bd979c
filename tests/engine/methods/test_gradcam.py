"""Grad-CAM against captum and, where it is right, pytorch-grad-cam itself."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from cnnviz_desktop.core.rendering import unit_scaled, upsample
from cnnviz_desktop.core.requests import ClassTarget, Request
from cnnviz_desktop.core.results import FloatArray, HeatMap
from cnnviz_desktop.engine.session import EngineSession
from tests.engine.networks_for_tests import Functional, InPlace, bench_of, seeded, session_with


def torchvision_model(name: str) -> Callable[[], nn.Module]:
    def build() -> nn.Module:
        import torchvision

        module: nn.Module = getattr(torchvision.models, name)(weights=None)
        return module

    return build


@pytest.fixture
def image(tmp_path: Path) -> str:
    pixels = np.random.default_rng(1).integers(0, 256, (96, 128, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "noise.png")
    return str(tmp_path / "noise.png")


def gradcam_of(session: EngineSession, image: str, layer: str, target: int) -> HeatMap:
    request = Request(
        method="gradcam", network="test", images=(image,), layers=(layer,), targets=(ClassTarget(target),)
    )
    (found,) = session.run(request)
    assert isinstance(found, HeatMap)
    return found


def tensor_of(image: str) -> torch.Tensor:
    pixels = torch.from_numpy(np.asarray(Image.open(image)).copy()).permute(2, 0, 1)[None].float() / 255
    return (pixels - 0.5) / 0.25


def captums(module: nn.Module, layer: str, image: str, target: int) -> FloatArray:
    from captum.attr import LayerGradCam

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # captum's word on backward hooks
        attribution = LayerGradCam(module, module.get_submodule(layer)).attribute(
            tensor_of(image).requires_grad_(), target=target
        )
    found: FloatArray = attribution.detach()[0, 0].numpy()
    return found


def librarys(module: nn.Module, layer: str, image: str, target: int) -> FloatArray:
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    with GradCAM(model=module, target_layers=[module.get_submodule(layer)]) as cam:
        found: FloatArray = cam(input_tensor=tensor_of(image), targets=[ClassifierOutputTarget(target)])[0]
    return found


def relative_difference(found: FloatArray, expected: FloatArray) -> float:
    return float(np.abs(found - expected).max() / np.abs(expected).max())


CASES = [
    (Functional, "tail", 3),
    (InPlace, "relu", 0),
    (torchvision_model("resnet18"), "layer4.1", 12),
    (torchvision_model("resnet18"), "layer2", 12),
    (torchvision_model("vgg11"), "features.20", 900),
    (torchvision_model("vgg11"), "features.9", 900),
]


@pytest.mark.parametrize(("factory", "layer", "target"), CASES)
def test_that_gradcam_equals_captum_and_the_library(
    factory: Callable[[], nn.Module], layer: str, target: int, image: str
) -> None:
    module = seeded(factory)
    heat = gradcam_of(session_with(module, (96, 128)), image, layer, target)
    assert relative_difference(heat.raw, captums(module, layer, image, target)) <= 1e-5
    returned = unit_scaled(upsample(unit_scaled(heat.raw), 96, 128))
    assert np.abs(returned - librarys(module, layer, image, target)).max() <= 1e-5


@pytest.mark.parametrize(
    ("factory", "layer"), [(InPlace, "first"), (torchvision_model("vgg11"), "features.8"), (InPlace, "last")]
)
def test_that_gradcam_of_a_convolution_under_an_in_place_relu_equals_a_twin_without_it(
    factory: Callable[[], nn.Module], layer: str, image: str
) -> None:
    """The library, whose recorded activation the ReLU overwrites, is wrong here; captum copies it."""
    module = seeded(factory)
    heat = gradcam_of(session_with(module, (96, 128)), image, layer, 2)
    assert relative_difference(heat.raw, captums(module, layer, image, 2)) <= 1e-5
    if layer != "last":
        library = librarys(module, layer, image, 2)
        assert np.abs(unit_scaled(upsample(unit_scaled(heat.raw), 96, 128)) - library).max() > 0.05


def test_that_doubling_the_logits_doubles_the_map(image: str) -> None:
    module = seeded(InPlace)
    once = gradcam_of(session_with(module), image, "relu", 1)
    with torch.no_grad():
        for parameter in module.get_submodule("head").parameters():
            parameter.mul_(2)
    twice = gradcam_of(session_with(module), image, "relu", 1)
    assert np.allclose(twice.raw, 2 * once.raw, rtol=1e-6)
    assert twice.explained.score == pytest.approx(2 * once.explained.score)


def test_that_a_frozen_network_is_explained_all_the_same(image: str) -> None:
    module = seeded(InPlace)
    free = gradcam_of(session_with(module), image, "last", 1)
    frozen = gradcam_of(session_with(module.requires_grad_(False)), image, "last", 1)
    assert np.array_equal(free.raw, frozen.raw)


def test_that_layers_of_one_request_agree_with_requests_of_their_own(image: str) -> None:
    session = session_with(seeded(InPlace))
    request = Request(
        method="gradcam",
        network="test",
        images=(image,),
        layers=("first", "relu", "last"),
        targets=(ClassTarget(4), ClassTarget(0)),
    )
    together = [heat for heat in session.run(request) if isinstance(heat, HeatMap)]
    assert [(heat.layer, heat.explained.class_index) for heat in together] == [
        (layer, target) for target in (4, 0) for layer in ("first", "relu", "last")
    ]
    for heat in together:
        assert heat.explained.class_index is not None
        alone = gradcam_of(session_with(seeded(InPlace)), image, heat.layer, heat.explained.class_index)
        assert relative_difference(heat.raw, alone.raw) <= 1e-6


def test_that_the_suggested_layers_are_the_customary_ones() -> None:
    suggested = {
        name: bench_of(seeded(torchvision_model(name)), (64, 64)).outline.suggested
        for name in ("resnet18", "vgg11", "densenet121", "mnasnet0_5", "squeezenet1_0")
    }
    assert suggested == {
        "resnet18": "layer4.1",
        "vgg11": "features.20",
        "densenet121": "features.norm5",
        "mnasnet0_5": "layers.16",
        "squeezenet1_0": "classifier.2",
    }
