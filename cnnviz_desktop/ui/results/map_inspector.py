"""One map, large: to zoom into, with its colour bar, its histogram and every value to read."""

import math

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from cnnviz_desktop.core.geometry import Box, Point
from cnnviz_desktop.core.rendering import PERCEPTUAL, Limits, colour_table, colourise, value_range, why_blank
from cnnviz_desktop.core.results import ByteArray, FloatArray
from cnnviz_desktop.ui.canvas.picture_levels import PictureLevels
from cnnviz_desktop.ui.canvas.scene import Marks, Scene
from cnnviz_desktop.ui.canvas.view import ZOOM_KEYS, CanvasView
from cnnviz_desktop.ui.colours.colour_bar import ColourBar, number_text, value_text
from cnnviz_desktop.ui.colours.value_histogram import ValueHistogram
from cnnviz_desktop.ui.eliding_label import ElidingLabel
from cnnviz_desktop.ui.picture_export import PictureActions, ShownPicture, map_picture

MIDDLE = Qt.TextElideMode.ElideMiddle
MISSING = 128  # the grey of cells without a value


class MapInspector(QWidget):
    """A map in large squares. The mouse zooms and pans as over the image; the arrow keys walk from cell to cell.

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
        self._levels: PictureLevels | None = None
        self._view = CanvasView()
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys are the inspector's
        self._view.pointed.connect(self._on_pointed)
        self._title, self._readout, self._words = ElidingLabel(mode=MIDDLE), ElidingLabel(), QLabel()
        self._words.setWordWrap(True)
        self._bar, self._histogram = ColourBar(), ValueHistogram()
        self._histogram.limits_chosen.connect(self.limits_chosen)
        self._back = self._button("◂ " + self.tr("All maps"), self.tr("Back to all maps (Esc)"), self._on_back)
        self._before = self._button("‹", self.tr("The map before (Page Up)"), self._on_before)
        self._after = self._button("›", self.tr("The next map (Page Down)"), self._on_after)
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
        self._view.show_message("" if values.size else why_blank(values))
        if self._cell is not None and self._value_at(self._cell) is None:
            self._cell = None
        self._show_map()
        self._read_out()

    def clear(self, title: str, message: str) -> None:
        """Show no map, and say why; the place looked at stays for the next map of the same size."""
        if self._values is not None and self._values.size:
            self._show_pixels(np.full((*self._values.shape, 3), MISSING, dtype=np.uint8))
        self._values = None
        self._title.setText(title)
        self._words.setText(message)
        self._view.show_message(message)
        self._histogram.show_values(np.zeros(0), Limits(0.0, 0.0))
        self._read_out()

    def set_colours(self, limits: Limits, colours: str) -> None:
        """Show the same map between other limits or in other colours."""
        self._limits, self._name = limits, colours
        self._histogram.show_limits(limits)
        self._bar.set_scale(colour_table(colours), limits)
        self._show_map()

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
        middle = QHBoxLayout()
        middle.addWidget(self._view, 1)
        middle.addWidget(self._bar)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addLayout(middle, 1)
        layout.addWidget(self._readout)
        layout.addWidget(self._words)
        layout.addWidget(self._histogram)

    def _show_pixels(self, pixels: ByteArray) -> None:
        """Show (h, w, 3) uint8 pixels, one a cell, through the same window where there were as many before."""
        if self._levels is not None:
            self._levels.stop()
            self._levels.deleteLater()
        self._levels = PictureLevels(pixels, self)
        self._levels.refined.connect(self._view.update)
        self._show_scene()

    def _show_scene(self) -> None:
        if self._levels is None:
            self._view.show_scene(None, keep_view=False)
            return
        marks = None
        if self._cell is not None:
            row, column = self._cell
            marks = Marks(Box(column, row, column + 1, row + 1), None)
        self._view.show_scene(Scene(self._levels, marks=marks), keep_view=True)

    def _show_map(self) -> None:
        if self._values is not None and self._values.size:
            self._show_pixels(colourise(self._values, self._limits, self._name))
        elif self._values is not None:
            self._levels = None
            self._show_scene()

    def _shown_picture(self, scale: int) -> ShownPicture | None:
        if self._values is None or self._values.size == 0:
            return None
        return map_picture(self._values, self._limits, self._name, self._title.text(), scale)

    @Slot(object)
    def _on_pointed(self, point: Point | None) -> None:
        if point is None:
            self._go_to(None)
        else:
            self._go_to((math.floor(point.y), math.floor(point.x)))

    def _go_to(self, cell: tuple[int, int] | None) -> None:
        """Read out another cell; none where it lies outside of the map."""
        there = cell if cell is not None and self._value_at(cell) is not None else None
        if there != self._cell:
            self._cell = there
            self._show_scene()
            self._read_out()

    def _value_at(self, cell: tuple[int, int]) -> float | None:
        values = self._values
        if values is None or not (0 <= cell[0] < values.shape[0] and 0 <= cell[1] < values.shape[1]):
            return None
        return float(values[cell])

    def _read_out(self) -> None:
        value = self._value_at(self._cell) if self._cell is not None else None
        if self._cell is None or value is None:
            if self._readout.text():
                self._readout.setText("")
                self.hover_left.emit()
            return
        row, column = self._cell
        text = self.tr("row {row}, column {column}: {value}")
        self._readout.setText(text.format(row=row, column=column, value=value_text(value)))
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
        """Esc leads back, page keys to the neighbouring maps, arrows from cell to cell; + and − zoom, 0 fits."""
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
            self._go_to((min(max(row + down, 0), height - 1), min(max(column + right, 0), width - 1)))
        elif key in ZOOM_KEYS:
            self._view.zoom(ZOOM_KEYS[key])
        elif key == Qt.Key.Key_0:
            self._view.fit()
        else:
            super().keyPressEvent(event)
