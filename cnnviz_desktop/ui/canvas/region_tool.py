"""A rectangle drawn on the picture, with the mouse or the keyboard."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent

from cnnviz_desktop.core.geometry import Box, Point, Size
from cnnviz_desktop.ui.canvas.view import CanvasView
from cnnviz_desktop.ui.own_escape import OwnEscape

SMALLEST_SIDE = 4.0  # logical pixels: what is smaller was a click


class RegionTool(QObject):
    """Takes the mouse and Enter of a view while its action is on.

    With the mouse a rectangle is dragged. With the keyboard Enter marks a corner where the pointer's stand-in is, and
    Enter again the opposite one. Esc leaves the tool.

    Signals:
        band_changed: The `Box` that is being drawn, in picture coordinates, or None.
        drawn: The `Box` that was drawn, inside the picture; the tool is off again.

    Args:
        view: Where it is drawn.
        action: Whether the tool is on.
        place: The `Box` that the keyboard is on; None where it is nowhere.
    """

    band_changed = Signal(object)
    drawn = Signal(object)

    def __init__(self, view: CanvasView, action: QAction, place: Callable[[], Box | None]) -> None:
        super().__init__(view)
        self._view, self._action, self._place = view, action, place
        self._corner: Box | None = None
        self._drags = False
        OwnEscape(view, action.isChecked)
        view.installEventFilter(self)
        action.toggled.connect(self._on_toggled)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Draw instead of what the view does with the mouse."""
        if not self._action.isChecked() or self._view.viewport is None:
            return False
        if isinstance(event, QMouseEvent):
            return self._take_mouse(event)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._take_key(event)
        return False

    @Slot()
    def follow_keyboard(self) -> None:
        """Stretch the rectangle to where the keyboard has gone."""
        place = self._place()
        if self._corner is not None and not self._drags and place is not None:
            self.band_changed.emit(_around(self._corner, place))

    def _take_mouse(self, event: QMouseEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._corner, self._drags = self._point_at(event.position()), True
        elif kind == QEvent.Type.MouseMove and self._drags and self._corner is not None:
            self.band_changed.emit(_around(self._corner, self._point_at(event.position())))
        elif kind == QEvent.Type.MouseButtonRelease and self._drags and self._corner is not None:
            self._drags = False
            self._finish(_around(self._corner, self._point_at(event.position())))
        else:
            return kind == QEvent.Type.MouseButtonDblClick
        return True

    def _take_key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            self._action.setChecked(False)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            place = self._place()
            if place is None:
                self._view.stepped.emit(0, 0)  # to the middle of the picture
                place = self._place()
            if self._corner is None:
                self._corner = place
                self.follow_keyboard()
            elif place is not None:
                self._finish(_around(self._corner, place))
        else:
            return False
        return True

    def _finish(self, box: Box) -> None:
        viewport = self._view.viewport
        self._corner = None
        if viewport is None:
            return
        inside = Box(*(round(edge, 2) for edge in box.clipped(viewport.picture)))  # as it can be written
        large = min(inside.right - inside.left, inside.bottom - inside.top) * viewport.scale >= SMALLEST_SIDE
        if large:
            self._action.setChecked(False)
            self.drawn.emit(inside)
        else:
            self.band_changed.emit(None)

    def _point_at(self, position: QPointF) -> Box:
        viewport = self._view.viewport
        point = Point(position.x(), position.y())
        at = viewport.to_picture(point) if viewport is not None else point
        return Box(at.x, at.y, at.x, at.y).clipped(viewport.picture if viewport is not None else Size(1, 1))

    @Slot(bool)
    def _on_toggled(self, on: bool) -> None:
        self._corner, self._drags = None, False
        self.band_changed.emit(None)
        if on:
            self._view.setCursor(Qt.CursorShape.CrossCursor)
            self._view.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._view.unsetCursor()


def _around(one: Box, other: Box) -> Box:
    """The smallest rectangle that holds both."""
    return Box(
        min(one.left, other.left), min(one.top, other.top), max(one.right, other.right), max(one.bottom, other.bottom)
    )
