"""A map laid over a picture: upsampled once, quantised once per limits, recoloured through its table."""

import numpy as np
from PySide6.QtGui import QImage

from cnnviz_desktop.core.geometry import Box, MapGeometry
from cnnviz_desktop.core.rendering import Limits, quantise, upsample
from cnnviz_desktop.core.results import ByteArray, FloatArray
from cnnviz_desktop.ui.qt_images import indexed_image, rgb_image, set_colour_table

SCREEN_SIDE = 1024
SLIVER = 0.01  # of a pixel: what is less comes from rounding


class Overlay:
    """The drawn form of one raw map.

    Attributes:
        raw: (h, w) float32 as it came; the readout's values.
        geometry: Where its cells lie on the picture.
        values: (h, w) float32 that is drawn: `raw`, or its positive part; infinite values are NaN.
        is_coloured: Whether it has colours of its own, which no colour map changes.

    Args:
        raw: (h, w) float32, signed.
        geometry: Where its cells lie on the picture.
        relu: Draw the positive part.
        side: Longer side of the smooth form, in pixels; the screen's need where not given.
    """

    is_coloured = False

    def __init__(self, raw: FloatArray, geometry: MapGeometry, *, relu: bool, side: int = SCREEN_SIDE) -> None:
        self.raw = raw
        self.geometry = geometry
        finite = np.where(np.isfinite(raw), raw, np.float32(np.nan))
        self.values: FloatArray = np.maximum(finite, 0) if relu else finite
        self._side = side
        self._smooth: FloatArray | None = None
        self._quantised: tuple[Limits, bool, ByteArray] | None = None
        self._indexed: tuple[ByteArray, QImage] | None = None
        self._coloured: tuple[bytes, QImage] | None = None

    @property
    def box(self) -> Box:
        """The rectangle that the map covers, in the picture's coordinates: the network's whole input.

        It reaches beyond the picture where the input is padded.
        """
        size = self.geometry.transform.input
        return self.geometry.transform.box_to_original(Box(0, 0, size.width, size.height))

    @property
    def seen(self) -> Box | None:
        """The part of the picture that the network sees; None where that is the whole picture."""
        transform = self.geometry.transform
        whole = (0, 0, transform.original.width, transform.original.height)
        hidden = max(abs(edge - end) for edge, end in zip(transform.seen, whole, strict=True))
        return transform.seen if hidden > SLIVER else None

    def fits(self, pixels: ByteArray) -> bool:
        """Whether the map was made of a picture of the size of these (H, W, 3) pixels."""
        return self.geometry.transform.original == pixels.shape[:2]

    def finer(self, side: int) -> "Overlay":
        """The same map for a larger picture: its smooth form has a longer side of `side` pixels."""
        other = Overlay(self.raw, self.geometry, relu=False, side=side)
        other.values = self.values
        return other

    def indices(self, limits: Limits, *, smooth: bool) -> ByteArray:
        """uint8 indices of a colour table: (h, w) cells, or bilinear between them at screen resolution."""
        cached = self._quantised
        if cached is None or cached[:2] != (limits, smooth):
            cached = limits, smooth, quantise(self._upsampled() if smooth else self.values, limits)
            self._quantised = cached
        return cached[2]

    def image(self, limits: Limits, table: ByteArray, *, smooth: bool) -> QImage:
        """RGB32 image of the map, to be drawn over `box`; another `table` computes no index."""
        indices = self.indices(limits, smooth=smooth)
        colours = table.tobytes()
        if self._indexed is None or self._indexed[0] is not indices:
            self._indexed = indices, indexed_image(indices, table)
            self._coloured = None
        if self._coloured is None or self._coloured[0] != colours:
            set_colour_table(self._indexed[1], table)
            # Qt draws RGB32 smoothly four times as fast as Indexed8, so every recolour is paid once, not every paint.
            self._coloured = colours, self._indexed[1].convertToFormat(QImage.Format.Format_RGB32)
        return self._coloured[1]

    def _upsampled(self) -> FloatArray:
        if self._smooth is None:
            box, (rows, columns) = self.box, self.values.shape
            width, height = box.right - box.left, box.bottom - box.top
            scale = self._side / max(width, height)
            size = max(rows, round(height * scale)), max(columns, round(width * scale))
            self._smooth = upsample(self.values, *size)
        return self._smooth


class ColourOverlay(Overlay):
    """A map with colours of its own.

    Args:
        raw: (h, w) float32: what stands for the colours in numbers.
        geometry: Where its cells lie on the picture.
        pixels: (h, w, 3) uint8 RGB, one a cell.
    """

    is_coloured = True

    def __init__(self, raw: FloatArray, geometry: MapGeometry, pixels: ByteArray) -> None:
        super().__init__(raw, geometry, relu=False)
        self._pixels = pixels
        self._drawn: QImage | None = None

    def finer(self, side: int) -> "Overlay":
        """Itself: it has as many pixels as there are."""
        del side
        return self

    def image(self, limits: Limits, table: ByteArray, *, smooth: bool) -> QImage:
        """RGB32 image in its own colours."""
        del limits, table, smooth
        if self._drawn is None:
            self._drawn = rgb_image(self._pixels).convertToFormat(QImage.Format.Format_RGB32)
        return self._drawn
