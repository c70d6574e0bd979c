import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

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


def test_that_every_cell_is_drawn_in_the_colour_of_its_value(inspector: MapInspector, qtbot: QtBot) -> None:
    assert inspector._plot is not None
    view = inspector._plot.getViewBox()
    qtbot.waitUntil(lambda: view.viewRect().width() >= 8)
    picture = inspector._plot.grab().toImage()
    expected = colourise(VALUES, Limits(-2, 2), "coolwarm")
    for row in range(5):
        for column in range(8):
            scene = view.mapViewToScene(QPointF(column + 0.3, row + 0.3))
            shown = picture.pixelColor(inspector._plot.mapFromScene(scene))
            assert [shown.red(), shown.green(), shown.blue()] == expected[row, column].tolist()


def test_that_the_pointer_reads_out_the_cell_under_it(inspector: MapInspector, qtbot: QtBot) -> None:
    assert inspector._plot is not None
    view = inspector._plot.getViewBox()
    for x, y, row, column in ((0.01, 0.01, 0, 0), (7.99, 4.99, 4, 7), (3.0, 2.0, 2, 3)):
        with qtbot.waitSignal(inspector.hovered) as told:
            inspector._on_pointer_moved(view.mapViewToScene(QPointF(x, y) + QPointF(1e-6, 1e-6)))
        assert told.args == [row, column, float(VALUES[row, column])]
    with qtbot.waitSignal(inspector.hover_left):
        inspector._on_pointer_moved(view.mapViewToScene(QPointF(8.2, 2)))


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
