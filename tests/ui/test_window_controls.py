"""What is around the click: drops, recents, shortcuts, names for screen readers, messages and settings."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QDockWidget,
    QHeaderView,
    QLineEdit,
    QMenu,
    QMenuBar,
    QSlider,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Desk, Seat


def drop(desk: Desk, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    desk.window.dropEvent(event)


def test_that_dropped_files_open_and_are_remembered(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
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
