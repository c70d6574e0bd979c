"""What is open, and what would be opened, is saved as a description file."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import (
    QFileDialog,
)
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.description import Architecture, NetworkDescription, read_description
from cnnviz_desktop.ui.opening.picker.pages import Pages
from tests.ui.conftest import Desk
from tests.ui.picker.desk_tools import drop, picking


def saved(desk: Desk, act: Callable[[], object], path: Path) -> NetworkDescription:
    """What a file holds once it was saved by the dialog that something opens."""
    act()
    (dialog,) = [each for each in _dialogs(desk) if each.isVisible()]
    assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    dialog.fileSelected.emit(str(path))
    dialog.reject()
    return read_description(path)


def _dialogs(desk: Desk) -> list[QFileDialog]:
    return desk.window.findChildren(QFileDialog)


def test_that_the_open_network_is_saved_and_opens_again_from_the_file(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "toy.cnnviz-network.json"
    outline = desk.window.examiner.outline
    assert outline is not None
    written = saved(desk, desk.action("Save network description…").trigger, path)
    assert written == outline.description
    assert "toy.cnnviz-network.json" in desk.window.messages.messages[0].text
    drop(desk.window, path)
    qtbot.waitUntil(desk.is_idle)
    assert desk.window.examiner.subject.network == str(path)


def test_that_the_picker_saves_what_it_would_open(qtbot: QtBot, desk: Desk, pages: Pages, weights: Path) -> None:
    pages.library.table.search.setText("resnet18")
    pages.library.give_weights(str(weights), 2)
    written = saved(desk, picking(desk).picker.save_button.click, weights.with_name("mine.cnnviz-network.json"))
    assert written == NetworkDescription(
        format=1,
        name="resnet18 · best.pth",
        architecture=Architecture(torchvision="resnet18", arguments={"num_classes": 2}),
        weights="best.pth",
    )
