"""The view zooms, pans, fits and draws every pixel where it belongs."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.geometry import Box, Point, Size
from cnnviz_desktop.core.rendering import Limits, colour_table, quantise
from cnnviz_desktop.core.results import ByteArray
from cnnviz_desktop.ui.canvas.overlay import Overlay
from cnnviz_desktop.ui.canvas.picture_levels import PictureLevels
from cnnviz_desktop.ui.canvas.scene import MapLook, Marks, Scene, paint_scene
from cnnviz_desktop.ui.canvas.view import MARGIN, ZOOM_STEP, CanvasView
from cnnviz_desktop.ui.canvas.viewport import Viewport
from cnnviz_desktop.ui.qt_images import rgb_pixels
from tests.ui.canvas_scenes import geometry_over, noise_picture, send_mouse, signed_map


@pytest.fixture
def view(qtbot: QtBot) -> CanvasView:
    widget = CanvasView()
    qtbot.addWidget(widget)
    widget.resize(500, 400)
    widget.show()
    widget.show_scene(Scene(PictureLevels(noise_picture(60, 90).pixels, widget)), keep_view=True)
    return widget


def viewport_of(view: CanvasView) -> Viewport:
    assert view.viewport is not None
    return view.viewport


def painted(scene: Scene, viewport: Viewport) -> ByteArray:
    image = QImage(viewport.widget.width, viewport.widget.height, QImage.Format.Format_RGB32)
    image.fill(0xFF123456)
    painter = QPainter(image)
    paint_scene(painter, scene, viewport, 1.0)
    painter.end()
    return rgb_pixels(image)


def turn_wheel(view: CanvasView, at: QPointF, notches: int, keys: Qt.KeyboardModifier) -> None:
    event = QWheelEvent(
        at, view.mapToGlobal(at), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton, keys,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def test_that_a_picture_is_fitted_at_first_and_after_resizing(qtbot: QtBot, view: CanvasView) -> None:
    assert viewport_of(view) == Viewport.fitted(Size(60, 90), Size(400, 500), MARGIN)
    view.resize(300, 500)
    qtbot.waitUntil(lambda: viewport_of(view).widget == Size(500, 300))
    assert viewport_of(view) == Viewport.fitted(Size(60, 90), Size(500, 300), MARGIN)


def test_that_the_wheel_zooms_at_the_pointer(view: CanvasView) -> None:
    at = QPointF(180.5, 222.25)
    before = viewport_of(view)
    turn_wheel(view, at, 2, Qt.KeyboardModifier.NoModifier)
    after = viewport_of(view)
    assert after.scale == pytest.approx(before.scale * ZOOM_STEP**2)
    point = Point(at.x(), at.y())
    assert after.to_picture(point) == pytest.approx(before.to_picture(point))


def test_that_shift_and_the_wheel_pan_sideways(view: CanvasView) -> None:
    view.zoom(4)
    before = viewport_of(view)
    turn_wheel(view, QPointF(100, 100), -1, Qt.KeyboardModifier.ShiftModifier)
    assert viewport_of(view).scale == before.scale
    assert viewport_of(view).left == before.left - 120
    assert viewport_of(view).top == before.top


def test_that_dragging_moves_the_picture_with_the_pointer(view: CanvasView) -> None:
    view.zoom(3)
    before = viewport_of(view)
    send_mouse(view, QEvent.Type.MouseButtonPress, QPointF(100, 100))
    send_mouse(view, QEvent.Type.MouseMove, QPointF(130, 80))
    send_mouse(view, QEvent.Type.MouseButtonRelease, QPointF(130, 80))
    send_mouse(view, QEvent.Type.MouseMove, QPointF(10, 10))
    assert (viewport_of(view).left, viewport_of(view).top) == (before.left + 30, before.top - 20)


def test_that_arrow_keys_pan(view: CanvasView) -> None:
    view.zoom(4)
    before = viewport_of(view)
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert viewport_of(view).middle.x > before.middle.x
    assert viewport_of(view).middle.y > before.middle.y


def test_that_plus_and_minus_zoom(view: CanvasView) -> None:
    before = viewport_of(view).scale
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert viewport_of(view).scale == pytest.approx(before * ZOOM_STEP)
    QTest.keyClick(view, Qt.Key.Key_Minus)
    assert viewport_of(view).scale == pytest.approx(before)


def test_that_actual_pixels_take_one_device_pixel_each(view: CanvasView) -> None:
    view.show_actual_pixels()
    assert viewport_of(view).scale == 1 / view.devicePixelRatioF()
    assert not view.fits


def test_that_another_scene_of_the_same_size_keeps_the_view_and_another_size_is_fitted(view: CanvasView) -> None:
    view.zoom(3)
    before = viewport_of(view)
    view.show_scene(Scene(PictureLevels(noise_picture(60, 90).pixels, view)), keep_view=True)
    assert viewport_of(view) == before
    view.show_scene(Scene(PictureLevels(noise_picture(70, 90).pixels, view)), keep_view=True)
    assert viewport_of(view) == Viewport.fitted(Size(70, 90), Size(400, 500), MARGIN)


def test_that_pixels_are_crisp_when_zoomed_in(view: CanvasView) -> None:
    pixels = noise_picture(20, 30).pixels
    drawn = painted(Scene(PictureLevels(pixels)), Viewport(Size(20, 30), Size(160, 240), 8, 0, 0))
    np.testing.assert_array_equal(drawn, pixels.repeat(8, axis=0).repeat(8, axis=1))


def test_that_actual_pixels_are_drawn_as_they_are(view: CanvasView) -> None:
    pixels = noise_picture(50, 70).pixels
    drawn = painted(Scene(PictureLevels(pixels)), Viewport(Size(50, 70), Size(30, 40), 1, -10, -7))
    np.testing.assert_array_equal(drawn, pixels[7:37, 10:50])


def test_that_a_small_view_of_a_large_picture_is_its_average(view: CanvasView) -> None:
    pixels = noise_picture(1024, 1024).pixels
    drawn = painted(Scene(PictureLevels(pixels)), Viewport(Size(1024, 1024), Size(512, 512), 0.5, 0, 0))
    means = pixels.reshape(512, 2, 512, 2, 3).mean(axis=(1, 3))
    assert np.abs(drawn - means).max() <= 1


@pytest.mark.parametrize("zoom", [3, 40])
def test_that_cells_are_drawn_exactly_over_their_boxes(view: CanvasView, zoom: int) -> None:
    """Every pixel of the drawing has its cell's colour: at full opacity and at any zoom, nothing is off by one."""
    picture, raw = noise_picture(32, 48), signed_map()
    geometry = geometry_over(picture)
    look = MapLook("viridis", Limits(-2, 2), opacity=1.0, smooth=False)
    scene = Scene(PictureLevels(picture.pixels), Overlay(raw, geometry, relu=False), look)
    viewport = Viewport(Size(32, 48), Size(90, 140), zoom, -7.0 * zoom, -5.0 * zoom)
    drawn = painted(scene, viewport)
    colours = colour_table("viridis")[quantise(raw, look.limits)]
    for y in range(0, 90, 3):
        for x in range(0, 140, 3):
            cell = geometry.cell_at(viewport.to_picture(Point(x + 0.5, y + 0.5)))
            if cell is not None:
                np.testing.assert_array_equal(drawn[y, x], colours[cell], err_msg=f"{x} {y} {cell}")


def test_that_the_map_ends_where_the_picture_ends(view: CanvasView) -> None:
    picture = noise_picture(20, 40)
    overlay = Overlay(signed_map(), geometry_over(picture, "letterbox"), relu=False)
    scene = Scene(PictureLevels(picture.pixels), overlay, MapLook("viridis", Limits(-2, 2), opacity=1.0))
    drawn = painted(scene, Viewport(Size(20, 40), Size(80, 80), 1, 20, 30))
    outside = np.ones((80, 80), dtype=bool)
    outside[30:50, 20:60] = False
    assert (drawn[outside] == (0x12, 0x34, 0x56)).all()


def test_that_what_the_network_does_not_see_is_dimmed_and_the_rest_is_not(view: CanvasView) -> None:
    pixels = np.full((20, 40, 3), 200, dtype=np.uint8)
    scene = Scene(PictureLevels(pixels), seen=Box(10, 0, 30, 20))
    drawn = painted(scene, Viewport(Size(20, 40), Size(20, 40), 1, 0, 0))
    assert (drawn[:, 10:30] == 200).all()
    assert (drawn[:, :10] < 120).all()
    assert (drawn[:, 30:] < 120).all()


def test_that_boxes_are_drawn_on_the_edges_they_stand_for(view: CanvasView) -> None:
    scene = Scene(PictureLevels(np.zeros((40, 60, 3), dtype=np.uint8)), marks=Marks(Box(20, 10, 30, 25), None))
    drawn = painted(scene, Viewport(Size(40, 60), Size(160, 240), 4, 0, 0))
    bright = np.argwhere(drawn.min(axis=2) > 120)
    assert bright.min(axis=0) == pytest.approx([40, 80], abs=1)
    assert bright.max(axis=0) == pytest.approx([100, 120], abs=1)


def test_that_without_a_picture_keys_and_wheel_do_nothing(qtbot: QtBot) -> None:
    empty = CanvasView()
    qtbot.addWidget(empty)
    empty.show()
    turn_wheel(empty, QPointF(10, 10), 1, Qt.KeyboardModifier.NoModifier)
    QTest.keyClick(empty, Qt.Key.Key_Left)
    send_mouse(empty, QEvent.Type.MouseMove, QPointF(5, 5))
    empty.zoom(2)
    assert empty.viewport is None


def test_that_letters_of_other_scripts_do_nothing(view: CanvasView) -> None:
    before = viewport_of(view)
    for key in (0x0416, 0x4E2D, 0):
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(view, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier))
    assert viewport_of(view) == before


def test_that_a_comparison_ends_when_the_focus_goes_elsewhere(qtbot: QtBot, view: CanvasView) -> None:
    told: list[bool] = []
    view.compared.connect(told.append)
    QTest.keyPress(view, Qt.Key.Key_Space)
    QApplication.sendEvent(view, QFocusEvent(QEvent.Type.FocusOut))
    assert told == [True, False]
