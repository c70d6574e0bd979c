"""Consent can be taken back, and holds no longer from that moment on."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.settings import Settings
from cnnviz_desktop.core.trusted import Trusted
from cnnviz_desktop.ui.opening.consent_dialog import ConsentDialog
from cnnviz_desktop.ui.preferences.preferences_dialog import PreferencesDialog
from tests.ui.conftest import Desk, Seat

SHA = "ef" * 32
PROGRAMS = (
    Trusted("ab" * 32),
    Trusted("cd" * 32, "/networks/old.py", "2026-03-01T09:00"),
    Trusted(SHA, "/networks/mine.py", "2026-11-21T10:31"),
)


@pytest.fixture
def remembered(settings_path: Path) -> Path:
    settings_path.parent.mkdir()
    programs = [{"sha256": each.sha256, "file": each.file, "when": each.when} for each in PROGRAMS]
    settings_path.write_text(json.dumps({"version": 2, "trusted": programs}))
    return settings_path


def opened(desk: Desk) -> PreferencesDialog:
    desk.action("Preferences…").trigger()
    (dialog,) = desk.window.findChildren(PreferencesDialog)
    assert dialog.isVisible()
    return dialog


def rows(dialog: PreferencesDialog) -> list[list[str]]:
    tree = dialog.programs.rows
    items = (tree.topLevelItem(number) for number in range(tree.topLevelItemCount()))
    return [[item.text(column) for column in range(4)] for item in items if item is not None]


def test_that_every_program_is_listed_with_place_hash_and_day(remembered: Path, seat: Seat) -> None:
    dialog = opened(seat())
    shown = rows(dialog)
    assert [row[:2] for row in shown] == [
        ["mine.py", "/networks"],
        ["old.py", "/networks"],
        ["not known any more", "–"],
    ]
    assert [row[2] for row in shown] == ["efefefefefef…", "cdcdcdcdcdcd…", "abababababab…"]
    assert "26" in shown[0][3]
    assert shown[2][3] == "not known any more"
    first = dialog.programs.rows.topLevelItem(0)
    assert first is not None
    assert first.toolTip(2) == SHA


def test_that_the_shortcut_opens_it(desk: Desk) -> None:
    assert desk.action("Preferences…").shortcut() == QKeySequence("Ctrl+,")


def test_that_what_is_revoked_is_told_to_the_worker_forgotten_and_asked_about_again(
    qtbot: QtBot, remembered: Path, seat: Seat
) -> None:
    desk = seat(network="consent")
    assert desk.session.trusted == [each.sha256 for each in PROGRAMS]
    dialog = opened(desk)
    assert not dialog.programs.revoke_button.isEnabled()
    dialog.programs.rows.topLevelItem(0).setSelected(True)  # type: ignore[union-attr]  # there are three
    dialog.programs.revoke_button.click()
    desk.window.examiner.open_network("consent")
    qtbot.waitUntil(lambda: bool(desk.window.findChildren(ConsentDialog)))
    assert SHA not in desk.session.trusted
    assert desk.settings.settings.trusted == PROGRAMS[:2]
    assert [row[0] for row in rows(dialog)] == ["old.py", "not known any more"]
    assert json.loads(remembered.read_text())["trusted"][-1]["file"] == "/networks/old.py"
    for asked in desk.window.findChildren(ConsentDialog):
        asked.reject()


def test_that_all_can_be_revoked_at_once_and_the_page_says_what_it_is_for(remembered: Path, seat: Seat) -> None:
    desk = seat()
    dialog = opened(desk)
    dialog.programs.revoke_all_button.click()
    assert desk.settings.settings.trusted == ()
    assert rows(dialog) == []
    assert not dialog.programs.rows.isVisible()
    assert not dialog.programs.revoke_all_button.isEnabled()
    assert "No program may run without a question" in dialog.programs.explanation.text()


def test_that_what_is_allowed_while_the_dialog_is_open_appears_in_it(qtbot: QtBot, desk: Desk) -> None:
    dialog = opened(desk)
    assert rows(dialog) == []
    desk.window.examiner.open_network("consent")
    qtbot.waitUntil(lambda: bool(desk.window.findChildren(ConsentDialog)))
    (asked,) = desk.window.findChildren(ConsentDialog)
    asked.run_button.click()
    assert [row[0] for row in rows(dialog)] == ["mine.py"]
    qtbot.waitUntil(desk.is_idle)


def test_that_rows_can_be_revoked_by_the_keyboard(remembered: Path, seat: Seat) -> None:
    dialog = opened(seat())
    dialog.programs.rows.setFocus()
    QTest.keyClick(dialog.programs.rows, Qt.Key.Key_Delete)
    assert len(rows(dialog)) == len(PROGRAMS), "nothing is chosen"
    for key in (Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Delete):
        QTest.keyClick(dialog.programs.rows, key)
    assert [row[0] for row in rows(dialog)] == ["mine.py", "old.py"]


def test_that_mirrors_are_remembered_as_they_are_written(desk: Desk) -> None:
    dialog = opened(desk)
    dialog.weights.mirrors.text.setPlainText("https://mirror.example/torch")
    assert desk.settings.settings.mirrors == ("https://mirror.example/torch",)
    dialog.weights.mirrors.text.setPlainText("not an address")
    assert desk.settings.settings.mirrors == ("https://mirror.example/torch",)
    assert dialog.weights.mirrors.text.toPlainText() == "not an address"


def test_that_the_device_is_chosen_and_told(qtbot: QtBot, desk: Desk) -> None:
    dialog = opened(desk)
    assert "CPU" in dialog.device.now.text()
    button = next(each for each in dialog.device.findChildren(QRadioButton) if each.text() == "&CPU")
    button.click()
    qtbot.waitUntil(desk.is_idle)
    assert desk.window.examiner.subject.device == "cpu"
    assert desk.settings.settings.device == "cpu"


def test_that_no_consent_stands_in_a_request(desk: Desk) -> None:
    """What may run is a setting of this machine alone: no file that travels can carry it."""
    assert Settings().trusted == ()
    assert not any("trust" in json.dumps(json.loads(request.to_json())) for request in desk.session.ran)
