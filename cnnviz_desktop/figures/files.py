"""Writes files so that a crash or a full disk leaves the old file or the new one, never half of one."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cnnviz_desktop.core.errors import CnnvizError


class OutputError(CnnvizError):
    """A file or folder that cannot be written."""


def output_folder(folder: Path) -> Path:
    """The folder, made where it is missing, and found to take files.

    Raises:
        OutputError: It cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (FileExistsError, NotADirectoryError) as error:
        way = next((place for place in (folder, *folder.parents) if place.is_file()), folder)
        raise OutputError(f"{folder} cannot be a folder, because {way} is a file. Name another folder.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"The folder {folder} cannot be written to: {reason}. Name another folder.") from error
    return folder


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write into that takes the path's place once all is written, and leaves no trace where that fails.

    Raises:
        OutputError: The file cannot be written.
    """
    neighbour = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with neighbour.open("wb") as file:
            yield file
        neighbour.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        neighbour.unlink(missing_ok=True)
