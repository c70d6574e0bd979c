"""How often which value occurs, with the limits of the colours to take hold of."""

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_desktop.core.rendering import Limits, value_range
from cnnviz_desktop.ui.colours.colour_bar import bar_labels, number_text
from cnnviz_desktop.ui.painting import fill

BINS = 96
GRIP = 6  # pixels
LEAST_SPAN = 1e-3  # of the range


def bin_counts(values: npt.NDArray[np.floating], bins: int = BINS) -> tuple[npt.NDArray[np.intp], Limits]:
    """(bins,) counts of the finite values between their smallest and largest, and that range."""
    limits = value_range(values)
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return np.zeros(bins, dtype=np.intp), limits
    counts, _ = np.histogram(finite, bins=bins, range=limits if limits.low < limits.high else None)
    return counts, limits


class ValueHistogram(QWidget):
    """Counts on a logarithmic scale: the zeros after a ReLU would hide everything else. The limits can be dragged.

    Signals:
        limits_chosen: The new `Limits`, while one of them is dragged.
    """

    limits_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: npt.NDArray[np.intp] = np.zeros(BINS, dtype=np.intp)
        self._range = Limits(0.0, 0.0)
        self._limits = Limits(0.0, 0.0)
        self._held: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Histogram of the values"))

    @property
    def counts(self) -> npt.NDArray[np.intp]:
        """(bins,) how many values fall into each of equal intervals of the range."""
        return self._counts

    def show_values(self, values: npt.NDArray[np.floating], limits: Limits) -> None:
        """Show how values of any shape are spread, and the limits of their colours."""
        self._counts, self._range = bin_counts(values)
        self.show_limits(limits)
        self.setAccessibleDescription(
            self.tr("{count} values from {low} to {high}; most lie near {mode}").format(
                count=f"{self._counts.sum():,}",
                low=number_text(self._range.low),
                high=number_text(self._range.high),
                mode=number_text(self._value_of((int(self._counts.argmax()) + 0.5) / BINS)),
            )
        )

    def show_limits(self, limits: Limits) -> None:
        """Show other limits."""
        self._limits = limits
        self.update()

    def sizeHint(self) -> QSize:
        """Room for bars and labels."""
        return QSize(220, 64 + self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """Half as much."""
        return QSize(110, 32 + self.fontMetrics().height())

    def _plot(self) -> QRectF:
        side = self.fontMetrics().horizontalAdvance("−0.000") / 2
        return QRectF(self.rect()).adjusted(side, 2, -side, -self.fontMetrics().height() - 3)

    def _value_of(self, share: float) -> float:
        return self._range.low + share * (self._range.high - self._range.low)

    def _x_of(self, value: float) -> float:
        plot, span = self._plot(), self._range.high - self._range.low
        share = 0.5 if span <= 0 else (value - self._range.low) / span
        return plot.left() + min(max(share, 0.0), 1.0) * plot.width()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bars, the band between the limits, and values along the axis."""
        painter = QPainter(self)
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        plot = self._plot()
        self._paint_limits(painter, plot)
        tallest = math.log1p(int(self._counts.max()))
        width = plot.width() / len(self._counts)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.Highlight))
        for number, count in enumerate(self._counts.tolist()):
            height = plot.height() * math.log1p(count) / tallest if tallest else 0.0
            painter.drawRect(QRectF(plot.left() + number * width, plot.bottom() - height, width + 0.5, height))
        painter.setPen(ink)
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        extent = self.fontMetrics().horizontalAdvance("−0.0000")
        for position, text in bar_labels(self._range, round(plot.width()), extent):
            x = plot.left() + position * plot.width()
            place = QRectF(x - extent, plot.bottom() + 2, 2 * extent, self.fontMetrics().height())
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), text)
        painter.end()

    def _paint_limits(self, painter: QPainter, plot: QRectF) -> None:
        low, high = self._x_of(self._limits.low), self._x_of(self._limits.high)
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        band = QColor(ink)
        band.setAlpha(28)
        fill(painter, QRectF(low, plot.top(), high - low, plot.height()), band)
        painter.setPen(QPen(ink, 1, Qt.PenStyle.DashLine))
        painter.setBrush(ink)
        for x in (low, high):
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            points = [QPointF(x - 4, plot.top()), QPointF(x + 4, plot.top()), QPointF(x, plot.top() + 6)]
            painter.drawPolygon(QPolygonF(points))

    def _limit_at(self, x: float) -> int | None:
        distances = [abs(x - self._x_of(limit)) for limit in self._limits]
        nearest = 0 if distances[0] < distances[1] or (distances[0] == distances[1] and x < self._x_of(0)) else 1
        return nearest if distances[nearest] <= GRIP else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a limit."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = self._limit_at(event.position().x())
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._held = None
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the limit that is held; below the upper and above the lower one."""
        x, span = event.position().x(), self._range.high - self._range.low
        if self._held is None:
            over = self._limit_at(x) is not None
            self.setCursor(Qt.CursorShape.SplitHCursor if over else Qt.CursorShape.ArrowCursor)
            return
        if span <= 0:
            return
        plot = self._plot()
        value = self._value_of(min(max((x - plot.left()) / plot.width(), 0.0), 1.0))
        low, high = self._limits
        apart = LEAST_SPAN * span
        chosen = Limits(min(value, high - apart), high) if self._held == 0 else Limits(low, max(value, low + apart))
        self.show_limits(chosen)
        self.limits_chosen.emit(chosen)
