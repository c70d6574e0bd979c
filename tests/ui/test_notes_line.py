"""Sentences take three lines at most; nothing of them is lost."""

import pytest
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from cnnviz_desktop.ui.canvas.notes_line import MOST_LINES, NotesLine

LONG = "  ·  ".join(f"Sentence {number} says something that has to be known." for number in range(20))


@pytest.fixture
def line(qtbot: QtBot) -> NotesLine:
    widget = NotesLine()
    qtbot.addWidget(widget)
    widget.resize(400, 100)
    widget.show()
    return widget


def test_that_a_short_text_is_all_there_without_a_tool_tip(line: NotesLine) -> None:
    line.setText("The map is constant.")
    assert line.text() == "The map is constant."
    assert line.toolTip() == ""


def test_that_a_long_text_ends_after_three_lines_and_is_whole_in_the_tool_tip(line: NotesLine) -> None:
    line.setText(LONG)
    assert line.text().endswith("…")
    height = QFontMetrics(line.font()).lineSpacing()
    assert line.heightForWidth(400) <= (MOST_LINES + 0.5) * height
    assert line.heightForWidth(400) > (MOST_LINES - 0.5) * height
    assert line.toolTip() == line.accessibleDescription() == LONG


def test_that_more_room_shows_more(line: NotesLine) -> None:
    line.setText(LONG)
    before = len(line.text())
    line.resize(900, 100)
    assert len(line.text()) > before
    line.resize(9000, 100)
    assert line.text() == LONG
    assert line.toolTip() == ""
