"""The folder that results go to."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cnnviz_desktop.core.errors import OutputError


@contextmanager
def output_folder(folder: Path) -> Iterator[Path]:
    """The folder, made where it is missing, and found to take files; one that stays empty is taken away again.

    Raises:
        OutputError: It cannot be made or written to.
    """
    made = _missing(folder)
    try:
        _make(folder)
        yield folder
    finally:
        for place in made:
            try:
                place.rmdir()
            except (OSError, ValueError):  # it holds something, or could not be made
                break


def _missing(folder: Path) -> list[Path]:
    """The folder and those above it that are not there, deepest first."""
    try:
        return [place for place in (folder, *folder.parents) if not place.exists()]
    except (OSError, ValueError):  # making it says why
        return []


def _make(folder: Path) -> None:
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
