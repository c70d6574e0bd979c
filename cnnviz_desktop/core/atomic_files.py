"""Writes files so that a crash or a full disk leaves the old file or the new one, never half of one."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from cnnviz_desktop.core.errors import OutputError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write into that takes the path's place once all is written, and leaves no trace where that fails.

    Raises:
        OutputError: The file cannot be written. What else goes wrong meanwhile is raised as it is.
    """
    neighbour = path.with_name(f".{os.urandom(8).hex()}.part")  # short, so that every name of a file can be written
    raw = _Neighbour(neighbour, path)
    try:
        with io.BufferedWriter(raw) as file:
            yield file
        with _told_of(path):
            neighbour.replace(path)
    except BaseException:
        with suppress(OSError):
            neighbour.unlink()
        raise


class _Neighbour(io.FileIO):
    """A new file whose own failures are told of the path that it stands for, apart from those of whoever writes."""

    def __init__(self, neighbour: Path, path: Path) -> None:
        self._path = path
        with _told_of(path):
            super().__init__(neighbour, "xb")

    def write(self, content: "ReadableBuffer", /) -> int:
        with _told_of(self._path):
            return super().write(content)

    def close(self) -> None:
        with _told_of(self._path):
            super().close()


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}.") from error
