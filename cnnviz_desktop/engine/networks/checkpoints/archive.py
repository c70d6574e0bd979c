"""Looks at a weights file before anything is made of it: what it is, and how much it would become."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.official_weights import in_mebibytes

_SUSPICIOUS_RATIO = 20
"""torch.save stores tensors as they are; compressing weights afterwards gains a quarter, not twenty times."""

_HARMLESS = 1 << 26
"""Bytes that may come out of any archive: 64 MiB."""

_LONGEST_HEADER = 100_000_000
"""Bytes of a safetensors header, by its own specification."""

_LENGTH = 8


def check_archive(path: Path) -> None:
    """Look at a ZIP archive's table of contents.

    Raises:
        NetworkError: It is damaged, would become far larger than it is, or holds no weights of PyTorch's.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:  # the second: a newer zip format
        raise NetworkError(broken(path, error)) from error
    becomes, size = sum(entry.file_size for entry in entries), path.stat().st_size
    if becomes > max(_HARMLESS, _SUSPICIOUS_RATIO * size):
        raise NetworkError(
            f"{path} was not opened: it is {in_mebibytes(size)} large and would unpack to {in_mebibytes(becomes)}. "
            "PyTorch stores weights without compression, so this is no weights file of its making."
        )
    members = {entry.filename.partition("/")[2] for entry in entries}
    if "constants.pkl" in members:
        raise NetworkError(
            f"{path} is a TorchScript program (torch.jit.save), whose layers cannot be watched. "
            f"“--network {path}” opens it as a network; for weights, save the network's state_dict()."
        )
    if "data.pkl" not in members:
        raise NetworkError(
            f"{path} is an archive without PyTorch weights in it. An exported program (.pt2) is opened as a "
            "network, by itself; for weights, save the network's state_dict()."
        )


def check_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Look at how many values tensors say they have: one value can be said to be any number of them.

    Raises:
        NetworkError: Far more than are in the file.
    """
    for key, tensor in tensors.items():
        becomes = tensor.numel() * tensor.itemsize
        has_all = tensor.layout == torch.strided and not tensor.is_meta
        stored = tensor.untyped_storage().nbytes() if has_all else 0
        if becomes > max(_HARMLESS, _SUSPICIOUS_RATIO * stored):
            raise NetworkError(
                f"{path} was not opened: “{key}” says that it has {tensor.numel():,} values, "
                f"{in_mebibytes(becomes)}, and {in_mebibytes(stored)} of them are in the file."
            )


def check_header(path: Path, head: bytes) -> None:
    """Look at how long a safetensors file says its header is.

    Raises:
        NetworkError: Longer than the file, or than any header is.
    """
    length, size = int.from_bytes(head[:_LENGTH], "little"), path.stat().st_size
    if length > min(_LONGEST_HEADER, size - _LENGTH):
        said = f"its header should have {length:,} bytes, and the file has {size:,}"
        raise NetworkError(broken(path, ValueError(said)))


def broken(path: Path, error: BaseException) -> str:
    """The sentence about a weights file that cannot be read."""
    said = f"{error}".strip().splitlines()
    return (
        f"The weights file {path} is damaged or cut short ({said[0] if said else type(error).__name__}). "
        "Download or copy it again."
    )
