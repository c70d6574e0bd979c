import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from cnnviz_desktop.core.errors import NetworkError, OutOfMemory
from cnnviz_desktop.engine.networks.checkpoints import archive
from cnnviz_desktop.engine.networks.checkpoints.checkpoint import read_checkpoint
from tests.engine.networks.official.finishing import finish

WEIGHTS = {"conv.weight": torch.arange(12.0).reshape(2, 6)}


def _compressed(path: Path, zeros: int) -> None:
    """A checkpoint as a ZIP program would pack it, with that many zeros in it."""
    stream = io.BytesIO()
    torch.save({"w": torch.zeros(zeros // 4)}, stream)
    with zipfile.ZipFile(stream) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            target.writestr(entry.filename, source.read(entry))


def test_that_a_zip_bomb_is_refused_before_anything_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.pth"
    _compressed(path, 80 << 20)
    monkeypatch.setattr(torch, "load", _must_not_be_called)
    with pytest.raises(NetworkError, match=r"would unpack to 80\.0 MiB.*no weights file"):
        finish(read_checkpoint(path))


def _must_not_be_called(*arguments: object, **options: object) -> None:
    raise AssertionError


def test_that_a_small_checkpoint_that_was_compressed_is_read(tmp_path: Path) -> None:
    path = tmp_path / "small.pth"
    _compressed(path, 1 << 20)
    content: Any = finish(read_checkpoint(path)).content
    assert content["w"].shape == (1 << 18,)


def test_that_a_header_of_absurd_length_is_told_as_damage(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes((1 << 39).to_bytes(8, "little") + b'{"w": {}}')
    with pytest.raises(NetworkError, match=r"549,755,813,888 bytes, and the file has 17"):
        finish(read_checkpoint(path))


def test_that_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="cannot be read: Is a directory"):
        finish(read_checkpoint(tmp_path))


def test_that_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "w.pth"
    torch.save(WEIGHTS, path)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # the tests may run as root, who may read everything
    with pytest.raises(NetworkError, match="cannot be read: Permission denied"):
        finish(read_checkpoint(path))


def test_that_a_file_written_while_it_is_read_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "w.pth"
    torch.save(WEIGHTS, path)
    reading = read_checkpoint(path)
    next(reading)
    torch.save({"conv.weight": torch.ones(2, 6), "more": torch.ones(3)}, path)
    with pytest.raises(NetworkError, match="was written while it was read"):
        finish(reading)


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: x")]
)
def test_that_memory_which_runs_out_is_told_with_the_files_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    path = tmp_path / "w.pth"
    torch.save(WEIGHTS, path)

    def run_out(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(torch, "load", run_out)
    with pytest.raises(OutOfMemory, match=r"w\.pth \(0\.0 MiB\)") as caught:
        finish(read_checkpoint(path))
    assert caught.value.__context__ is None


def _sharded(folder: Path) -> Path:
    save_file({"a": torch.ones(2)}, folder / "model-1.safetensors")
    save_file({"b": torch.zeros(3)}, folder / "model-2.safetensors")
    path = folder / "model.safetensors.index.json"
    names = {"a": "model-1.safetensors", "b": "model-2.safetensors"}
    path.write_text(json.dumps({"metadata": {"total_size": 20}, "weight_map": names}))
    return path


def test_that_an_index_is_read_with_all_its_shards(tmp_path: Path) -> None:
    path = _sharded(tmp_path)
    content: Any = finish(read_checkpoint(path)).content
    assert set(content) == {"a", "b"}
    before = finish(read_checkpoint(path)).sha256
    save_file({"b": torch.ones(3)}, tmp_path / "model-2.safetensors")
    assert finish(read_checkpoint(path)).sha256 != before


@pytest.mark.parametrize(
    ("index", "sentence"),
    [
        ('{"weight_map": {"a": "../elsewhere.safetensors"}}', "not beside it"),
        ('{"weight_map": {"a": "absent.safetensors"}}', r"1 are missing beside it \(absent"),
        ('{"weight_map": {}}', "names no file"),
        ('{"metadata": {}}', "not an index of sharded weights"),
        ("\x00", "not an index of sharded weights"),
    ],
)
def test_that_an_index_that_leads_nowhere_is_refused(tmp_path: Path, index: str, sentence: str) -> None:
    path = tmp_path / "model.safetensors.index.json"
    path.write_text(index)
    with pytest.raises(NetworkError, match=sentence):
        finish(read_checkpoint(path))


def test_that_the_bound_lets_every_stored_archive_through(tmp_path: Path) -> None:
    path = tmp_path / "w.pth"
    torch.save({"w": torch.zeros((archive._HARMLESS >> 2) + 1000)}, path)
    content: Any = finish(read_checkpoint(path)).content
    assert content["w"].numel() == (archive._HARMLESS >> 2) + 1000
