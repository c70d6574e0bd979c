"""Painting that does not stall."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter


def fill(painter: QPainter, area: QRect | QRectF, colour: QColor) -> None:
    """Fill a rectangle with a colour.

    The first call of `QPainter.fillRect` makes PySide build the enumeration of all gradients that Qt has a name for: a
    twentieth of a second, several times that while a job holds the interpreter.
    """
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRect(area)
    painter.restore()
