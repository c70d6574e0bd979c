"""Reads weights files safely: tensors and plain values only, whatever the file is called."""

import re
import warnings
import zipfile
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch.serialization import get_unsafe_globals_in_checkpoint

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.file_kinds import HEAD_LENGTH, appears_to_be
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.hashing import sha256_of
from cnnviz_desktop.engine.running import is_out_of_memory

_GLOBALS_SHOWN = 5

_SAFETENSORS = b"\0\0\0{"
"""From byte 5: the end of the header's length and the header's begin. The length may begin like a pickle or a ZIP."""

_ZIP = b"PK\x03\x04"
_LFS = b"version https://git-lfs"
_LEGACY = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")  # pickles, as torch.save wrote them before 1.6


class Checkpoint(NamedTuple):
    """What a weights file holds: `content` is whatever was saved, `sha256` is of the file."""

    content: object
    sha256: str


def read_checkpoint(path: Path) -> Generator[Progress, None, Checkpoint]:
    """Read a weights file (.pth, .pt, .th, .safetensors and the like), told apart by content.

    Raises:
        NetworkError: The file cannot be read, holds more than tensors and plain values, or is no weights file.
    """
    try:
        head = _head(path)
        sha256 = yield from sha256_of(path)
    except OSError as error:
        raise NetworkError(f"The weights file {path} cannot be read: {error.strerror or error}.") from error
    yield Progress(done=0, total=1, text=f"reading {path.name}")
    if head[5:9] == _SAFETENSORS:
        content = _read_safetensors(path)
    elif head.startswith(_ZIP):
        content = _read_zip(path)
    elif head.startswith(_LEGACY):
        content = _read_torch(path)
    else:
        raise NetworkError(_strange(path, head))
    return Checkpoint(content, sha256)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_LENGTH)


def _strange(path: Path, head: bytes) -> str:
    if not head:
        return f"The weights file {path} is empty."
    if head.startswith(_LFS):
        return (
            f"{path} is only a pointer to the weights, left by Git LFS. Run “git lfs pull” in its repository, "
            "or download the file itself."
        )
    return (
        f"{path} is not a weights file but appears to be {appears_to_be(head)}. "
        "Weights are what torch.save(model.state_dict(), …) or safetensors write."
    )


def _read_zip(path: Path) -> object:
    try:
        with zipfile.ZipFile(path) as archive:
            members = {name.partition("/")[2] for name in archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:  # the second: a newer zip format
        raise NetworkError(_broken(path, error)) from error
    if "constants.pkl" in members:
        raise NetworkError(
            f"{path} is a TorchScript program (torch.jit.save), whose layers cannot be watched. "
            "Save the network's state_dict() instead."
        )
    if "data.pkl" not in members:
        raise NetworkError(
            f"{path} is an archive without PyTorch weights in it. Exported programs (.pt2) and zipped folders cannot "
            "be used: save the network's state_dict() instead."
        )
    return _read_torch(path)


def _read_torch(path: Path) -> object:
    try:
        # Not the path: torch.load would take a name that ends in .safetensors for the content.
        with path.open("rb") as file, warnings.catch_warnings(action="ignore"):
            return torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # what a damaged file makes the reader raise has no common type
        if is_out_of_memory(error):
            raise
        unsafe = _unsafe_globals(path, str(error))
        raise NetworkError(_refused(path, unsafe) if unsafe else _broken(path, error)) from error


def _unsafe_globals(path: Path, said: str) -> Sequence[str]:
    """What the file would need besides tensors and plain values: all of it, or the first of it in an old file."""
    try:
        return sorted(get_unsafe_globals_in_checkpoint(path))
    except Exception:  # an old file that is no archive, or a damaged one
        return re.findall(r"Unsupported global: GLOBAL (\S+)", said)[:1]


def _refused(path: Path, unsafe: Sequence[str]) -> str:
    if any(name.startswith("torch.nn.modules.") for name in unsafe):
        return (
            f"{path} holds a whole pickled network, which would run code of its own when opened. Open it where it was "
            "made and save its weights alone: torch.save(model.state_dict(), …)."
        )
    names = ", ".join(unsafe[:_GLOBALS_SHOWN]) + (", …" if len(unsafe) > _GLOBALS_SHOWN else "")
    return (
        f"{path} holds more than tensors and plain values ({names}) and could run code when opened, so that it was "
        "not. Open it where it was made and save its weights alone: torch.save(model.state_dict(), …)."
    )


def _read_safetensors(path: Path) -> object:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError, KeyError, AttributeError) as error:
        raise NetworkError(_broken(path, error)) from error


def _broken(path: Path, error: BaseException) -> str:
    said = f"{error}".strip().splitlines()
    return (
        f"The weights file {path} is damaged or cut short ({said[0] if said else type(error).__name__}). "
        "Download or copy it again."
    )
