"""What is around the click: drops, recents, shortcuts, names for screen readers, messages and settings."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QDockWidget,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QMenuBar,
    QSlider,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.resources import sample_images
from cnnviz_desktop.ui.canvas.readout import Readout
from tests.ui.conftest import Desk, Seat


def drop(desk: Desk, *paths: Path, action: Qt.DropAction = Qt.DropAction.CopyAction) -> Qt.DropAction:
    """Drop files; what the window says it did with them."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    offered = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    event = QDropEvent(QPointF(9, 9), offered, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    event.setDropAction(action)
    desk.window.dropEvent(event)
    return event.dropAction() if event.isAccepted() else Qt.DropAction.IgnoreAction


def test_that_dropped_files_open_and_are_remembered(qtbot: QtBot, seat: Seat, tmp_path: Path) -> None:
    desk = seat(images=())
    image, network, weights = tmp_path / "ball.png", tmp_path / "mine.cnnviz-network.json", tmp_path / "w.pth"
    for path in (image, network, weights):
        path.write_bytes(b"something")
    drop(desk, image, network, weights)
    qtbot.waitUntil(desk.is_idle)
    assert desk.window.strip.references == (str(image),), "the samples make room"
    assert desk.window.examiner.subject.network == str(network)
    assert desk.window.canvas.overlay is not None
    assert [message.kind for message in desk.window.messages.messages] == ["warning"]
    assert "w.pth" in desk.window.messages.messages[0].text
    assert desk.settings.settings.recent_images.references == (str(image),)
    assert desk.settings.settings.recent_networks.references == (str(network),)


def test_that_recents_are_there_after_a_restart_and_missing_ones_are_greyed(
    qtbot: QtBot, seat: Seat, tmp_path: Path
) -> None:
    here, gone = tmp_path / "here.png", tmp_path / "gone.png"
    for path in (here, gone):
        path.write_bytes(b"something")
    seat(images=(str(gone), str(here))).window.close()
    gone.unlink()
    desk = seat()
    menu = desk.window.findChild(QWidget, "recent images")
    assert menu is not None
    menu.aboutToShow.emit()  # type: ignore[attr-defined]
    entries = {action.text().partition(" ")[2]: action for action in menu.actions()}
    assert {text: action.isEnabled() for text, action in entries.items()} == {
        "gone.png (missing)": False,
        "here.png": True,
    }
    entries["here.png"].trigger()
    qtbot.waitUntil(desk.is_idle)
    assert desk.window.examiner.subject.image == str(here)


def test_that_pasting_a_path_opens_the_image(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    image = tmp_path / "ball.png"
    QImage(4, 4, QImage.Format.Format_RGB32).save(str(image))
    QGuiApplication.clipboard().setText(str(image))
    desk.action("Paste image or path").trigger()
    qtbot.waitUntil(desk.is_idle)
    assert desk.window.examiner.subject.image == str(image)


def test_that_no_shortcut_means_two_things(desk: Desk) -> None:
    """Keys of one view alone may mean the same in another view, but nothing else in the window."""
    actions = [action for action in desk.window.findChildren(QAction) if action.shortcuts()]
    own = Qt.ShortcutContext.WidgetWithChildrenShortcut
    everywhere = [keys.toString() for each in actions if each.shortcutContext() != own for keys in each.shortcuts()]
    in_views: dict[object, list[str]] = {}
    for action in actions:
        if action.shortcutContext() == own:
            views = [each for each in action.associatedObjects() if not isinstance(each, QMenu)]
            in_views.setdefault(views[0], []).extend(keys.toString() for keys in action.shortcuts())
    assert len(everywhere) > 10
    assert sorted(everywhere) == sorted(set(everywhere))
    for keys in in_views.values():
        assert sorted(keys) == sorted(set(keys))
        assert not set(keys) & set(everywhere)


def test_that_every_menu_mark_is_its_own_within_its_menu(desk: Desk) -> None:
    for menu in [desk.window.menuBar(), *(action.menu() for action in desk.window.menuBar().actions())]:
        assert menu is not None
        texts = [action.text() for action in menu.actions() if not action.isSeparator()]  # type: ignore[attr-defined]
        marks = [text[text.index("&") + 1].casefold() for text in texts if "&" in text]
        assert sorted(marks) == sorted(set(marks)), texts


def test_that_every_control_has_a_name_for_a_screen_reader(desk: Desk) -> None:
    kinds = QAbstractButton | QAbstractItemView | QComboBox | QLineEdit | QSlider
    nameless = [
        f"{type(each).__name__} in {type(each.parent()).__name__}"
        for each in desk.window.findChildren(QWidget)
        if isinstance(each, kinds) and not each.objectName().startswith("qt_")
        if not each.accessibleName() and not getattr(each, "text", str)() and not _is_qts_own(each)
    ]
    assert not nameless


def _is_qts_own(widget: QWidget) -> bool:
    """Parts that Qt makes inside its own widgets: headers, the buttons of docks and tab bars, the lists of combos."""
    parent = widget.parentWidget()
    own = QDockWidget | QLineEdit | QComboBox | QAbstractSpinBox | QTabBar | QMenuBar
    grandparent = parent.parentWidget() if parent is not None else None
    return isinstance(widget, QHeaderView) or isinstance(parent, own) or isinstance(grandparent, QComboBox)


@pytest.mark.parametrize("kind", ["info", "warning"])
def test_that_a_warning_brings_the_messages_up_and_a_note_does_not(desk: Desk, kind: str) -> None:
    getattr(desk.window.messages, kind)("Something is so.")
    assert desk.window.messages.isVisible() == (kind == "warning")


def test_that_a_place_that_cannot_keep_settings_is_told_once(qtbot: QtBot, seat: Seat, settings_path: Path) -> None:
    settings_path.parent.write_text("a file where the folder should be")
    desk = seat()
    desk.action("CPU").trigger()
    qtbot.waitUntil(desk.is_idle)
    desk.action("Automatic").trigger()
    qtbot.waitUntil(desk.is_idle)
    texts = [message.text for message in desk.window.messages.messages]
    assert len([text for text in texts if "cannot be written" in text]) == 1


def test_that_a_file_dropped_with_shift_stays_where_it_is(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    """Whoever accepts a move tells the file manager to delete the file."""
    image = tmp_path / "ball.png"
    image.write_bytes(b"something")
    assert drop(desk, image, action=Qt.DropAction.MoveAction) == Qt.DropAction.CopyAction
    qtbot.waitUntil(desk.is_idle)


def test_that_no_field_takes_dropped_files_for_text(desk: Desk) -> None:
    searches = [each for each in desk.window.findChildren(QLineEdit) if "earch" in each.accessibleName()]
    assert len(searches) == 3
    assert not any(each.acceptDrops() for each in searches)


def test_that_images_stay_beside_scenes_that_were_asked_for(qtbot: QtBot, seat: Seat, tmp_path: Path) -> None:
    mine = tmp_path / "mine.png"
    mine.write_bytes(b"something")
    desk = seat(images=("sample:one", str(mine)))
    assert desk.window.strip.references == ("sample:one", str(mine))
    desk.window.examiner.open_network("other")
    desk.action("Open the sample").trigger()
    qtbot.waitUntil(desk.is_idle)
    assert desk.window.strip.references == ("sample:one", str(mine), *sample_images())
    assert desk.window.examiner.subject.network == "sample"
    assert desk.window.examiner.subject.image == sample_images()[0]


def test_that_a_note_leaves_the_readout_readable(desk: Desk) -> None:
    desk.window.canvas.readout_changed.emit(Readout(x=3, y=4, rgb=(1, 2, 3)))
    desk.window.messages.info("It was copied.")
    labels = [each.text() for each in desk.window.statusBar().findChildren(QLabel) if each.isVisible()]
    assert "x 3  y 4  RGB 1 2 3" in labels
    assert "It was copied." in labels


def test_that_the_log_tells_what_ran_how_long_and_where(
    qtbot: QtBot, seat: Seat, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    desk = seat()
    desk.window.examiner.open_network("broken")
    qtbot.waitUntil(desk.is_idle)
    desk.window.strip.add("sample:endless")
    qtbot.waitUntil(lambda: desk.runner.running is not None and desk.runner.running.view == "attribution")
    desk.action("Cancel").trigger()
    told = "\n".join(caplog.messages)
    for pattern in (
        r"#2 outline \[sample\]: started",
        r"gradcam stage sample:one \[sample\]: done in \d+\.\d\d s",
        r"Toy sample \(sample\): 5 layers, 435 parameters, weights abababababab, on cpu: There is no graphics card",
        r"outline \[broken\]: failed, NetworkError: broken cannot be opened",
        r"gradcam stage sample:endless \[sample\]: cancelled",
    ):
        assert re.search(pattern, told), pattern


def test_that_closing_waits_for_the_worker_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    shutdown = desk.runner.shutdown

    def counted(timeout_s: float = 3.0) -> bool:
        waits.append(timeout_s)
        return shutdown(timeout_s)

    monkeypatch.setattr(desk.runner, "shutdown", counted)
    desk.window.close()
    desk.window.end_jobs()  # as the program does when it ends
    assert waits == [3.0]


def test_that_the_window_has_an_icon(desk: Desk) -> None:
    assert QSize(256, 256) in desk.window.windowIcon().availableSizes()


def test_that_a_folder_leaves_the_recent_images_their_places(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    before, folder = tmp_path / "before.png", tmp_path / "many"
    before.write_bytes(b"something")
    drop(desk, before)
    folder.mkdir()
    paths = [folder / f"{number}.png" for number in range(20)]
    for path in paths:
        path.write_bytes(b"something")
    drop(desk, *paths)
    qtbot.waitUntil(desk.is_idle)
    assert desk.settings.settings.recent_images.references == (str(paths[0]), str(before))
