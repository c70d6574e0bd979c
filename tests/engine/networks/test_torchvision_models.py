import pytest
import torch
from torch import nn
from torchvision.transforms import InterpolationMode

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.torchvision_models import (
    build_torchvision,
    imagenet_preprocessing,
    torchvision_names,
)


def test_that_the_names_are_those_of_classification_models() -> None:
    names = torchvision_names()
    assert {"resnet18", "vgg11", "inception_v3", "vit_b_16"} <= set(names)
    assert not [name for name in names if "rcnn" in name or "segmentation" in name or "raft" in name]


def test_that_arguments_reach_the_builder() -> None:
    module = build_torchvision("resnet18", {"num_classes": 7})
    assert module.eval()(torch.zeros(1, 3, 64, 64)).shape == (1, 7)


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_that_models_with_auxiliary_heads_are_built_without_a_warning_and_see_their_size(name: str) -> None:
    module = build_torchvision(name, {}).eval()
    with torch.no_grad():
        scores = module(torch.rand(1, 3, *imagenet_preprocessing(name).size))
    assert scores.shape == (1, 1000)
    assert scores.abs().max() < 100


@pytest.mark.parametrize(
    ("name", "weights"), [("resnet18", "ResNet18_Weights"), ("inception_v3", "Inception_V3_Weights")]
)
def test_that_the_preprocessing_is_torchvisions_own(name: str, weights: str) -> None:
    from torchvision import models

    own = getattr(models, weights).IMAGENET1K_V1.transforms()
    ours = imagenet_preprocessing(name)
    assert own.interpolation is InterpolationMode.BILINEAR
    assert (ours.resize, ours.short_side) == ("short_side_crop", own.resize_size[0])
    assert (ours.size, list(ours.mean), list(ours.std)) == ((own.crop_size[0],) * 2, own.mean, own.std)


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("resnet5", {}, "Did you mean .*resnet50"),
        ("ResNet50", {}, "Did you mean resnet50"),
        ("qqqq", {}, "cnnviz list networks"),
        ("fasterrcnn_resnet50_fpn", {}, "no classification model"),
        ("resnet18", {"weights": "DEFAULT"}, "nothing is downloaded"),
        ("resnet18", {"classes": 3}, "cannot be built with classes=3: .*classes"),
        ("resnet18", {"num_classes": "ten"}, "cannot be built"),
    ],
)
def test_that_what_torchvision_does_not_have_is_said(name: str, arguments: dict[str, object], sentence: str) -> None:
    with pytest.raises(NetworkError, match=sentence):
        build_torchvision(name, arguments)


def test_that_a_model_is_an_ordinary_module_on_the_cpu() -> None:
    module = build_torchvision("squeezenet1_1", {})
    assert isinstance(module, nn.Module)
    assert {parameter.device.type for parameter in module.parameters()} == {"cpu"}
