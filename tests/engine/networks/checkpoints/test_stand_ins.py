import argparse
import collections
import pathlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.checkpoints.checkpoint import read_checkpoint
from cnnviz_desktop.engine.networks.checkpoints.stand_ins import Array, Record, number
from tests.engine.networks.official.finishing import finish

WEIGHTS = {"conv.weight": torch.arange(12.0).reshape(2, 6)}


def _read_back(folder: Path, content: object, *, old: bool = False) -> dict[str, Any]:
    path = folder / "w.pth"
    torch.save(content, path, _use_new_zipfile_serialization=not old)
    found = finish(read_checkpoint(path)).content
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("old", [False, True])
def test_that_what_training_scripts_save_beside_the_weights_is_read_as_plain_values(tmp_path: Path, old: bool) -> None:
    history = collections.defaultdict(list, {"loss": [0.5, 0.25]})
    arguments = argparse.Namespace(lr=0.1, arch="resnet18", out=pathlib.PurePosixPath("/runs/7"), nested=history)
    content = _read_back(tmp_path, {"model": WEIGHTS, "args": arguments, "version": torch.__version__}, old=old)
    assert torch.equal(content["model"]["conv.weight"], WEIGHTS["conv.weight"])
    assert isinstance(content["args"], Record)
    assert content["args"].values == {"lr": 0.1, "arch": "resnet18", "out": "/runs/7", "nested": dict(history)}
    assert type(content["args"].values["nested"]) is dict
    assert content["version"] == str(torch.__version__)
    assert type(content["version"]) is str


SCALARS = [
    *(np.dtype(code).type(value) for code in ("i1", "i2", "i4", "i8") for value in (-3, 101)),
    *(np.dtype(code).type(200) for code in ("u1", "u2", "u4", "u8")),
    *(np.dtype(code).type(0.1) for code in ("f2", "f4", "f8")),
    np.bool_(True),
    np.array([258], dtype=">i4")[0],
]


@pytest.mark.parametrize("scalar", SCALARS, ids=repr)
def test_that_numbers_of_numpy_become_the_same_numbers(tmp_path: Path, scalar: np.generic) -> None:
    content = _read_back(tmp_path, {"model": WEIGHTS, "best": scalar})
    assert content["best"] == scalar.item()
    assert type(content["best"]) is type(scalar.item())


def test_that_arrays_of_numpy_do_not_keep_weights_from_being_read(tmp_path: Path) -> None:
    content = _read_back(tmp_path, {"model": WEIGHTS, "confusion": np.eye(3), "names": np.array(["a", "b"])})
    assert torch.equal(content["model"]["conv.weight"], WEIGHTS["conv.weight"])
    assert isinstance(content["confusion"], Array)


class _Called:
    """Pickles as a call of a function with arguments of the file's choice."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call


def test_that_a_type_which_names_objects_makes_no_pointer_of_the_files_bytes(tmp_path: Path) -> None:
    scalar = np.float64(1).__reduce__()[0]
    content = _read_back(tmp_path, {"trap": _Called(scalar, np.dtype("O"), b"\x01" * 8)})
    assert content["trap"] is None


@pytest.mark.parametrize("function", [eval, print, getattr, np.load, pathlib.Path.touch])
def test_that_no_other_function_comes_through_beside_them(tmp_path: Path, function: object) -> None:
    content: object = {"args": argparse.Namespace(a=1), "trap": _Called(function, "1")}
    with pytest.raises(NetworkError, match="could run code"):
        _read_back(tmp_path, content)


@pytest.mark.parametrize("raw", [b"", b"123", "12345678", None])
def test_that_a_number_of_the_wrong_length_is_none(raw: object) -> None:
    assert number(np.dtype("f8"), raw) is None
