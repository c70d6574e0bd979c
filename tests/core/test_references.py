"""References in short, and the descriptions they stand for."""

import os
import zipfile
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from cnnviz_desktop.core.description import SUFFIX, Architecture, NetworkDescription, anchored, paths_of, relative
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.references import described, network_title, parse_architecture, parse_network, written
from cnnviz_desktop.core.requests import Request


def of_weights(folder: Path) -> NetworkDescription:
    return NetworkDescription(
        format=1,
        name="Mine",
        architecture=Architecture(file=str(folder / "net.py"), factory="build", arguments={"width": 2}),
        weights=str(folder / "runs" / "best.pth"),
        class_names=str(folder / "names.txt"),
    )


@pytest.mark.parametrize(
    ("reference", "name", "architecture", "pretrained"),
    [
        ("torchvision:resnet18@random", "resnet18 (random weights)", Architecture(torchvision="resnet18"), None),
        ("torchvision:resnet18", "resnet18", Architecture(torchvision="resnet18"), "DEFAULT"),
        ("torchvision:vgg16@IMAGENET1K_V1", "vgg16", Architecture(torchvision="vgg16"), "IMAGENET1K_V1"),
        ("timm:resnet10t@random", "resnet10t (random weights)", Architecture(timm="resnet10t"), None),
    ],
)
def test_that_a_librarys_network_is_told_by_its_name_and_weights(
    reference: str, name: str, architecture: Architecture, pretrained: str | None
) -> None:
    assert described(reference) == NetworkDescription(
        format=1, name=name, architecture=architecture, pretrained=pretrained
    )


def test_that_the_paths_of_a_file_are_absolute_once_it_is_read(tmp_path: Path) -> None:
    whole = of_weights(tmp_path)
    file = tmp_path / f"mine{SUFFIX}"
    file.write_text(relative(whole, tmp_path).to_json())
    assert '"weights": "runs/best.pth"' in file.read_text()
    assert described(str(file)) == whole
    assert set(paths_of(whole)) == {str(tmp_path / part) for part in ("net.py", "runs/best.pth", "names.txt")}


def test_that_a_description_may_lie_beside_the_folder_of_its_files(tmp_path: Path) -> None:
    whole = of_weights(tmp_path / "project")
    seen = relative(whole, tmp_path / "networks")
    assert seen.weights == "../project/runs/best.pth"
    assert os.path.normpath(anchored(seen, tmp_path / "networks").weights or "") == whole.weights


def test_that_a_whole_description_survives_a_request_and_the_command_line(tmp_path: Path) -> None:
    whole = of_weights(tmp_path)
    request = Request(method="gradcam", network=whole)
    assert Request.from_json(request.to_json()) == request
    assert hash(Request.from_json(request.to_json()).network) == hash(whole)
    assert parse_network(written(whole)) == whole
    assert network_title(whole) == "Mine"


def test_that_paths_on_the_command_line_are_made_absolute_and_names_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse_network("net.py:build") == str(tmp_path / "net.py:build")
    assert parse_network(f"a{SUFFIX}") == str(tmp_path / f"a{SUFFIX}")
    for name in ("sample", "torchvision:resnet50@random", "timm:resnet10t", "resnet50"):
        assert parse_network(name) == name


def test_that_programs_and_folders_are_told_by_what_is_in_them(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    script, plain = tmp_path / "net.pt", tmp_path / "weights.pt"
    for path, member in ((script, "net/constants.pkl"), (plain, "weights/data.pkl")):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(member, b"")
    assert described(str(tmp_path)).architecture == Architecture(huggingface=str(tmp_path))
    assert described(str(script)).architecture == Architecture(torchscript=str(script))
    with pytest.raises(NetworkError, match=r"holds weights, but not the network.*cnnviz list checkpoint"):
        described(str(plain))


def test_that_what_builds_a_network_is_named_in_four_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    two = {"num_classes": 2}
    assert parse_architecture("resnet18", two) == Architecture(torchvision="resnet18", arguments=two)
    assert parse_architecture("torchvision:resnet18") == Architecture(torchvision="resnet18")
    assert parse_architecture("timm:resnet10t") == Architecture(timm="resnet10t")
    assert parse_architecture("net.py:Net", two) == Architecture(
        file=str(tmp_path / "net.py"), factory="Net", arguments=two
    )
    assert parse_architecture("pkg.nets:build") == Architecture(
        module="pkg.nets", folder=str(tmp_path), factory="build"
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"weights": "a.pth", "pretrained": "DEFAULT"}, "not both"),
        ({"architecture": {"file": "a.py", "factory": "f"}, "pretrained": "DEFAULT"}, "names a file"),
        ({"architecture": {"exported": "a.pt2"}, "weights": "a.pth"}, "brings its own weights"),
    ],
)
def test_that_weights_that_contradict_each_other_are_refused(fields: dict[str, object], sentence: str) -> None:
    whole = {"format": 1, "name": "n", "architecture": {"torchvision": "resnet18"}, **fields}
    with pytest.raises(NetworkError, match=sentence):
        parse_network(msgspec.json.encode(whole).decode())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("net.py", "write net.py:FACTORY"),
        ("net.py:", "write net.py:FACTORY"),
        ("pkg.nets:", "write pkg.nets:FACTORY"),
        ("net.pt2", "give it with --network"),
        (f"net{SUFFIX}", "give it with --network"),
    ],
)
def test_that_half_of_what_builds_a_network_is_told_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(NetworkError, match=sentence):
        parse_architecture(text)


def test_that_the_sample_is_the_sample_beside_a_folder_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sample").mkdir()
    assert parse_network("sample") == "sample"


def test_that_home_may_be_written_as_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, folder = tmp_path / "home", tmp_path / "~ of mine"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.chdir(tmp_path)
    assert parse_network("~/net.py:build") == str(home / "net.py:build")
    assert parse_architecture("~/net.py:build").file == str(home / "net.py")
    file = tmp_path / f"mine{SUFFIX}"
    whole = of_weights(folder)
    file.write_text(replace(relative(whole, tmp_path), class_names="~/names.txt").to_json())
    assert described(str(file)) == replace(whole, class_names=str(home / "names.txt"))


def test_that_a_module_without_a_folder_is_saved_without_one(tmp_path: Path) -> None:
    whole = NetworkDescription(format=1, name="n", architecture=Architecture(module="pkg.nets", factory="build"))
    assert relative(whole, tmp_path) == whole
    assert anchored(whole, tmp_path).architecture.folder == str(tmp_path)


def test_that_a_nul_character_in_a_path_is_told_in_a_sentence() -> None:
    inline = msgspec.json.encode({"format": 1, "name": "n", "architecture": {"file": "a\0.py", "factory": "f"}})
    with pytest.raises(NetworkError, match="NUL character"):
        parse_network(inline.decode())
    with pytest.raises(NetworkError):
        described(f"a\0{SUFFIX}")
