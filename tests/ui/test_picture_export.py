from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QImage, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.errors import CnnvizError
from cnnviz_desktop.core.rendering import Limits, colour_table
from cnnviz_desktop.ui.picture_export import PictureActions, ShownPicture
from cnnviz_desktop.ui.picture_files import file_stem, save_picture
from cnnviz_desktop.ui.picture_sheet import (
    FONT_PIXELS,
    LEAST_BAR,
    MARGIN,
    caption_height,
    enlarged,
    picture_with_colour_bar,
)
from cnnviz_desktop.ui.qt_images import rgb_image, rgb_pixels

TABLE, LIMITS = colour_table("viridis"), Limits(-1, 2)


def a_picture(height: int = 90, width: int = 120) -> QImage:
    return rgb_image(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_that_the_picture_stands_in_the_sheet_pixel_by_pixel(qtbot: QtBot, scale: int) -> None:
    picture = a_picture()
    sheet = rgb_pixels(picture_with_colour_bar(picture, TABLE, LIMITS, "layer3.2, channel 17", scale))
    start = MARGIN * scale
    inside = sheet[start : start + 90 * scale, start : start + 120 * scale]
    np.testing.assert_array_equal(inside, np.kron(rgb_pixels(picture), np.ones((scale, scale, 1), np.uint8)))


def test_that_the_sheet_has_a_colour_bar_and_a_caption(qtbot: QtBot) -> None:
    sheet = rgb_pixels(picture_with_colour_bar(a_picture(), TABLE, LIMITS, "a caption", 2))
    colours = {tuple(pixel) for pixel in sheet[:, 2 * (MARGIN + 120 + MARGIN) :].reshape(-1, 3).tolist()}
    assert len(colours & {tuple(colour) for colour in TABLE[1:].tolist()}) > 60
    without = picture_with_colour_bar(a_picture(), TABLE, LIMITS, "", 2)
    assert sheet.shape[0] > without.height()
    assert (sheet[without.height() :] < 100).any()


def test_that_a_long_caption_is_wrapped_and_not_cut(qtbot: QtBot) -> None:
    short = picture_with_colour_bar(a_picture(), TABLE, LIMITS, "short")
    long = picture_with_colour_bar(a_picture(), TABLE, LIMITS, "a word and another " * 8)
    assert long.width() == short.width()
    assert long.height() > short.height() + 20


def test_that_captions_are_broken_between_words(qtbot: QtBot) -> None:
    font = QGuiApplication.font()
    word = QFontMetrics(font).horizontalAdvance("incomprehensible")
    two = caption_height("incomprehensible incomprehensible", font, round(1.5 * word))
    assert two == caption_height("incomprehensible\nincomprehensible", font, 10 * word)
    assert caption_height("incomprehensible", font, round(0.7 * word)) == two  # a word alone is broken, not cut


def test_that_a_large_picture_has_a_key_in_proportion(qtbot: QtBot) -> None:
    small = picture_with_colour_bar(a_picture(480, 480), TABLE, LIMITS, "")
    large = picture_with_colour_bar(a_picture(1920, 1920), TABLE, LIMITS, "")
    beside_small, beside_large = small.width() - 480, large.width() - 1920
    assert beside_large == pytest.approx(4 * beside_small, rel=0.1)
    captioned = picture_with_colour_bar(a_picture(1920, 1920), TABLE, LIMITS, "a caption")
    assert captioned.height() - large.height() > 4 * FONT_PIXELS


def test_that_a_picture_drawn_at_the_scale_is_not_enlarged_again(qtbot: QtBot) -> None:
    picture = a_picture()
    picture.setDevicePixelRatio(2)
    assert enlarged(picture, 2).size() == picture.size()
    sheet = rgb_pixels(picture_with_colour_bar(picture, TABLE, LIMITS, "", 2))
    top = 2 * (MARGIN + (LEAST_BAR - 45) // 2)
    np.testing.assert_array_equal(sheet[top : top + 90, 2 * MARGIN : 2 * MARGIN + 120], rgb_pixels(picture))


def test_that_a_saved_picture_is_read_back_the_same(tmp_path: Path) -> None:
    path = save_picture(a_picture(), tmp_path / "Bild 图")
    assert path == tmp_path / "Bild 图.png"
    np.testing.assert_array_equal(rgb_pixels(QImage(str(path))), rgb_pixels(a_picture()))
    assert list(tmp_path.iterdir()) == [path]


def test_that_a_picture_that_cannot_be_saved_leaves_the_old_file(tmp_path: Path) -> None:
    old = save_picture(a_picture(), tmp_path / "kept.png").read_bytes()
    with pytest.raises(CnnvizError, match="cannot be saved"):
        save_picture(QImage(), tmp_path / "kept.png")
    assert (tmp_path / "kept.png").read_bytes() == old
    assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(CnnvizError, match="No such file"):
        save_picture(a_picture(), tmp_path / "no folder" / "a.png")


@pytest.fixture
def actions(qtbot: QtBot) -> PictureActions:
    view = QWidget()
    qtbot.addWidget(view)
    return PictureActions(view, lambda _scale: ShownPicture(a_picture(), "layer3.2/17", "caption", TABLE, LIMITS))


def test_that_copying_puts_the_picture_on_the_clipboard(actions: PictureActions, qtbot: QtBot) -> None:
    with qtbot.waitSignal(actions.done):
        actions.copy_action.trigger()
    copied = QGuiApplication.clipboard().image()
    assert copied.size() == picture_with_colour_bar(a_picture(), TABLE, LIMITS, "caption", 1).size()


def test_that_the_colour_bar_can_be_left_out_and_the_size_chosen(actions: PictureActions) -> None:
    actions.bar_action.setChecked(False)
    next(action for action in actions._sizes.actions() if action.data() == 3).trigger()
    actions.copy_action.trigger()
    copied = QGuiApplication.clipboard().image()
    assert (copied.width(), copied.height()) == (360, 270)
    assert copied.pixelColor(358, 268) == QColor(a_picture().pixelColor(119, 89))


def open_dialog(actions: PictureActions) -> QFileDialog:
    (dialog,) = [each for each in actions._view.findChildren(QFileDialog) if each.isVisible()]
    return dialog


def test_that_saving_asks_about_the_very_file_it_writes(qtbot: QtBot, tmp_path: Path) -> None:
    made: list[int] = []

    def make(scale: int) -> ShownPicture:
        made.append(scale)
        return ShownPicture(a_picture(), "layer3.2/17", "caption", TABLE, LIMITS)

    view = QWidget()
    qtbot.addWidget(view)
    actions = PictureActions(view, make)
    actions.folder = tmp_path
    actions.save_action.trigger()
    dialog = open_dialog(actions)
    assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    assert Path(dialog.selectedFiles()[0]) == tmp_path / "layer3.2_17.png"
    dialog.selectFile("foo")
    assert Path(dialog.selectedFiles()[0]) == tmp_path / "foo.png"  # the name whose replacement Qt asks about
    with qtbot.waitSignal(actions.done) as told:
        dialog.accept()
    assert "foo.png" in told.args[0]
    assert not QImage(str(tmp_path / "foo.png")).isNull()
    assert made == [1]


def test_that_the_next_dialog_opens_where_a_picture_was_saved_and_says_why_it_cannot_be(
    actions: PictureActions, qtbot: QtBot, tmp_path: Path
) -> None:
    actions.save_action.trigger()
    with qtbot.waitSignal(actions.done):
        open_dialog(actions).fileSelected.emit(str(tmp_path / "out.png"))
    open_dialog(actions).reject()
    actions.save_action.trigger()
    assert Path(open_dialog(actions).directory().absolutePath()) == tmp_path
    with qtbot.waitSignal(actions.failed):
        open_dialog(actions).fileSelected.emit(str(tmp_path / "none" / "out.png"))
    open_dialog(actions).reject()


def test_that_a_file_nobody_was_asked_about_is_never_replaced(tmp_path: Path) -> None:
    old = save_picture(a_picture(), tmp_path / "foo").read_bytes()
    with pytest.raises(CnnvizError, match="already"):
        save_picture(a_picture(10, 10), tmp_path / "foo")
    assert (tmp_path / "foo.png").read_bytes() == old
    assert save_picture(a_picture(10, 10), tmp_path / "foo.png").read_bytes() != old


def test_that_ctrl_c_leaves_a_selected_text_its_own(qtbot: QtBot) -> None:
    view = QWidget()
    qtbot.addWidget(view)
    text = QLabel("some words", view)
    text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    actions = PictureActions(view, lambda _scale: ShownPicture(a_picture(), "a"))
    view.show()
    qtbot.waitExposed(view)
    view.activateWindow()
    text.setFocus()
    qtbot.waitUntil(text.hasFocus)
    text.setSelection(0, 4)
    with qtbot.assertNotEmitted(actions.done):
        QTest.keySequence(text, QKeySequence(QKeySequence.StandardKey.Copy))
    assert QGuiApplication.clipboard().text() == "some"
    text.setSelection(0, 0)
    with qtbot.waitSignal(actions.done):
        QTest.keySequence(text, QKeySequence(QKeySequence.StandardKey.Copy))
    assert not QGuiApplication.clipboard().image().isNull()


def test_that_an_empty_view_says_that_there_is_nothing_to_copy(qtbot: QtBot) -> None:
    view = QWidget()
    qtbot.addWidget(view)
    actions = PictureActions(view, lambda _scale: None)
    with qtbot.waitSignal(actions.failed) as told:
        actions.copy_action.trigger()
    assert "no picture" in told.args[0]


@pytest.mark.parametrize(("name", "stem"), [("a/b:c", "a_b_c"), ("", "picture"), ("..", "picture"), ("层 1", "层_1")])
def test_that_a_suggested_name_fits_every_file_system(name: str, stem: str) -> None:
    assert file_stem(name) == stem
