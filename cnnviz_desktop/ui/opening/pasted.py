"""Bitmaps from the clipboard or a browser, kept as files: every image of the program has a path that can be named."""

import base64
import binascii
import hashlib
import os
import re
import tempfile
from pathlib import Path
from urllib.parse import unquote_to_bytes

import platformdirs
from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QMimeData
from PySide6.QtGui import QImage, QImageWriter

translate = QCoreApplication.translate

# Bytes of these are kept as they came, so that nothing of the file (frames, orientation, depth) is lost.
_SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/tiff": ".tif",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
}
_DATA_URL = re.compile(r"data:(?P<type>[\w/+.-]+)?(?:;[\w=.-]+)*?(?P<base64>;base64)?,(?P<content>.*)", re.DOTALL)


def default_folder() -> Path:
    """The user's cache folder for pasted images; made when something is saved there."""
    return Path(platformdirs.user_cache_dir("cnnviz-desktop", appauthor=False)) / "pasted"


def can_save_image(data: QMimeData) -> bool:
    """Whether the data hold a bitmap or the bytes of an image file."""
    return data.hasImage() or any(data.hasFormat(kind) for kind in _SUFFIXES)


def save_image(data: QMimeData, folder: Path) -> Path | str:
    """Keep the data's image as a file named by its content; a sentence where that fails."""
    for kind, suffix in _SUFFIXES.items():
        content = bytes(data.data(kind).data()) if data.hasFormat(kind) else b""
        if content:
            return _keep(content, suffix, folder)
    image = QImage(data.imageData())
    if image.isNull():
        return translate(
            "Dropped", "The clipboard says that it holds an image, but gives none. Save it to a file, then open that."
        )
    return _keep(_png(image), ".png", folder)


def save_data_url(url: str, folder: Path) -> Path | str:
    """Keep the image that a ``data:`` URL spells out; a sentence where it holds none."""
    match = _DATA_URL.match(url)
    suffix = _SUFFIXES.get(match["type"] or "") if match else None
    if match is None or suffix is None:
        return translate("Dropped", "The address that was dropped holds no image that can be read.")
    try:
        content = unquote_to_bytes(match["content"])
        content = base64.b64decode(content, validate=False) if match["base64"] else content
    except binascii.Error:
        return translate("Dropped", "The image in the address that was dropped is cut off.")
    return _keep(content, suffix, folder)


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def _keep(content: bytes, suffix: str, folder: Path) -> Path | str:
    path = folder / f"{hashlib.sha256(content).hexdigest()[:16]}{suffix}"
    if path.exists():
        return path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, suffix=suffix)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except OSError as error:
        text = translate(
            "Dropped", "The pasted image cannot be kept in {0}: {1}. Free space there, or open the image from a file."
        )
        return text.format(folder, error.strerror or error)
    return path
