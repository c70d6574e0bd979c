from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.weights_folder import note_sha256, part_of
from cnnviz_desktop.ui.weights.stored_dialog import StoredDialog
from cnnviz_desktop.ui.weights.stored_model import NAME, NETWORK, SIZE
from tests.ui.conftest import Desk
from tests.ui.weights.scripted import WEIGHTS


@pytest.fixture
def dialog(qtbot: QtBot, folder: Path) -> StoredDialog:
    """Three files and an unfinished download, listed."""
    for name, size in (("a.pth", 3 << 20), (WEIGHTS.file_name, 2 << 20), ("c.pth", 10 << 20)):
        (folder / name).write_bytes(bytes(size))
    note_sha256(folder / WEIGHTS.file_name, "11ad3fa6" + "0" * 56)
    part_of(folder / "d.pth").write_bytes(bytes(1 << 20))
    listing = StoredDialog()
    qtbot.addWidget(listing)
    listing.tell_networks((WEIGHTS,))
    listing.show()
    return listing


def shown(dialog: StoredDialog) -> list[list[str]]:
    model = dialog.table.model()
    return [
        [str(model.data(model.index(row, column))) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def click(button: QPushButton) -> None:
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_that_every_file_is_listed_with_network_size_and_hash(dialog: StoredDialog, folder: Path) -> None:
    assert shown(dialog) == [
        ["a.pth", "–", "3.0 MiB", "checked when it is used"],
        ["c.pth", "–", "10.0 MiB", "checked when it is used"],
        ["d.pth", "–", "1.0 MiB", "unfinished download"],
        [WEIGHTS.file_name, "trained50@V2", "2.0 MiB", "checked, 11ad3fa6…"],
    ]
    assert dialog.total.text().startswith("4 files, 16.0 MiB.")
    assert str(folder) in dialog.total.text()


def test_that_sizes_are_sorted_as_numbers(dialog: StoredDialog) -> None:
    dialog.table.sortByColumn(SIZE, Qt.SortOrder.DescendingOrder)
    assert [row[SIZE] for row in shown(dialog)] == ["10.0 MiB", "3.0 MiB", "2.0 MiB", "1.0 MiB"]


def test_that_nothing_is_deleted_before_a_second_word(dialog: StoredDialog, folder: Path) -> None:
    assert not dialog.delete_button.isEnabled()
    dialog.table.selectRow(0)
    click(dialog.delete_button)
    assert dialog.question.isVisible()
    assert dialog.keep_button.hasFocus() or dialog.focusWidget() is dialog.keep_button
    click(dialog.keep_button)
    assert not dialog.question.isVisible()
    assert (folder / "a.pth").exists()


def test_that_what_was_selected_is_deleted_in_the_order_that_is_shown(dialog: StoredDialog, folder: Path) -> None:
    dialog.table.sortByColumn(SIZE, Qt.SortOrder.DescendingOrder)
    dialog.table.selectRow(0)
    click(dialog.delete_button)
    click(dialog.confirm_button)
    assert not (folder / "c.pth").exists()
    assert len(shown(dialog)) == 3
    assert dialog.total.text().startswith("3 files, 6.0 MiB.")


def test_that_another_selection_takes_the_question_back(dialog: StoredDialog, folder: Path) -> None:
    dialog.table.selectRow(0)
    click(dialog.delete_button)
    dialog.table.selectRow(1)
    assert not dialog.question.isVisible()
    assert (folder / "a.pth").exists()


def test_that_several_are_deleted_at_once(dialog: StoredDialog, folder: Path) -> None:
    dialog.table.selectAll()
    click(dialog.delete_button)
    click(dialog.confirm_button)
    assert list(folder.iterdir()) == []
    assert "There are none yet." in dialog.total.text()


def test_that_a_file_that_cannot_be_deleted_is_told_and_stays(dialog: StoredDialog, folder: Path) -> None:
    dialog.table.selectRow(0)
    click(dialog.delete_button)
    (folder / "a.pth").unlink()
    (folder / "a.pth").mkdir()
    click(dialog.confirm_button)
    assert "a.pth cannot be deleted" in dialog.total.text()


def test_that_the_menu_shows_the_list_as_it_is_now(desk: Desk, folder: Path) -> None:
    desk.action("Weights on this machine…").trigger()
    (dialog,) = desk.window.findChildren(StoredDialog)
    assert dialog.isVisible()
    assert not dialog.isModal()
    assert shown(dialog) == []
    dialog.close()
    (folder / "new.pth").touch()
    desk.action("Weights on this machine…").trigger()
    assert [row[NAME] for row in shown(dialog)] == ["new.pth"]


def test_that_the_libraries_are_asked_which_networks_the_files_are_for(qtbot: QtBot, desk: Desk, folder: Path) -> None:
    (folder / WEIGHTS.file_name).touch()
    desk.action("Weights on this machine…").trigger()
    (dialog,) = desk.window.findChildren(StoredDialog)
    assert shown(dialog)[0][NETWORK] == "–"
    qtbot.waitUntil(lambda: shown(dialog)[0][NETWORK] == "trained50@V2")
    desk.action("Weights on this machine…").trigger()
    assert len(desk.session.of("networks")) == 1
    dialog.table.selectRow(0)
    click(dialog.delete_button)
    click(dialog.confirm_button)
    qtbot.waitUntil(lambda: len(desk.session.of("networks")) == 2)  # the picker shows what is here, too


def test_that_a_file_of_hugging_face_is_known_by_its_repository(dialog: StoredDialog, tmp_path: Path) -> None:
    link = tmp_path / "faces" / "hub" / "models--timm--net" / "snapshots" / ("c" * 40) / "model.safetensors"
    link.parent.mkdir(parents=True)
    link.touch()
    dialog.tell_networks((replace(WEIGHTS, network="timm:net@a1", repository="timm/net", repository_file=link.name),))
    assert ["timm/net/model.safetensors", "net@a1"] in [row[:2] for row in shown(dialog)]
