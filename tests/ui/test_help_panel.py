"""Help tells every method with its formula and paper, and every shortcut."""

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QAction, QTextTable
from PySide6.QtWidgets import QDockWidget
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.catalog import METHODS
from cnnviz_desktop.ui.telling.help_panel import HelpPanel, plain_text
from cnnviz_desktop.ui.telling.shipped_pages import ShippedPage, shipped_pages
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
    assert "In the comparison table" in told
    assert "show the cell over its image" in told


def wide_page(folder: Path, columns: int = 12, rows: int = 60) -> tuple[ShippedPage, ...]:
    """A page as the table of correctness is: prose, and a table wider than any dock."""
    head = " | ".join(f"a network with a name {number}" for number in range(columns))
    line = " | ".join(f"{number}e-07, {number}e-09" for number in range(columns))
    prose = "Many words that are to be wrapped at the edge of the view. " * 10
    table = f"| {head} |\n|{'---:|' * columns}\n" + f"| {line} |\n" * rows
    (folder / "wide.md").write_text(f"# A wide & long page\n\n{prose}\n\n{table}\n\n{prose}\n", "utf-8")
    return shipped_pages(folder)


@pytest.mark.parametrize("page", shipped_pages(), ids=lambda page: page.name)
def test_that_every_page_that_ships_comes_up_from_the_menu_and_by_its_link(desk: Desk, page: ShippedPage) -> None:
    panel = desk.window.findChild(HelpPanel)
    assert isinstance(panel, HelpPanel)
    desk.action("What is this?").trigger()
    assert page.title in panel.toPlainText()
    panel.anchorClicked.emit(QUrl(f"page:{page.name}"))
    by_link = panel.toPlainText()
    assert by_link.startswith(page.title)
    desk.action("About cnnviz").trigger()
    desk.action(page.title).trigger()
    assert panel.isVisible()
    assert panel.toPlainText() == by_link
    tables = [each for each in panel.document().rootFrame().childFrames() if isinstance(each, QTextTable)]
    assert len(tables) == sum(line.startswith("|---") for line in page.text().splitlines())


def test_that_a_wide_table_is_scrolled_while_the_text_around_it_is_wrapped(qtbot: QtBot, tmp_path: Path) -> None:
    panel = HelpPanel(wide_page(tmp_path))
    qtbot.addWidget(panel)
    panel.resize(700, 300)
    panel.show()
    begun = time.process_time()
    panel.show_page("wide")
    panel.document().size()
    assert time.process_time() - begun < 0.5
    assert panel.horizontalScrollBar().maximum() > 700
    (table,) = (each for each in panel.document().rootFrame().childFrames() if isinstance(each, QTextTable))
    layout = panel.document().documentLayout()
    cells = [table.cellAt(1, column).firstCursorPosition().block() for column in range(12)]
    assert {block.layout().lineCount() for block in cells} == {1}
    prose = panel.document().firstBlock().next()
    assert prose.layout().lineCount() > 3
    assert layout.blockBoundingRect(prose).width() <= 700
    assert panel.textCursor().position() == 0


def test_that_a_page_has_its_heading_for_a_title_and_no_pages_no_links(qtbot: QtBot, tmp_path: Path) -> None:
    (page,) = wide_page(tmp_path)
    assert (page.name, page.title) == ("wide", "A wide & long page")
    bare = HelpPanel()
    qtbot.addWidget(bare)
    assert "page:" not in bare.toHtml()
