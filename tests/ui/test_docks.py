"""Panels come up when they are needed, and everything can be put back where it was."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMenu, QTabBar
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Desk, Seat


def dock(desk: Desk, name: str) -> QDockWidget:
    found = desk.window.findChild(QDockWidget, name)
    assert isinstance(found, QDockWidget)
    return found


def test_that_only_the_network_and_the_results_are_in_sight_at_first(desk: Desk) -> None:
    visible = {each.objectName() for each in desk.window.findChildren(QDockWidget) if each.isVisible()}
    assert visible == {"network", "method", "results"}


def test_that_a_panel_at_the_bottom_comes_up_in_front_of_the_others(qtbot: QtBot, desk: Desk) -> None:
    desk.window.messages.error("Something failed.")
    desk.action("About cnnviz").trigger()
    qtbot.waitUntil(lambda: dock(desk, "help").widget().isVisible())
    desk.window.messages.error("Something else failed.")
    qtbot.waitUntil(desk.window.messages.isVisible)


def test_that_the_layout_survives_a_restart_and_can_be_reset(qtbot: QtBot, seat: Seat) -> None:
    first = seat()
    dock(first, "network").hide()
    first.window.close()
    second = seat()
    assert not dock(second, "network").isVisible()
    second.window.messages.error("Something failed.")
    second.action("Reset layout").trigger()
    assert dock(second, "network").isVisible()
    assert not dock(second, "messages").isVisible()


def test_that_every_panel_can_be_brought_back_from_the_view_menu(desk: Desk) -> None:
    (view,) = [each.menu() for each in desk.window.menuBar().actions() if each.text() == "&View"]
    assert isinstance(view, QMenu)
    for each in desk.window.findChildren(QDockWidget):
        each.close()
        (toggle,) = [action for action in view.actions() if action is each.toggleViewAction()]
        toggle.trigger()
        assert not each.isHidden()


def tab_bars(desk: Desk) -> list[QTabBar]:
    """Those of docks that are in sight."""
    bars = desk.window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return [bar for bar in bars if bar.isVisible()]


def test_that_there_are_no_tabs_until_two_panels_are_up(qtbot: QtBot, seat: Seat) -> None:
    desk = seat()
    assert tab_bars(desk) == []
    desk.window.messages.error("Something failed.")
    assert tab_bars(desk) == []
    desk.action("About cnnviz").trigger()
    qtbot.waitUntil(lambda: len(tab_bars(desk)) == 1)
    (bar,) = tab_bars(desk)
    assert {bar.tabText(place) for place in range(bar.count())} == {"Messages", "Help"}
    desk.window.close()
    again = seat()
    assert tab_bars(again) == []
    again.action("Log").trigger()
    again.action("Messages").trigger()
    qtbot.waitUntil(lambda: len(tab_bars(again)) == 1)
    for name in ("log", "messages"):
        dock(again, name).close()
    qtbot.waitUntil(lambda: tab_bars(again) == [])
    again.action("Log").trigger()
    again.action("Reset layout").trigger()
    assert tab_bars(again) == []
