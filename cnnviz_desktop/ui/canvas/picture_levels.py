"""A picture at half, a quarter, an eighth … of its size, so that a 50-megapixel one is drawn smoothly at any zoom."""

import math
import time

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from cnnviz_desktop.core.geometry import Box, Size
from cnnviz_desktop.core.results import ByteArray
from cnnviz_desktop.ui.qt_images import rgb_image

COARSEST_SIDE = 512
AT_ONCE_PIXELS = 2_000_000
BAND_ROWS = 64
TILE_SIDE = 256
SLICE_SECONDS = 0.008


class PictureLevels(QObject):
    """The levels of one picture: level k holds averages of 2ᵏ × 2ᵏ pixels.

    Levels of a large picture are averaged in the event loop's spare time; until they are ready, every 2ᵏ-th pixel
    stands in for them. No second copy of the picture is made: tiles in sight are cut out of the arrays as they are
    drawn.

    Args:
        pixels: (H, W, 3) uint8 RGB; kept, never written.
        parent: Qt parent.
    """

    refined = Signal()

    def __init__(self, pixels: ByteArray, parent: QObject | None = None) -> None:
        super().__init__(parent)
        height, width, _ = pixels.shape
        self.size = Size(height, width)
        self.pixels = pixels
        count = max(0, math.ceil(math.log2(max(height, width) / COARSEST_SIDE)))
        self._levels = [pixels, *(_blank(self.size, 2**level) for level in range(1, count + 1))]
        self._band = BAND_ROWS * max(1, 2**count // BAND_ROWS)
        self._rows_done = 0 if count else height
        self._cut: tuple[tuple[int, int, int, int, int], QImage] | None = None
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._average_a_slice)
        if height * width <= AT_ONCE_PIXELS:
            while not self.is_ready:
                self._average_band()
        else:
            self._timer.start()

    @property
    def is_ready(self) -> bool:
        """Whether every level holds averages."""
        return self._rows_done >= self.size.height

    def stop(self) -> None:
        """Leave the levels as they are."""
        self._timer.stop()

    def level_for(self, scale: float) -> int:
        """The coarsest level that still has a pixel for each screen pixel, at `scale` device pixels a picture pixel."""
        wanted = math.floor(math.log2(1 / scale) + 1e-6) if scale < 1 else 0
        return min(wanted, len(self._levels) - 1)

    def level(self, number: int) -> ByteArray:
        """(H / 2ᵏ, W / 2ᵏ, 3) uint8, rounded up: the averages, or a view of every 2ᵏ-th pixel until they are ready."""
        step = 2**number
        return self._levels[number] if self.is_ready else self.pixels[::step, ::step]

    def cut(self, box: Box, scale: float) -> tuple[QImage, Box]:
        """What is needed to draw a part of the picture.

        Args:
            box: The part, in the picture's coordinates, inside the picture.
            scale: Device pixels a picture pixel takes.

        Returns:
            An RGB32 image of the level's tiles that `box` touches, and the rectangle it covers in picture coordinates.
            The rectangle reaches a level pixel beyond the picture where that has an odd side.
        """
        number = self.level_for(scale)
        step, level = 2**number, self.level(number)
        tile = step * TILE_SIDE
        left, top = int(box.left // tile) * TILE_SIDE, int(box.top // tile) * TILE_SIDE
        right = min(level.shape[1], math.ceil(box.right / tile) * TILE_SIDE)
        bottom = min(level.shape[0], math.ceil(box.bottom / tile) * TILE_SIDE)
        key = (number, left, top, right, bottom)
        if self._cut is None or self._cut[0] != key:
            # Qt draws RGB32 smoothly four times as fast as RGB888.
            image = rgb_image(level[top:bottom, left:right]).convertToFormat(QImage.Format.Format_RGB32)
            self._cut = key, image
        return self._cut[1], Box(left * step, top * step, right * step, bottom * step)

    @Slot()
    def _average_a_slice(self) -> None:
        end = time.perf_counter() + SLICE_SECONDS
        while not self.is_ready and time.perf_counter() < end:
            self._average_band()
        if self.is_ready:
            self._timer.stop()
            self._cut = None
            self.refined.emit()

    def _average_band(self) -> None:
        start = self._rows_done
        band = self.pixels[start : start + self._band]
        for number, level in enumerate(self._levels[1:], start=1):
            band = _halved(band)
            first = start // 2**number
            level[first : first + len(band)] = band
        self._rows_done = start + self._band


def _blank(size: Size, step: int) -> ByteArray:
    return np.zeros((-(-size.height // step), -(-size.width // step), 3), dtype=np.uint8)


def _halved(pixels: ByteArray) -> ByteArray:
    """Averages of 2 × 2 pixels; an odd last row or column is averaged with itself."""
    height, width, _ = pixels.shape
    if height % 2 or width % 2:
        pixels = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    rows = np.add(pixels[0::2], pixels[1::2], dtype=np.uint16)
    halved = np.empty((rows.shape[0], rows.shape[1] // 2, 3), dtype=np.uint8)
    for channel in range(3):  # three strided passes are ten times faster than one over the short last axis
        total = rows[:, 0::2, channel] + rows[:, 1::2, channel]
        halved[:, :, channel] = (total + 2) >> 2
    return halved
