"""The area in which a picture is shown, zoomed, panned and pointed at."""

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_desktop.core.geometry import Point, Size
from cnnviz_desktop.ui.canvas.plates import paint_invitation, paint_plate
from cnnviz_desktop.ui.canvas.scene import Scene, paint_scene
from cnnviz_desktop.ui.canvas.viewport import Viewport

MARGIN = 12
ZOOM_STEP = 1.25
WHEEL_NOTCH = 120
PAN_STEP = 48.0
ARROWS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}

ZOOM_KEYS: dict[int, float] = {Qt.Key.Key_Plus: ZOOM_STEP, Qt.Key.Key_Equal: ZOOM_STEP, Qt.Key.Key_Minus: 1 / ZOOM_STEP}


class CanvasView(QWidget):
    """Shows a `Scene`. Zoom with the wheel at the pointer, pan by dragging or with the arrow keys.

    `pointed` carries the `Point` of the picture under the pointer, or None when it leaves. `stepped` carries
    (right, down) for Shift with an arrow key: the pointer's way without a mouse. `compared` says whether Space is held.
    """

    pointed = Signal(object)
    stepped = Signal(int, int)
    compared = Signal(bool)
    view_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene: Scene | None = None
        self._viewport: Viewport | None = None
        self._fits = True
        self._grabbed: QPointF | None = None
        self._message = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)

    @property
    def viewport(self) -> Viewport | None:
        """Where the picture lies; None without a picture."""
        return self._viewport

    @property
    def fits(self) -> bool:
        """Whether the whole picture is kept in the area as that is resized."""
        return self._fits

    def show_scene(self, scene: Scene | None, *, keep_view: bool) -> None:
        """Show a scene; the view is kept where the picture has the same size, else the picture is fitted."""
        self._scene = scene
        if scene is None:
            self._viewport = None
        elif not (keep_view and self._viewport is not None and self._viewport.picture == scene.levels.size):
            self.fit()
        self.update()

    def show_message(self, text: str) -> None:
        """Say something on a plate over the picture, or in place of the invitation; nothing where empty."""
        self._message = text
        self.update()

    def fit(self) -> None:
        """Show the whole picture, and keep doing so as the area is resized."""
        if self._scene is not None:
            self._fits = True
            self._look_through(Viewport.fitted(self._scene.levels.size, self._area, MARGIN))

    def show_actual_pixels(self) -> None:
        """One pixel of the picture on one of the screen."""
        if self._viewport is not None:
            self._fits = False
            self._look_through(self._viewport.scaled_to(1 / self.devicePixelRatioF()))

    def zoom(self, factor: float, about: Point | None = None) -> None:
        """Zoom about a point of the widget, its middle where None."""
        if self._viewport is not None:
            self._fits = False
            self._look_through(self._viewport.zoomed(factor, about or Point(self.width() / 2, self.height() / 2)))

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(640, 480)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the scene, or the invitation to open one."""
        painter = QPainter(self)
        if self._scene is None or self._viewport is None:
            paint_invitation(
                painter,
                self.rect(),
                self.palette().color(QPalette.ColorRole.WindowText),
                self._message or self.tr("Drop images or a folder here"),
                self.tr("or paste with Ctrl+V, or press Ctrl+O") if not self._message else "",
            )
        else:
            paint_scene(painter, self._scene, self._viewport, self.devicePixelRatioF())
            if self._message:
                paint_plate(painter, self.rect(), self._message)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1))
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))  # a scale of 1.5 cuts the outermost pixels off
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the picture fitted, or the same point in the middle."""
        if self._viewport is not None:
            self.fit() if self._fits else self._look_through(self._viewport.resized(self._area))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer; with Shift, or sideways, pan."""
        turned = event.angleDelta()
        if self._viewport is None:
            return
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(turned.x()) > abs(turned.y()):
            self._pan(turned.x() or turned.y(), 0)
        else:
            self.zoom(ZOOM_STEP ** (turned.y() / WHEEL_NOTCH), _point(event.position()))
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Zoom by pinching, where the system tells of it."""
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom(1 + event.value(), _point(event.position()))
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton) and self._viewport is not None:
            self._grabbed = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the picture, or tell what is pointed at."""
        if self._viewport is None:
            return
        if self._grabbed is not None:
            way = event.position() - self._grabbed
            self._grabbed = event.position()
            self._pan(way.x(), way.y())
        else:
            self.pointed.emit(self._viewport.to_picture(_point(event.position())))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the picture."""
        self._grabbed = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Change between the whole picture and its actual pixels."""
        self.show_actual_pixels() if self._fits else self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that nothing is pointed at."""
        self.pointed.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows pan, with Shift they move the pointer's stand-in; Space hides the map while it is held."""
        key = event.key()  # an int: letters of many scripts have no Qt.Key
        way = ARROWS.get(key)
        if way is not None and self._viewport is not None:
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.stepped.emit(*way)
            else:
                self._pan(-way[0] * PAN_STEP, -way[1] * PAN_STEP)
        elif key in ZOOM_KEYS:
            self.zoom(ZOOM_KEYS[key])
        elif key == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self.compared.emit(True)
        elif key == Qt.Key.Key_Escape:
            self.pointed.emit(None)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Show the map again when Space is let go."""
        if event.key() != Qt.Key.Key_Space:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self.compared.emit(False)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show the map again where Space is let go in another window."""
        self.compared.emit(False)
        super().focusOutEvent(event)

    @property
    def _area(self) -> Size:
        return Size(max(1, self.height()), max(1, self.width()))

    def _pan(self, right: float, down: float) -> None:
        if self._viewport is not None:
            self._fits = False
            self._look_through(self._viewport.moved(right, down))

    def _look_through(self, viewport: Viewport) -> None:
        self._viewport = viewport
        self.update()
        self.view_changed.emit()


def _point(position: QPointF) -> Point:
    return Point(position.x(), position.y())
