"""The picker in the window: it opens networks, stays while that fails, and closes when it is done."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.description import Architecture, NetworkDescription
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.ui.opening.consent_dialog import ConsentDialog
from cnnviz_desktop.ui.opening.picker.pages import Pages
from tests.ui.conftest import Desk
from tests.ui.picker.desk_tools import drop, picking
from tests.ui.picker.some_networks import NETWORKS
from tests.ui.toy import ToySession


def test_that_the_search_has_the_keyboard_and_enter_opens_what_is_found(qtbot: QtBot, desk: Desk, pages: Pages) -> None:
    picker = picking(desk).picker
    assert picker.isVisible()
    assert not picker.isModal(), "the window stays usable"
    assert picker.focusWidget() is pages.library.table.search
    QTest.keyClicks(pages.library.table.search, "vit")
    QTest.keyClick(pages.library.table.search, Qt.Key.Key_Return)
    qtbot.waitUntil(desk.is_idle)
    qtbot.waitUntil(lambda: not picker.isVisible())
    assert desk.window.examiner.subject.network == NetworkDescription(
        format=1, name="vit_tiny (random weights)", architecture=Architecture(timm="vit_tiny")
    )


def test_that_the_libraries_are_asked_when_they_come_into_sight_and_what_is_missing_is_said(
    qtbot: QtBot, desk: Desk
) -> None:
    desk.action("Open network…").trigger()
    library = picking(desk).pages.library
    qtbot.waitUntil(desk.is_idle)
    assert [network.name for network in library.table.model.networks] == ["top", "toy"]
    assert library.table.state.text() == "There is no timm."
    library.table.choose("torchvision", "toy")
    library.table.search.setText("to")
    assert library.table.state.text() == "There is no timm."
    picking(desk).picker.reject()
    desk.action("Open network…").trigger()
    qtbot.waitUntil(desk.is_idle)
    assert len(desk.session.of("networks")) == 2, "weights may have come meanwhile"
    assert library.table.search.text() == "to"


def test_that_dropped_weights_are_looked_into_and_opened_by_enter(qtbot: QtBot, desk: Desk, weights: Path) -> None:
    drop(desk.window, weights)
    page = picking(desk).pages.checkpoint
    assert picking(desk).picker.page is page
    qtbot.waitUntil(lambda: page.choice().reference is not None)
    qtbot.waitUntil(desk.is_idle)
    assert page.candidates.itemText(0).startswith("the open network Toy"), "its architecture is the likeliest"
    page.candidates.setCurrentIndex(1)
    QTest.keyClick(page.file.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not picking(desk).picker.isVisible())
    network = desk.window.examiner.subject.network
    assert isinstance(network, NetworkDescription)
    assert (network.weights, network.architecture) == (str(weights), Architecture(torchvision="toy"))
    assert desk.settings.settings.recent_networks.references == (network,)


def test_that_a_file_is_taken_along_to_the_libraries_and_to_programs(
    qtbot: QtBot, desk: Desk, pages: Pages, weights: Path
) -> None:
    drop(desk.window, weights)
    qtbot.waitUntil(desk.is_idle)
    pages.checkpoint.naming.class_names.path = str(weights)
    pages.checkpoint.library.click()
    assert picking(desk).picker.page is pages.library
    assert pages.library.weights.path == str(weights)
    picking(desk).picker.show_page(pages.checkpoint)
    pages.checkpoint.program.click()
    assert picking(desk).picker.page is pages.python
    assert pages.python.weights.path == str(weights)
    assert {page.naming.class_names.path for page in (pages.library, pages.python)} == {str(weights)}


def test_that_it_keeps_what_was_typed_when_opening_fails(qtbot: QtBot, desk: Desk, pages: Pages) -> None:
    before = desk.window.examiner.subject.network
    picker = picking(desk).picker
    pages.library.table.search.setText("vgg")
    pages.library.naming.name.setText("broken")
    QTest.mouseClick(picker.open_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(desk.is_idle)
    assert picker.isVisible()
    assert "cannot be opened" in picker.words.text()
    assert picker.open_button.isEnabled()
    assert desk.window.examiner.subject.network == before
    assert pages.library.naming.name.text() == "broken"
    pages.library.naming.name.setText("whole")
    assert "cannot be opened" not in picker.words.text()
    picker.open_button.click()
    qtbot.waitUntil(lambda: not picker.isVisible())


def test_that_it_waits_for_consent_and_closes_when_the_network_is_open(qtbot: QtBot, desk: Desk, pages: Pages) -> None:
    picker = picking(desk).picker
    pages.library.table.search.setText("vgg")
    pages.library.naming.name.setText("consent")
    picker.open_button.click()
    qtbot.waitUntil(lambda: bool(desk.window.findChildren(ConsentDialog)))
    assert picker.isVisible()
    desk.window.findChildren(ConsentDialog)[0].accept()
    qtbot.waitUntil(lambda: not picker.isVisible())
    qtbot.waitUntil(desk.is_idle)


def test_that_the_keyboard_comes_back_to_it_after_consent(
    qtbot: QtBot, desk: Desk, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    picker = picking(desk).picker
    pages.library.table.search.setText("vgg")
    pages.library.naming.name.setText("consent")
    picker.open_button.click()
    qtbot.waitUntil(lambda: bool(desk.window.findChildren(ConsentDialog)))
    qtbot.waitUntil(lambda: QApplication.activeWindow() is desk.window.findChildren(ConsentDialog)[0])

    def refused(_: ToySession, request: Request) -> None:
        raise NetworkError("It cannot be built.")

    monkeypatch.setattr(ToySession, "_open", refused)
    desk.window.findChildren(ConsentDialog)[0].accept()
    qtbot.waitUntil(lambda: "cannot be built" in picker.words.text())
    qtbot.waitUntil(lambda: QApplication.activeWindow() is picker)


def test_that_it_closes_when_the_network_is_open_with_other_weights(qtbot: QtBot, desk: Desk, pages: Pages) -> None:
    picker = picking(desk).picker
    pages.library.naming.name.setText("broken")
    QTest.mouseClick(picker.open_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(desk.is_idle)
    assert picker.isVisible()
    asked = picker.page.choice().reference
    assert isinstance(asked, NetworkDescription)
    desk.window.examiner.open_network(replace(asked, name="with random weights", pretrained=None))
    qtbot.waitUntil(lambda: not picker.isVisible())


def test_that_another_network_leaves_it_open(qtbot: QtBot, desk: Desk, pages: Pages) -> None:
    picker = picking(desk).picker
    pages.library.table.search.setText("vgg")
    desk.window.examiner.open_network("another")
    qtbot.waitUntil(desk.is_idle)
    assert picker.isVisible()
    assert "vgg16" in picker.words.text()


def test_that_news_from_the_libraries_does_not_take_a_failure_s_reason_away(
    qtbot: QtBot, desk: Desk, pages: Pages
) -> None:
    picker = picking(desk).picker
    pages.library.table.search.setText("vgg")
    pages.library.naming.name.setText("broken")
    picker.open_button.click()
    qtbot.waitUntil(desk.is_idle)
    pages.library.show_networks(NETWORKS[1:])
    assert "cannot be opened" in picker.words.text()


def test_that_cancelling_leaves_it_ready_to_try_again(qtbot: QtBot, desk: Desk, pages: Pages) -> None:
    picker = picking(desk).picker
    pages.library.table.search.setText("vgg")
    pages.library.naming.name.setText("held")
    picker.open_button.click()
    qtbot.waitUntil(lambda: desk.runner.running is not None)
    assert not picker.open_button.isEnabled()
    desk.action("Cancel").trigger()
    qtbot.waitUntil(desk.is_idle)
    assert picker.isVisible()
    assert picker.open_button.isEnabled()
    assert "cancelled" in picker.words.text()


def test_that_a_program_and_weights_dropped_together_fill_one_form_and_nothing_runs(
    qtbot: QtBot, desk: Desk, program: Path, weights: Path, tmp_path: Path
) -> None:
    asked = len(desk.session.ran)
    drop(desk.window, program, weights)
    pages = picking(desk).pages
    assert picking(desk).picker.page is pages.python
    assert (pages.python.file.path, pages.python.weights.path) == (str(program), str(weights))
    assert pages.python.factory.currentText() == "build"
    qtbot.waitUntil(desk.is_idle)
    assert desk.session.ran[asked:] == [], "the libraries are not in sight either"
    assert not (tmp_path / "ran").exists()


def test_that_what_is_dropped_on_the_picker_is_sorted_as_on_the_window(
    qtbot: QtBot, desk: Desk, pages: Pages, program: Path
) -> None:
    drop(picking(desk).picker, program)
    assert picking(desk).picker.page is pages.python
    image = program.with_name("ball.png")
    image.write_bytes(b"something")
    drop(picking(desk).picker, image)
    qtbot.waitUntil(desk.is_idle)
    assert desk.window.examiner.subject.image == str(image)
