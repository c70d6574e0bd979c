"""Official weights of torchvision, compared with what torchvision itself does when it loads them."""

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import nn

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.engine.networks.official.torchvision_weights import (
    arguments_with,
    class_names_of,
    entries_of,
    entry_of,
    official,
    recipe_of,
)
from cnnviz_desktop.engine.networks.torchvision_models import KINDS, build_torchvision, torchvision_names

NAMES = tuple(name for kind in KINDS for name in torchvision_names(kind))


def parts_of(module: nn.Module) -> list[tuple[str, str, str]]:
    """Every module with its type and settings, so that two networks can be compared."""
    return [(name, type(part).__name__, part.extra_repr()) for name, part in module.named_modules()]


def shapes_of(module: nn.Module) -> dict[str, tuple[int, ...]]:
    return {key: tuple(value.shape) for key, value in module.state_dict().items()}


@pytest.fixture
def nothing_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """torchvision builds for weights, and neither downloads nor loads them; on the meta device nothing is drawn."""
    from torchvision.models import _api, regnet

    def nothing(*_: object, **__: object) -> dict[str, Any]:
        return {}

    own = regnet.BlockParams.from_init_params.__func__

    def on_cpu(cls: object, /, *arguments: object, **named: object) -> object:
        with torch.device("cpu"):  # it computes numbers of channels with tensors
            return own(cls, *arguments, **named)

    monkeypatch.setattr(_api.WeightsEnum, "get_state_dict", nothing)
    monkeypatch.setattr(nn.Module, "load_state_dict", nothing)
    monkeypatch.setattr(regnet.BlockParams, "from_init_params", classmethod(on_cpu))


@pytest.mark.filterwarnings("ignore:.*meta")  # networks are made on the meta device: copying values does nothing there
@pytest.mark.usefixtures("nothing_is_loaded")
@pytest.mark.parametrize("name", NAMES)
def test_that_the_architecture_for_weights_is_the_one_torchvision_makes(name: str) -> None:
    from torchvision import models

    for entry in entries_of(name):
        with torch.device("meta"):
            theirs, ours = models.get_model(name, weights=entry), build_torchvision(name, {}, entry)
        assert shapes_of(ours) == shapes_of(theirs), entry.name
        assert parts_of(ours) == parts_of(theirs), entry.name
        assert getattr(ours, "transform_input", None) == getattr(theirs, "transform_input", None)


@pytest.mark.parametrize("name", NAMES)
def test_that_every_recipe_prepares_a_picture_as_the_weights_own_transforms_do(name: str) -> None:
    picture = torch.randint(0, 256, (3, 90, 130), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    for entry in entries_of(name):
        recipe, transforms = recipe_of(entry), entry.transforms()
        assert callable(transforms)
        assert recipe.transform(Size(90, 130)).input == tuple(transforms(picture).shape[1:]), entry.name
        if recipe.resize != "none":
            white, mean, std = transforms(torch.full_like(picture, 255)), recipe.mean, recipe.std
            expected = [(1 - each) / spread for each, spread in zip(mean, std, strict=True)]
            assert white.amax(dim=(1, 2)).tolist() == pytest.approx(expected, rel=1e-4)
            assert transforms.interpolation.value == recipe.interpolation  # type: ignore[attr-defined]


def test_that_weights_are_found_under_every_name_people_write() -> None:
    for wanted in ("IMAGENET1K_V2", "imagenet1k_v2", "DEFAULT", "default", "ResNet50_Weights.IMAGENET1K_V2"):
        assert entry_of("resnet50", wanted).name == "IMAGENET1K_V2"


def test_that_unknown_weights_are_told_with_those_there_are() -> None:
    with pytest.raises(NetworkError, match=r"Did you mean IMAGENET1K_V2\?|Did you mean IMAGENET1K_V1\?"):
        entry_of("resnet50", "IMAGENET1K_V3")
    with pytest.raises(NetworkError, match="It offers IMAGENET1K_V1, IMAGENET1K_V2"):
        entry_of("resnet50", "coco")


def test_that_weights_are_told_with_their_address_and_hash() -> None:
    told = official("resnet50", entry_of("resnet50", "DEFAULT"))
    assert told.network == "torchvision:resnet50@IMAGENET1K_V2"
    assert told.url == "https://download.pytorch.org/models/resnet50-11ad3fa6.pth"
    assert (told.file_name, told.digits) == ("resnet50-11ad3fa6.pth", "11ad3fa6")
    assert told.bytes == pytest.approx(97.79 * 2**20, rel=1e-4)
    assert told.recipe == "80.9 % acc@1 on ImageNet-1K"


def test_that_every_entry_can_be_told_and_most_have_a_hash() -> None:
    told = [official(name, entry) for name in NAMES for entry in entries_of(name)]
    assert len(told) == len({each.file_name for each in told}) >= 134
    assert len([each for each in told if not each.digits]) <= 4


def test_that_class_names_are_those_of_the_data() -> None:
    assert class_names_of(entry_of("resnet18", "DEFAULT"))[:2] == ("tench", "goldfish")
    assert class_names_of(entry_of("fcn_resnet50", "DEFAULT"))[:2] == ("__background__", "aeroplane")
    assert class_names_of(entry_of("keypointrcnn_resnet50_fpn", "DEFAULT")) == ("no person", "person")
    assert class_names_of(entry_of("vgg16", "IMAGENET1K_FEATURES")) == ()


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("resnet18", {"num_classes": 2}, "num_classes=1000 alone, and num_classes=2"),
        ("vit_b_32", {"image_size": 64}, "image_size=224 alone"),
        ("fcn_resnet50", {"aux_loss": False}, "aux_loss=True alone"),
    ],
)
def test_that_arguments_that_weights_exclude_are_refused(
    name: str, arguments: Mapping[str, object], sentence: str
) -> None:
    with pytest.raises(NetworkError, match=sentence):
        build_torchvision(name, arguments, entry_of(name, "DEFAULT"))


def test_that_arguments_of_another_kind_stay() -> None:
    entry = entry_of("resnet18", "DEFAULT")
    assert arguments_with(entry, "resnet18", nn.Module, {"num_classes": 1000, "zero_init_residual": True}) == {
        "num_classes": 1000,
        "zero_init_residual": True,
    }
