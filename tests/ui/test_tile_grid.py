import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.errors import CnnvizError
from cnnviz_desktop.core.rendering import Limits, colour_table, quantise
from cnnviz_desktop.ui.colours.colour_controls import ColourChoice
from cnnviz_desktop.ui.tiles.grid import TileGrid
from cnnviz_desktop.ui.tiles.scale import TileScale
from tests.ui.tile_scenes import COUNT, HEIGHT, WIDTH, colour_at, corner, move_to, some_maps


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
