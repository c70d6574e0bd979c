import os
import subprocess
import sys
from pathlib import Path

import pytest

from cnnviz_desktop.core.errors import OutputError, WeightsNeeded
from cnnviz_desktop.core.official_weights import OfficialWeights, digits_in_name
from cnnviz_desktop.core.weights_folder import (
    delete_weights,
    find_weights,
    huggingface_folder,
    note_of,
    note_sha256,
    noted_sha256,
    part_of,
    stored_weights,
    torch_folder,
)

SHA256 = "11ad3fa6" + "0" * 56
COMMIT = "c" * 40

VARIABLES = ("TORCH_HOME", "XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, with nothing in it."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def folder() -> Path:
    made = torch_folder()
    made.mkdir(parents=True)
    return made


def weights(name: str = "resnet50-11ad3fa6.pth", repository: str = "") -> OfficialWeights:
    return OfficialWeights(
        network="torchvision:resnet50@IMAGENET1K_V2",
        name="IMAGENET1K_V2",
        url=f"https://download.pytorch.org/models/{name}",
        file_name=name,
        digits="11ad3fa6",
        bytes=102_540_417,
        repository=repository,
        repository_file="model.safetensors" if repository else "",
    )


def snapshot(repository: str, commit: str, blob: str, content: bytes = b"weights") -> Path:
    """A file as huggingface_hub keeps it: a link in a snapshot to a blob."""
    root = huggingface_folder() / f"models--{repository.replace('/', '--')}"
    kept, link = root / "blobs" / blob, root / "snapshots" / commit / "model.safetensors"
    for path in (kept, link):
        path.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(content)
    link.symlink_to(os.path.relpath(kept, link.parent))
    return link


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"XDG_CACHE_HOME": "/caches"},
        {"TORCH_HOME": "~/torches", "XDG_CACHE_HOME": "/caches"},
        {"TORCH_HOME": "/torches"},
    ],
)
def test_that_the_folder_is_the_one_that_torch_says(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert torch_folder() == Path(torch.hub.get_dir(), "checkpoints")


def test_that_the_folder_is_told_without_torch() -> None:
    program = (
        "import sys; from cnnviz_desktop.core import weights_folder as w; w.torch_folder(); print(set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "'torch'" not in said


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"XDG_CACHE_HOME": "/caches"},
        {"HF_HOME": "~/faces"},
        {"HF_HOME": "/faces", "HF_HUB_CACHE": "/hubs"},
        {"HUGGINGFACE_HUB_CACHE": "/older"},
    ],
)
def test_that_the_other_folder_is_the_one_that_hugging_face_says(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    program = "from huggingface_hub.constants import HF_HUB_CACHE; print(HF_HUB_CACHE)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert str(huggingface_folder()) == said.strip()


def test_that_every_file_is_listed_with_its_size_and_what_is_known_of_its_hash(folder: Path) -> None:
    for name in ("b.pth", "a-11ad3fa6.pth"):
        (folder / name).write_bytes(b"12345")
    note_sha256(folder / "a-11ad3fa6.pth", SHA256)
    part_of(folder / "c.pth").write_bytes(b"123")
    note_of(folder / "c.pth").write_text("{}")
    (folder / f"d.pth.{'0' * 32}.partial").write_bytes(b"1")
    (folder / ".hidden").touch()
    assert [(each.name, each.bytes, each.sha256, each.state) for each in stored_weights()] == [
        ("a-11ad3fa6.pth", 5, SHA256, "checked"),
        ("b.pth", 5, "", "unchecked"),
        ("c.pth", 3, "", "unfinished"),
        ("d.pth", 1, "", "unfinished"),
    ]


def test_that_a_file_written_since_it_was_checked_is_listed_as_changed(folder: Path) -> None:
    path = folder / "a.pth"
    path.write_bytes(b"1")
    note_sha256(path, SHA256)
    os.utime(path, (2e9, 2e9))
    assert [each.state for each in stored_weights()] == ["changed"]


def test_that_there_is_nothing_where_no_folder_is() -> None:
    assert stored_weights() == ()


def test_that_what_hugging_face_keeps_is_listed_with_the_hash_that_its_name_is() -> None:
    snapshot("timm/resnet18.a1_in1k", COMMIT, SHA256)
    (stored,) = stored_weights()
    assert (stored.name, stored.bytes, stored.sha256) == ("timm/resnet18.a1_in1k/model.safetensors", 7, SHA256)
    assert (stored.source, stored.state) == ("huggingface", "checked")


def test_that_deleting_takes_everything_that_belongs_to_the_file_and_nothing_else(folder: Path) -> None:
    for name in ("a.pth", "b.pth"):
        (folder / name).write_bytes(b"1")
        note_sha256(folder / name, SHA256)
        part_of(folder / name).touch()
    delete_weights(stored_weights()[0])
    assert sorted(path.name for path in folder.iterdir()) == ["b.pth", "b.pth.part", "b.pth.sha256"]


def test_that_an_unfinished_download_is_deleted_beside_the_finished_file(folder: Path) -> None:
    (folder / "a.pth").touch()
    part_of(folder / "a.pth").touch()
    note_of(folder / "a.pth").touch()
    (unfinished,) = (each for each in stored_weights() if each.state == "unfinished")
    delete_weights(unfinished)
    assert [path.name for path in folder.iterdir()] == ["a.pth"]


def test_that_a_file_of_hugging_face_is_deleted_with_what_it_points_to() -> None:
    link = snapshot("timm/a", COMMIT, SHA256)
    blob = link.resolve()
    delete_weights(stored_weights()[0])
    assert not link.is_symlink()
    assert not blob.exists()


def test_that_what_another_snapshot_points_to_stays() -> None:
    snapshot("timm/a", COMMIT, SHA256)
    other = snapshot("timm/a", "d" * 40, SHA256)
    first = next(each for each in stored_weights() if COMMIT in each.path.parts)
    delete_weights(first)
    assert other.read_bytes() == b"weights"


def test_that_a_file_that_cannot_be_deleted_is_told(folder: Path) -> None:
    (folder / "a.pth").touch()
    (stored,) = stored_weights()
    (folder / "a.pth").unlink()
    (folder / "a.pth").mkdir()
    with pytest.raises(OutputError, match=r"a\.pth cannot be deleted"):
        delete_weights(stored)


def test_that_official_weights_are_found_in_both_folders(folder: Path) -> None:
    wanted = weights(repository="timm/a")
    assert find_weights(wanted) is None
    link = snapshot("timm/a", COMMIT, SHA256)
    snapshot("timm/a", "d" * 40, SHA256)
    (refs := link.parents[2] / "refs").mkdir()
    (refs / "main").write_text(COMMIT)
    assert find_weights(wanted) == link
    (folder / wanted.file_name).touch()
    assert find_weights(wanted) == folder / wanted.file_name


def test_that_a_note_that_is_no_hash_is_none(folder: Path) -> None:
    path = folder / "a.pth"
    for noted in (b"", b"11ad3fa6  a.pth\n", b"\xff\xfe"):
        path.with_name("a.pth.sha256").write_bytes(noted)
        assert noted_sha256(path) == ""
    note_sha256(path, SHA256)
    assert noted_sha256(path) == SHA256


def test_that_a_name_tells_the_first_digits_of_the_hash() -> None:
    assert digits_in_name("resnet50-11ad3fa6.pth") == "11ad3fa6"
    assert digits_in_name("deeplabv3_resnet50_coco-cd0a2569.pth") == "cd0a2569"
    assert digits_in_name("inception_v3_google.pth") == ""


def test_that_official_weights_are_kept_under_a_plain_name() -> None:
    for name in ("../a.pth", "/etc/passwd", "", ".a"):
        with pytest.raises(ValueError, match="not the name of a file"):
            weights(name)


def test_that_what_is_needed_says_address_folder_and_commands() -> None:
    said = str(WeightsNeeded(weights(), "/caches/torch"))
    for part in (
        "IMAGENET1K_V2 of torchvision:resnet50 are not on this machine",
        "cnnviz weights download torchvision:resnet50@IMAGENET1K_V2",
        "https://download.pytorch.org/models/resnet50-11ad3fa6.pth, 97.8 MiB",
        "/caches/torch",
        "cnnviz weights import FILE torchvision:resnet50@IMAGENET1K_V2",
    ):
        assert part in said
