"""The drawn form of a table's cells: pictures at the sizes of the screen, the maps and gradients over them."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath

from cnnviz_desktop.core.geometry import Box, Size
from cnnviz_desktop.core.gradient_rendering import gradient_rgb
from cnnviz_desktop.core.rendering import colour_table
from cnnviz_desktop.core.results import Attribution, ByteArray, GradientPicture, HeatMap
from cnnviz_desktop.ui.canvas.overlay import Overlay
from cnnviz_desktop.ui.canvas.scene import CRISP_FROM, DIMMED, MapLook
from cnnviz_desktop.ui.canvas.viewport import Viewport
from cnnviz_desktop.ui.painting import fill
from cnnviz_desktop.ui.qt_images import rgb_image

PICTURE_SIDE = 1024
"""Longer side of the pictures that are kept, where they are few: enough for a zoomed cell."""
LEAST_SIDE = 128
MOST_BYTES = 512 << 20
"""Of all pictures of a table."""
BYTES_A_PIXEL = 4 * 4 / 3
"""Of a picture with its halves."""
MAP_SIDE = 256
GREY = QColor(128, 128, 128)
NOWHERE = Box(0, 0, 0, 0)


def side_for(count: int) -> int:
    """Longer side of each of so many pictures: together they take no more than `MOST_BYTES`, whatever their shapes."""
    affordable = int((MOST_BYTES / (max(1, count) * BYTES_A_PIXEL)) ** 0.5)
    return min(max(affordable, LEAST_SIDE), PICTURE_SIDE)


class SmallPicture:
    """One image of the table at a screen's size, and at halves of it.

    Attributes:
        size: Of the image itself.

    Args:
        pixels: (H, W, 3) uint8; not kept.
        side: Longer side to keep of a larger image.
    """

    def __init__(self, pixels: ByteArray, side: int = PICTURE_SIDE) -> None:
        height, width, _ = pixels.shape
        self.size = Size(height, width)
        step = max(1, 2 * max(self.size) // (3 * side))  # all of a camera's pixels would stall the window
        image = rgb_image(pixels[::step, ::step])
        if max(self.size) > side:
            image = _scaled(image, QSize(side, side))
        self._levels = [image.convertToFormat(QImage.Format.Format_RGB32)]
        while max(self._levels[-1].width(), self._levels[-1].height()) > 64:
            self._levels.append(_scaled(self._levels[-1], self._levels[-1].size() / 2))

    @property
    def box(self) -> Box:
        """All of it, in its own pixels."""
        return Box(0, 0, self.size.width, self.size.height)

    def level(self, width: float) -> QImage:
        """The smallest of its sizes that is at least so wide, else the largest."""
        return next((each for each in reversed(self._levels) if each.width() >= width), self._levels[0])


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """What a cell draws over its picture: a map, or a gradient picture as colours; neither for the picture alone.

    Attributes:
        overlay: The map.
        gradient: The gradient picture.
        box: Where it lies, in the picture's coordinates.
        original: Size of the picture that it was made of; None where there is nothing.
    """

    overlay: Overlay | None = None
    gradient: QImage | None = None
    box: Box = NOWHERE
    original: Size | None = None

    @classmethod
    def of(cls, result: Attribution | None, *, positive: bool) -> "Drawn":
        """The drawn form of a result; `positive` leaves only the positive part of a map."""
        if isinstance(result, HeatMap):
            overlay = Overlay(result.raw, result.geometry, relu=positive, side=MAP_SIDE)
            return cls(overlay=overlay, box=overlay.box, original=result.geometry.transform.original)
        if isinstance(result, GradientPicture):
            image = rgb_image(gradient_rgb(result.raw)).convertToFormat(QImage.Format.Format_RGB32)
            size, transform = result.transform.input, result.transform
            box = transform.box_to_original(Box(0, 0, size.width, size.height))
            return cls(gradient=image, box=box, original=transform.original)
        return cls()

    def over(self, picture: SmallPicture) -> "Drawn":
        """Itself; nothing over a picture that is of another size than the one it was made of."""
        return self if self.original in (None, picture.size) else Drawn()


def composed(
    picture: SmallPicture, drawn: Drawn, look: MapLook | None, viewport: Viewport, ratio: float, *, faint: bool
) -> QImage:
    """A cell's picture: the part of the image in sight with what lies over it.

    Args:
        picture: The image.
        drawn: What lies over it, where it was made of a picture of that size.
        look: How the map is drawn; None hides it.
        viewport: Where the image lies in the cell, in logical pixels.
        ratio: Device pixels a logical pixel takes.
        faint: Whether the picture steps back behind words.
    """
    drawn = drawn.over(picture)
    height, width = viewport.widget
    image = QImage(QSize(round(width * ratio), round(height * ratio)), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    whole = _rectangle(viewport.box_to_widget(picture.box))
    painter.setClipRect(whole)
    base = picture.level(whole.width() * ratio)
    crisp = whole.width() * ratio >= CRISP_FROM * picture.size.width
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=not crisp)
    painter.drawImage(whole, base)
    over = _rectangle(viewport.box_to_widget(drawn.box))
    if drawn.gradient is not None:
        fill(painter, whole, GREY)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=viewport.scale * ratio < CRISP_FROM)
        painter.drawImage(over, drawn.gradient)
    elif drawn.overlay is not None and look is not None:
        map_image = drawn.overlay.image(look.limits, colour_table(look.colours), smooth=look.smooth)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=look.smooth)
        painter.setOpacity(look.opacity)
        painter.drawImage(over, map_image)
        painter.setOpacity(1.0)
        if drawn.overlay.seen is not None:
            _dim_around(painter, _rectangle(viewport.box_to_widget(drawn.overlay.seen)), whole)
    if faint:
        fill(painter, whole, DIMMED)
    painter.end()
    return image


def _dim_around(painter: QPainter, seen: QRectF, whole: QRectF) -> None:
    around = QPainterPath()  # odd-even filling leaves the inner rectangle out
    around.addRect(whole)
    around.addRect(seen)
    painter.fillPath(around, DIMMED)


def _scaled(image: QImage, size: QSize) -> QImage:
    return image.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)


def _rectangle(box: Box) -> QRectF:
    return QRectF(box.left, box.top, box.right - box.left, box.bottom - box.top)
