import json
from pathlib import Path

import pytest

from cnnviz_desktop.core.description import Architecture, Preprocessing, read_description
from cnnviz_desktop.core.errors import NetworkError

WHOLE = {
    "format": 1,
    "name": "CIFAR ResNet-20",
    "architecture": {"file": "cifar_resnet.py", "factory": "resnet20", "arguments": {"num_classes": 10}},
    "weights": "cifar_resnet20.th",
    "preprocessing": {
        "resize": "short_side_crop",
        "size": [32, 48],
        "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225],
        "short_side": 40,
    },
    "class_names": "cifar10_classes.txt",
}


def _file(folder: Path, content: object) -> Path:
    path = folder / "net.cnnviz-network.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_that_every_field_is_read(tmp_path: Path, mark: bytes) -> None:
    read = read_description(_file(tmp_path, mark + json.dumps(WHOLE).encode()))
    assert (read.name, read.weights, read.class_names) == (
        "CIFAR ResNet-20",
        "cifar_resnet20.th",
        "cifar10_classes.txt",
    )
    assert read.architecture == Architecture(file="cifar_resnet.py", factory="resnet20", arguments={"num_classes": 10})
    assert read.preprocessing == Preprocessing(resize="short_side_crop", size=(32, 48), short_side=40)


def test_that_what_is_not_said_has_the_documented_defaults(tmp_path: Path) -> None:
    least = {"format": 1, "name": "n", "architecture": {"torchvision": "resnet18"}}
    read = read_description(_file(tmp_path, least))
    assert (read.weights, read.class_names, read.preprocessing) == (None, None, None)
    assert (Preprocessing().resize, Preprocessing().size) == ("stretch", (224, 224))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"format": 2}, r"\$.format"),
        ({"wieghts": "w.pth"}, "unknown field `wieghts`"),
        ({"name": None}, r"\$.name"),
        ({"architecture": {}}, "exactly one of file, module, torchvision"),
        ({"architecture": {"file": "a.py", "module": "a", "factory": "f"}}, "exactly one of file, module"),
        ({"architecture": {"file": "a.py"}}, "names a file but no factory"),
        ({"architecture": {"module": "a", "factory": ""}}, "names a module but no factory"),
        ({"architecture": {"tinn": "resnet18"}}, "unknown field `tinn`"),
        ({"preprocessing": {"resize": "squash"}}, r"'squash'.*\$.preprocessing.resize"),
        ({"preprocessing": {"size": [0, 32]}}, "size is"),
        ({"preprocessing": {"size": 224}}, r"\$.preprocessing.size"),
        ({"preprocessing": {"mean": [0.5, 0.5]}}, "mean and std"),
        ({"preprocessing": {"std": [1, 0, 1]}}, "above 0"),
        ({"preprocessing": {"short_side": 0}}, "short_side is"),
        ({"preprocessing": {"interpolation": "cubic"}}, r"'cubic'.*\$.preprocessing.interpolation"),
        ({"preprocessing": {"order": "rbg"}}, r"'rbg'.*\$.preprocessing.order"),
        ({"preprocessing": {"scale": 0}}, "scale is above 0"),
        ({"preprocessing": {"pad": [0, 0, 256]}}, "pad is"),
    ],
)
def test_that_a_wrong_field_is_named(tmp_path: Path, fields: dict[str, object], sentence: str) -> None:
    with pytest.raises(NetworkError, match=sentence) as caught:
        read_description(_file(tmp_path, {**WHOLE, **fields}))
    assert "net.cnnviz-network.json" in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe{\0}\0", b"\x89PNG\r\n", b'{"format": 1, "name": "\xff"}']
)
def test_that_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(NetworkError, match="is not a network description"):
        read_description(_file(tmp_path, content))


@pytest.mark.parametrize("name", ["absent.cnnviz-network.json", ""])
def test_that_a_missing_file_and_a_folder_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(NetworkError, match="cannot be read"):
        read_description(tmp_path / name)
