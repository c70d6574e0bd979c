"""A description that is saved opens the same network again, wherever the file lies."""

from pathlib import Path

import msgspec
import pytest

from cnnviz_desktop.core.description import SUFFIX, Architecture, NetworkDescription, Preprocessing, paths_of
from cnnviz_desktop.core.errors import OutputError
from cnnviz_desktop.core.references import SAMPLE, described
from cnnviz_desktop.ui.opening.description_files import write_description
from cnnviz_desktop.ui.opening.dropped import read_paths

ARCHITECTURES = {
    "torchvision": Architecture(torchvision="resnet18", arguments={"num_classes": 2}),
    "timm": Architecture(timm="vit_tiny_patch16_224"),
    "file": Architecture(file="ROOT/project/model.py", factory="build", arguments={"act": "relu", "sizes": [1, 2]}),
    "module": Architecture(module="package.model", folder="ROOT/project", factory="Net"),
    "exported": Architecture(exported="ROOT/net.pt2"),
    "torchscript": Architecture(torchscript="ROOT/traced.pt"),
    "huggingface": Architecture(huggingface="ROOT/hugging face"),
}


def rooted(architecture: Architecture, folder: Path) -> Architecture:
    """With that folder in place of ``ROOT``."""
    return msgspec.json.decode(
        msgspec.json.encode(architecture).replace(b"ROOT", str(folder).encode()), type=Architecture
    )


def settled(description: NetworkDescription) -> str:
    """Its JSON with every path as the system resolves it."""
    text = description.to_json()
    named = [*paths_of(description), description.architecture.folder]
    for path in sorted(filter(None, named), key=len, reverse=True):
        text = text.replace(f'"{path}"', f'"{Path(path).resolve()}"')
    return text


@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_that_every_kind_of_source_comes_back_from_its_file(tmp_path: Path, kind: str) -> None:
    architecture = rooted(ARCHITECTURES[kind], tmp_path)
    takes_weights = kind in ("torchvision", "timm", "file", "module")
    description = NetworkDescription(
        format=1,
        name="Mine · ünï",
        architecture=architecture,
        weights=str(tmp_path / "weights" / "best.pth") if takes_weights else None,
        weights_part="model_ema" if takes_weights else None,
        preprocessing=Preprocessing(resize="letterbox", size=(64, 96)),
        class_names=str(tmp_path / "classes.txt"),
    )
    folder = tmp_path / "descriptions" / "deeper"
    folder.mkdir(parents=True)
    written = write_description(description, folder / "mine")
    assert written.name == f"mine{SUFFIX}"
    assert str(tmp_path) not in written.read_text("utf-8"), "the whole folder can move"
    assert read_paths([written]).networks == (str(written),)
    assert settled(described(str(written))) == settled(description)


def test_that_official_weights_and_names_come_back(tmp_path: Path) -> None:
    for reference in ("torchvision:resnet50@IMAGENET1K_V2", "timm:resnet50@random", SAMPLE):
        written = write_description(described(reference), tmp_path / f"net{SUFFIX}")
        assert settled(described(str(written))) == settled(described(reference))


def test_that_nothing_is_replaced_unless_its_whole_name_was_given(tmp_path: Path) -> None:
    description = described("torchvision:resnet18@random")
    there = tmp_path / f"mine{SUFFIX}"
    there.write_text("before")
    with pytest.raises(OutputError, match="already"):
        write_description(description, tmp_path / "mine.json")
    assert there.read_text() == "before"
    write_description(description, there)
    assert described(str(there)) == description


def test_that_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="nowhere"):
        write_description(described("torchvision:resnet18@random"), tmp_path / "nowhere" / f"net{SUFFIX}")
