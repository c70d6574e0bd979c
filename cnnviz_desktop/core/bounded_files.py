"""Reads small files whole, and nothing that has no end: descriptions from elsewhere may name any path."""

import errno
import os
import stat
from pathlib import Path


def read_whole(path: Path, most: int) -> bytes:
    """The bytes of an ordinary file.

    Args:
        path: The file.
        most: How many bytes it may have.

    Raises:
        OSError: It cannot be read, is larger, or is a device, a pipe or a folder, none of which is waited for.
    """
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is no ordinary file", str(path))
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is too large, more than {most >> 20} MiB", str(path))
    return content
