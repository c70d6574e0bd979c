import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.geometry import Point
from cnnviz_desktop.core.rendering import Limits, colourise
from cnnviz_desktop.ui.qt_images import rgb_pixels
from cnnviz_desktop.ui.results.map_inspector import MapInspector

VALUES = np.random.default_rng(0).standard_normal((5, 8)).astype(np.float32)
Key = Qt.Key


@pytest.fixture
def inspector(qtbot: QtBot) -> MapInspector:
    widget = MapInspector()
    qtbot.addWidget(widget)
    widget.resize(500, 500)
    widget.show_map(VALUES, "layer1, channel 3", Limits(-2, 2), "coolwarm")
    widget.show()
    qtbot.waitExposed(widget)
    widget.setFocus()
    return widget


def place_of(inspector: MapInspector, row: float, column: float) -> QPoint:
    """Where a place of the map lies in the view."""
    viewport = inspector._view.viewport
    assert viewport is not None
    at = viewport.to_widget(Point(column, row))
    return QPoint(math.floor(at.x), math.floor(at.y))


def point_at(inspector: MapInspector, row: float, column: float) -> None:
    at, none = QPointF(place_of(inspector, row, column)), Qt.MouseButton.NoButton
    event = QMouseEvent(QMouseEvent.Type.MouseMove, at, at, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(inspector._view, event)


def test_that_every_cell_is_drawn_in_the_colour_of_its_value(inspector: MapInspector) -> None:
    picture = inspector._view.grab().toImage()
    expected = colourise(VALUES, Limits(-2, 2), "coolwarm")
    for row in range(5):
        for column in range(8):
            shown = picture.pixelColor(place_of(inspector, row + 0.3, column + 0.3))
            assert [shown.red(), shown.green(), shown.blue()] == expected[row, column].tolist()


def test_that_the_pointer_reads_out_the_cell_under_it(inspector: MapInspector, qtbot: QtBot) -> None:
    for y, x, row, column in ((0.1, 0.1, 0, 0), (4.9, 7.9, 4, 7), (2.1, 3.1, 2, 3)):
        with qtbot.waitSignal(inspector.hovered) as told:
            point_at(inspector, y, x)
        assert told.args == [row, column, float(VALUES[row, column])]
        assert inspector._readout.text().endswith(f": {VALUES[row, column]!s}")
    with qtbot.waitSignal(inspector.hover_left):
        point_at(inspector, 2, 8.2)


def test_that_the_next_image_keeps_zoom_and_cell_and_reads_its_own_value(inspector: MapInspector, qtbot: QtBot) -> None:
    QTest.keyClick(inspector, Key.Key_Plus)
    point_at(inspector, 2.5, 3.5)
    viewport = inspector._view.viewport
    with qtbot.waitSignal(inspector.hover_left):
        inspector.clear("layer1", "Computing …")
    assert inspector._readout.text() == ""
    grey = inspector._view.grab().toImage().pixelColor(place_of(inspector, 2.8, 3.8))
    assert (grey.red(), grey.green(), grey.blue()) == (128, 128, 128)
    with qtbot.waitSignal(inspector.hovered) as told:
        inspector.show_map(VALUES + 1, "layer1, channel 3", Limits(-2, 2), "coolwarm")
    assert told.args == [2, 3, float((VALUES + 1)[2, 3])]
    assert inspector._view.viewport == viewport


def test_that_the_arrow_keys_walk_from_cell_to_cell_and_stop_at_the_edge(inspector: MapInspector, qtbot: QtBot) -> None:
    for key, row, column in ((Key.Key_Right, 0, 1), (Key.Key_Down, 1, 1), (Key.Key_Left, 1, 0), (Key.Key_Up, 0, 0)):
        with qtbot.waitSignal(inspector.hovered) as told:
            QTest.keyClick(inspector, key)
        assert told.args == [row, column, float(VALUES[row, column])]
    with qtbot.assertNotEmitted(inspector.hovered):
        QTest.keyClick(inspector, Key.Key_Up)


def test_that_escape_leads_back_and_page_keys_on(inspector: MapInspector, qtbot: QtBot) -> None:
    with qtbot.waitSignal(inspector.closed):
        QTest.keyClick(inspector, Key.Key_Escape)
    for key, step in ((Key.Key_PageDown, 1), (Key.Key_PageUp, -1)):
        with qtbot.waitSignal(inspector.stepped) as told:
            QTest.keyClick(inspector, key)
        assert told.args == [step]


@pytest.mark.parametrize(
    ("values", "word"),
    [
        (np.full((3, 3), np.nan, np.float32), "NaN"),
        (np.zeros((3, 3), np.float32), "constant"),
        (np.zeros((0, 3), np.float32), "empty"),
    ],
)
def test_that_a_map_with_nothing_to_see_says_why(inspector: MapInspector, values: np.ndarray, word: str) -> None:
    inspector.show_map(values, "x", Limits(0, 0), "viridis")
    inspector.grab()
    assert word in inspector._words.text()


def test_that_other_limits_recolour_the_same_map(inspector: MapInspector) -> None:
    inspector.set_colours(Limits(0, 1), "viridis")
    shown = inspector.pictures.picture()
    assert shown is not None
    corner = rgb_pixels(shown)[8 + 5, 8 + 5]
    assert corner.tolist() != colourise(VALUES, Limits(-2, 2), "coolwarm")[0, 0].tolist()


def test_that_its_picture_has_sharp_squares_of_the_true_colours(inspector: MapInspector) -> None:
    inspector.pictures.bar_action.setChecked(False)
    shown = inspector.pictures.picture()
    assert shown is not None
    cell = shown.width() // 8
    expected = np.kron(colourise(VALUES, Limits(-2, 2), "coolwarm"), np.ones((cell, cell, 1), np.uint8))
    np.testing.assert_array_equal(rgb_pixels(shown), expected)
