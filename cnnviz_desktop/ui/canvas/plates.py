"""Words on the canvas: the invitation to open an image, and sentences on a plate over the picture."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

PLATE = QColor(16, 16, 20, 225)
PLATE_TEXT = QColor(245, 245, 245)


def paint_invitation(painter: QPainter, area: QRect, ink: QColor, heading: str, details: str) -> None:
    """A dashed frame with the sign of an image, a heading and a smaller line under it."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    faint = QColor(ink)
    faint.setAlphaF(0.35)
    frame = QRectF(area).adjusted(24, 24, -24, -24)
    painter.setPen(QPen(faint, 1.5, Qt.PenStyle.DashLine))
    painter.drawRoundedRect(frame, 14, 14)
    _paint_picture_sign(painter, frame.center() - QPointF(0, 48), faint)
    painter.setPen(ink)
    plain = painter.font()
    large = QFont(plain)
    large.setPointSizeF(plain.pointSizeF() * 1.3)
    painter.setFont(large)
    flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
    words = frame.adjusted(16, frame.height() / 2, -16, 0)
    said = painter.boundingRect(words, flags, heading)
    painter.drawText(words, flags, heading)
    painter.setFont(plain)
    words.setTop(said.bottom() + 6)
    painter.drawText(words, flags, details)
    painter.restore()


def paint_plate(painter: QPainter, area: QRect, text: str) -> None:
    """A sentence on a dark plate in the middle: legible over any picture, in any theme."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    words = painter.boundingRect(QRectF(area).adjusted(40, 24, -40, -24), flags, text)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(PLATE)
    painter.drawRoundedRect(words.adjusted(-14, -9, 14, 9), 8, 8)
    painter.setPen(PLATE_TEXT)
    painter.drawText(words, flags, text)
    painter.restore()


def _paint_picture_sign(painter: QPainter, middle: QPointF, ink: QColor) -> None:
    """A frame with a sun and a hill: an image."""
    painter.save()
    painter.translate(middle)
    painter.setPen(QPen(ink, 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.drawRoundedRect(QRectF(-36, -28, 72, 56), 7, 7)
    painter.drawEllipse(QPointF(-14, -9), 6.5, 6.5)
    painter.drawPolyline([QPointF(-29, 20), QPointF(-8, 4), QPointF(4, 13), QPointF(17, -4), QPointF(30, 12)])
    painter.restore()
