"""How one cell is painted, on the screen and into pictures that leave the program."""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QCoreApplication, QLineF, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPen

from cnnviz_desktop.core.geometry import Point, Size
from cnnviz_desktop.core.rendering import colour_table
from cnnviz_desktop.ui.canvas.plates import PLATE, PLATE_TEXT
from cnnviz_desktop.ui.canvas.scene import CELL_INK, HALO
from cnnviz_desktop.ui.colours.colour_bar import colour_strip, number_text
from cnnviz_desktop.ui.comparison.comparison import Place
from cnnviz_desktop.ui.comparison.table_scene import TableScene
from cnnviz_desktop.ui.painting import fill
from cnnviz_desktop.ui.qt_images import indexed_image

PADDING = 4
STRIP = 5
_Align = Qt.AlignmentFlag


@dataclass(frozen=True, slots=True)
class CellLayout:
    """Where things are in a cell, in logical pixels: the picture, a strip of its colours, two lines of words.

    Attributes:
        picture: Extent of the picture.
        line: Height of a line.
    """

    picture: Size
    line: int

    @classmethod
    def of(cls, width: int, shape: Size, metrics: QFontMetrics) -> "CellLayout":
        """A cell of a width, for pictures of a shape; one much longer than wide gets no more than half as much again.

        Args:
            width: Of the whole cell.
            shape: (height, width) in any unit.
            metrics: Of the words.
        """
        inner = max(1, width - 2 * PADDING)
        height = round(inner * min(max(shape.height / shape.width, 0.4), 1.5))
        return cls(Size(max(1, height), inner), metrics.height())

    @property
    def size(self) -> QSize:
        """Of the whole cell."""
        return QSize(self.picture.width + 2 * PADDING, self.picture.height + STRIP + 2 * self.line + 3 * PADDING)

    def picture_in(self, cell: QRect) -> QRect:
        """The picture's rectangle in a cell's."""
        return QRect(cell.left() + PADDING, cell.top() + PADDING, self.picture.width, self.picture.height)


@dataclass(frozen=True, slots=True)
class Inks:
    """Colours of the words: `text`, `faint` for what is less important, `frame` around the cell that is current."""

    text: QColor
    faint: QColor
    frame: QColor | None = None


def paint_cell(
    painter: QPainter, cell: QRect, layout: CellLayout, scene: TableScene, place: Place, inks: Inks, ratio: float
) -> None:
    """Paint a cell.

    Args:
        painter: In logical coordinates; its font is the words'.
        cell: Where.
        layout: Where things are in it.
        scene: What is drawn.
        place: Which cell.
        inks: Of the words, and of the frame around a current cell.
        ratio: Device pixels a logical pixel takes.
    """
    area, words = layout.picture_in(cell), scene.words(place)
    image = scene.image(place, layout.picture, ratio)
    if image is not None:
        painter.drawImage(area.topLeft(), image)
    else:
        fill(painter, area, QColor(128, 128, 128, 40))
    if words.plate:
        _paint_plate(painter, area, words.plate)
    elif scene.faintness(place):
        _paint_line(painter, area, scene.faintness(place))
    if scene.cross is not None:
        _paint_cross(painter, area, scene, place, layout.picture)
    _paint_done(painter, area, scene, place)
    _paint_scale(painter, area, layout, scene, place, inks)
    painter.setPen(inks.text)
    foot = QRect(area.left(), area.bottom() + 1 + STRIP + layout.line + PADDING // 2, area.width(), layout.line)
    fits = painter.fontMetrics().horizontalAdvance(words.foot) <= area.width()
    said = words.foot if fits else words.brief_foot
    painter.drawText(foot, _Align.AlignHCenter, _elided(painter, said, area.width()))
    if inks.frame is not None:
        painter.setPen(QPen(inks.frame, 2))
        painter.drawRect(cell.adjusted(1, 1, -2, -2))


def _paint_scale(
    painter: QPainter, area: QRect, layout: CellLayout, scene: TableScene, place: Place, inks: Inks
) -> None:
    """The colours of a map with the values of the first and the last one; of a gradient picture, what grey means."""
    line = QRect(area.left(), area.bottom() + 1 + STRIP, area.width(), layout.line)
    look, drawn = scene.map_look(place), scene.drawn(place)
    painter.setPen(inks.faint)
    if look is not None:
        painter.drawImage(QRect(area.left(), area.bottom() + 2, area.width(), STRIP - 1), _strip(look.colours))
        painter.drawText(line, _Align.AlignLeft, number_text(look.limits.low))
        painter.drawText(line, _Align.AlignRight, number_text(look.limits.high))
    elif drawn.gradient is not None:
        text = QCoreApplication.translate("Comparison", "signed; grey is 0")
        painter.drawText(line, _Align.AlignHCenter, _elided(painter, text, area.width()))


def _paint_plate(painter: QPainter, area: QRect, text: str) -> None:
    """A sentence on the picture; as much of it as there is room for."""
    flags = _Align.AlignCenter | Qt.TextFlag.TextWordWrap
    room = area.adjusted(8, 6, -8, -6)
    shown = _shortened(text, room.width(), room.height(), painter.font().toString())
    words = painter.boundingRect(room, flags, shown)
    painter.save()
    painter.setClipRect(area)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(PLATE)
    painter.drawRoundedRect(words.adjusted(-6, -4, 6, 4), 5, 5)
    painter.setPen(PLATE_TEXT)
    painter.drawText(room, flags, shown)
    painter.restore()


def _paint_line(painter: QPainter, area: QRect, text: str) -> None:
    """A line of words at the picture's lower edge."""
    line = QRect(area.left(), area.bottom() - painter.fontMetrics().height() - 1, area.width(), 0)
    line.setBottom(area.bottom())
    fill(painter, line, PLATE)
    painter.setPen(PLATE_TEXT)
    painter.drawText(line, _Align.AlignCenter, _elided(painter, text, area.width() - 4))


def _paint_cross(painter: QPainter, area: QRect, scene: TableScene, place: Place, extent: Size) -> None:
    viewport, picture, cross = scene.viewport(place, extent), scene.picture(place), scene.cross
    if viewport is None or picture is None or cross is None:
        return
    at = viewport.to_widget(Point(cross.x * picture.size.width, cross.y * picture.size.height))
    x, y = area.left() + at.x, area.top() + at.y
    lines = []
    if area.left() <= x <= area.right() + 1:
        lines.append(QLineF(QPointF(x, area.top()), QPointF(x, area.bottom() + 1)))
    if area.top() <= y <= area.bottom() + 1:
        lines.append(QLineF(QPointF(area.left(), y), QPointF(area.right() + 1, y)))
    for pen in (QPen(HALO, 2.5), QPen(CELL_INK, 1)):
        painter.setPen(pen)
        painter.drawLines(lines)


def _paint_done(painter: QPainter, area: QRect, scene: TableScene, place: Place) -> None:
    """How far a preliminary result has come, as a line at the picture's lower edge."""
    result = scene.answers.cell(place).result
    if result is not None and result.done < 1:
        bar = QRectF(area.left(), area.bottom() - 3, area.width(), 4)
        fill(painter, bar, PLATE)
        fill(painter, QRectF(bar.left(), bar.top(), bar.width() * result.done, bar.height()), PLATE_TEXT)


@lru_cache(maxsize=256)
def _shortened(text: str, width: int, height: int, font: str) -> str:
    """As many words of a text as there is room for, wrapped. Remembered: no part of a paint would take as long."""
    written = QFont()
    written.fromString(font)
    metrics, room = QFontMetrics(written), QRect(0, 0, width, 0)
    flags = _Align.AlignCenter | Qt.TextFlag.TextWordWrap
    words = text.split()
    while len(words) > 1 and metrics.boundingRect(room, flags, " ".join(words)).height() > height:
        words = [*words[: -2 if words[-1] == "…" else -1], "…"]
    return " ".join(words)


@lru_cache(maxsize=16)
def _strip(colours: str) -> QImage:
    table = colour_table(colours)
    return indexed_image(colour_strip(table, Qt.Orientation.Horizontal), table)


def _elided(painter: QPainter, text: str, width: int) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
