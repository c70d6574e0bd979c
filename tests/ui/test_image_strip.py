"""The strip of images: choosing, adding, removing, and small pictures when they are needed."""

import numpy as np
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.ui.qt_images import rgb_pixels
from cnnviz_desktop.ui.strip.image_strip import ImageStrip
from cnnviz_desktop.ui.strip.thumbnails import ITEM_ROLE, KEPT_SIDE, Thumbnail, thumbnail_image

MANY = tuple(f"/photos/{number}.png" for number in range(2000))


@pytest.fixture
def strip(qtbot: QtBot) -> ImageStrip:
    widget = ImageStrip()
    qtbot.addWidget(widget)
    widget.resize(600, widget.sizeHint().height())
    widget.show()
    return widget


def item(strip: ImageStrip, place: int) -> Thumbnail:
    found = strip.model().data(strip.model().index(place, 0), ITEM_ROLE)
    assert isinstance(found, Thumbnail)
    return found


def spoken(strip: ImageStrip, place: int, role: Qt.ItemDataRole) -> str:
    return str(strip.model().data(strip.model().index(place, 0), role))


def test_that_the_first_image_is_chosen_at_first(qtbot: QtBot, strip: ImageStrip) -> None:
    with qtbot.waitSignal(strip.current_changed) as chosen:
        strip.set_images(["a.png", "b.png", "a.png"])
    assert chosen.args == ["a.png"]
    assert strip.current == "a.png"
    assert strip.references == ("a.png", "b.png")


def test_that_the_chosen_image_stays_chosen_in_a_new_list(qtbot: QtBot, strip: ImageStrip) -> None:
    strip.set_images(["a.png", "b.png"])
    strip.select("b.png")
    with qtbot.assertNotEmitted(strip.current_changed):
        strip.set_images(["x.png", "b.png"])
    assert strip.current == "b.png"


def test_that_images_added_are_appended_once_and_the_first_is_chosen(qtbot: QtBot, strip: ImageStrip) -> None:
    strip.set_images(["a.png"])
    with qtbot.waitSignal(strip.current_changed) as chosen:
        strip.add("b.png", "a.png", "c.png")
    assert chosen.args == ["b.png"]
    assert strip.references == ("a.png", "b.png", "c.png")


def test_that_arrow_keys_choose(qtbot: QtBot, strip: ImageStrip) -> None:
    strip.set_images(["a.png", "b.png"])
    with qtbot.waitSignal(strip.current_changed) as chosen:
        QTest.keyClick(strip, Qt.Key.Key_Right)
    assert chosen.args == ["b.png"]


@pytest.mark.parametrize(("chosen", "left"), [("a", "b"), ("b", "c"), ("c", "b")])
def test_that_delete_removes_and_chooses_a_neighbour(qtbot: QtBot, strip: ImageStrip, chosen: str, left: str) -> None:
    strip.set_images(["a", "b", "c"])
    strip.select(chosen)
    changes: list[str] = []
    strip.current_changed.connect(changes.append)
    with qtbot.waitSignal(strip.removed) as removed:
        QTest.keyClick(strip, Qt.Key.Key_Delete)
    assert removed.args == [chosen]
    assert strip.current == left
    assert changes == [left]
    assert chosen not in strip.references


def test_that_removing_the_last_image_leaves_none_chosen(strip: ImageStrip) -> None:
    strip.set_images(["a"])
    changes: list[str] = []
    strip.current_changed.connect(changes.append)
    strip.remove("a")
    assert changes == [""]
    assert strip.current == ""
    assert strip.references == ()


def test_that_only_images_in_sight_are_asked_for_and_each_once(qtbot: QtBot, strip: ImageStrip) -> None:
    asked: list[str] = []
    strip.thumbnails_wanted.connect(asked.extend)
    strip.set_images(MANY)
    assert 0 < len(asked) < 20
    assert asked == list(MANY[: len(asked)])
    before = len(asked)
    bar = strip.horizontalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    assert MANY[-1] in asked
    assert len(asked) < before + 20
    bar.setValue(0)
    assert len(asked) == len(set(asked))


def test_that_a_small_picture_keeps_its_proportions_and_colours() -> None:
    pixels = np.zeros((3000, 6000, 3), dtype=np.uint8)
    pixels[:, :3000] = (200, 10, 30)
    small = thumbnail_image(pixels)
    assert (small.width(), small.height()) == (KEPT_SIDE, KEPT_SIDE // 2)
    drawn = rgb_pixels(small)
    assert (drawn[:, : KEPT_SIDE // 2 - 2] == (200, 10, 30)).all()
    assert (drawn[:, KEPT_SIDE // 2 + 2 :] == 0).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 20_000), (20_000, 1), (5, 4)])
def test_that_tiny_and_extreme_pictures_have_a_small_picture(strip: ImageStrip, shape: tuple[int, int]) -> None:
    strip.set_images(["a.png"])
    strip.set_thumbnail("a.png", np.full((*shape, 3), 99, dtype=np.uint8))
    image = item(strip, 0).image
    assert image is not None
    assert not image.isNull()
    strip.grab()


def test_that_a_small_picture_is_drawn(strip: ImageStrip) -> None:
    strip.set_images(["a.png"])
    strip.set_thumbnail("a.png", np.full((90, 90, 3), (250, 0, 250), dtype=np.uint8))
    cell = strip.visualRect(strip.model().index(0, 0))
    middle = QRect(cell.center().x() - 5, cell.top() + 30, 10, 10)
    drawn = rgb_pixels(strip.viewport().grab(middle).toImage().convertToFormat(QImage.Format.Format_RGB888))
    assert (drawn == (250, 0, 250)).all()


def test_that_a_broken_image_says_why_and_can_recover(strip: ImageStrip) -> None:
    strip.set_images(["/x/torn.png"])
    strip.set_broken("/x/torn.png", "The file ends in mid-picture.")
    assert "The file ends in mid-picture." in spoken(strip, 0, Qt.ItemDataRole.ToolTipRole)
    assert "The file ends in mid-picture." in spoken(strip, 0, Qt.ItemDataRole.AccessibleTextRole)
    strip.grab()
    strip.set_thumbnail("/x/torn.png", np.zeros((9, 9, 3), dtype=np.uint8))
    assert item(strip, 0).problem == ""


def test_that_answers_for_images_that_are_gone_are_passed_over(strip: ImageStrip) -> None:
    strip.set_images(["a.png"])
    strip.set_thumbnail("gone.png", np.zeros((9, 9, 3), dtype=np.uint8))
    strip.set_broken("gone.png", "no")
    strip.remove("gone.png")
    assert strip.references == ("a.png",)


def test_that_names_are_those_people_use(strip: ImageStrip) -> None:
    strip.set_images(["sample:scene_01", "/a/b/photo.jpg"])
    assert spoken(strip, 0, Qt.ItemDataRole.DisplayRole) == "scene_01"
    assert spoken(strip, 1, Qt.ItemDataRole.DisplayRole) == "photo.jpg"
