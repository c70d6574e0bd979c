"""One zoom over pictures of several sizes."""

import pytest

from cnnviz_desktop.core.geometry import Point, Size
from cnnviz_desktop.ui.comparison.linked_zoom import LARGEST_FACTOR, LinkedZoom

AREA = Size(150, 200)
PICTURES = (Size(480, 640), Size(640, 480), Size(30, 40))


@pytest.mark.parametrize("picture", PICTURES)
def test_that_it_begins_with_the_whole_picture(picture: Size) -> None:
    box = LinkedZoom().viewport(picture, AREA).visible
    assert box == pytest.approx((0, 0, picture.width, picture.height))


@pytest.mark.parametrize("about", [Point(100, 75), Point(60, 40), Point(150, 120)])
def test_that_what_is_under_the_pointer_stays_there(about: Point) -> None:
    picture = PICTURES[0]
    zoom = LinkedZoom()
    under = zoom.viewport(picture, AREA).to_picture(about)
    for factor in (1.5, 2.0, 0.8):
        zoom = zoom.zoomed(factor, about, picture, AREA)
        assert zoom.viewport(picture, AREA).to_picture(about) == pytest.approx(under)


def test_that_all_pictures_of_one_shape_show_the_same_share() -> None:
    zoom = LinkedZoom().zoomed(4, Point(30, 40), PICTURES[0], AREA)
    shares = []
    for picture in (PICTURES[0], PICTURES[2]):
        box = zoom.viewport(picture, AREA).visible
        shares.append((box.left / picture.width, box.top / picture.height, box.right / picture.width))
    assert shares[0] == pytest.approx(shares[1])


@pytest.mark.parametrize("picture", PICTURES)
def test_that_nothing_beyond_a_picture_is_seen_where_it_is_larger_than_the_cell(picture: Size) -> None:
    zoom = LinkedZoom().zoomed(6, Point(0, 0), picture, AREA).moved(1e5, -1e5, picture, AREA)
    viewport = zoom.viewport(picture, AREA)
    assert viewport.left <= 1e-6
    assert viewport.left + picture.width * viewport.scale >= AREA.width - 1e-6
    assert viewport.top + picture.height * viewport.scale == pytest.approx(AREA.height)


def test_that_it_ends_at_the_whole_picture_and_at_the_largest_factor() -> None:
    zoom = LinkedZoom()
    for _ in range(40):
        zoom = zoom.zoomed(1.5, Point(20, 20), PICTURES[0], AREA)
    assert zoom.factor == LARGEST_FACTOR
    for _ in range(40):
        zoom = zoom.zoomed(1 / 1.5, Point(20, 20), PICTURES[0], AREA)
    assert zoom.viewport(PICTURES[0], AREA).visible == pytest.approx((0, 0, 640, 480))


def test_that_dragging_moves_the_picture_with_the_pointer() -> None:
    zoom = LinkedZoom().zoomed(5, Point(100, 75), PICTURES[0], AREA)
    before = zoom.viewport(PICTURES[0], AREA)
    after = zoom.moved(12, -7, PICTURES[0], AREA).viewport(PICTURES[0], AREA)
    assert (after.left - before.left, after.top - before.top) == pytest.approx((12, -7))
