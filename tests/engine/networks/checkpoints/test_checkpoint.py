import datetime
import hashlib
import io
import pickle
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.checkpoints import hashing
from cnnviz_desktop.engine.networks.checkpoints.checkpoint import read_checkpoint
from tests.engine.networks.official.finishing import finish

WEIGHTS = {"conv.weight": torch.arange(12.0).reshape(2, 6), "conv.bias": torch.tensor([1.0, -2.0])}


def _saved(content: object, *, old: bool = False) -> bytes:
    stream = io.BytesIO()
    torch.save(content, stream, _use_new_zipfile_serialization=not old)
    return stream.getvalue()


def _script() -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings(action="ignore"):
        torch.jit.save(torch.jit.script(nn.Sequential(nn.Conv2d(1, 1, 1))), stream)
    return stream.getvalue()


def _archive() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("folder/readme.txt", "nothing")
    return stream.getvalue()


@pytest.mark.parametrize("name", ["w.pth", "w.th", "w.safetensors", "weights"])
@pytest.mark.parametrize("form", ["new", "old", "safetensors"])
def test_that_every_form_is_read_whatever_the_file_is_called(tmp_path: Path, form: str, name: str) -> None:
    path = tmp_path / name
    if form == "safetensors":
        save_file(WEIGHTS, path)
    else:
        path.write_bytes(_saved(WEIGHTS, old=form == "old"))
    content, sha256 = finish(read_checkpoint(path))
    assert isinstance(content, dict)
    assert content.keys() == WEIGHTS.keys()
    assert all(torch.equal(content[key], WEIGHTS[key]) for key in WEIGHTS)
    assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_that_a_header_whose_length_looks_like_a_pickle_is_no_pickle(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    header = b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'.ljust(0x0280)
    path.write_bytes(len(header).to_bytes(8, "little") + header + np.float32(2.5).tobytes())
    assert path.read_bytes().startswith(b"\x80\x02")
    assert finish(read_checkpoint(path)).content == {"w": torch.tensor([2.5])}


REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "text": (b"epoch 1: loss 0.3\n" * 9, "is not a weights file but appears to be a text file"),
    "web page": (b"<!DOCTYPE html><html>", "appears to be a web page"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "git lfs pull"),
    "new, cut": (_saved(WEIGHTS)[:-200], "damaged or cut short"),
    "new, cut early": (_saved(WEIGHTS)[:40], "damaged or cut short"),
    "old, cut": (_saved(WEIGHTS, old=True)[:-4], "damaged or cut short"),
    "old, cut early": (_saved(WEIGHTS, old=True)[:60], "damaged or cut short"),
    "safetensors, cut": ((200).to_bytes(8, "little") + b'{"conv.weight":{"dtype":"F32"', "damaged or cut short"),
    "plain pickle": (pickle.dumps({"a": 1}), "damaged or cut short"),
    "archive": (_archive(), "an archive without PyTorch weights"),
    "date": (_saved({"model": WEIGHTS, "when": datetime.date(2020, 1, 2)}), r"\(datetime.date\)"),
    "date, old": (_saved({"when": datetime.date(2020, 1, 2)}, old=True), r"\(datetime.date\)"),
    "class of numpy": (_saved({"kind": np.random.RandomState}), r"numpy.*RandomState"),
    "network": (_saved(nn.Sequential(nn.Conv2d(1, 1, 1))), "whole pickled network.*state_dict"),
    "network, old": (_saved(nn.Sequential(nn.Conv2d(1, 1, 1)), old=True), "whole pickled network.*state_dict"),
    "script": (_script(), "TorchScript program"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_that_anything_else_is_refused_in_a_sentence_that_names_the_file(tmp_path: Path, case: str) -> None:
    content, sentence = REFUSED[case]
    path = tmp_path / "weights.pth"
    path.write_bytes(content)
    with pytest.raises(NetworkError, match=sentence) as caught:
        finish(read_checkpoint(path))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["absent.pth", ""])
def test_that_a_missing_file_and_a_folder_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(NetworkError, match="cannot be read"):
        finish(read_checkpoint(tmp_path / name))


class _Marker:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("old", [False, True])
def test_that_a_file_cannot_run_code(tmp_path: Path, old: bool) -> None:
    path, marker = tmp_path / "weights.pth", tmp_path / "ran"
    path.write_bytes(_saved({"model": WEIGHTS, "trap": _Marker(marker)}, old=old))
    with pytest.raises(NetworkError, match="could run code"):
        finish(read_checkpoint(path))
    assert not marker.exists()


def test_that_hashing_a_large_file_can_be_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "_CHUNK", 1000)
    path = tmp_path / "weights.pth"
    path.write_bytes(_saved({"w": torch.zeros(1000)}))
    steps = [step.text for step in read_checkpoint(path)]
    assert len([text for text in steps if text.startswith("checking")]) == path.stat().st_size // 1000
