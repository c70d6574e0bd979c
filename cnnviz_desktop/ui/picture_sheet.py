"""A picture on paper: with the colour bar that gives it meaning, and a caption, in proportion to it."""

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QGuiApplication, QImage, QPainter, QTextOption

from cnnviz_desktop.core.rendering import Limits
from cnnviz_desktop.core.results import ByteArray
from cnnviz_desktop.ui.colours.colour_bar import THICKNESS, bar_breadth, paint_colour_bar
from cnnviz_desktop.ui.qt_images import magnified

MARGIN = 8
LEAST_BAR = 72
FONT_PIXELS = 11
USUAL_SIDE = 480  # logical pixels of the shorter side up to which margin, font and bar have these sizes
INK, PAPER = QColor("black"), QColor("white")


def picture_with_colour_bar(image: QImage, table: ByteArray, limits: Limits, caption: str, scale: int = 1) -> QImage:
    """A picture on white with a colour bar at its right and a caption under it.

    Args:
        image: Any picture; its pixels stay sharp squares. One whose device pixel ratio is `scale` is kept as it is.
        table: (256, 3) uint8 colours.
        limits: Values of the first and the last colour.
        caption: What stands under the picture, wrapped where it is longer; may be empty.
        scale: 1–4 pixels for a logical one; text is drawn at that size, not enlarged.
    """
    size = image.deviceIndependentSize().toSize()
    share = max(1.0, min(size.width(), size.height()) / USUAL_SIDE)
    margin, thickness = round(MARGIN * share), round(THICKNESS * share)
    font = QFont(QGuiApplication.font())
    font.setPixelSize(round(FONT_PIXELS * share))
    upright = Qt.Orientation.Vertical
    breadth = bar_breadth(QFontMetrics(font), upright, thickness)
    height, width = max(size.height(), LEAST_BAR), size.width() + margin + breadth
    words = caption_height(caption, font, width) + margin if caption else 0
    sheet = QImage(QSize(width + 2 * margin, height + words + 2 * margin) * scale, QImage.Format.Format_RGB32)
    sheet.fill(PAPER)
    painter = QPainter(sheet)
    painter.scale(scale, scale)
    painter.setFont(font)
    painter.drawImage(QPoint(margin, margin + (height - size.height()) // 2), enlarged(image, scale))
    bar = QRect(margin + size.width() + margin, margin, breadth, height)
    paint_colour_bar(painter, bar, table, limits, upright, INK, thickness)
    painter.setPen(INK)
    painter.drawText(QRectF(margin, 2 * margin + height, width, words), caption, _wrapped())
    painter.end()
    return sheet


def caption_height(caption: str, font: QFont, width: int) -> int:
    """Logical pixels that a caption needs where it is wrapped to a width, between words wherever it can be."""
    nowhere = QImage(1, 1, QImage.Format.Format_RGB32)
    painter = QPainter(nowhere)
    painter.setFont(font)
    needed = painter.boundingRect(QRectF(0, 0, width, 1e6), caption, _wrapped()).height()
    painter.end()
    return int(needed) + 1


def _wrapped() -> QTextOption:
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    return option


def enlarged(image: QImage, scale: int) -> QImage:
    """The picture with `scale` pixels for each logical one, `scale` a multiple of its own ratio, as sharp squares."""
    larger = QImage(magnified(image, max(1, round(scale / image.devicePixelRatio()))))
    larger.setDevicePixelRatio(scale)
    return larger
