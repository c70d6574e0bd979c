"""Keyboard, mouse, selection and what a grid keeps when its tiles change."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnviz_desktop.ui.tiles.grid import TileGrid
from tests.ui.tile_scenes import COUNT, HEIGHT, WIDTH, Key, Modifier, corner, move_to, some_maps


def test_that_the_keyboard_reaches_every_tile(grid: TileGrid) -> None:
    columns = grid._layout.columns
    assert columns > 2
    for key, expected in [
        (Key.Key_Home, 0),
        (Key.Key_Right, 1),
        (Key.Key_Down, 1 + columns),
        (Key.Key_Left, columns),
        (Key.Key_Up, 0),
        (Key.Key_Up, 0),
        (Key.Key_Left, 0),
        (Key.Key_End, COUNT - 1),
        (Key.Key_Right, COUNT - 1),
    ]:
        QTest.keyClick(grid, key)
        assert grid.current() == expected
        assert grid.selected() == (expected,)
    assert corner(grid, COUNT - 1).y() + grid._layout.tile.height <= grid.viewport().height()
    QTest.keyClick(grid, Key.Key_PageUp)
    assert 0 <= grid.current() < COUNT - columns
    assert grid.current() % columns == (COUNT - 1) % columns


@pytest.mark.parametrize("key", [0x4E2D, 0, Key.Key_unknown, Key.Key_F12])
def test_that_any_other_key_is_left_alone(grid: TileGrid, key: int) -> None:
    grid.set_current(5)
    for kind in (QKeyEvent.Type.KeyPress, QKeyEvent.Type.KeyRelease):
        QApplication.sendEvent(grid, QKeyEvent(kind, key, Modifier.NoModifier))
    assert grid.current() == 5


def test_that_the_focus_can_be_seen_before_a_tile_is_chosen(grid: TileGrid) -> None:
    with_focus = grid.viewport().grab().toImage()
    grid.clearFocus()
    assert grid.viewport().grab().toImage() != with_focus


def test_that_the_model_keeps_the_rules_of_models(grid: TileGrid) -> None:
    tester = QAbstractItemModelTester(grid.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    grid.set_tiles(some_maps()[:20], 0, COUNT)
    grid.set_tiles(some_maps()[20:], 20, COUNT)
    grid.set_sort("mean")
    grid.clear()
    assert tester.model() is grid.model


def test_that_a_typed_number_leads_to_its_tile(grid: TileGrid, qtbot: QtBot) -> None:
    with qtbot.waitSignals([grid.current_changed, grid.current_changed]):
        QTest.keyClicks(grid, "42")
    assert grid.current() == 42
    assert 0 <= corner(grid, 42).y() < grid.viewport().height()


def test_that_a_pause_begins_a_new_number(grid: TileGrid, monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([100.0, 105.0])
    monkeypatch.setattr("cnnviz_desktop.ui.tiles.keys.time.monotonic", lambda: next(now))
    QTest.keyClicks(grid, "42")
    assert grid.current() == 2


def test_that_shift_and_ctrl_select_several(grid: TileGrid) -> None:
    viewport, left = grid.viewport(), Qt.MouseButton.LeftButton
    inside = QPoint(3, 3)
    QTest.mouseClick(viewport, left, Modifier.NoModifier, corner(grid, 2) + inside)
    QTest.mouseClick(viewport, left, Modifier.ShiftModifier, corner(grid, 5) + inside)
    assert grid.selected() == (2, 3, 4, 5)
    QTest.mouseClick(viewport, left, Modifier.ControlModifier, corner(grid, 3) + inside)
    assert grid.selected() == (2, 4, 5)
    QTest.keyClick(grid, Key.Key_A, Modifier.ControlModifier)
    assert len(grid.selected()) == COUNT


def test_that_sorting_keeps_the_current_tile_and_moves_it(grid: TileGrid) -> None:
    maps = some_maps()
    grid.set_current(7)
    grid.set_sort("mean")
    assert grid.current() == 7
    means = np.where(np.isnan(maps).all(axis=(1, 2)), -np.inf, maps.mean(axis=(1, 2)))
    best = int(means.argmax())
    QTest.keyClick(grid, Key.Key_Home)
    assert grid.current() == best
    assert corner(grid, best).y() < grid._layout.pitch.height
    QTest.keyClick(grid, Key.Key_End)
    assert grid.current() == 3


def test_that_enter_and_a_double_click_ask_for_the_tile_large(grid: TileGrid, qtbot: QtBot) -> None:
    grid.set_current(9)
    with qtbot.waitSignal(grid.enlarged) as told:
        QTest.keyClick(grid, Key.Key_Return)
    assert told.args == [9]
    with qtbot.waitSignal(grid.enlarged) as told:
        QTest.mouseDClick(
            grid.viewport(), Qt.MouseButton.LeftButton, Modifier.NoModifier, corner(grid, 4) + QPoint(2, 2)
        )
    assert told.args == [4]


def test_that_ctrl_and_the_wheel_zoom_about_the_pointer(grid: TileGrid, qtbot: QtBot) -> None:
    grid.verticalScrollBar().setValue(40)
    under = QPointF(corner(grid, 12) + QPoint(10, 10))
    before = grid.zoom_step
    wheel = QWheelEvent(
        under,
        under,
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Modifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    with qtbot.waitSignal(grid.zoom_changed):
        QApplication.sendEvent(grid.viewport(), wheel)
    assert grid.zoom_step < before
    QTest.keyClick(grid, Key.Key_Plus)
    assert grid.zoom_step == before


def test_that_tiles_that_are_not_there_any_more_are_forgotten(grid: TileGrid) -> None:
    grid.set_current(50)
    grid.set_tiles(some_maps()[:10])
    assert grid.current() == -1
    grid.clear("Nothing yet")
    assert grid.stack.total == 0
    assert grid.selected() == ()
    move_to(grid, QPoint(20, 20))
    QTest.keyClick(grid, Key.Key_End)
    grid.viewport().grab()


def test_that_new_values_of_the_same_layer_keep_the_place(grid: TileGrid) -> None:
    grid.set_current(50)
    scrolled = grid.verticalScrollBar().value()
    grid.set_tiles(some_maps() + 1)
    assert grid.current() == 50
    assert grid.selected() == (50,)
    assert grid.verticalScrollBar().value() == scrolled > 0


def test_that_a_screen_reader_is_told_about_the_current_tile(grid: TileGrid) -> None:
    maps = some_maps()
    maps[17] = np.linspace(0, 1, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH)
    grid.set_tiles(maps)
    grid.set_current(17)
    assert grid.accessibleDescription() == "channel 17, mean 0.5, 3 % zeros"
    index = grid.model.index(3)
    assert "NaN" in str(index.data(Qt.ItemDataRole.AccessibleTextRole))
    assert "constant: every value is 0.5" in str(grid.model.index(4).data(Qt.ItemDataRole.AccessibleTextRole))


def test_that_shift_selects_from_the_tile_that_was_clicked_wherever_sorting_put_it(grid: TileGrid) -> None:
    maps = some_maps()
    grid.set_current(7)
    grid.set_sort("mean")
    means = np.where(np.isnan(maps).all(axis=(1, 2)), -np.inf, maps.mean(axis=(1, 2)))
    order = np.argsort(-means, kind="stable").tolist()
    place = order.index(7)
    other = order[place + 3] if place + 3 < COUNT else order[place - 3]
    QTest.mouseClick(
        grid.viewport(), Qt.MouseButton.LeftButton, Modifier.ShiftModifier, corner(grid, other) + QPoint(3, 3)
    )
    first, last = sorted((place, order.index(other)))
    assert grid.selected() == tuple(order[first : last + 1])


def test_that_a_resting_pointer_reads_the_values_that_come_to_lie_under_it(grid: TileGrid, qtbot: QtBot) -> None:
    told: list[tuple[int, int, int, float]] = []
    grid.hovered.connect(lambda *cell: told.append(cell))
    point = corner(grid, 2) + QPoint(3, 3)
    move_to(grid, point)
    place = grid.place_at(point)
    assert place is not None
    row, column = place.row, place.column
    other = some_maps() + 1
    with qtbot.waitSignal(grid.hover_left):
        grid.set_tiles(other)
    assert told[-1] == (2, row, column, float(other[2, row, column]))
    grid.verticalScrollBar().setValue(grid._layout.pitch.height)
    below = 2 + grid._layout.columns
    assert told[-1] == (below, row, column, float(other[below, row, column]))
    grid.set_sort("mean")
    sorted_there = int(grid._order[below])
    assert told[-1] == (sorted_there, row, column, float(other[sorted_there, row, column]))
    with qtbot.waitSignal(grid.hover_left):
        grid.clear()


def test_that_tiles_on_their_way_keep_their_places_and_cannot_be_read(grid: TileGrid) -> None:
    grid.set_sort("mean")
    grid.set_current(12)
    grid.zoom_by(2)
    grid.verticalScrollBar().setValue(150)
    order, zoom = grid._order.tolist(), grid.zoom_step
    grid.await_tiles("Computing …")
    assert (grid._order.tolist(), grid.zoom_step, grid.verticalScrollBar().value()) == (order, zoom, 150)
    assert grid.current() == 12
    assert grid.selected() == (12,)
    assert all(grid.map(tile) is None for tile in range(COUNT))
    move_to(grid, corner(grid, int(grid._order[grid._layout.columns * 2])) + QPoint(3, 3))
    assert grid._hover is None
    grid.set_tiles(some_maps() + 1)
    assert (grid.zoom_step, grid.verticalScrollBar().value()) == (zoom, 150)
    assert (grid.current(), grid.selected()) == (12, (12,))
    assert grid.message == ""


def test_that_a_click_on_the_current_tile_is_told_again(grid: TileGrid, qtbot: QtBot) -> None:
    grid.set_current(2)
    with qtbot.waitSignal(grid.current_changed) as told:
        QTest.mouseClick(
            grid.viewport(), Qt.MouseButton.LeftButton, Modifier.NoModifier, corner(grid, 2) + QPoint(3, 3)
        )
    assert told.args == [2]
