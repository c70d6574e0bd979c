import hashlib
import os
import resource
import shutil
from collections import deque
from pathlib import Path

import pytest

from cnnviz_desktop.core.errors import NetworkError, OutputError, WeightsNeeded
from cnnviz_desktop.core.official_weights import OfficialWeights
from cnnviz_desktop.core.weights_folder import noted_sha256, part_of
from cnnviz_desktop.engine.networks.official.weights_store import import_weights, make_sure, weights_here

CONTENT = os.urandom(9 << 20)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
OFFICIAL = OfficialWeights(
    network="torchvision:tiny@ONE",
    name="ONE",
    url="https://weights.invalid/tiny.pth",
    file_name="tiny.pth",
    digits=SHA256[:8],
)


pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The weights as somebody brought them."""
    path = tmp_path / "brought.bin"
    path.write_bytes(CONTENT)
    return path


def imported(file: Path) -> None:
    deque(import_weights(OFFICIAL, file), maxlen=0)


def test_that_weights_that_are_not_here_are_told_with_what_they_are(folder: Path) -> None:
    with pytest.raises(WeightsNeeded) as caught:
        weights_here(OFFICIAL)
    assert (caught.value.weights, caught.value.folder) == (OFFICIAL, str(folder))


def test_that_an_imported_file_is_here_with_its_hash_noted(folder: Path, file: Path) -> None:
    imported(file)
    path = weights_here(OFFICIAL)
    assert path.read_bytes() == CONTENT
    assert noted_sha256(path) == SHA256
    assert file.exists()


def test_that_importing_tells_how_far_it_is(file: Path) -> None:
    seen = list(import_weights(OFFICIAL, file))
    assert [(each.done, each.total) for each in seen] == [(8, 9), (9, 9)]


def test_that_a_file_that_is_something_else_is_not_imported(folder: Path, file: Path) -> None:
    file.write_bytes(CONTENT[:-1])
    wrong = hashlib.sha256(CONTENT[:-1]).hexdigest()
    with pytest.raises(NetworkError, match=rf"SHA-256 {wrong}, but that of tiny\.pth begins with {SHA256[:8]}"):
        imported(file)
    assert list(folder.iterdir()) == []


def test_that_a_cancelled_import_leaves_nothing(folder: Path, file: Path) -> None:
    importing = import_weights(OFFICIAL, file)
    next(importing)
    importing.close()
    assert list(folder.iterdir()) == []


def test_that_a_refused_import_leaves_the_file_that_is_there(folder: Path, file: Path) -> None:
    imported(file)
    file.write_bytes(b"else")
    with pytest.raises(NetworkError, match="not imported"):
        imported(file)
    assert weights_here(OFFICIAL).read_bytes() == CONTENT


def test_that_a_file_put_into_the_folder_by_hand_can_be_imported_where_it_lies(folder: Path, file: Path) -> None:
    folder.mkdir(parents=True)
    path = file.rename(folder / OFFICIAL.file_name)
    imported(path)
    assert path.read_bytes() == CONTENT
    assert noted_sha256(path) == SHA256


def test_that_importing_ends_an_unfinished_download(folder: Path, file: Path) -> None:
    folder.mkdir(parents=True)
    part_of(folder / OFFICIAL.file_name).write_bytes(b"some")
    imported(file)
    assert sorted(path.name for path in folder.iterdir()) == ["tiny.pth", "tiny.pth.sha256"]


def test_that_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="cannot be read: No such file"):
        imported(tmp_path / "gone.pth")
    with pytest.raises(NetworkError, match="cannot be read: Is a directory"):
        imported(tmp_path)


def test_that_a_disk_too_small_for_an_import_is_told(folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(file)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1 << 20))
    with pytest.raises(OutputError, match=r"no room for tiny\.pth: it needs 9\.0 MiB more"):
        imported(file)
    assert list(folder.iterdir()) == []


def test_that_a_copy_that_cannot_be_written_to_its_end_leaves_nothing(folder: Path, file: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, limits[1]))
    try:
        with pytest.raises(OutputError, match=r"tiny\.pth cannot be written: File too large"):
            imported(file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(folder.iterdir()) == []


def test_that_the_first_use_notes_the_hash_and_every_other_compares_it(folder: Path) -> None:
    folder.mkdir(parents=True)
    path = folder / "tiny.pth"
    path.write_bytes(CONTENT)
    make_sure(path, SHA256, SHA256[:8])
    assert noted_sha256(path) == SHA256
    make_sure(path, SHA256, SHA256[:8])
    with pytest.raises(NetworkError, match=rf"has changed since it was checked: its SHA-256 was {SHA256}"):
        make_sure(path, SHA256[:8] + "0" * 56, SHA256[:8])


def test_that_a_file_that_is_not_what_is_offered_is_refused_on_its_first_use(folder: Path) -> None:
    folder.mkdir(parents=True)
    path = folder / "tiny.pth"
    path.write_bytes(b"else")
    with pytest.raises(NetworkError, match="not what its publisher offers"):
        make_sure(path, "0" * 64, SHA256[:8])
    assert noted_sha256(path) == ""
