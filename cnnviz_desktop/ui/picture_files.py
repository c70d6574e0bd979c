"""Pictures as PNG files."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QCoreApplication
from PySide6.QtGui import QImage, QImageWriter

from cnnviz_desktop.core.atomic_files import replacing
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
    encoded = QBuffer()
    writer = QImageWriter(encoded, b"png")
    if not writer.write(image):
        text = translate("PictureFiles", "The picture {0} cannot be saved: {1}.")
        raise CnnvizError(text.format(target, writer.errorString()))
    with replacing(target) as file:
        file.write(encoded.data().data())
    return target


def file_stem(name: str) -> str:
    """A name that every file system takes."""
    return "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name).strip("._") or "picture"
