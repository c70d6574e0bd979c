"""Help tells every method with its formula and paper, and every shortcut."""

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.catalog import METHODS
from cnnviz_desktop.ui.telling.help_panel import HelpPanel, plain_text
from tests.ui.conftest import Desk


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)
def test_that_every_method_is_told_with_its_formula_and_paper(qtbot: QtBot, method: object) -> None:
    panel = HelpPanel()
    qtbot.addWidget(panel)
    told = panel.toPlainText()
    wanted = next(each for each in METHODS if each is method)
    for words in (wanted.title, wanted.summary, wanted.formula, wanted.paper):
        assert words in told


def test_that_every_action_with_a_key_is_in_the_list_of_shortcuts(desk: Desk) -> None:
    desk.action("Keyboard shortcuts").trigger()
    panel = desk.window.findChild(HelpPanel)
    assert isinstance(panel, HelpPanel)
    assert panel.isVisible()
    told = panel.toPlainText()
    actions = [action for action in desk.window.findChildren(QAction) if action.shortcuts()]
    assert len(actions) > 15
    for action in actions:
        assert plain_text(action) in told
        for keys in action.shortcuts():
            assert keys.toString() in told


def test_that_the_other_pages_come_up(desk: Desk) -> None:
    panel = desk.window.findChild(HelpPanel)
    assert isinstance(panel, HelpPanel)
    desk.action("About cnnviz").trigger()
    assert "Nothing leaves this machine" in panel.toPlainText()
    desk.action("What is this?").trigger()
    assert "Grad-CAM" in panel.toPlainText()


@pytest.mark.qt_log_ignore("does not support raise", extend=True)
def test_that_the_shortcuts_are_there_while_the_panel_floats(desk: Desk) -> None:
    panel = desk.window.findChild(HelpPanel)
    dock = desk.window.findChild(QDockWidget, "help")
    assert isinstance(panel, HelpPanel)
    assert isinstance(dock, QDockWidget)
    dock.setFloating(True)
    desk.action("Keyboard shortcuts").trigger()
    told = panel.toPlainText()
    assert "Open images" in told
    assert "Ctrl+Shift+O" in told
    assert "Remove image" in told
    assert "go from cell to cell and read the values" in told
