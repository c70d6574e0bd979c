"""Esc leaves or empties what it can where the keyboard is, and else cancels what is computed."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Desk


def compute(qtbot: QtBot, desk: Desk) -> None:
    desk.window.activateWindow()
    desk.window.strip.add("sample:endless")
    qtbot.waitUntil(lambda: desk.runner.running is not None and desk.runner.running.view == "attribution")
    assert desk.action("Cancel").isEnabled()


def escape(widget: QWidget) -> None:
    widget.setFocus()
    QTest.keyClick(widget, Qt.Key.Key_Escape)


def test_that_it_empties_a_search_first_and_cancels_next(qtbot: QtBot, desk: Desk) -> None:
    compute(qtbot, desk)
    for panel in (desk.window.results.predictions, desk.window.tree):
        search = panel.findChild(QLineEdit)
        assert isinstance(search, QLineEdit)
        search.setText("tre")
        escape(search)
        assert search.text() == ""
        assert not desk.is_idle()
    escape(desk.window.tree.search)
    assert desk.is_idle()


def test_that_it_leaves_the_large_map_first_and_cancels_next(qtbot: QtBot, desk: Desk) -> None:
    compute(qtbot, desk)
    results = desk.window.results
    results.setCurrentWidget(results.kernels)
    desk.window.tree.layer_chosen.emit("stage.conv")
    pages = results.feature_maps.pages
    results.setCurrentWidget(results.feature_maps)
    desk.session.released.set()
    desk.runner.cancel("attribution")
    qtbot.waitUntil(desk.is_idle)
    pages.enlarge(results.feature_maps.grid, 1)
    desk.window.examiner.open_network("endless-held")
    desk.session.released.clear()
    assert not desk.is_idle()
    escape(pages.inspector)
    assert pages.large is None
    assert not desk.is_idle()
    escape(results.feature_maps.grid)
    assert desk.is_idle()


def test_that_it_puts_the_pointers_stand_in_away_first_and_cancels_next(qtbot: QtBot, desk: Desk) -> None:
    compute(qtbot, desk)
    view = desk.window.canvas.view
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    escape(view)
    assert not desk.is_idle()
    escape(view)
    assert desk.is_idle()
