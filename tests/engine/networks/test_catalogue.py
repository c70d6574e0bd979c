import socket
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
import timm
from torchvision import models

from cnnviz_desktop.core.network_catalogue import LibraryNetwork, NetworkCatalogue
from cnnviz_desktop.engine.networks import catalogue as under_test
from cnnviz_desktop.engine.networks.catalogue import catalogue
from cnnviz_desktop.engine.networks.torchvision_models import build_torchvision


def found_in(folder: Path) -> NetworkCatalogue:
    *_, last = catalogue(folder)
    assert isinstance(last, NetworkCatalogue)
    return last


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def networks_of(folder: Path, library: str) -> dict[str, LibraryNetwork]:
    return {network.name: network for network in found_in(folder).networks if network.library == library}


def test_that_every_network_of_both_libraries_is_there(folder: Path) -> None:
    wanted = {name for place in (models, models.segmentation, models.detection) for name in models.list_models(place)}
    assert set(networks_of(folder, "torchvision")) == wanted
    assert set(networks_of(folder, "timm")) == set(timm.list_models())


@pytest.mark.parametrize("name", ["squeezenet1_1", "lraspp_mobilenet_v3_large", "ssdlite320_mobilenet_v3_large"])
def test_that_parameters_are_those_of_the_network_that_is_built(name: str, folder: Path) -> None:
    built = sum(parameter.numel() for parameter in build_torchvision(name, {}).parameters())
    assert networks_of(folder, "torchvision")[name].parameters == built


def test_that_the_recommended_weights_come_first(folder: Path) -> None:
    resnet = networks_of(folder, "torchvision")["resnet50"]
    assert [weights.name for weights in resnet.weights] == ["IMAGENET1K_V2", "IMAGENET1K_V1"]
    assert (resnet.family, resnet.task, resnet.macs) == ("ResNet", "classification", 4_089_000_000)
    for name in ("resnet50", "vit_base_patch16_224", "convnext_tiny"):
        own = timm.models.get_pretrained_cfg(name)
        assert own is not None
        assert networks_of(folder, "timm")[name].weights[0].name == own.tag


def test_that_what_is_remembered_is_what_was_found_and_needs_no_library(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = found_in(folder)
    for name in [name for name in sys.modules if name.partition(".")[0] in ("timm", "torchvision")]:
        monkeypatch.setitem(sys.modules, name, None)
    assert found_in(folder).networks == first.networks


def test_that_another_version_is_listed_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = list[str]()
    one = LibraryNetwork(library="timm", name="one", family="a", task="classification")

    def of_timm() -> list[LibraryNetwork]:
        listed.append("timm")
        return [one]

    monkeypatch.setattr(under_test, "_of_timm", of_timm)
    monkeypatch.setattr(under_test, "_of_torchvision", list)
    versions = {"timm": "1.0", "torchvision": "0.1"}
    monkeypatch.setattr(under_test, "version", versions.__getitem__)
    assert [found_in(tmp_path).networks for _ in range(2)] == [(one,), (one,)]
    versions["timm"] = "1.1"
    found_in(tmp_path)
    assert listed == ["timm", "timm"]


def test_that_a_damaged_or_forbidden_cache_only_takes_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "_of_timm", list)
    monkeypatch.setattr(under_test, "_of_torchvision", list)
    (tmp_path / "file").write_text("no folder")
    assert found_in(tmp_path / "file" / "below").networks == ()
    found_in(tmp_path)
    remembered = list(tmp_path.glob("networks-*.json"))
    assert len(remembered) == 2
    for path in remembered:
        path.write_text("{")
    assert found_in(tmp_path).networks == ()


def test_that_a_library_that_is_not_installed_is_named_with_how_to_get_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def version(name: str) -> str:
        if name == "timm":
            raise PackageNotFoundError(name)
        return "0"

    monkeypatch.setattr(under_test, "version", version)
    monkeypatch.setattr(under_test, "_of_torchvision", list)
    found = found_in(folder)
    assert not [network for network in found.networks if network.library == "timm"]
    assert "uv sync --extra timm" in " ".join(found.missing)


def test_that_weights_on_this_machine_are_marked(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    (tmp_path / "torch/hub/checkpoints").mkdir(parents=True)
    (tmp_path / "torch/hub/checkpoints/resnet50-0676ba61.pth").write_bytes(b"x")
    snapshot = tmp_path / "hub/models--timm--resnet18.a1_in1k/snapshots/abc"
    snapshot.mkdir(parents=True)
    (snapshot / "model.safetensors").write_bytes(b"x")
    assert {network.name: network.here for network in found_in(folder).networks if network.here} == {
        "resnet50": {"IMAGENET1K_V1"},
        "resnet18": {"a1_in1k"},
    }


def test_that_no_network_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was asked for")

    monkeypatch.setattr(socket, "socket", refuse)
    assert found_in(tmp_path).networks
