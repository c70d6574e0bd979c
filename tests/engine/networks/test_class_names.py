"""Class names in every form people keep them in."""

import json
from pathlib import Path

import pytest
from torchvision.datasets import FakeData, ImageFolder

from cnnviz_desktop.core.description import IMAGENET, Architecture, NetworkDescription, anchored, paths_of, relative
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.class_names import class_names_of, read_class_names


def _file(folder: Path, content: bytes | object, name: str = "classes.txt") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def _described(names: str | tuple[str, ...] | None) -> NetworkDescription:
    return NetworkDescription(format=1, name="n", architecture=Architecture(torchvision="vgg11"), class_names=names)


def test_that_names_are_read_in_order_from_any_editor(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + "cat\r\n 犬 \r\n\r\ntabby, tabby cat\r\n\r\n".encode()
    assert read_class_names(_file(tmp_path, content)) == ("cat", "犬", "2", "tabby, tabby cat")


def test_that_a_name_may_begin_with_a_bracket(tmp_path: Path) -> None:
    assert read_class_names(_file(tmp_path, b"[background]\n{dog}\n")) == ("[background]", "{dog}")


@pytest.mark.parametrize("name", ["classes.json", "classes.txt"])
@pytest.mark.parametrize(
    "content",
    [
        ["cat", "dog", "2", "emu"],
        {"0": "cat", "3": "emu", "1": "dog"},
        {"emu": 3, "dog": 1, "cat": 0},
        {"0": ["n02123045", "cat"], "1": ["n02084071", "dog"], "3": ["n01518878", "emu"]},
        {"id2label": {"0": "cat", "1": "dog", "3": "emu"}, "model_type": "resnet"},
        {"class_to_idx": {"cat": 0, "dog": 1, "emu": 3}},
        {"classes": ["cat", "dog", "", "emu"]},
    ],
)
def test_that_every_form_of_json_gives_the_same_names(tmp_path: Path, content: object, name: str) -> None:
    assert read_class_names(_file(tmp_path, content, name)) == ("cat", "dog", "2", "emu")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("classes.csv", b"cat\ndog\nemu, the bird\n"),
        ("classes.csv", b"name\ncat\ndog\nemu\n"),
        ("classes.csv", b'0,cat\n2,"emu"\n1,dog\n'),
        ("classes.csv", b"id;label\n0;cat\n1;dog\n2;emu\n"),
        ("classes.tsv", b"0\tcat\n1\tdog\n2\temu\n"),
    ],
)
def test_that_tables_of_one_or_two_columns_are_read(tmp_path: Path, name: str, content: bytes) -> None:
    if b"the bird" in content:
        with pytest.raises(NetworkError, match="2 columns"):
            read_class_names(_file(tmp_path, content, name))
    else:
        assert read_class_names(_file(tmp_path, content, name)) == ("cat", "dog", "emu")


def test_that_folders_name_classes_as_torchvision_sorts_them(tmp_path: Path) -> None:
    image = FakeData(1, (3, 4, 4))[0][0]
    for name in ("zebra", "Ape", "bee", "10", "9"):
        (tmp_path / name).mkdir()
        image.save(tmp_path / name / "one.png")
    (tmp_path / "readme.txt").write_text("not a class")
    assert list(read_class_names(tmp_path)) == ImageFolder(str(tmp_path)).classes


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "are empty"),
        (b" \n\n", "are empty"),
        (b"\xff\xfec\0a\0t\0", "not UTF-8"),
        (None, "No such file"),
        ([], "are empty"),
        ([1, 2], "gives no class names. Write a list of names"),
        ({"0": 1.5}, "gives no class names"),
        ({"a": {"b": 1}}, "gives no class names"),
        ({"cat": 0, "dog": 0}, "give the number 0 to both “cat” and “dog”"),
        ({"cat": -1}, "give “cat” the number -1"),
        ({"cat": 10**9}, "the number 1000000000"),
    ],
)
def test_that_what_are_no_names_is_refused(tmp_path: Path, content: bytes | object, sentence: str) -> None:
    path = tmp_path / "absent.txt" if content is None else _file(tmp_path, content)
    with pytest.raises(NetworkError, match=sentence):
        read_class_names(path)


def test_that_broken_json_and_wide_tables_are_told(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="not JSON"):
        read_class_names(_file(tmp_path, b'["cat", ', "classes.json"))
    with pytest.raises(NetworkError, match="3 columns"):
        read_class_names(_file(tmp_path, b"0,n01,cat\n1,n02,dog\n", "classes.csv"))
    with pytest.raises(NetworkError, match="first holds no numbers"):
        read_class_names(_file(tmp_path, b"id,name\ncat,0\ndog,1\n", "classes.csv"))


def test_that_a_folder_without_folders_and_an_enormous_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="holds no folders"):
        read_class_names(tmp_path)
    FakeData(1, (3, 4, 4))[0][0].save(tmp_path / "one.png")
    with pytest.raises(NetworkError, match="holds images, but no folders"):
        read_class_names(tmp_path)
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(NetworkError, match="too large"):
        read_class_names(tmp_path / "huge.txt")


def test_that_imagenets_names_are_torchvisions_and_no_path(tmp_path: Path) -> None:
    described = _described(IMAGENET)
    names = class_names_of(described)
    assert names is not None
    assert (len(names), names[0], names[207], names[999]) == (1000, "tench", "golden retriever", "toilet tissue")
    assert anchored(described, tmp_path).class_names == IMAGENET == relative(described, tmp_path).class_names
    assert paths_of(described) == ()
    assert paths_of(anchored(_described("names.txt"), tmp_path)) == (str(tmp_path / "names.txt"),)


def test_that_no_names_at_all_can_be_chosen() -> None:
    assert class_names_of(_described(())) == ()
    assert class_names_of(_described(None)) is None
    assert class_names_of(_described(("a", "b"))) == ("a", "b")


@pytest.mark.parametrize(("name", "text"), [("a.json", '{{"{digits}": "cat"}}'), ("a.csv", "{digits},cat")])
def test_that_a_number_of_thousands_of_digits_is_refused_in_a_sentence(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text.format(digits="9" * 5000))
    with pytest.raises(NetworkError):
        read_class_names(path)
