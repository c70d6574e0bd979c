"""Pictures, maps and pointers for the tests of the canvas."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from cnnviz_desktop.core.geometry import (
    AxisField,
    InputTransform,
    MapGeometry,
    Point,
    ReceptiveField,
    Resize,
    Size,
)
from cnnviz_desktop.core.results import Explained, FloatArray, HeatMap, Picture
from cnnviz_desktop.ui.canvas.view import CanvasView

FIELD = ReceptiveField(AxisField(-6, 16, 29), AxisField(-6, 16, 29))


def noise_picture(height: int = 60, width: int = 90, image: str = "a.png") -> Picture:
    pixels = np.random.default_rng(height * width).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Picture(image=image, pixels=pixels, sha256="0" * 64)


def geometry_over(picture: Picture, resize: Resize = "stretch", cells: tuple[int, int] = (4, 4)) -> MapGeometry:
    """A map of 64 × 64 inputs over the picture."""
    size = Size(*picture.pixels.shape[:2])
    return MapGeometry(InputTransform.of(resize, size, Size(64, 64)), Size(*cells), FIELD)


def signed_map() -> FloatArray:
    return np.random.default_rng(7).normal(size=(4, 4)).astype(np.float32)


def heat_map(picture: Picture, raw: FloatArray | None = None, notes: tuple[str, ...] = ()) -> HeatMap:
    return HeatMap(
        image=picture.image,
        method="gradcam",
        layer="layer3",
        explained=Explained(title="dog", class_index=5, class_name="dog", score=12.3, probability=0.987),
        raw=signed_map() if raw is None else raw,
        geometry=geometry_over(picture),
        notes=notes,
    )


def point_at(view: CanvasView, point: Point) -> None:
    """Move the mouse over a point of the picture."""
    assert view.viewport is not None
    send_mouse(view, QEvent.Type.MouseMove, QPointF(*view.viewport.to_widget(point)))


def send_mouse(view: CanvasView, kind: QEvent.Type, at: QPointF) -> None:
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, at, view.mapToGlobal(at), button, button, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view, event)
