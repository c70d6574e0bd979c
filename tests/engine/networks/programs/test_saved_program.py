import hashlib
import zipfile
from pathlib import Path

import psutil
import pytest

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.programs import saved_program
from cnnviz_desktop.engine.networks.programs.saved_program import read_archive
from tests.engine.networks.official.finishing import finish


def archive(path: Path, parts: dict[str, bytes], how: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", how) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return path


def test_that_what_is_read_is_the_files_bytes_hashed_and_named_inside_its_folder(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.pt2", {"a/data.pkl": b"one", "a/code/x.py": b"two"})
    read = finish(read_archive(path, "exported"))
    assert read.content == path.read_bytes() == read.program.content()
    assert read.program.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert read.members == {"data.pkl": "a/data.pkl", "code/x.py": "a/code/x.py"}
    assert read.part("code/x.py") == b"two"
    with pytest.raises(NetworkError, match="damaged"):
        read.part("nothing")


def test_that_bytes_that_have_changed_are_not_taken(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.pt2", {"a/data.pkl": b"one"})
    program = finish(read_archive(path, "exported")).program
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(NetworkError, match="has changed while it was being opened"):
        program.content()


def test_that_an_archive_that_would_explode_is_told_before_anything_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive(tmp_path / "bomb.pt2", {"a/data.pkl": bytes(80 << 20)}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1 << 20
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("it was unpacked"))
    with pytest.raises(NetworkError, match=r"says that its parts have 80 MiB, far more than a network shrinks"):
        finish(read_archive(path, "exported"))


def test_that_a_file_too_large_for_the_memory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path / "large.pt2", {"a/data.pkl": bytes(4 << 20)})
    memory = psutil.virtual_memory()._replace(available=8 << 20)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    with pytest.raises(NetworkError, match="too many for the 8 MiB of memory that are free"):
        finish(read_archive(path, "exported"))


def test_that_reading_a_large_file_tells_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_program, "_CHUNK", 1 << 20)
    path = archive(tmp_path / "large.pt2", {"a/data.pkl": bytes(3 << 20)})
    told = list(read_archive(path, "exported"))
    assert all(isinstance(each, Progress) for each in told)
    assert [each.done for each in told] == [1, 2, 3]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\x80\x02}q\x00.", "not a program that torch.export saved but appears to be a Python pickle"),
        (b"PK\x03\x04 cut short", "damaged or cut short"),
        (b"import torch\n", "appears to be a text file"),
    ],
)
def test_that_what_is_no_archive_is_told(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "odd.pt2"
    path.write_bytes(content)
    with pytest.raises(NetworkError, match=sentence):
        finish(read_archive(path, "exported"))


def test_that_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="cannot be read: No such file"):
        finish(read_archive(tmp_path / "absent.pt2", "exported"))
