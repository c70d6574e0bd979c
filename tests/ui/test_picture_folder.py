"""Every view saves its pictures where the last one was saved, after a restart too."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from cnnviz_desktop.ui.picture_export import PictureActions
from tests.ui.conftest import Desk, Seat


def folders(desk: Desk) -> list[Path]:
    return [each.folder for each in desk.window.findChildren(PictureActions)]


def test_that_the_folder_of_a_saved_picture_is_that_of_all_views_from_then_on(
    qtbot: QtBot, seat: Seat, tmp_path: Path
) -> None:
    desk = seat()
    assert len(folders(desk)) > 3
    desk.window.canvas.picture_actions.copy_action.trigger()
    assert set(folders(desk)) == {Path.home()}
    desk.window.canvas.picture_actions.save_action.trigger()
    (dialog,) = desk.window.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "seen.png"))
    dialog.reject()
    assert (tmp_path / "seen.png").is_file()
    assert set(folders(desk)) == {tmp_path}
    desk.window.close()
    assert set(folders(seat())) == {tmp_path}
