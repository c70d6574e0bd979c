"""What of a grid of tiles leaves the program, and what stands around the grid."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.rendering import colour_table, quantise
from cnnviz_desktop.ui import theme
from cnnviz_desktop.ui.colours.colour_controls import ColourChoice
from cnnviz_desktop.ui.qt_images import rgb_pixels
from cnnviz_desktop.ui.tiles.page import TilePage
from cnnviz_desktop.ui.tiles.scale import TileScale
from tests.ui.tile_scenes import HEIGHT, WIDTH, some_maps


@pytest.fixture
def page(qtbot: QtBot) -> TilePage:
    widget = TilePage()
    qtbot.addWidget(widget)
    widget.resize(600, 400)
    widget.grid.set_tiles(some_maps())
    widget.pictures.bar_action.setChecked(False)
    widget.show()
    qtbot.waitExposed(widget)
    widget.activateWindow()
    widget.grid.setFocus()
    qtbot.waitUntil(widget.grid.hasFocus)
    return widget


def test_that_ctrl_c_copies_the_selected_tiles(page: TilePage, qtbot: QtBot) -> None:
    grid, maps = page.grid, some_maps()
    grid.set_current(7)
    QTest.keyClick(grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert grid.selected() == (7, 8)
    with qtbot.waitSignal(page.said):
        QTest.keySequence(grid, QKeySequence(QKeySequence.StandardKey.Copy))
    pixels = rgb_pixels(QGuiApplication.clipboard().image())
    layout, limits = grid._layout, grid.scale.shared_limits(grid.stack)
    cell = layout.zoom.magnify
    assert pixels.shape[:2] == (layout.pitch.height + layout.gap, 2 * layout.pitch.width + layout.gap)
    for place, tile in enumerate((7, 8)):
        left = layout.gap + place * layout.pitch.width
        shown = pixels[layout.gap : layout.gap + HEIGHT * cell, left : left + WIDTH * cell]
        expected = colour_table("viridis")[quantise(maps[tile], limits)]
        np.testing.assert_array_equal(shown, np.kron(expected, np.ones((cell, cell, 1), np.uint8)))


def test_that_all_tiles_are_copied_where_none_is_selected_or_all_are_wanted(page: TilePage) -> None:
    whole = page.pictures.picture()
    assert whole is not None
    assert whole.height() == page.grid._layout.extent.height
    page.grid.set_current(7)
    one = page.pictures.picture()
    assert one is not None
    assert one.width() % WIDTH == 0
    assert one.height() % HEIGHT == 0
    page._only_selected.setChecked(False)
    assert page.pictures.picture() == whole


def test_that_a_picture_is_the_same_in_the_dark(page: TilePage) -> None:
    light = page.pictures.picture()
    page.setPalette(theme.palette(dark=True))
    assert page.grid.palette() != theme.palette(dark=False)
    assert page.pictures.picture() == light


def test_that_a_full_range_that_stands_in_for_percentiles_is_called_so(page: TilePage) -> None:
    sparse = np.zeros((4, 20, 20), dtype=np.float32)
    sparse[0, 0, 0] = 7
    page.grid.set_tiles(sparse)
    page.grid.set_scale(TileScale(ColourChoice("", "percentiles", (1, 99))))
    words = page._words.text()
    assert "0 … 7" in words
    assert "full range" in words
    assert "Limits at 1 % and 99 %" not in words
    page.grid.set_tiles(some_maps())
    assert "Limits at 1 % and 99 % of the values." in page._words.text()
    assert "sample" not in page._words.text()


def test_that_percentiles_of_a_sample_are_called_so(page: TilePage) -> None:
    page.grid.set_tiles(np.random.default_rng(0).random((20, 128, 128), dtype=np.float32))
    page.grid.set_scale(TileScale(ColourChoice("", "percentiles", (1, 99))))
    assert "random sample" in page._words.text()
    page.grid.set_scale(TileScale(ColourChoice("", "percentiles", (1, 99)), shared=False))
    assert "sample" not in page._words.text()
