"""Pictures as PNG files."""

import os
import tempfile
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QImage, QImageWriter

from cnnviz_desktop.core.errors import CnnvizError

translate = QCoreApplication.translate


def save_picture(image: QImage, path: Path) -> Path:
    """Write a PNG file whole or not at all; the name gets ``.png`` where it has not. Returns the file's path.

    Raises:
        CnnvizError: It cannot be written, or would replace a file whose whole name was not given. What was there is
            left as it was.
    """
    target = path if path.suffix.lower() == ".png" else path.with_name(f"{path.name}.png")
    if target != path and target.exists():
        text = translate("PictureFiles", "There is a picture {0} already. To replace it, save it under its whole name.")
        raise CnnvizError(text.format(target))
    neighbour = ""
    try:
        handle, neighbour = tempfile.mkstemp(suffix=".png", prefix=".cnnviz-", dir=target.parent)
        os.close(handle)
        _write(QImageWriter(neighbour, b"png"), image)
        Path(neighbour).chmod(0o644)
        Path(neighbour).replace(target)
    except OSError as error:
        if neighbour:
            Path(neighbour).unlink(missing_ok=True)
        text = translate("PictureFiles", "The picture {0} cannot be saved: {1}.")
        raise CnnvizError(text.format(target, error.strerror or error)) from error
    return target


def _write(writer: QImageWriter, image: QImage) -> None:
    if not writer.write(image):
        raise OSError(writer.errorString())


def file_stem(name: str) -> str:
    """A name that every file system takes."""
    return "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name).strip("._") or "picture"
