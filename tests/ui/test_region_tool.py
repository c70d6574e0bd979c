"""A region is drawn with the mouse or the keyboard, in the picture's own pixels, and Esc leaves it."""

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.geometry import Box, Point
from cnnviz_desktop.ui.canvas.image_canvas import ImageCanvas
from tests.ui.canvas_scenes import heat_map, noise_picture, send_mouse

PICTURE = noise_picture()  # 60 × 90, under a map of 4 × 4 cells
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def canvas(qtbot: QtBot) -> ImageCanvas:
    widget = ImageCanvas()
    qtbot.addWidget(widget)
    widget.resize(700, 600)
    widget.show_picture(PICTURE)
    widget.show_attribution(heat_map(PICTURE))
    widget.show()
    return widget


def at(canvas: ImageCanvas, x: float, y: float) -> QPointF:
    assert canvas.view.viewport is not None
    return QPointF(*canvas.view.viewport.to_widget(Point(x, y)))


def band(canvas: ImageCanvas) -> Box | None:
    assert canvas.scene is not None
    return canvas.scene.region


def drag(canvas: ImageCanvas, *points: tuple[float, float]) -> None:
    send_mouse(canvas.view, QEvent.Type.MouseButtonPress, at(canvas, *points[0]))
    for point in points[1:]:
        send_mouse(canvas.view, QEvent.Type.MouseMove, at(canvas, *point))
    send_mouse(canvas.view, QEvent.Type.MouseButtonRelease, at(canvas, *points[-1]))


def test_that_a_dragged_rectangle_is_told_in_pixels_of_the_picture(qtbot: QtBot, canvas: ImageCanvas) -> None:
    canvas.menu_actions.region.trigger()
    view = canvas.view.viewport
    with qtbot.waitSignal(canvas.region_drawn) as drawn:
        drag(canvas, (50, 40), (30, 30), (20, 10))
    assert drawn.args[0] == pytest.approx((20, 10, 50, 40), abs=0.01)
    assert not canvas.menu_actions.region.isChecked()
    assert canvas.view.viewport == view, "the picture was not panned"


def test_that_it_ends_at_the_edge_of_the_picture(qtbot: QtBot, canvas: ImageCanvas) -> None:
    canvas.menu_actions.region.trigger()
    with qtbot.waitSignal(canvas.region_drawn) as drawn:
        drag(canvas, (60, 30), (500, 300))
    assert drawn.args[0] == pytest.approx((60, 30, 90, 60), abs=0.01)


def test_that_a_click_draws_nothing_and_the_tool_stays(qtbot: QtBot, canvas: ImageCanvas) -> None:
    canvas.menu_actions.region.trigger()
    with qtbot.assertNotEmitted(canvas.region_drawn):
        drag(canvas, (60, 30))
    assert canvas.menu_actions.region.isChecked()


def test_that_the_keyboard_draws_from_cell_to_cell(qtbot: QtBot, canvas: ImageCanvas) -> None:
    canvas.menu_actions.region.trigger()
    QTest.keyClick(canvas.view, Qt.Key.Key_Right, SHIFT)  # the middle of the picture: cell 2, 2
    QTest.keyClick(canvas.view, Qt.Key.Key_Return)
    assert band(canvas) == pytest.approx((45, 30, 67.5, 45))
    QTest.keyClick(canvas.view, Qt.Key.Key_Left, SHIFT)
    QTest.keyClick(canvas.view, Qt.Key.Key_Up, SHIFT)
    assert band(canvas) == pytest.approx((22.5, 15, 67.5, 45))
    with qtbot.waitSignal(canvas.region_drawn) as drawn:
        QTest.keyClick(canvas.view, Qt.Key.Key_Return)
    assert drawn.args[0] == pytest.approx((22.5, 15, 67.5, 45))


def test_that_esc_leaves_the_tool_and_takes_the_rectangle_away(qtbot: QtBot, canvas: ImageCanvas) -> None:
    canvas.menu_actions.region.trigger()
    send_mouse(canvas.view, QEvent.Type.MouseButtonPress, at(canvas, 10, 10))
    send_mouse(canvas.view, QEvent.Type.MouseMove, at(canvas, 40, 40))
    assert band(canvas) is not None
    with qtbot.assertNotEmitted(canvas.region_drawn):
        QTest.keyClick(canvas.view, Qt.Key.Key_Escape)
        send_mouse(canvas.view, QEvent.Type.MouseButtonRelease, at(canvas, 40, 40))
    assert band(canvas) is None
    assert not canvas.menu_actions.region.isChecked()


def test_that_what_is_explained_stays_outlined_but_leaves_no_trace_in_pictures(canvas: ImageCanvas) -> None:
    plain = canvas.picture_actions._make(1)
    canvas.on_picture.show_region(Box(10, 10, 40, 40))
    assert band(canvas) == Box(10, 10, 40, 40)
    outlined = canvas.picture_actions._make(1)
    assert plain is not None
    assert outlined is not None
    assert plain.image == outlined.image
