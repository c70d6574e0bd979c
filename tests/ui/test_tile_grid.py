import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.errors import CnnvizError
from cnnviz_desktop.core.rendering import Limits, colour_table, quantise
from cnnviz_desktop.core.results import FloatArray
from cnnviz_desktop.ui.colour_controls import ColourChoice
from cnnviz_desktop.ui.tile_grid import TileGrid
from cnnviz_desktop.ui.tile_scale import TileScale

COUNT, HEIGHT, WIDTH = 60, 5, 7
Key = Qt.Key
Modifier = Qt.KeyboardModifier


def some_maps() -> FloatArray:
    """Positive maps; number 3 is all NaN, 4 constant."""
    maps = np.random.default_rng(0).uniform(0.1, 1, (COUNT, HEIGHT, WIDTH)).astype(np.float32)
    maps[3], maps[4] = np.nan, 0.5
    return maps


@pytest.fixture
def grid(qtbot: QtBot) -> TileGrid:
    widget = TileGrid()
    qtbot.addWidget(widget)
    widget.resize(460, 300)
    widget.set_tiles(some_maps())
    widget.show()
    qtbot.waitExposed(widget)
    widget.setFocus()
    return widget


def corner(grid: TileGrid, tile: int) -> QPoint:
    """Top left of a tile's picture in the viewport."""
    left, top, _, _ = grid._layout.rectangle(int(grid._positions[tile]))
    return QPoint(left - grid.horizontalScrollBar().value(), top - grid.verticalScrollBar().value())


def move_to(grid: TileGrid, point: QPoint) -> None:
    at = QPointF(point)
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(QMouseEvent.Type.MouseMove, at, at, none, none, Modifier.NoModifier)
    QApplication.sendEvent(grid.viewport(), event)


def colour_at(grid: TileGrid, point: QPoint) -> QColor:
    return grid.viewport().grab().toImage().pixelColor(point)


def test_that_the_readout_is_the_arrays_own_value_at_every_edge_of_a_tile(grid: TileGrid, qtbot: QtBot) -> None:
    maps, cell = some_maps(), grid._layout.zoom.magnify
    for tile in (0, 1, 6, 11, 15):
        for row in (0, HEIGHT - 1):
            for column in (0, WIDTH - 1):
                for down, across in ((0, 0), (cell - 1, cell - 1), (0, cell - 1)):
                    move_to(grid, QPoint(0, 0))
                    with qtbot.waitSignal(grid.hovered) as told:
                        move_to(grid, corner(grid, tile) + QPoint(column * cell + across, row * cell + down))
                    assert told.args[:3] == [tile, row, column]
                    assert told.args[3] == float(maps[tile, row, column])


def test_that_the_readout_ends_one_pixel_beyond_a_tile_and_when_the_pointer_leaves(
    grid: TileGrid, qtbot: QtBot
) -> None:
    start = corner(grid, 8)
    for outside in (QPoint(-1, 0), QPoint(0, -1), QPoint(grid._layout.tile.width, 0)):
        move_to(grid, start)
        with qtbot.waitSignal(grid.hover_left):
            move_to(grid, start + outside)


def test_that_every_cell_is_painted_in_its_values_colour(grid: TileGrid) -> None:
    maps, cell = some_maps(), grid._layout.zoom.magnify
    low, high = np.nanmin(maps), np.nanmax(maps)
    table = colour_table("viridis")
    picture = grid.viewport().grab().toImage()
    for tile in (0, 5, 13):
        indices = quantise(maps[tile], Limits(float(low), float(high)))
        for row in range(HEIGHT):
            for column in range(WIDTH):
                shown = picture.pixelColor(corner(grid, tile) + QPoint(column * cell + 1, row * cell + 1))
                expected = table[indices[row, column]].tolist()
                assert [shown.red(), shown.green(), shown.blue()] == expected


def test_that_a_tile_of_nan_is_grey_and_a_constant_one_is_hatched(grid: TileGrid) -> None:
    picture = grid.viewport().grab().toImage()
    size = grid._layout.tile

    def colours(tile: int) -> set[int]:
        start = corner(grid, tile)
        return {picture.pixel(start + QPoint(x, y)) for x in range(size.width) for y in range(size.height)}

    assert all(QColor.fromRgb(rgb).saturation() == 0 for rgb in colours(3))
    assert len(colours(4)) == 2
    assert QColor(128, 128, 128).rgb() in colours(4)
    assert QColor(128, 128, 128).rgb() not in colours(5)


def test_that_recolouring_paints_other_colours_without_quantising(
    grid: TileGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid.viewport().grab()
    point = corner(grid, 0) + QPoint(1, 1)
    index = quantise(some_maps()[0], Limits(float(np.nanmin(some_maps())), float(np.nanmax(some_maps()))))[0, 0]
    monkeypatch.setattr(grid.stack, "pixels", None)
    grid.set_scale(TileScale(ColourChoice("magma")))
    shown = colour_at(grid, point)
    assert [shown.red(), shown.green(), shown.blue()] == colour_table("magma")[index].tolist()


def test_that_a_scale_for_each_tile_uses_all_colours_in_each(grid: TileGrid) -> None:
    maps = some_maps()
    maps[1] *= 0.01
    grid.set_tiles(maps)
    grid.set_scale(TileScale(ColourChoice("viridis"), shared=False))
    row, column = np.unravel_index(maps[1].argmax(), maps[1].shape)
    cell = grid._layout.zoom.magnify
    shown = colour_at(grid, corner(grid, 1) + QPoint(int(column) * cell + 1, int(row) * cell + 1))
    assert [shown.red(), shown.green(), shown.blue()] == colour_table("viridis")[255].tolist()
    assert grid.limits_of(1) == Limits(float(maps[1].min()), float(maps[1].max()))


def test_that_tiles_that_arrive_in_parts_look_like_those_that_arrive_at_once(grid: TileGrid) -> None:
    whole = grid.viewport().grab().toImage()
    maps = some_maps()
    grid.clear()
    for first in range(0, COUNT, 7):
        grid.set_tiles(maps[first : first + 7], first, COUNT)
        grid.viewport().grab()
    assert grid.viewport().grab().toImage() == whole


def test_that_a_later_part_with_larger_values_recolours_the_earlier_ones(grid: TileGrid) -> None:
    maps = some_maps()
    maps[59] = 10
    grid.set_tiles(maps[:30], 0, COUNT)
    before = grid.limits_of(0)
    grid.viewport().grab()
    grid.set_tiles(maps[30:], 30, COUNT)
    assert before.high <= 1
    assert grid.limits_of(0).high == 10
    fresh = grid.viewport().grab().toImage()
    grid.stack.forget_pixels()
    grid._sheet.forget()
    assert grid.viewport().grab().toImage() == fresh


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
    monkeypatch.setattr("cnnviz_desktop.ui.tile_keys.time.monotonic", lambda: next(now))
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


def test_that_the_picture_holds_all_tiles_and_not_only_those_in_sight(grid: TileGrid) -> None:
    layout = grid._layout
    picture = grid.picture()
    assert (picture.height(), picture.width()) == layout.extent
    shown = grid.viewport().grab().toImage()
    inside = corner(grid, 0) + QPoint(2, 2)
    assert picture.pixelColor(inside) == shown.pixelColor(inside)
    double = grid.picture(2.0)
    (left, top, _, _), (left2, top2, _, _) = (
        each.rectangle(COUNT - 1) for each in (layout, grid._layout_for(2.0, layout.columns))
    )
    assert double.pixelColor(left2 + 9, top2 + 9) == picture.pixelColor(left + 4, top + 4)
    assert grid.viewport().grab().toImage() == shown


def test_that_a_picture_that_would_be_too_large_is_refused_in_words(grid: TileGrid) -> None:
    grid.set_zoom(48)
    grid.set_tiles(np.zeros((60, 112, 112), dtype=np.float32))
    grid.set_zoom(48)
    with pytest.raises(CnnvizError, match="smaller"):
        grid.picture(4.0)


def test_that_colour_tiles_are_painted_in_their_own_colours(grid: TileGrid) -> None:
    maps = np.random.default_rng(1).uniform(-1, 1, (6, 3, 3, 3)).astype(np.float32)
    grid.set_scale(TileScale(ColourChoice("", "fixed", limits=Limits(-1, 1))))
    grid.set_tiles(maps)
    shown = colour_at(grid, corner(grid, 4) + QPoint(1, 1))
    assert [shown.red(), shown.green(), shown.blue()] == quantise(maps[4, 0, 0], Limits(-1, 1)).tolist()


def test_that_tiles_in_fixed_columns_scroll_sideways(grid: TileGrid) -> None:
    grid.set_tiles(some_maps(), columns=30)
    assert grid._layout.columns == 30
    assert grid.horizontalScrollBar().maximum() > 0
    grid.set_current(59)
    assert corner(grid, 59).x() + grid._layout.tile.width <= grid.viewport().width()
    assert colour_at(grid, corner(grid, 59) + QPoint(1, 1)) == grid.picture().pixelColor(
        *(QPoint(*grid._layout.rectangle(59)[:2]) + QPoint(1, 1)).toTuple()
    )
