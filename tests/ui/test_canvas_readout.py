"""The readout tells the picture's and the map's own numbers, at every edge."""

import numpy as np
import pytest

from cnnviz_desktop.core.geometry import InputTransform, MapGeometry, Point, Size
from cnnviz_desktop.ui.canvas.readout import Readout, read_out, stepped

PIXELS = np.random.default_rng(1).integers(0, 256, (30, 40, 3), dtype=np.uint8)
RAW = np.random.default_rng(2).normal(size=(3, 5)).astype(np.float32)
STRETCHED = MapGeometry(InputTransform.of("stretch", Size(30, 40), Size(60, 80)), Size(3, 5))
CROPPED = MapGeometry(InputTransform.of("short_side_crop", Size(30, 40), Size(30, 30)), Size(3, 3))


def test_that_every_pixel_reads_its_colour_and_its_cells_value() -> None:
    for y in range(30):
        for x in range(40):
            readout = read_out(Point(x + 0.5, y + 0.5), PIXELS, RAW, STRETCHED)
            assert readout is not None
            assert (readout.x, readout.y, readout.rgb) == (x, y, tuple(PIXELS[y, x]))
            assert readout.cell == (y // 10, x // 8)
            assert readout.value == RAW[y // 10, x // 8]


@pytest.mark.parametrize(("row", "column"), [(row, column) for row in range(3) for column in range(5)])
def test_that_cells_change_exactly_at_their_edges(row: int, column: int) -> None:
    left, top, right, bottom = STRETCHED.cell_box(row, column)
    tiny = 1e-6
    for x, y in ((left, top), (right - tiny, top), (left, bottom - tiny), (right - tiny, bottom - tiny)):
        readout = read_out(Point(x, y), PIXELS, RAW, STRETCHED)
        assert readout is not None
        assert readout.cell == (row, column)
        assert readout.value == RAW[row, column]


def test_that_the_last_pixels_read_and_what_lies_beyond_does_not() -> None:
    corner = read_out(Point(39.999, 29.999), PIXELS, RAW, STRETCHED)
    assert corner is not None
    assert (corner.x, corner.y, corner.cell, corner.value) == (39, 29, (2, 4), RAW[2, 4])
    for x, y in ((40.0, 5.0), (5.0, 30.0), (-0.001, 5.0), (5.0, -0.001)):
        assert read_out(Point(x, y), PIXELS, RAW, STRETCHED) is None


def test_that_a_place_that_the_network_does_not_see_has_a_colour_but_no_value() -> None:
    readout = read_out(Point(1.5, 15.5), PIXELS, RAW[:, :3], CROPPED)
    assert readout is not None
    assert readout.rgb == tuple(PIXELS[15, 1])
    assert readout.cell is None
    assert readout.value is None


def test_that_the_text_gives_every_digit_of_the_value() -> None:
    raw = np.array([[np.float32(0.1) + np.float32(1e-7)]], dtype=np.float32)
    geometry = MapGeometry(InputTransform.of("none", Size(30, 40), Size(0, 0)), Size(1, 1))
    readout = read_out(Point(3, 4), PIXELS, raw, geometry, "layer3")
    assert readout is not None
    written = readout.text.rsplit("= ", 1)[1]
    assert np.float32(written) == raw[0, 0]
    assert "layer3  [0, 0] =" in readout.text


def test_that_a_place_without_a_map_is_told_without_one() -> None:
    readout = read_out(Point(2, 3), PIXELS, None, None)
    red, green, blue = (int(channel) for channel in PIXELS[3, 2])
    assert readout == Readout(x=2, y=3, rgb=(red, green, blue))
    assert readout.text == f"x 2  y 3  RGB {red} {green} {blue}"


def test_that_steps_go_from_cell_to_cell_and_stop_at_the_edge() -> None:
    start = stepped(None, (1, 0), (30, 40), STRETCHED)
    assert STRETCHED.cell_at(start) == (1, 2)
    place = start
    for _ in range(4):
        place = stepped(place, (1, 0), (30, 40), STRETCHED)
    assert STRETCHED.cell_at(place) == (1, 4)
    assert STRETCHED.cell_at(stepped(start, (0, -1), (30, 40), STRETCHED)) == (0, 2)


def test_that_steps_without_a_map_go_from_pixel_to_pixel() -> None:
    start = stepped(None, (0, 1), (30, 40), None)
    assert stepped(start, (0, 1), (30, 40), None) == Point(start.x, start.y + 1)
