"""Small pictures are read one at a time, and only while the user waits for nothing."""

from pytestqt.qtbot import QtBot

from cnnviz_desktop.ui.strip.thumbnail_reader import THUMBNAIL
from cnnviz_desktop.ui.strip.thumbnails import ITEM_ROLE, Thumbnail
from tests.ui.conftest import Desk, Seat

IMAGES = ("sample:one", "sample:two", "sample:broken", "sample:three")


def thumbnail(desk: Desk, reference: str) -> Thumbnail:
    model = desk.window.strip.model()
    items: list[Thumbnail] = [model.index(row, 0).data(ITEM_ROLE) for row in range(model.rowCount())]
    return next(item for item in items if item.reference == reference)


def test_that_every_image_in_sight_gets_its_small_picture_or_the_reason_why_not(qtbot: QtBot, seat: Seat) -> None:
    desk = seat(images=IMAGES)
    qtbot.waitUntil(lambda: all(thumbnail(desk, each).image or thumbnail(desk, each).problem for each in IMAGES))
    assert thumbnail(desk, "sample:broken").problem == "sample:broken is no image."
    assert desk.window.messages.messages == (), "an image that nobody looks at is no error yet"
    assert [job.images for job in desk.session.of("picture")].count(("sample:two",)) == 1


def test_that_what_the_user_asks_for_comes_before_small_pictures(seat: Seat) -> None:
    desk = seat(images=IMAGES)
    asked = [(request.method, request.images) for request in desk.session.ran]
    assert asked.index(("feature_maps", ("sample:one",))) < asked.index(("picture", ("sample:two",)))


def test_that_the_canvas_keeps_the_image_that_is_looked_at(qtbot: QtBot, seat: Seat) -> None:
    desk = seat(images=IMAGES)
    qtbot.waitUntil(lambda: thumbnail(desk, "sample:three").image is not None)
    assert desk.window.canvas.picture is not None
    assert desk.window.canvas.picture.image == "sample:one"


def test_that_cancelling_ends_what_the_user_waits_for_and_no_small_picture(qtbot: QtBot, seat: Seat) -> None:
    desk = seat(images=IMAGES)
    desk.window.strip.add("sample:held")
    qtbot.waitUntil(lambda: [job.view for job in desk.runner.live][:1] == ["picture"])
    desk.session.released.set()
    desk.action("Cancel").trigger()
    assert [job.view for job in desk.runner.live] in ([], [THUMBNAIL])
    assert not desk.action("Cancel").isEnabled()
    qtbot.waitUntil(lambda: all(thumbnail(desk, each).image for each in ("sample:three", "sample:held")))


def test_that_a_small_picture_whose_job_was_cancelled_is_read_after_all(qtbot: QtBot, seat: Seat) -> None:
    desk = seat(images=("sample:one", "sample:held", "sample:three"))
    qtbot.waitUntil(lambda: desk.runner.running is not None and desk.runner.running.view == THUMBNAIL)
    assert not desk.action("Cancel").isEnabled(), "nobody waits for it"
    desk.session.released.set()
    desk.runner.cancel(THUMBNAIL)
    qtbot.waitUntil(lambda: all(thumbnail(desk, each).image for each in ("sample:held", "sample:three")))
