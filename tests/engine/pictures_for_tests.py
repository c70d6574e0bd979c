"""A picture to write into files, and the writing."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cnnviz_desktop.core.results import ByteArray


def scene(height: int = 24, width: int = 40) -> ByteArray:
    """A smooth picture without symmetry, so that every turn of it differs."""
    row, column = np.mgrid[:height, :width]
    channels = (column * 255 / (width - 1), row * 255 / (height - 1), (row + column) * 255 / (height + width - 2))
    return np.stack(channels, axis=-1).astype(np.uint8)


def save(path: Path, pixels: ByteArray | Image.Image, **options: Any) -> str:  # noqa: ANN401 - Pillow's own
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(path, **options)
    return str(path)
