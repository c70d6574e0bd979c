"""What a network says about places of the picture, drawn on it: a label map, or boxes around objects."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from cnnviz_desktop.core.geometry import Box
from cnnviz_desktop.ui.canvas.viewport import Viewport

LABEL_OPACITY = 0.6
_HALO = QColor(0, 0, 0, 190)
_PADDING = 3.0


@dataclass(frozen=True, slots=True)
class MarkedObject:
    """A box with its words.

    Attributes:
        index: The object's place in the answer.
        box: In picture coordinates.
        colour: Of its class.
        words: Its class and score.
        is_target: Whether it is what is explained.
    """

    index: int
    box: Box
    colour: QColor
    words: str
    is_target: bool = False


@dataclass(frozen=True, slots=True)
class AnswerMarks:
    """What is drawn.

    Attributes:
        image: Reference of the picture it belongs to.
        labels: The label map in the colours of its classes, one pixel a cell; None for none.
        labels_box: Where it lies, in picture coordinates.
        labels_caption: What it is, in a few words.
        objects: The objects found, drawn in this order.
    """

    image: str
    labels: QImage | None = None
    labels_box: Box | None = None
    labels_caption: str = ""
    objects: tuple[MarkedObject, ...] = ()

    def object_at(self, x: float, y: float) -> int | None:
        """Index of the smallest object at a point of the picture; None where there is none."""
        here = [
            each
            for each in self.objects
            if each.box.left <= x <= each.box.right and each.box.top <= y <= each.box.bottom
        ]
        return min(here, key=lambda each: _area(each.box)).index if here else None


def paint_labels(painter: QPainter, marks: AnswerMarks, viewport: Viewport) -> None:
    """Draw the label map; the caller has clipped to the picture."""
    if marks.labels is None or marks.labels_box is None:
        return
    painter.setOpacity(LABEL_OPACITY)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
    painter.drawImage(_rectangle(viewport.box_to_widget(marks.labels_box)), marks.labels)
    painter.setOpacity(1.0)


def paint_objects(painter: QPainter, marks: AnswerMarks, viewport: Viewport) -> None:
    """Draw the boxes, each with its words on a plate, what is explained on top."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for each in sorted(marks.objects, key=lambda marked: marked.is_target):
        outline = _rectangle(viewport.box_to_widget(each.box))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        width = 3.0 if each.is_target else 1.5
        for pen in (QPen(_HALO, width + 2), QPen(each.colour, width)):
            painter.setPen(pen)
            painter.drawRect(outline)
        _paint_words(painter, each, outline.topLeft())
    painter.restore()


def _paint_words(painter: QPainter, marked: MarkedObject, corner: QPointF) -> None:
    font = QFont(painter.font())
    font.setBold(marked.is_target)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    size = metrics.boundingRect(marked.words).size()
    plate = QRectF(corner.x(), corner.y() - size.height() - _PADDING, size.width() + 2 * _PADDING, size.height() + 2)
    if plate.top() < 0:
        plate.moveTop(max(0.0, corner.y()))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(marked.colour)
    painter.drawRect(plate)
    is_light = marked.colour.lightnessF() > 0.45
    painter.setPen(Qt.GlobalColor.black if is_light else Qt.GlobalColor.white)
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, marked.words)


def _area(box: Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)


def _rectangle(box: Box) -> QRectF:
    return QRectF(box.left, box.top, box.right - box.left, box.bottom - box.top)
