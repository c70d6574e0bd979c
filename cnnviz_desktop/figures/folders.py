"""The folder that results go to."""

import tempfile
from pathlib import Path

from cnnviz_desktop.core.errors import OutputError


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
