"""The SHA-256 of large files, step by step."""

import hashlib
from collections.abc import Generator
from pathlib import Path

from cnnviz_desktop.core.results import Progress

_CHUNK = 1 << 23  # bytes hashed between two yields
_MEBIBYTE = 1 << 20


def sha256_of(path: Path, name: str = "") -> Generator[Progress, None, str]:
    """The hash of a file's bytes, as 64 hexadecimal digits.

    Args:
        path: The file.
        name: What people call it; its own name where empty.

    Raises:
        OSError: It cannot be read.
    """
    digest, done, size = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            done += len(chunk)
            if done < size:
                yield Progress(
                    done=done // _MEBIBYTE,
                    total=-(-size // _MEBIBYTE),
                    text=f"checking {name or path.name} ({done // _MEBIBYTE} of {size // _MEBIBYTE} MiB)",
                )
    return digest.hexdigest()
