"""The network's input as a picture, with the number under the pointer."""

import math

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_desktop.core.geometry import Box, Point, Size
from cnnviz_desktop.core.network_input import NetworkInput
from cnnviz_desktop.core.resources import image_name
from cnnviz_desktop.ui.canvas.picture_levels import PictureLevels
from cnnviz_desktop.ui.canvas.viewport import Viewport
from cnnviz_desktop.ui.picture_export import PictureActions, ShownPicture
from cnnviz_desktop.ui.qt_images import rgb_image

HEIGHT = 230
CRISP_FROM = 2.0
CELL_VISIBLE_FROM = 3.0
_STEPS = {
    int(Qt.Key.Key_Left): (0, -1),
    int(Qt.Key.Key_Right): (0, 1),
    int(Qt.Key.Key_Up): (-1, 0),
    int(Qt.Key.Key_Down): (1, 0),
}


class InputView(QWidget):
    """Draws a `NetworkInput` with its normalisation undone. The arrow keys point as the pointer does.

    `pointed` carries (row, column) of the input's pixel that is pointed at, None for none.
    """

    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._input: NetworkInput | None = None
        self._levels: PictureLevels | None = None
        self._at: tuple[int, int] | None = None
        self._message = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("The network's input"))
        self.setMinimumHeight(120)
        self.picture_actions = PictureActions(self, self._picture)

    @property
    def pointed_at(self) -> tuple[int, int] | None:
        """(row, column) of the input's pixel that is pointed at."""
        return self._at

    def show_input(self, given: NetworkInput) -> None:
        """Show an input."""
        self._drop_levels()
        self._input, self._message = given, ""
        self._levels = PictureLevels(given.pixels, self)
        self._levels.refined.connect(self.update)
        self._point_at(None)
        self.update()

    def clear(self, message: str) -> None:
        """Show nothing, and say why."""
        self._drop_levels()
        self._input, self._message = None, message
        self._point_at(None)
        self.update()

    def _drop_levels(self) -> None:
        if self._levels is not None:
            self._levels.stop()
            self._levels.deleteLater()
            self._levels = None

    def sizeHint(self) -> QSize:
        """As high as most inputs."""
        return QSize(HEIGHT, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the input, or what is said in its place."""
        painter = QPainter(self)
        viewport, levels = self._viewport, self._levels
        if viewport is None or levels is None:
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(12, 12, -12, -12), flags, self._message)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=viewport.scale < CRISP_FROM)
            whole = Box(0, 0, levels.size.width, levels.size.height)
            image, covered = levels.cut(whole, viewport.scale * self.devicePixelRatioF())
            painter.setClipRect(_rectangle(viewport.box_to_widget(whole)))
            painter.drawImage(_rectangle(viewport.box_to_widget(covered)), image)
            self._paint_cell(painter, viewport)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at what is under the pointer."""
        viewport = self._viewport
        if viewport is not None:
            at = viewport.to_picture(Point(event.position().x(), event.position().y()))
            row, column = math.floor(at.y), math.floor(at.x)
            inside = 0 <= row < viewport.picture.height and 0 <= column < viewport.picture.width
            self._point_at((row, column) if inside else None)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._point_at(None)
        super().leaveEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Point at nothing."""
        self._point_at(None)
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move what is pointed at by a pixel, from the middle on; with Shift by ten."""
        step = _STEPS.get(event.key())
        if step is None or self._levels is None:
            super().keyPressEvent(event)
            return
        height, width = self._levels.size
        row, column = self._at or (height // 2, width // 2)
        times = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        moved = row + times * step[0], column + times * step[1]
        self._point_at((min(max(moved[0], 0), height - 1), min(max(moved[1], 0), width - 1)))

    @property
    def _viewport(self) -> Viewport | None:
        if self._levels is None:
            return None
        return Viewport.fitted(self._levels.size, Size(self.height(), self.width()))

    def _point_at(self, at: tuple[int, int] | None) -> None:
        if at != self._at:
            self._at = at
            self.pointed.emit(at)
            self.update()

    def _paint_cell(self, painter: QPainter, viewport: Viewport) -> None:
        if self._at is None or viewport.scale < CELL_VISIBLE_FROM:
            return
        row, column = self._at
        painter.setBrush(Qt.BrushStyle.NoBrush)
        area = _rectangle(viewport.box_to_widget(Box(column, row, column + 1, row + 1)))
        for pen in (QPen(QColor(0, 0, 0, 190), 3), QPen(QColor(255, 255, 255), 1)):
            painter.setPen(pen)
            painter.drawRect(area)

    def _picture(self, scale: int) -> ShownPicture | None:
        if self._input is None:
            return None
        return ShownPicture(
            rgb_image(self._input.pixels), f"{image_name(self._input.image)}_input", self.tr("The network's input")
        )


def _rectangle(box: Box) -> QRectF:
    return QRectF(box.left, box.top, box.right - box.left, box.bottom - box.top)
