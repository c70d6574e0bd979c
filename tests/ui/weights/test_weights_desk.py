"""Official weights that are not here, from the window: told, fetched, done without; nothing of it unasked."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.description import Architecture, NetworkDescription
from cnnviz_desktop.ui.weights.needed_dialog import NeededDialog
from cnnviz_desktop.ui.weights.weights_desk import without_weights
from tests.ui.conftest import Desk, Seat
from tests.ui.weights.scripted import FOLDER, TRAINED, WEIGHTS, WeightsSession


def session_of(desk: Desk) -> WeightsSession:
    assert isinstance(desk.session, WeightsSession)
    return desk.session


def asked(desk: Desk) -> NeededDialog:
    """The dialog that is to be seen."""
    (dialog,) = [each for each in desk.window.findChildren(NeededDialog) if each.isVisible()]
    return dialog


@pytest.fixture
def asking(qtbot: QtBot, seat: Seat) -> Desk:
    """A window that has been asked for a network whose weights are not here."""
    desk = seat()
    desk.window.examiner.open_network(TRAINED)
    qtbot.waitUntil(lambda: any(each.isVisible() for each in desk.window.findChildren(NeededDialog)))
    return desk


def click(button: QPushButton) -> None:
    assert button.isVisible()
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def opened(desk: Desk) -> object:
    outline = desk.window.examiner.outline
    return outline.network if outline is not None else None


def test_that_nothing_is_fetched_unasked_and_the_dialog_tells_all_there_is_to_know(asking: Desk) -> None:
    dialog = asked(asking)
    assert not dialog.isModal()
    assert (dialog.address.text(), dialog.folder.text()) == (WEIGHTS.url, FOLDER)
    assert dialog.hash.text() == "begins with 11ad3fa6"
    texts = " ".join(label.text() for label in dialog.findChildren(QLabel))
    for part in ("V2 of trained50", "trained50-11ad3fa6.pth, about 97.8 MiB", "80.9 % acc@1 on ImageNet-1K"):
        assert part in texts
    assert not asking.session.of("download")
    assert opened(asking) == "sample"
    click(dialog.copy_button)
    assert QGuiApplication.clipboard().text() == WEIGHTS.url


def test_that_a_download_shows_how_far_it_is_and_then_opens_the_network(qtbot: QtBot, asking: Desk) -> None:
    dialog = asked(asking)
    click(dialog.download_button)
    qtbot.waitUntil(lambda: dialog.bar.value() > 2)
    assert dialog.bar.maximum() == 98
    assert "of 98 MiB" in dialog.status.text()
    assert not dialog.random_button.isEnabled()
    session_of(asking).may_end.set()
    qtbot.waitUntil(lambda: opened(asking) == TRAINED)
    assert not asking.window.findChildren(NeededDialog)


def test_that_a_cancelled_download_says_so_and_can_be_taken_up_again(qtbot: QtBot, asking: Desk) -> None:
    dialog = asked(asking)
    click(dialog.download_button)
    qtbot.waitUntil(lambda: dialog.bar.value() > 0)
    click(dialog.cancel_button)
    qtbot.waitUntil(lambda: not asking.runner.live)
    assert "What has come of a download is kept" in dialog.status.text()
    assert opened(asking) == "sample"
    click(dialog.download_button)
    session_of(asking).may_end.set()
    qtbot.waitUntil(lambda: opened(asking) == TRAINED)


def test_that_a_download_that_fails_tells_why_in_the_dialog_and_loses_nothing(qtbot: QtBot, asking: Desk) -> None:
    session, dialog = session_of(asking), asked(asking)
    session.problem = "https://download.example: its address is not to be found: is this machine online?"
    session.may_end.set()
    click(dialog.download_button)
    qtbot.waitUntil(lambda: dialog.status.text() == session.problem)
    assert dialog.isVisible()
    assert opened(asking) == "sample"
    assert asking.window.canvas.isEnabled()
    session.problem = ""
    click(dialog.download_button)
    qtbot.waitUntil(lambda: opened(asking) == TRAINED)


def test_that_a_file_is_imported_in_place_of_a_download(qtbot: QtBot, asking: Desk, tmp_path: Path) -> None:
    brought = tmp_path / "brought.pth"
    brought.touch()
    click(asked(asking).import_button)
    (chooser,) = asking.window.findChildren(QFileDialog)
    chooser.filesSelected.emit([str(brought)])
    chooser.close()
    qtbot.waitUntil(lambda: opened(asking) == TRAINED)
    (request,) = asking.session.of("import_weights")
    assert (request.network, request.parameters) == (TRAINED, {"file": str(brought)})
    assert not asking.session.of("download")


def test_that_a_file_that_is_refused_is_told_in_the_dialog(qtbot: QtBot, asking: Desk) -> None:
    dialog = asked(asking)
    session_of(asking).problem = "brought.pth has another hash. It was not imported."
    click(dialog.import_button)
    (chooser,) = asking.window.findChildren(QFileDialog)
    chooser.filesSelected.emit(["/brought.pth"])
    chooser.close()
    qtbot.waitUntil(lambda: "not imported" in dialog.status.text())
    assert dialog.isVisible()


def test_that_random_weights_will_do_instead(qtbot: QtBot, asking: Desk) -> None:
    dialog = asked(asking)
    click(dialog.random_button)
    qtbot.waitUntil(lambda: opened(asking) == "torchvision:trained50@random")
    assert not asking.window.findChildren(NeededDialog)


def test_that_a_description_keeps_all_but_its_weights() -> None:
    described = NetworkDescription(
        format=1,
        name="mine",
        architecture=Architecture(torchvision="resnet18"),
        pretrained="V1",
        class_names=("a", "b"),
    )
    assert without_weights(described) == NetworkDescription(
        format=1,
        name="mine (random weights)",
        architecture=Architecture(torchvision="resnet18"),
        class_names=("a", "b"),
    )


def test_that_a_hidden_download_goes_on_and_offers_the_network_in_a_message(qtbot: QtBot, asking: Desk) -> None:
    dialog = asked(asking)
    click(dialog.download_button)
    qtbot.waitUntil(lambda: dialog.bar.value() > 0)
    assert dialog.close_button.text() == "Hide"
    click(dialog.close_button)
    session_of(asking).may_end.set()
    qtbot.waitUntil(lambda: not asking.runner.live)
    message = asking.window.messages.messages[0]
    assert "are on this machine now" in message.text
    assert opened(asking) == "sample"
    message.actions[0].do()
    qtbot.waitUntil(lambda: opened(asking) == TRAINED)


def test_that_a_hidden_download_that_fails_is_told_in_a_message(qtbot: QtBot, asking: Desk) -> None:
    session, dialog = session_of(asking), asked(asking)
    session.problem = "The disk is full."
    click(dialog.download_button)
    click(dialog.close_button)
    session.may_end.set()
    qtbot.waitUntil(lambda: any("disk is full" in each.text for each in asking.window.messages.messages))
    message = next(each for each in asking.window.messages.messages if "disk is full" in each.text)
    message.actions[0].do()
    assert asked(asking).status.text() == "The disk is full."


def test_that_a_download_steps_aside_for_what_the_user_asks_meanwhile(qtbot: QtBot, asking: Desk) -> None:
    dialog, session = asked(asking), session_of(asking)
    click(dialog.download_button)
    qtbot.waitUntil(lambda: dialog.bar.value() > 2)
    asking.window.tree.choose("stage.conv")
    asking.window.examiner.choose_layer("stage.conv")
    qtbot.waitUntil(lambda: ("stage.conv",) in asking.layers("feature_maps"))
    qtbot.waitUntil(lambda: len(session.of("download")) > 1)
    before = dialog.bar.value()
    assert before > 2
    session.may_end.set()
    qtbot.waitUntil(lambda: opened(asking) == TRAINED)


def test_that_a_download_that_cannot_go_on_where_it_was_does_not_step_aside_for_ever(
    qtbot: QtBot, asking: Desk
) -> None:
    dialog, session = asked(asking), session_of(asking)
    session.begins_anew, session.at_most = True, 20
    click(dialog.download_button)
    qtbot.waitUntil(lambda: dialog.bar.value() == 20)
    session.at_most = 10
    asking.window.examiner.choose_layer("stage.conv")
    qtbot.waitUntil(lambda: len(session.of("download")) > 1 and dialog.bar.value() == 10)
    begun = len(session.of("download"))
    asking.window.examiner.choose_layer("stem")
    session.may_end.set()
    qtbot.waitUntil(lambda: opened(asking) == TRAINED)
    assert len(session.of("download")) == begun


def test_that_small_pictures_are_read_while_a_download_goes_on(qtbot: QtBot, asking: Desk) -> None:
    dialog, session = asked(asking), session_of(asking)
    click(dialog.download_button)
    qtbot.waitUntil(lambda: dialog.bar.value() > 2)
    before = len(session.of("picture"))
    asking.window.strip.add(*(f"sample:extra_{number}" for number in range(5)))
    qtbot.waitUntil(lambda: len(session.of("picture")) >= before + 5)
    qtbot.waitUntil(lambda: asking.runner.running is not None and asking.runner.running.request.method == "download")
    assert not session.may_end.is_set()
    session.may_end.set()
    qtbot.waitUntil(lambda: opened(asking) == TRAINED)


def test_that_mirrors_of_the_settings_go_with_a_download(qtbot: QtBot, asking: Desk) -> None:
    asking.settings.change(mirrors=("https://one.example", "https://two.example"))
    session_of(asking).may_end.set()
    click(asked(asking).download_button)
    qtbot.waitUntil(lambda: opened(asking) == TRAINED)
    (request,) = asking.session.of("download")
    assert request.parameters == {"mirrors": "https://one.example https://two.example"}


def test_that_closing_the_dialog_says_what_was_not_opened_and_offers_it_again(qtbot: QtBot, asking: Desk) -> None:
    dialog = asked(asking)
    click(dialog.close_button)
    message = asking.window.messages.messages[0]
    assert "trained50@V2 was not opened" in message.text
    assert opened(asking) == "sample"
    message.actions[0].do()
    assert asked(asking) is dialog


def test_that_asking_again_shows_the_same_dialog(qtbot: QtBot, asking: Desk) -> None:
    dialog = asked(asking)
    dialog.hide()
    asking.window.examiner.open_network(TRAINED)
    qtbot.waitUntil(dialog.isVisible)
    assert asked(asking) is dialog


def test_that_closing_the_window_ends_a_download(qtbot: QtBot, asking: Desk) -> None:
    dialog = asked(asking)
    click(dialog.download_button)
    qtbot.waitUntil(lambda: dialog.bar.value() > 0)
    asking.window.close()
    assert asking.runner.shutdown()
    assert not asking.runner.live
