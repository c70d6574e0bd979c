"""The panel shows the network's input while it is in sight, and applies what is set there."""

from collections.abc import Iterator
from dataclasses import replace as changed
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.description import IMAGENET, Architecture, NetworkDescription, Preprocessing
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.network_input import NetworkInput
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Progress, Result
from cnnviz_desktop.ui.preprocessing.panel import PreprocessingPanel
from cnnviz_desktop.ui.qt_images import rgb_pixels
from tests.ui import toy
from tests.ui.conftest import Desk, Seat
from tests.ui.toy import INPUT, description_of

CROP = Preprocessing(resize="short_side_crop", size=(8, 8), short_side=16)


def _input(request: Request) -> Iterator[Result]:
    given = request.network.preprocessing if isinstance(request.network, NetworkDescription) else None
    recipe = given or Preprocessing(size=INPUT)
    transform = recipe.transform(Size(*INPUT))
    ramp = np.linspace(-2, 2, 3 * transform.input.height * transform.input.width, dtype=np.float32)
    yield NetworkInput.of(request.images[0], ramp.reshape(3, *transform.input), transform, recipe)


def _outline(request: Request) -> Iterator[Result]:
    outline = toy.outline_of(request)
    description = request.network if isinstance(request.network, NetworkDescription) else description_of("sample")
    recipe = description.preprocessing or Preprocessing(size=INPUT)
    yield changed(outline, description=description, preprocessing=recipe, recipe=Preprocessing(size=INPUT))


@pytest.fixture(autouse=True)
def _answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(toy.ANSWERS, "input", _input)
    monkeypatch.setitem(toy.ANSWERS, "outline", _outline)


@pytest.fixture
def open_desk(seat: Seat, qtbot: QtBot) -> Desk:
    """A window whose panel of the input is in sight."""
    desk = seat()
    desk.action("Preprocessing and input").trigger()
    qtbot.waitUntil(desk.is_idle)
    return desk


def panel_of(desk: Desk) -> PreprocessingPanel:
    (panel,) = desk.window.findChildren(PreprocessingPanel)
    return panel


def said(desk: Desk) -> str:
    return "\n".join(label.text() for label in panel_of(desk).findChildren(QLabel) if label.isVisible())


def test_that_the_input_is_asked_for_only_while_it_is_in_sight(desk: Desk, qtbot: QtBot) -> None:
    assert desk.session.of("input") == []
    desk.action("Preprocessing and input").trigger()
    qtbot.waitUntil(lambda: len(desk.session.of("input")) == 1)
    desk.window.examiner.show_image("sample:ball")
    qtbot.waitUntil(lambda: [each.images for each in desk.session.of("input")][1:] == [("sample:ball",)])


def test_that_the_input_is_drawn_and_its_numbers_are_told(open_desk: Desk) -> None:
    (given,) = _input(open_desk.session.of("input")[0])
    assert isinstance(given, NetworkInput)
    panel = panel_of(open_desk)
    shown = panel.view.picture_actions.picture()
    assert shown is not None
    assert np.array_equal(rgb_pixels(shown), given.pixels)
    assert "16 × 16 pixels, 3 channels" in said(open_desk)
    assert "red: −2 … " in said(open_desk)


def test_that_the_keyboard_reads_the_numbers(open_desk: Desk) -> None:
    (given,) = _input(open_desk.session.of("input")[0])
    assert isinstance(given, NetworkInput)
    view = panel_of(open_desk).view
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.pointed_at == (8, 9)
    red, green, blue = (f"{value:.4g}".replace("-", "−") for value in given.raw[:, 8, 9])
    assert f"Input x 9, y 8: red {red}, green {green}, blue {blue}" in said(open_desk)


def test_that_a_change_opens_the_same_network_with_it_and_keeps_what_is_looked_at(
    open_desk: Desk, qtbot: QtBot
) -> None:
    examiner, panel = open_desk.window.examiner, panel_of(open_desk)
    examiner.choose_layer("stage.conv")
    qtbot.waitUntil(open_desk.is_idle)
    before = examiner.subject
    panel.form.show_recipe(Preprocessing(size=INPUT))
    panel.form.changed.emit(CROP)
    qtbot.waitUntil(open_desk.is_idle)
    wanted = replace(description_of("sample"), preprocessing=CROP)
    assert examiner.subject == changed(before, network=wanted)
    assert open_desk.session.of("outline")[-1].network == wanted
    assert {request.network for request in open_desk.session.ran[-4:]} == {wanted}
    assert panel.form.recipe == CROP
    assert "Changed" in said(open_desk)


def test_that_reset_and_the_weights_own_recipe_bring_it_back(open_desk: Desk, qtbot: QtBot) -> None:
    panel = panel_of(open_desk)
    assert not panel._reset.isEnabled()
    assert "As is usual for" in said(open_desk)
    for button in (panel._reset, panel._own):
        panel.form.changed.emit(CROP)
        qtbot.waitUntil(open_desk.is_idle)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(open_desk.is_idle)
        assert open_desk.window.examiner.outline is not None
        assert open_desk.window.examiner.outline.description == description_of("sample")
        assert panel.form.recipe == Preprocessing(size=INPUT)


def test_that_only_official_weights_are_said_to_say_how_pictures_are_prepared(open_desk: Desk) -> None:
    outline = open_desk.window.examiner.outline
    assert outline is not None
    official = NetworkDescription(
        format=1, name="resnet50", architecture=Architecture(torchvision="resnet50"), pretrained="IMAGENET1K_V2"
    )
    panel_of(open_desk).show_outline(changed(outline, description=official), None)
    assert "As the weights say" in said(open_desk)
    own = replace(official, pretrained=None, weights="best.pth")
    panel_of(open_desk).show_outline(changed(outline, description=own), None)
    assert "As is usual for resnet50" in said(open_desk)
    assert "As the weights say" not in said(open_desk)


def test_that_a_few_class_names_are_told_and_more_end_in_an_ellipsis(open_desk: Desk) -> None:
    outline = open_desk.window.examiner.outline
    assert outline is not None
    panel_of(open_desk).show_outline(changed(outline, classes=2, class_names=("cat", "dog")), None)
    assert "2 names: cat, dog\n" in f"{said(open_desk)}\n"
    panel_of(open_desk).show_outline(changed(outline, classes=4, class_names=("a", "b", "c", "d")), None)
    assert "4 names: a, b, c, …" in said(open_desk)


def test_that_what_the_network_sees_is_framed_while_the_panel_is_in_sight(open_desk: Desk, qtbot: QtBot) -> None:
    canvas = open_desk.window.canvas
    assert canvas.scene is not None
    assert canvas.scene.frame is None
    panel_of(open_desk).form.changed.emit(CROP)
    qtbot.waitUntil(lambda: canvas.scene is not None and canvas.scene.frame == (4, 4, 12, 12))
    assert "75 % of the picture lies outside the input" in said(open_desk)
    open_desk.window.results.setCurrentIndex(0)
    assert canvas.scene is not None
    assert canvas.scene.frame is None


def test_that_a_recipe_that_fails_stays_to_be_mended_and_says_why(
    open_desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = panel_of(open_desk)
    before = open_desk.window.examiner.outline

    def failing(request: Request) -> Iterator[Result]:
        yield Progress(done=0, total=1, text="building")
        raise NetworkError(f"{request.method}: it can take 32 × 32.")

    monkeypatch.setitem(toy.ANSWERS, "outline", failing)
    panel.form.width_field.setValue(3)
    panel.form.settle()
    qtbot.waitUntil(open_desk.is_idle)
    assert "it can take 32 × 32." in said(open_desk)
    assert panel.form.width_field.value() == 3
    assert open_desk.window.examiner.outline is before


@pytest.mark.parametrize(
    ("action", "names"), [("imagenet_action", IMAGENET), ("numbers_action", ()), ("own_action", None)]
)
def test_that_class_names_are_chosen_from_the_menu(open_desk: Desk, qtbot: QtBot, action: str, names: object) -> None:
    button = panel_of(open_desk).class_names
    assert button.isEnabled()
    assert not button.imagenet_action.isEnabled()  # the toy tells three classes apart
    getattr(button, action).setEnabled(True)
    getattr(button, action).trigger()
    qtbot.waitUntil(open_desk.is_idle)
    last = open_desk.session.of("outline")[-1].network
    assert last == replace(description_of("sample"), class_names=names)


def test_that_a_file_of_class_names_can_be_chosen(open_desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    panel_of(open_desk).class_names.chosen.emit(str(tmp_path / "names.txt"))
    qtbot.waitUntil(open_desk.is_idle)
    last = open_desk.session.of("outline")[-1].network
    assert last == replace(description_of("sample"), class_names=str(tmp_path / "names.txt"))
