"""Reads weights files safely: tensors and plain values only, whatever the file is called."""

import hashlib
import re
import warnings
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch.serialization import get_unsafe_globals_in_checkpoint, safe_globals

from cnnviz_desktop.core.errors import NetworkError, OutOfMemory
from cnnviz_desktop.core.file_kinds import HEAD_LENGTH, appears_to_be
from cnnviz_desktop.core.official_weights import in_mebibytes
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.checkpoints.archive import broken, check_archive, check_header, check_tensors
from cnnviz_desktop.engine.networks.checkpoints.hashing import sha256_of
from cnnviz_desktop.engine.networks.checkpoints.key_fitting import dictionaries
from cnnviz_desktop.engine.networks.checkpoints.shards import INDEX_SUFFIX, read_index
from cnnviz_desktop.engine.networks.checkpoints.stand_ins import stand_ins
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

    An index of sharded safetensors is read with all its shards, and the hash is of all of them.

    Raises:
        NetworkError: The file cannot be read, holds more than tensors and plain values, or is no weights file.
        OutOfMemory: It does not fit into the memory.
    """
    if not path.name.endswith(INDEX_SUFFIX):
        return (yield from _read_one(path))
    content: dict[str, object] = {}
    digest = hashlib.sha256()
    for shard in read_index(path):
        part = yield from _read_one(shard)
        content |= part.content if isinstance(part.content, dict) else {}
        digest.update(part.sha256.encode())
    return Checkpoint(content, digest.hexdigest())


def _read_one(path: Path) -> Generator[Progress, None, Checkpoint]:
    try:
        before = _stamp(path)
        head = _head(path)
        sha256 = yield from sha256_of(path)
        yield Progress(done=0, total=1, text=f"reading {path.name}")
        content = _read(path, head)
        for _, tensors in dictionaries(content):
            check_tensors(path, tensors)
        unchanged = _stamp(path) == before
    except OSError as error:
        raise NetworkError(f"The weights file {path} cannot be read: {error.strerror or error}.") from error
    if not unchanged:
        raise NetworkError(
            f"{path} was written while it was read, so that nothing of it was taken. Open it again once it is finished."
        )
    return Checkpoint(content, sha256)


def _read(path: Path, head: bytes) -> object:
    try:
        return _told_apart(path, head)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
    # Outside of the except clause: the traceback pins what was read so far.
    raise OutOfMemory(
        f"The memory ran out while {path} ({in_mebibytes(path.stat().st_size)}) was read. Close other programs or "
        "networks and open it again; a file without the optimizer's state needs a third of the memory."
    )


def _told_apart(path: Path, head: bytes) -> object:
    if head[5:9] == _SAFETENSORS:
        check_header(path, head)
        return _read_safetensors(path)
    if head.startswith(_ZIP):
        check_archive(path)
        return _read_torch(path)
    if head.startswith(_LEGACY):
        return _read_torch(path)
    raise NetworkError(_strange(path, head))


def _stamp(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


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


def _read_torch(path: Path) -> object:
    try:
        # Not the path: torch.load would take a name that ends in .safetensors for the content.
        with path.open("rb") as file, warnings.catch_warnings(action="ignore"), safe_globals(stand_ins()):
            return torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # what a damaged file makes the reader raise has no common type
        if is_out_of_memory(error):
            raise
        unsafe = _unsafe_globals(path, str(error))
        raise NetworkError(_refused(path, unsafe) if unsafe else broken(path, error)) from error


def _unsafe_globals(path: Path, said: str) -> Sequence[str]:
    """What the file would need besides tensors and plain values: all of it, or the first of it in an old file."""
    try:
        with safe_globals(stand_ins()):
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
        raise NetworkError(broken(path, error)) from error
