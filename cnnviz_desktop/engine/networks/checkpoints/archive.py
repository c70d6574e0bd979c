"""Looks at a weights file's outside before anything in it is unpacked: how much it would become, and what it is."""

import zipfile
from pathlib import Path

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
            "Save the network's state_dict() instead."
        )
    if "data.pkl" not in members:
        raise NetworkError(
            f"{path} is an archive without PyTorch weights in it. Exported programs (.pt2) and zipped folders cannot "
            "be used as weights: save the network's state_dict() instead."
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
