"""One map, large: to zoom into, with its colour bar, its histogram and every value to read."""

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPalette, QPen
from PySide6.QtWidgets import QGraphicsRectItem, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from cnnviz_desktop.core.rendering import PERCEPTUAL, Limits, colour_table, colourise, value_range, why_blank
from cnnviz_desktop.core.results import FloatArray
from cnnviz_desktop.ui.colours.colour_bar import ColourBar, number_text, value_text
from cnnviz_desktop.ui.colours.value_histogram import ValueHistogram
from cnnviz_desktop.ui.picture_export import PictureActions, ShownPicture, map_picture

if TYPE_CHECKING:
    import pyqtgraph


class MapInspector(QWidget):
    """A map in large squares. The mouse zooms and pans; the arrow keys walk from cell to cell.

    Signals:
        hovered: (row, column, value) of the cell under the pointer or the keyboard.
        hover_left: The pointer is over no cell any more.
        limits_chosen: `Limits` that were dragged in the histogram.
        closed: Back to all maps.
        stepped: −1 for the map before, 1 for the next one.
    """

    hovered = Signal(int, int, float)
    hover_left = Signal()
    limits_chosen = Signal(object)
    closed = Signal()
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: FloatArray | None = None
        self._name, self._limits = PERCEPTUAL, Limits(0.0, 1.0)
        self._cell: tuple[int, int] | None = None
        self._plot: pyqtgraph.PlotWidget | None = None
        self._image: pyqtgraph.ImageItem | None = None
        self._cursor = QGraphicsRectItem(0, 0, 1, 1)
        self._title, self._readout, self._words = QLabel(), QLabel(), QLabel()
        self._words.setWordWrap(True)
        self._bar, self._histogram = ColourBar(), ValueHistogram()
        self._histogram.limits_chosen.connect(self.limits_chosen)
        self._back = self._button("◂ " + self.tr("All maps"), self.tr("Back to all maps (Esc)"), self._on_back)
        self._before = self._button("‹", self.tr("The map before (Page Up)"), self._on_before)
        self._after = self._button("›", self.tr("The next map (Page Down)"), self._on_after)
        self._middle = QHBoxLayout()
        self._lay_out()
        self.pictures = PictureActions(self, self._shown_picture)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_map(self, values: FloatArray, title: str, limits: Limits, colours: str) -> None:
        """Show (h, w) float32 values between the limits in a colour map of that name."""
        self._values, self._name, self._limits = values, colours, limits
        self._title.setText(title)
        self.setAccessibleName(title)
        raw = value_range(values)
        size = self.tr("{width} × {height} cells, raw range {low} … {high}.").format(
            width=values.shape[1], height=values.shape[0], low=number_text(raw.low), high=number_text(raw.high)
        )
        self._words.setText(f"{size} {why_blank(values)}" if values.size else why_blank(values))
        self._histogram.show_values(values, limits)
        self._bar.set_scale(colour_table(colours), limits)
        self._show_image(fit=True)

    def clear(self, title: str, message: str) -> None:
        """Show no map, and say why."""
        self._values = None
        self._title.setText(title)
        self._words.setText(message)
        self._go_to(-1, -1)
        self._cell = None
        self._histogram.show_values(np.zeros(0), Limits(0.0, 0.0))
        if self._image is not None:
            self._image.clear()

    def set_colours(self, limits: Limits, colours: str) -> None:
        """Show the same map between other limits or in other colours."""
        self._limits, self._name = limits, colours
        self._histogram.show_limits(limits)
        self._bar.set_scale(colour_table(colours), limits)
        self._show_image(fit=False)

    def _button(self, text: str, tip: str, slot: object) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setAutoRaise(True)
        button.clicked.connect(slot)
        return button

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        for button in (self._back, self._before, self._after):
            top.addWidget(button)
        top.addWidget(self._title, 1)
        self._middle.addWidget(self._bar)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addLayout(self._middle, 1)
        layout.addWidget(self._readout)
        layout.addWidget(self._words)
        layout.addWidget(self._histogram)

    def _make_plot(self) -> "pyqtgraph.PlotWidget":
        import pyqtgraph  # 0.6 s: only when a map is first looked at

        plot = pyqtgraph.PlotWidget(parent=self, background=None)
        plot.setAspectLocked(True)
        plot.invertY(True)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._image = pyqtgraph.ImageItem(axisOrder="row-major")
        plot.addItem(self._image)
        plot.addItem(self._cursor)
        plot.scene().sigMouseMoved.connect(self._on_pointer_moved)
        self._middle.insertWidget(0, plot, 1)
        self._plot = plot
        self._take_theme()
        return plot

    def _take_theme(self) -> None:
        if self._plot is None:
            return
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        self._plot.setBackground(self.palette().color(QPalette.ColorRole.Base))
        self._cursor.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 0))  # 0: one pixel at any zoom
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.setPen(ink)
            axis.setTextPen(ink)

    def _show_image(self, *, fit: bool) -> None:
        if self._values is None or self._values.size == 0:
            return
        plot = self._plot or self._make_plot()
        if self._image is not None:
            self._image.setImage(colourise(self._values, self._limits, self._name), levels=(0, 255))
        if fit:
            self._cell = None
            self._cursor.hide()
            height, width = self._values.shape
            plot.setRange(xRange=(0, width), yRange=(0, height), padding=0.02)

    def _shown_picture(self, scale: int) -> ShownPicture | None:
        if self._values is None or self._values.size == 0:
            return None
        return map_picture(self._values, self._limits, self._name, self._title.text(), scale)

    @Slot(object)
    def _on_pointer_moved(self, at: QPointF) -> None:
        if self._plot is not None:
            point = self._plot.getViewBox().mapSceneToView(at)
            self._go_to(math.floor(point.y()), math.floor(point.x()))

    def _go_to(self, row: int, column: int) -> None:
        values = self._values
        if values is None or not (0 <= row < values.shape[0] and 0 <= column < values.shape[1]):
            if self._cell is not None:
                self._cell = None
                self._cursor.hide()
                self._readout.setText("")
                self.hover_left.emit()
            return
        if (row, column) != self._cell:
            self._cell = row, column
            value = float(values[row, column])
            self._cursor.setPos(column, row)
            self._cursor.show()
            self._readout.setText(
                self.tr("row {row}, column {column}: {value}").format(row=row, column=column, value=value_text(value))
            )
            self.hovered.emit(row, column, value)

    @Slot()
    def _on_back(self) -> None:
        self.closed.emit()

    @Slot()
    def _on_before(self) -> None:
        self.stepped.emit(-1)

    @Slot()
    def _on_after(self) -> None:
        self.stepped.emit(1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leads back, page keys to the neighbouring maps, arrows from cell to cell."""
        key = event.key()
        steps: dict[int, tuple[int, int]] = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        if key == Qt.Key.Key_Escape:
            self.closed.emit()
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.stepped.emit(-1 if key == Qt.Key.Key_PageUp else 1)
        elif key in steps and self._values is not None:
            down, right = steps[key]
            row, column = self._cell or (0, 0)
            height, width = self._values.shape
            self._go_to(min(max(row + down, 0), height - 1), min(max(column + right, 0), width - 1))
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._take_theme()
