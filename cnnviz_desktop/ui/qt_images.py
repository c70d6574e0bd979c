"""The one place where numpy arrays become QImages, and back.

Every image owns its pixels: a QImage over numpy's memory would outlive the array as soon as Qt shares it (a pixmap, the
clipboard, a queued paint), so the pixels are written once into memory that Qt allocated.
"""

import numpy as np
from PySide6.QtGui import QImage

from cnnviz_desktop.core.results import ByteArray


def indexed_image(indices: ByteArray, table: ByteArray) -> QImage:
    """Indexed8 image of (h, w) uint8 `indices` coloured by `table`, (256, 3) uint8 RGB; a null image where empty."""
    height, width = indices.shape
    image = QImage(width, height, QImage.Format.Format_Indexed8)
    if not image.isNull():
        set_colour_table(image, table)
        pixel_view(image)[:] = indices
    return image


def rgb_image(pixels: ByteArray) -> QImage:
    """RGB888 image of (h, w, 3) uint8 `pixels`; a null image where empty."""
    height, width, _ = pixels.shape
    image = QImage(width, height, QImage.Format.Format_RGB888)
    if not image.isNull():
        pixel_view(image)[:] = pixels
    return image


def set_colour_table(image: QImage, table: ByteArray) -> None:
    """Recolour an Indexed8 image: `table` is (256, 3) uint8 RGB. No pixel is touched."""
    image.setColorTable(packed_colours(table))


def packed_colours(table: ByteArray) -> list[int]:
    """Opaque 0xAARRGGBB integers of an (n, 3) uint8 RGB table, as Qt's colour tables want them."""
    red, green, blue = table.T.astype(np.uint32)
    packed: list[int] = (np.uint32(0xFF000000) | red << 16 | green << 8 | blue).tolist()
    return packed


def pixel_view(image: QImage) -> ByteArray:
    """The image's own memory, writable: (h, w) uint8 of an Indexed8 or Grayscale8 image, (h, w, 3) of an RGB888 one.

    The view is valid as long as the image; copy it to keep it longer.

    Raises:
        ValueError: The image has another format.
    """
    formats = {QImage.Format.Format_Indexed8: 1, QImage.Format.Format_Grayscale8: 1, QImage.Format.Format_RGB888: 3}
    channels = formats.get(image.format())
    if channels is None:
        raise ValueError(f"no view of an image in {image.format()}")
    lines: ByteArray = np.frombuffer(image.bits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    pixels = lines[:, : image.width() * channels]
    return pixels if channels == 1 else pixels.reshape(image.height(), image.width(), channels)


def magnified(image: QImage, factor: int) -> QImage:
    """The image with every pixel as a square of `factor` × `factor`; Qt's own scaling is a pixel off here and there."""
    if factor == 1 or image.isNull():
        return image
    return rgb_image(np.repeat(np.repeat(rgb_pixels(image), factor, axis=0), factor, axis=1))


def rgb_pixels(image: QImage) -> ByteArray:
    """(h, w, 3) uint8 RGB copy of any image; transparency is dropped."""
    converted = image.convertToFormat(QImage.Format.Format_RGB888)  # named: its memory must outlive the copy
    return pixel_view(converted).copy()
