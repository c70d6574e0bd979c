"""Zooming and panning as arithmetic."""

import pytest

from cnnviz_desktop.core.geometry import Box, Point, Size
from cnnviz_desktop.ui.canvas.viewport import KEPT_IN_SIGHT, LARGEST_SCALE, Viewport

PICTURE, WIDGET = Size(300, 400), Size(600, 1000)


def test_that_a_fitted_picture_touches_two_edges_and_is_centred() -> None:
    fitted = Viewport.fitted(PICTURE, WIDGET)
    assert fitted.scale == 2
    assert fitted.box_to_widget(Box(0, 0, 400, 300)) == Box(100, 0, 900, 600)


def test_that_the_margin_is_kept_free() -> None:
    fitted = Viewport.fitted(Size(100, 100), Size(120, 500), margin=10)
    assert fitted.box_to_widget(Box(0, 0, 100, 100)) == Box(200, 10, 300, 110)


@pytest.mark.parametrize("factor", [0.5, 1.25, 7.0])
def test_that_the_point_under_the_pointer_stays_while_zooming(factor: float) -> None:
    before = Viewport.fitted(PICTURE, WIDGET)
    pointer = Point(430, 200)
    after = before.zoomed(factor, pointer)
    assert after.scale == pytest.approx(before.scale * factor)
    assert after.to_picture(pointer) == pytest.approx(before.to_picture(pointer))


def test_that_zooming_ends_at_the_largest_scale() -> None:
    assert Viewport.fitted(PICTURE, WIDGET).zoomed(1e6, Point(500, 300)).scale == LARGEST_SCALE


def test_that_a_picture_larger_than_any_smallest_scale_can_still_be_fitted_and_zoomed_out() -> None:
    fitted = Viewport.fitted(Size(10, 100_000), Size(100, 100))
    assert fitted.scale == pytest.approx(0.001)
    assert fitted.zoomed(0.5, Point(50, 50)).scale <= fitted.scale


@pytest.mark.parametrize("way", [(9e9, 0), (-9e9, 0), (0, 9e9), (0, -9e9), (-9e9, -9e9)])
def test_that_the_picture_cannot_be_pushed_out_of_sight(way: tuple[float, float]) -> None:
    moved = Viewport.fitted(PICTURE, WIDGET).moved(*way)
    left, top, right, bottom = moved.box_to_widget(Box(0, 0, 400, 300))
    assert min(right, WIDGET.width) - max(left, 0) >= KEPT_IN_SIGHT - 1e-6
    assert min(bottom, WIDGET.height) - max(top, 0) >= KEPT_IN_SIGHT - 1e-6


def test_that_resizing_keeps_the_middle() -> None:
    view = Viewport.fitted(PICTURE, WIDGET).zoomed(3, Point(0, 0))
    assert view.resized(Size(200, 300)).middle == pytest.approx(view.middle)
    assert view.resized(Size(200, 300)).scale == view.scale


def test_that_points_go_to_the_widget_and_back() -> None:
    view = Viewport.fitted(PICTURE, WIDGET).zoomed(1.7, Point(10, 20)).moved(13, -7)
    for point in (Point(0, 0), Point(123.25, 77.5), Point(400, 300)):
        assert view.to_picture(view.to_widget(point)) == pytest.approx(point)


def test_that_the_visible_part_lies_inside_the_picture() -> None:
    view = Viewport.fitted(PICTURE, WIDGET).scaled_to(10, Point(0, 0))
    assert view.visible == pytest.approx(Box(0, 0, 50, 30))
