"""A colour bar that tells true values: as a widget, and as a painting for pictures that leave the program."""

import math

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_desktop.core.rendering import PERCEPTUAL, Limits, colour_table
from cnnviz_desktop.core.results import ByteArray
from cnnviz_desktop.ui.qt_images import indexed_image

THICKNESS = 12
TICK = 4
TICK_GAP = 3
MOST_TICKS = 8


def nice_ticks(limits: Limits, most: int) -> tuple[float, ...]:
    """At most `most` round values (1, 2 or 5 times a power of ten apart) within the limits; none where they meet."""
    span = limits.high - limits.low
    if most < 1 or not math.isfinite(span) or span <= 0:
        return ()
    power = 10.0 ** math.floor(math.log10(span / most))
    for factor in (1, 2, 5, 10, 20, 50):
        step = factor * power
        first, last = math.ceil(limits.low / step - 1e-9), math.floor(limits.high / step + 1e-9)
        if step > 0 and last - first + 1 <= most:
            return tuple(index * step for index in range(first, last + 1))
    return ()


def number_text(value: float) -> str:
    """A value in three significant digits, with a true minus sign."""
    if value == 0:
        return "0"
    return f"{value:.3g}".replace("-", "−")


def value_text(value: float) -> str:
    """A raw value in as many digits as tell it from every other float32, to be pasted anywhere."""
    return str(np.float32(value))


def colour_strip(table: ByteArray, orientation: Qt.Orientation) -> ByteArray:
    """(1, 255) or (255, 1) uint8: a colour table's indices without the missing one, lowest at the left or bottom."""
    levels = np.arange(1, len(table), dtype=np.uint8)
    return levels[None, :] if orientation == Qt.Orientation.Horizontal else levels[::-1, None]


def bar_labels(limits: Limits, length: int, label_extent: int) -> tuple[tuple[float, str], ...]:
    """What stands along a bar of `length` pixels: (position from the lower end 0–1, text).

    Both limits are always named, as they are; round values stand between them where a label of `label_extent` pixels
    has room. Limits that meet are named once, in the middle.
    """
    span = limits.high - limits.low
    if not math.isfinite(span) or span <= 0:
        return ((0.5, number_text(limits.low)),)
    ends = ((0.0, number_text(limits.low)), (1.0, number_text(limits.high)))
    room = label_extent / max(length, 1)
    if room > 0.5:
        return ends if room <= 1 else ends[1:]
    inner = []
    for value in nice_ticks(limits, min(MOST_TICKS, max(1, int(1 / (1.8 * room))))):
        position = (value - limits.low) / span
        if 1.4 * room <= position <= 1 - 1.4 * room:
            inner.append((position, number_text(value)))
    return (ends[0], *inner, ends[1])


def paint_colour_bar(
    painter: QPainter,
    area: QRect,
    table: ByteArray,
    limits: Limits,
    orientation: Qt.Orientation,
    ink: QColor,
    thickness: int = THICKNESS,
) -> None:
    """Draw a bar with its labels into `area`: the strip at the left or the top, labels beside it in the ink colour.

    Args:
        painter: Its font is the labels'.
        area: Where, in the painter's coordinates; see `bar_breadth` for how broad it has to be.
        table: (256, 3) uint8 colour table; index 0 stands for missing values and is left out.
        limits: Values at the two ends.
        orientation: Vertical bars have the upper limit at the top, horizontal ones at the right.
        ink: Colour of labels, ticks and the frame.
        thickness: Pixels across the strip.
    """
    metrics = painter.fontMetrics()
    upright = orientation == Qt.Orientation.Vertical
    margin = metrics.height() // 2 if upright else metrics.horizontalAdvance("−0.000") // 2
    if upright:
        strip = QRect(area.left(), area.top() + margin, thickness, area.height() - 2 * margin)
    else:
        strip = QRect(area.left() + margin, area.top(), area.width() - 2 * margin, thickness)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
    painter.drawImage(strip, indexed_image(colour_strip(table, orientation), table))
    painter.setPen(QPen(ink, _in_proportion(1, thickness)))
    painter.drawRect(strip.adjusted(0, 0, -1, -1))
    if upright:
        _paint_labels_beside(painter, strip, limits, area.width())
    else:
        _paint_labels_under(painter, strip, limits)
    painter.restore()


def _paint_labels_beside(painter: QPainter, strip: QRect, limits: Limits, room: int) -> None:
    extent, left = painter.fontMetrics().height(), strip.right() + 1
    tick, gap = (_in_proportion(size, strip.width()) for size in (TICK, TICK_GAP))
    for position, text in bar_labels(limits, strip.height(), extent):
        y = strip.bottom() - position * (strip.height() - 1)
        painter.drawLine(left, round(y), left + tick - 1, round(y))
        place = QRectF(left + tick + gap, y - extent, room, 2 * extent)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)


def _paint_labels_under(painter: QPainter, strip: QRect, limits: Limits) -> None:
    extent, top = painter.fontMetrics().horizontalAdvance("−0.0000"), strip.bottom() + 1
    tick = _in_proportion(TICK, strip.height())
    for position, text in bar_labels(limits, strip.width(), extent):
        x = strip.left() + position * (strip.width() - 1)
        painter.drawLine(round(x), top, round(x), top + tick - 1)
        place = QRectF(x - extent, top + tick, 2 * extent, painter.fontMetrics().height())
        painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), text)


def _in_proportion(size: int, thickness: int) -> int:
    """What is so large beside a strip of the usual thickness, beside one of another."""
    return max(1, round(size * thickness / THICKNESS))


def bar_breadth(metrics: QFontMetrics, orientation: Qt.Orientation, thickness: int = THICKNESS) -> int:
    """Pixels across the bar that the strip, its ticks and its labels need."""
    tick, gap = (_in_proportion(size, thickness) for size in (TICK, TICK_GAP))
    if orientation == Qt.Orientation.Vertical:
        return thickness + tick + gap + metrics.horizontalAdvance("−1.23e−06")
    return thickness + tick + metrics.height()


class ColourBar(QWidget):
    """A colour map's colours with the values they stand for."""

    def __init__(self, orientation: Qt.Orientation = Qt.Orientation.Vertical, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._orientation = orientation
        self._table = colour_table(PERCEPTUAL)
        self._limits = Limits(0.0, 1.0)
        fixed, growing = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding
        upright = orientation == Qt.Orientation.Vertical
        self.setSizePolicy(*((fixed, growing) if upright else (growing, fixed)))
        self.set_scale(self._table, self._limits)

    @property
    def limits(self) -> Limits:
        """The values at the two ends."""
        return self._limits

    def set_scale(self, table: ByteArray, limits: Limits) -> None:
        """Show a (256, 3) uint8 colour table that runs from `limits.low` to `limits.high`."""
        self._table, self._limits = table, limits
        self.setAccessibleName(
            self.tr("Colour bar from {low} to {high}").format(
                low=number_text(limits.low), high=number_text(limits.high)
            )
        )
        self.update()

    def sizeHint(self) -> QSize:
        """Long enough for five labels."""
        breadth = bar_breadth(self.fontMetrics(), self._orientation)
        return QSize(breadth, 120) if self._orientation == Qt.Orientation.Vertical else QSize(200, breadth)

    def minimumSizeHint(self) -> QSize:
        """Long enough for both limits."""
        breadth = bar_breadth(self.fontMetrics(), self._orientation)
        return QSize(breadth, 48) if self._orientation == Qt.Orientation.Vertical else QSize(96, breadth)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar in the theme's text colour."""
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        painter = QPainter(self)
        paint_colour_bar(painter, self.rect(), self._table, self._limits, self._orientation, ink)
        painter.end()
