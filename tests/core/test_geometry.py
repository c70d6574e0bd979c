import math

import pytest

from cnnviz_desktop.core.geometry import (
    AxisField,
    Box,
    InputTransform,
    MapGeometry,
    Point,
    ReceptiveField,
    Resize,
    Size,
)

SIZES = [(Size(300, 200), Size(224, 224)), (Size(50, 400), Size(32, 48)), (Size(7, 5), Size(128, 96))]


@pytest.mark.parametrize("resize", ["stretch", "short_side_crop", "letterbox", "none"])
@pytest.mark.parametrize(("original", "size"), SIZES)
def test_that_points_come_back_from_the_input(resize: Resize, original: Size, size: Size) -> None:
    transform = InputTransform.of(resize, original, size)
    for point in (Point(0, 0), Point(3.25, 1.5), Point(original.width, original.height)):
        assert transform.to_original(transform.to_input(point)) == pytest.approx(point)


@pytest.mark.parametrize(("original", "size"), SIZES)
def test_that_each_way_of_resizing_places_the_picture_as_it_says(original: Size, size: Size) -> None:
    stretched = InputTransform.of("stretch", original, size)
    assert stretched.to_input(Point(original.width, original.height)) == pytest.approx((size.width, size.height))
    assert stretched.seen == pytest.approx((0, 0, original.width, original.height))

    boxed = InputTransform.of("letterbox", original, size)
    assert boxed.seen == pytest.approx((0, 0, original.width, original.height))
    assert boxed.scaled.height <= size.height
    assert boxed.scaled.width <= size.width
    assert boxed.scaled.height == size.height or boxed.scaled.width == size.width

    cropped = InputTransform.of("short_side_crop", original, size)
    centre = Point((cropped.seen.left + cropped.seen.right) / 2, (cropped.seen.top + cropped.seen.bottom) / 2)
    assert abs(centre.x - original.width / 2) <= 1 / cropped.scale_x
    assert abs(centre.y - original.height / 2) <= 1 / cropped.scale_y
    assert cropped.scaled.height >= size.height
    assert cropped.scaled.width >= size.width

    assert InputTransform.of("none", original, size).input == original


@pytest.mark.parametrize("resize", ["stretch", "short_side_crop", "letterbox"])
def test_that_the_cell_at_the_middle_of_a_cells_box_is_that_cell(resize: Resize) -> None:
    geometry = MapGeometry(InputTransform.of(resize, Size(301, 187), Size(224, 160)), Size(7, 5))
    for row in range(7):
        for column in range(5):
            box = geometry.cell_box(row, column)
            middle = Point((box.left + box.right) / 2, (box.top + box.bottom) / 2)
            assert geometry.cell_at(middle) == (row, column)


def test_that_no_cell_lies_outside_of_what_the_network_sees() -> None:
    geometry = MapGeometry(InputTransform.of("short_side_crop", Size(100, 300), Size(100, 100)), Size(4, 4))
    assert geometry.cell_at(Point(99.9, 50)) is None
    assert geometry.cell_at(Point(100.1, 50)) == (2, 0)
    assert geometry.cell_at(Point(199.9, 99.9)) == (3, 3)
    assert geometry.cell_at(Point(200.1, 50)) is None


def test_that_a_receptive_field_is_clipped_to_input_and_picture() -> None:
    field = ReceptiveField(AxisField(-3, 4, 7), AxisField(-3, 4, 7))
    geometry = MapGeometry(InputTransform.of("stretch", Size(64, 128), Size(32, 32)), Size(8, 8), field)
    assert field.box(0, 2, Size(32, 32)) == (5, 0, 12, 4)
    assert geometry.field_box(0, 2) == Box(20, 0, 48, 8)
    assert MapGeometry(geometry.transform, Size(8, 8)).field_box(0, 0) is None


def test_that_an_infinite_field_is_the_whole_input() -> None:
    everything = AxisField(0, 0, math.inf)
    assert ReceptiveField(everything, everything).box(3, 3, Size(20, 30)) == (0, 0, 30, 20)
