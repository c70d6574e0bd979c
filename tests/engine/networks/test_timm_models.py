import os
import sys
from pathlib import Path

import pytest
import timm
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from cnnviz_desktop.core.description import Architecture, NetworkDescription
from cnnviz_desktop.core.errors import NetworkError, WeightsNeeded
from cnnviz_desktop.core.results import Picture
from cnnviz_desktop.engine.inputs import prepare
from cnnviz_desktop.engine.networks.loaded import LoadedNetwork
from cnnviz_desktop.engine.networks.official.pretrained import official_weights
from cnnviz_desktop.engine.networks.opening import open_network
from cnnviz_desktop.engine.networks.timm_models import build_timm, check_name, trained_weights
from tests.engine.networks.no_connections import refuse_connections
from tests.engine.networks.official.finishing import finish


def described(
    name: str, pretrained: str | None = None, arguments: dict[str, object] | None = None
) -> NetworkDescription:
    architecture = Architecture(timm=name, arguments=arguments or {})
    return NetworkDescription(format=1, name=name, architecture=architecture, pretrained=pretrained)


def opened(description: NetworkDescription) -> LoadedNetwork:
    return finish(open_network(description, frozenset(), frozenset()))


@pytest.fixture
def torch_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where official weights are looked for: an empty folder of the test."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    folder = tmp_path / "torch/hub/checkpoints"
    folder.mkdir(parents=True)
    return folder


def drawn(name: str) -> nn.Module:
    """A network of timm with weights of its own, to be saved as official ones."""
    torch.manual_seed(5)
    module: nn.Module = timm.create_model(name, pretrained=False)
    for parameter in module.parameters():
        nn.init.normal_(parameter, 0, 0.1)
    return module.eval()


def test_that_building_reaches_no_network_and_leaves_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, environment = refuse_connections(monkeypatch), dict(os.environ)
    for name in ("resnet18", "vit_tiny_patch16_224", "efficientnet_b1_pruned"):
        network = opened(described(name))
        with torch.no_grad():
            scores = network.module(torch.zeros(1, 3, *network.preprocessing.size))
        assert scores.shape == (1, 1000)
    assert asked == []
    assert dict(os.environ) == environment


def test_that_the_recipe_prepares_pictures_as_timm_does() -> None:
    from timm.data.config import resolve_data_config
    from timm.data.transforms_factory import create_transform

    pixels = torch.randint(0, 256, (150, 210, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)).numpy()
    for name in (
        "resnet18",
        "vit_tiny_patch16_224",
        "convnext_atto",
        "tf_efficientnet_b0",
        "vit_base_patch16_siglip_224",
    ):
        own = timm.models.get_pretrained_cfg(name)
        assert own is not None
        configuration = resolve_data_config(pretrained_cfg=own.to_dict())  # type: ignore[no-untyped-call]  # timm gives it no types
        theirs = create_transform(**configuration, is_training=False)(Image.fromarray(pixels))
        recipe = trained_weights(described(name, "DEFAULT")).preprocessing
        ours = prepare(Picture(image="", pixels=pixels, sha256=""), recipe).tensor[0]
        assert torch.allclose(ours, theirs, atol=1e-5), name


@pytest.mark.parametrize(
    ("arguments", "channels", "size"),
    [({"in_chans": 1}, 1, (224, 224)), ({"img_size": 64}, 3, (64, 64)), ({"img_size": [64, 96]}, 3, (64, 96))],
)
def test_that_the_recipe_follows_the_arguments(
    arguments: dict[str, object], channels: int, size: tuple[int, int]
) -> None:
    network = opened(described("vit_tiny_patch16_224", None, {"num_classes": 7, **arguments}))
    assert (network.preprocessing.channels, network.preprocessing.size) == (channels, size)
    with torch.no_grad():
        assert network.module(torch.zeros(1, channels, *size)).shape == (1, 7)


def test_that_official_weights_that_are_not_here_are_asked_for(torch_home: Path) -> None:
    with pytest.raises(WeightsNeeded, match="timm:resnet18@a1_in1k") as raised:
        opened(described("resnet18", "A1_in1k"))
    weights = raised.value.weights
    assert weights.url == "https://huggingface.co/timm/resnet18.a1_in1k/resolve/main/model.safetensors"
    assert (weights.repository, weights.repository_file) == ("timm/resnet18.a1_in1k", "model.safetensors")
    assert raised.value.folder == str(torch_home)


def test_that_official_weights_that_are_here_are_loaded_with_recipe_and_class_names(
    torch_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, saved = refuse_connections(monkeypatch), drawn("resnet18")
    description = described("resnet18", "DEFAULT")
    save_file(saved.state_dict(), torch_home / official_weights(description).file_name)
    network = opened(description)
    assert asked == []
    assert network.class_names[:2] == ("tench", "goldfish")
    assert network.preprocessing.interpolation == "bicubic"
    picture = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(network.module(picture), saved(picture))
    assert not [value for value in network.module.pretrained_cfg.values() if isinstance(value, dict)]  # type: ignore[operator]  # a dict of timm's


def test_that_weights_are_adapted_to_another_size_as_timm_does(torch_home: Path) -> None:
    saved = drawn("vit_tiny_patch16_224")
    description = described("vit_tiny_patch16_224", "DEFAULT", {"img_size": 64, "num_classes": 3})
    file = torch_home / official_weights(description).file_name
    save_file(saved.state_dict(), file)
    network = opened(description)
    theirs = timm.create_model(
        "vit_tiny_patch16_224", pretrained=True, pretrained_cfg_overlay={"file": str(file)}, img_size=64, num_classes=3
    )
    ours = network.module.state_dict()
    for key, value in theirs.state_dict().items():
        assert key.startswith("head.") or torch.equal(ours[key], value), key
    assert "random values" in " ".join(network.notes)
    assert network.class_names == ()


def test_that_weights_of_another_network_are_refused(torch_home: Path) -> None:
    description = described("resnet18", "DEFAULT")
    save_file(drawn("resnet10t").state_dict(), torch_home / official_weights(description).file_name)
    with pytest.raises(NetworkError, match="cannot be built"):
        opened(description)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("resnet5", "Did you mean resnet5"),
        ("resnet50.a1_in1k", "Write timm:resnet50@a1_in1k"),
        ("qqqqqqqqqq", "cnnviz list networks"),
    ],
)
def test_that_names_that_timm_does_not_have_are_told(name: str, sentence: str) -> None:
    with pytest.raises(NetworkError, match=sentence):
        check_name(name)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"pretrained": True}, "nothing is downloaded"),
        ({"checkpoint_path": "x.pth"}, "nothing is downloaded"),
        ({"classes": 3}, "cannot be built with classes=3"),
    ],
)
def test_that_arguments_it_does_not_take_are_told(arguments: dict[str, object], sentence: str) -> None:
    with pytest.raises(NetworkError, match=sentence):
        build_timm("resnet18", arguments)


def test_that_channels_that_no_picture_has_are_refused() -> None:
    with pytest.raises(NetworkError, match="in_chans=4"):
        opened(described("resnet18", None, {"in_chans": 4}))


def test_that_unknown_weights_are_told_with_those_there_are() -> None:
    with pytest.raises(NetworkError, match=r"Did you mean a1_in1k\? It offers a1_in1k"):
        official_weights(described("resnet18", "a1_in2k"))
    with pytest.raises(NetworkError, match="It offers none: open it with random weights"):
        official_weights(described("coatnet_0_224", "DEFAULT"))


def test_that_without_timm_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(NetworkError, match="uv sync --extra timm"):
        opened(described("resnet18"))


def test_that_features_have_no_class_names() -> None:
    trained = trained_weights(described("vit_small_patch14_dinov2", "DEFAULT"))
    assert trained.class_names == ()
    assert "no classes" in trained.official.recipe
