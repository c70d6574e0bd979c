"""What is drawn on the picture besides its map: the region that is explained, a frame, and what the network says."""

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent

from cnnviz_desktop.core.geometry import Box, Point
from cnnviz_desktop.core.results import Picture
from cnnviz_desktop.ui.canvas.answer_marks import AnswerMarks
from cnnviz_desktop.ui.canvas.view import CanvasView

_STILL = 4.0  # logical pixels: a longer way is a drag


class OnPicture(QObject):
    """Keeps what is drawn, and tells of clicks on what the network found.

    Signals:
        changed: Something else is to be drawn.
        object_clicked: Index of an object that was clicked.

    Args:
        view: Whose clicks are told of.
    """

    changed = Signal()
    object_clicked = Signal(int)

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._band: Box | None = None
        self._region: Box | None = None
        self._pressed: QPointF | None = None
        self.frame: Box | None = None
        self.answer: AnswerMarks | None = None
        view.installEventFilter(self)

    @property
    def region(self) -> Box | None:
        """The rectangle that is being drawn, else the one that is explained."""
        return self._band or self._region

    def show_region(self, region: Box | None) -> None:
        """Draw the rectangle of the picture that is explained; None where there is none."""
        if region != self._region:
            self._region = region
            self.changed.emit()

    def show_frame(self, frame: Box | None) -> None:
        """Outline the part of the picture that the network's input holds; None for no outline."""
        if frame != self.frame:
            self.frame = frame
            self.changed.emit()

    def show_answer(self, answer: AnswerMarks | None) -> None:
        """Draw what the network says about places of the picture; None for nothing."""
        if answer != self.answer:
            self.answer = answer
            self.changed.emit()

    def answer_for(self, image: str) -> AnswerMarks | None:
        """What is drawn on that image."""
        return self.answer if self.answer is not None and self.answer.image == image else None

    def label_map_over(self, picture: Picture | None) -> str:
        """What the label map is that hides any other map over a picture; empty where there is none."""
        answer = self.answer_for(picture.image) if picture is not None else None
        return answer.labels_caption if answer is not None else ""

    @Slot(object)
    def show_band(self, band: Box | None) -> None:
        """Draw the rectangle that is being drawn."""
        self._band = band
        self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell of a click on an object; nothing is taken away from the view."""
        if isinstance(event, QMouseEvent) and event.button() == Qt.MouseButton.LeftButton:
            if event.type() == QEvent.Type.MouseButtonPress:
                self._pressed = event.position()
            elif event.type() == QEvent.Type.MouseButtonRelease and self._pressed is not None:
                way = event.position() - self._pressed
                self._pressed = None
                if way.manhattanLength() < _STILL:
                    self._click(event.position())
        return False

    def _click(self, position: QPointF) -> None:
        viewport = self._view.viewport
        if viewport is None or self.answer is None:
            return
        at = viewport.to_picture(Point(position.x(), position.y()))
        found = self.answer.object_at(at.x, at.y)
        if found is not None:
            self.object_clicked.emit(found)
