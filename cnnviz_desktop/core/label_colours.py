"""Colours of classes, where many lie side by side: on a label map, and around the objects found. numpy only."""

import colorsys
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cnnviz_desktop.core.answers import NO_CLASS, Segmentation, is_background
from cnnviz_desktop.core.geometry import InputTransform, Size
from cnnviz_desktop.core.results import ByteArray

_GOLDEN = (5**0.5 - 1) / 2


def label_colour(index: int) -> tuple[int, int, int]:
    """(red, green, blue) of a class, 0–255: neighbours in number are far apart in hue."""
    hue = index * _GOLDEN % 1
    saturation, value = ((0.85, 0.95), (0.6, 1.0), (0.95, 0.75))[index % 3]
    red, green, blue = (round(255 * part) for part in colorsys.hsv_to_rgb(hue, saturation, value))
    return red, green, blue


def label_table(class_names: Sequence[str]) -> ByteArray:
    """(K + 1, 4) uint8: red, green, blue and opacity of each class, then of none; the background's opacity is 0."""
    table = np.zeros((len(class_names) + 1, 4), dtype=np.uint8)
    for index, name in enumerate(class_names):
        table[index] = (*label_colour(index), 0 if is_background(name) else 255)
    return table


def labels_over(found: Segmentation, rows: slice) -> npt.NDArray[np.int16]:
    """(n, W) int16: the class of every pixel of some rows of the picture; `NO_CLASS` where the network sees none."""
    transform, cells = found.geometry.transform, Size(*found.labels.shape)
    down, across = _cells(transform, cells, rows)
    seen = ((down >= 0) & (down < cells.height))[:, None] & ((across >= 0) & (across < cells.width))
    picked = found.labels[np.ix_(down.clip(0, cells.height - 1), across.clip(0, cells.width - 1))]
    return np.where(seen, picked, np.int16(NO_CLASS))


def _cells(transform: InputTransform, cells: Size, rows: slice) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The row and the column of cells under each row and column of the picture."""
    y = (np.arange(rows.start, rows.stop) + 0.5) * transform.scale_y + transform.offset_y
    x = (np.arange(transform.original.width) + 0.5) * transform.scale_x + transform.offset_x
    down = np.floor(y * cells.height / transform.input.height).astype(np.int64)
    return down, np.floor(x * cells.width / transform.input.width).astype(np.int64)
