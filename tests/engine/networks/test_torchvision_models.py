import pytest
import torch
from torch import nn

from cnnviz_desktop.core.description import Architecture, NetworkDescription, Preprocessing
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.programs.prober import Prober
from cnnviz_desktop.engine.networks.source import Consent, Source
from cnnviz_desktop.engine.networks.torchvision_models import (
    KINDS,
    build_source,
    build_torchvision,
    torchvision_names,
)
from tests.engine.networks.official.finishing import finish


def source_of(name: str, **arguments: object) -> Source:
    description = NetworkDescription(
        format=1, name=name, architecture=Architecture(torchvision=name, arguments=arguments)
    )
    return finish(build_source(description, Consent(frozenset(), Prober())))


def test_that_every_kind_has_its_models_and_no_model_two_kinds() -> None:
    classification, segmentation, detection = (torchvision_names(kind) for kind in KINDS)
    assert {"resnet18", "vgg11", "inception_v3", "vit_b_16"} <= set(classification)
    assert {"fcn_resnet50", "lraspp_mobilenet_v3_large"} <= set(segmentation)
    assert {"ssd300_vgg16", "maskrcnn_resnet50_fpn"} <= set(detection)
    every = [*classification, *segmentation, *detection]
    assert len(every) == len(set(every)) >= 98
    assert not [name for name in every if name.startswith(("quantized", "raft", "r3d"))]


def test_that_arguments_reach_the_builder() -> None:
    module = build_torchvision("resnet18", {"num_classes": 7})
    assert module.eval()(torch.zeros(1, 3, 64, 64)).shape == (1, 7)


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_that_models_with_auxiliary_heads_are_built_without_a_warning_and_see_their_size(name: str) -> None:
    source = source_of(name)
    assert source.preprocessing is not None
    with torch.no_grad():
        scores = source.module(torch.rand(1, 3, *source.preprocessing.size))
    assert scores.shape == (1, 1000)
    assert scores.abs().max() < 100


@pytest.mark.parametrize(
    ("name", "size", "short_side"),
    [
        ("resnet18", 224, 256),
        ("resnet50", 224, 232),
        ("inception_v3", 299, 342),
        ("efficientnet_b3", 300, 320),
        ("swin_v2_t", 256, 260),
    ],
)
def test_that_a_random_model_has_the_recipe_of_its_recommended_weights(name: str, size: int, short_side: int) -> None:
    recipe = source_of(name).preprocessing
    assert recipe is not None
    assert (recipe.resize, recipe.size, recipe.short_side) == ("short_side_crop", (size, size), short_side)


@pytest.mark.parametrize(("arguments", "side"), [({}, 224), ({"image_size": 64}, 64)])
def test_that_a_transformer_is_fed_the_size_it_was_built_for(arguments: dict[str, object], side: int) -> None:
    source = source_of("vit_b_32", **arguments)
    assert source.preprocessing is not None
    assert source.preprocessing.size == (side, side)
    with torch.no_grad():
        assert source.module(torch.zeros(1, 3, side, side)).shape == (1, 1000)


def test_that_a_detection_network_gets_the_picture_as_it_is() -> None:
    source = source_of("ssdlite320_mobilenet_v3_large", num_classes=3)
    assert source.preprocessing == Preprocessing(
        resize="none", size=(480, 640), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0)
    )
    with torch.no_grad():
        (found,) = source.module(torch.rand(1, 3, 100, 80))
    assert found["boxes"].shape[1:] == (4,)


def test_that_a_segmentation_network_keeps_the_picture_whole() -> None:
    source = source_of("lraspp_mobilenet_v3_large", num_classes=4)
    assert source.preprocessing is not None
    assert (source.preprocessing.resize, source.preprocessing.short_side) == ("short_side", 520)
    with torch.no_grad():
        assert source.module(torch.zeros(1, 3, 64, 96))["out"].shape == (1, 4, 64, 96)


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("resnet5", {}, "Did you mean .*resnet50"),
        ("ResNet50", {}, "Did you mean resnet50"),
        ("qqqq", {}, "cnnviz list networks"),
        ("quantized_resnet50", {}, "quantized.*Open resnet50"),
        ("r3d_18", {}, "takes videos"),
        ("raft_small", {}, "two pictures"),
        ("resnet18", {"weights": "DEFAULT"}, "nothing is downloaded"),
        ("fcn_resnet50", {"weights_backbone": "DEFAULT"}, "nothing is downloaded"),
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
