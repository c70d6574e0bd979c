"""What the canvas draws, and the drawing of it: the same code serves the screen and pictures that leave the program."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from cnnviz_desktop.core.geometry import Box
from cnnviz_desktop.core.rendering import Limits, colour_table
from cnnviz_desktop.ui.canvas.answer_marks import AnswerMarks, paint_labels, paint_objects
from cnnviz_desktop.ui.canvas.overlay import Overlay
from cnnviz_desktop.ui.canvas.picture_levels import PictureLevels
from cnnviz_desktop.ui.canvas.viewport import Viewport

CRISP_FROM = 2.0
DIMMED = QColor(20, 20, 24, 165)
HALO = QColor(0, 0, 0, 190)
CELL_INK = QColor(255, 255, 255)
FIELD_INK = QColor(255, 214, 64)
FRAME_INK = QColor(112, 214, 255)
REGION_INK = QColor(255, 122, 230)


@dataclass(frozen=True, slots=True)
class MapLook:
    """How the overlay is drawn.

    Attributes:
        colours: Name of its colour map.
        limits: Values of the first and the last colour.
        opacity: 0–1.
        smooth: Bilinear between the cells, or the cells as they are.
    """

    colours: str
    limits: Limits
    opacity: float = 0.5
    smooth: bool = True


@dataclass(frozen=True, slots=True)
class Marks:
    """Rectangles in picture coordinates: a cell, and the receptive field it depends on; None where unknown."""

    cell: Box
    field: Box | None


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that is drawn.

    Attributes:
        levels: The picture.
        overlay: The map over it.
        look: How the map is drawn; None hides it.
        seen: The part of the picture that the network sees; the rest is dimmed.
        marks: What is pointed at.
        region: What is drawn, or was drawn, to be explained.
        frame: What of the picture the network's input holds, outlined.
        answer: What the network says about places of the picture.
    """

    levels: PictureLevels
    overlay: Overlay | None = None
    look: MapLook | None = None
    seen: Box | None = None
    marks: Marks | None = None
    region: Box | None = None
    frame: Box | None = None
    answer: AnswerMarks | None = None


def paint_scene(painter: QPainter, scene: Scene, viewport: Viewport, ratio: float) -> None:
    """Draw the scene.

    Args:
        painter: In the widget's logical coordinates.
        scene: What to draw.
        viewport: Where the picture lies.
        ratio: Device pixels a logical pixel takes.
    """
    picture = Box(0, 0, scene.levels.size.width, scene.levels.size.height)
    painter.save()
    painter.setClipRect(_rectangle(viewport.box_to_widget(picture)), Qt.ClipOperation.IntersectClip)
    _paint_picture(painter, scene.levels, viewport, ratio)
    if scene.overlay is not None and scene.look is not None:
        _paint_overlay(painter, scene.overlay, scene.look, viewport)
    if scene.answer is not None:
        paint_labels(painter, scene.answer, viewport)
    if scene.seen is not None:
        _dim_around(painter, scene.seen, picture, viewport)
    painter.restore()
    if scene.answer is not None:
        paint_objects(painter, scene.answer, viewport)
    if scene.frame is not None:
        _paint_outline(painter, viewport.box_to_widget(scene.frame), FRAME_INK, Qt.PenStyle.SolidLine)
    if scene.region is not None:
        _paint_outline(painter, viewport.box_to_widget(scene.region), REGION_INK, Qt.PenStyle.SolidLine)
    if scene.marks is not None:
        _paint_marks(painter, scene.marks, viewport)


def _paint_picture(painter: QPainter, levels: PictureLevels, viewport: Viewport, ratio: float) -> None:
    visible = viewport.visible
    if visible.right <= visible.left or visible.bottom <= visible.top:
        return
    scale = viewport.scale * ratio
    image, covered = levels.cut(visible, scale)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=scale < CRISP_FROM and scale != 1)
    painter.drawImage(_rectangle(viewport.box_to_widget(covered)), image)


def _paint_overlay(painter: QPainter, overlay: Overlay, look: MapLook, viewport: Viewport) -> None:
    image = overlay.image(look.limits, colour_table(look.colours), smooth=look.smooth)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=look.smooth)
    source, target = _needed_part(image, overlay.box, viewport)
    painter.setOpacity(look.opacity)
    painter.drawImage(_rectangle(viewport.box_to_widget(target)), image, source)
    painter.setOpacity(1.0)


def _needed_part(image: QImage, box: Box, viewport: Viewport) -> tuple[QRectF, Box]:
    """Whole pixels of an image drawn over `box` that are in sight, and their rectangle in picture coordinates.

    Drawn whole, a map zoomed in far would have a target of more pixels than Qt's rasteriser counts.
    """
    across, down = (box.right - box.left) / image.width(), (box.bottom - box.top) / image.height()
    visible = viewport.visible
    left = max(0, math.floor((visible.left - box.left) / across) - 1)
    top = max(0, math.floor((visible.top - box.top) / down) - 1)
    right = min(image.width(), math.ceil((visible.right - box.left) / across) + 1)
    bottom = min(image.height(), math.ceil((visible.bottom - box.top) / down) + 1)
    part = Box(box.left + left * across, box.top + top * down, box.left + right * across, box.top + bottom * down)
    return QRectF(left, top, max(0, right - left), max(0, bottom - top)), part


def _dim_around(painter: QPainter, seen: Box, picture: Box, viewport: Viewport) -> None:
    around = QPainterPath()  # odd-even filling leaves the inner rectangle out
    around.addRect(_rectangle(viewport.box_to_widget(picture)))
    around.addRect(_rectangle(viewport.box_to_widget(seen)))
    painter.fillPath(around, DIMMED)


def _paint_marks(painter: QPainter, marks: Marks, viewport: Viewport) -> None:
    if marks.field is not None:
        _paint_outline(painter, viewport.box_to_widget(marks.field), FIELD_INK, Qt.PenStyle.DashLine)
    _paint_outline(painter, viewport.box_to_widget(marks.cell), CELL_INK, Qt.PenStyle.SolidLine)


def _paint_outline(painter: QPainter, box: Box, ink: QColor, style: Qt.PenStyle) -> None:
    """A rectangle that is seen on any picture."""
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for pen in (QPen(HALO, 3.5), QPen(ink, 1.5, style)):
        painter.setPen(pen)
        painter.drawRect(_rectangle(box))
    painter.restore()


def _rectangle(box: Box) -> QRectF:
    return QRectF(box.left, box.top, box.right - box.left, box.bottom - box.top)
