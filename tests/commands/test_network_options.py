"""``--arch`` and ``--ckpt`` in place of a reference."""

import json
from pathlib import Path

import pytest
import torch

from cnnviz_desktop import cli
from cnnviz_desktop.commands.network_options import add_network_source, network_of
from cnnviz_desktop.commands.parser import CommandParser
from cnnviz_desktop.core.description import IMAGENET, Architecture, NetworkDescription, NetworkRef
from cnnviz_desktop.core.errors import CnnvizError, RequestError
from cnnviz_desktop.core.references import parse_network, written
from tests.commands.made import NETWORK, layers


def _asked(*words: str) -> NetworkRef | None:
    parser = CommandParser(prog="cnnviz", description="", epilog="")
    add_network_source(parser)
    return network_of(parser.read(words))


def _described(*words: str) -> NetworkDescription:
    asked = _asked(*words)
    assert isinstance(asked, NetworkDescription)
    assert parse_network(written(asked)) == asked, "it opens again from a manifest"
    return asked


def test_that_an_architecture_with_its_checkpoint_is_one_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    network = _described("--arch", "resnet50", "--ckpt", "best.pth", "--num-classes", "2", "--weights-part", "ema")
    assert network.architecture == Architecture(torchvision="resnet50", arguments={"num_classes": 2})
    assert (network.name, network.weights) == ("resnet50 · best.pth", str(tmp_path / "best.pth"))
    assert network.weights_part == "ema"


@pytest.mark.parametrize(
    ("arch", "architecture"),
    [
        ("timm:convnext_atto", {"timm": "convnext_atto"}),
        ("torchvision:alexnet", {"torchvision": "alexnet"}),
        ("nets.py:build", {"file": "{folder}/nets.py", "factory": "build"}),
        ("lab.nets:Net", {"module": "lab.nets", "folder": "{folder}", "factory": "Net"}),
    ],
)
def test_that_whatever_builds_a_network_can_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arch: str, architecture: dict[str, str]
) -> None:
    monkeypatch.chdir(tmp_path)
    expected = {key: value.format(folder=tmp_path) for key, value in architecture.items()}
    network = _described("--arch", arch, "--arch-set", "width=0.5", "--arch-set", "act=relu", "--arch-set", "deep=true")
    arguments = {"width": 0.5, "act": "relu", "deep": True}
    assert network.architecture == Architecture(**expected, arguments=arguments)
    assert network.weights is None
    assert network.name.endswith("(random weights)")


def test_that_class_names_go_with_a_reference_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    network = _described("--network", "torchvision:resnet18@random", "--class-names", "names.txt")
    assert network.class_names == str(tmp_path / "names.txt")
    assert _described("--arch", "resnet18", "--class-names", "imagenet").class_names == IMAGENET
    assert network.architecture.torchvision == "resnet18"
    assert _asked("--network", "sample") == "sample"
    assert _asked() is None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--arch", "resnet18", "--network", "sample"), "--arch and --network both say what the network is"),
        (("--num-classes", "2"), "--num-classes says something of --arch or --ckpt"),
        (("--network", "sample", "--arch-set", "a=1"), "--arch-set says something of --arch"),
        (("--arch", "resnet18", "--weights-part", "ema"), "give the file with --ckpt"),
        (("--arch", "resnet18", "--num-classes", "0"), "1 class or more"),
        (("--arch", "resnet18", "--arch-set", "depth"), "sets nothing: write KEY=VALUE"),
        (("--arch", "resnet18", "--num-classes", "2", "--arch-set", "num_classes=3"), "say different numbers"),
        (("--class-names", "names.txt"), "give one of them too"),
        (("--ckpt", "absent.pth"), "absent.pth cannot be read"),
    ],
)
def test_that_options_which_do_not_go_together_are_refused(words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(CnnvizError, match=sentence):
        _asked(*words)


def test_that_a_checkpoint_alone_is_told_which_networks_it_fits(tmp_path: Path) -> None:
    from cnnviz_desktop.engine.networks.torchvision_models import build_torchvision

    path = tmp_path / "w.pth"
    torch.save({"state_dict": build_torchvision("squeezenet1_1", {"num_classes": 3}).state_dict()}, path)
    with pytest.raises(RequestError, match="It fits squeezenet1_1: add --arch squeezenet1_1"):
        _asked("--ckpt", str(path))
    with pytest.raises(RequestError, match=r"--network says what the network is.*It fits squeezenet1_1"):
        _asked("--ckpt", str(path), "--network", "sample")


def test_that_a_users_own_file_with_a_checkpoint_lists_its_classes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "net.py").write_text(NETWORK)
    (tmp_path / "names.txt").write_text("cat\ndog\nbird\n")
    torch.save({"model": layers().state_dict()}, tmp_path / "w.pth")
    command = ["list", "classes", "--arch", f"{tmp_path / 'net.py'}:build", "--ckpt", str(tmp_path / "w.pth"), "--json"]
    assert cli.main([*command, "--class-names", str(tmp_path / "names.txt")]) == 2
    assert "has not been run" in capsys.readouterr().err
    assert cli.main([*command, "--class-names", str(tmp_path / "names.txt"), "--trust"]) == 0
    assert [each["name"] for each in json.loads(capsys.readouterr().out)] == ["cat", "dog", "bird"]


def test_that_the_window_is_given_the_same_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cnnviz_desktop import app

    given: list[str | None] = []

    def run(images: tuple[str, ...], network: str | None) -> int:
        given.append(network)
        return len(images)

    monkeypatch.setattr(app, "run", run)
    assert cli.main(["--arch", "resnet18", "--ckpt", str(tmp_path / "w.pth")]) == 0
    assert given[0] is not None
    assert parse_network(given[0]) == _asked("--arch", "resnet18", "--ckpt", str(tmp_path / "w.pth"))


def test_that_list_checkpoint_tells_in_words_what_is_in_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from cnnviz_desktop.engine.networks.torchvision_models import build_torchvision

    state = build_torchvision("squeezenet1_1", {"num_classes": 3}).state_dict()
    torch.save({"state_dict": state, "ema": dict(state), "epoch": 4, "classes": list("abc")}, tmp_path / "w.pth")
    assert cli.main(["list", "checkpoint", str(tmp_path / "w.pth")]) == 0
    said = capsys.readouterr().out
    for words in (
        "ema",
        "epoch  4",
        "3 class names: a, b, c",
        "fits with 3 classes",
        "--arch squeezenet1_1 --ckpt w.pth",
    ):
        assert words in said
    assert cli.main(["list", "checkpoint"]) == 2
    assert "FILE is missing" in capsys.readouterr().err
