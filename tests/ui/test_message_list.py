"""Messages are shown newest first, counted when repeated, and can be copied and acted on."""

import logging
import threading

import pytest
from PySide6.QtCore import QMessageLogContext, QtMsgType
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from cnnviz_desktop.ui.telling.log_panel import LogHandler, LogPanel, log_qt_message
from cnnviz_desktop.ui.telling.message_list import MESSAGES_KEPT, MessageAction, MessageList, MessageRow


def button(row: MessageRow, text: str) -> QAbstractButton:
    (found,) = [each for each in row.findChildren(QAbstractButton) if each.text() == text]
    return found


def test_that_the_newest_message_is_on_top_and_each_can_be_dismissed(qtbot: QtBot) -> None:
    messages = MessageList()
    qtbot.addWidget(messages)
    messages.info("first")
    messages.warning("second")
    messages.error("third")
    assert [(each.kind, each.text) for each in messages.messages] == [
        ("error", "third"),
        ("warning", "second"),
        ("info", "first"),
    ]
    button(messages.rows[1], "✕").click()
    assert [each.text for each in messages.messages] == ["third", "first"]
    messages.clear()
    assert messages.messages == ()


def test_that_the_same_message_again_is_counted(qtbot: QtBot) -> None:
    messages = MessageList()
    qtbot.addWidget(messages)
    for _ in range(3):
        messages.error("again")
    (row,) = messages.rows
    assert any(label.text().endswith("×3") for label in row.findChildren(QLabel))


def test_that_no_more_than_a_hundred_are_kept(qtbot: QtBot) -> None:
    messages = MessageList()
    qtbot.addWidget(messages)
    for number in range(MESSAGES_KEPT + 5):
        messages.info(str(number))
    assert len(messages.messages) == MESSAGES_KEPT
    assert messages.messages[0].text == str(MESSAGES_KEPT + 4)


@pytest.mark.parametrize("count", [1, 20])
def test_that_every_line_of_a_long_message_is_in_sight(qtbot: QtBot, count: int) -> None:
    messages = MessageList()
    qtbot.addWidget(messages)
    messages.resize(600, 200)
    for number in range(count):
        messages.error(f"{number}: " + "The weights do not fit the network that was chosen for them. " * 4)
    messages.show()
    qtbot.waitUntil(lambda: all(_text_fits(row) for row in messages.rows))
    messages.resize(900, 200)
    qtbot.waitUntil(lambda: all(_text_fits(row) for row in messages.rows))


def _text_fits(row: MessageRow) -> bool:
    return row._text.height() >= row._text.heightForWidth(row._text.width()) > 2 * row.fontMetrics().height()


def test_that_an_action_is_done_once(qtbot: QtBot) -> None:
    done: list[str] = []
    messages = MessageList()
    qtbot.addWidget(messages)
    messages.error("no memory", MessageAction("Go on with the CPU", lambda: done.append("cpu")))
    offered = button(messages.rows[0], "Go on with the CPU")
    offered.click()
    offered.click()
    assert done == ["cpu"]


def test_that_a_message_is_copied_as_it_stands_and_markup_in_it_is_only_text(qtbot: QtBot) -> None:
    messages = MessageList()
    qtbot.addWidget(messages)
    messages.warning("<b>file</b> & folder")
    button(messages.rows[0], "Copy").click()
    assert QGuiApplication.clipboard().text() == "<b>file</b> & folder"
    assert "<b>file</b> & folder" in [label.text() for label in messages.rows[0].findChildren(QLabel)]


def test_that_the_log_panel_hears_records_of_any_thread(qtbot: QtBot, expected_logs: list[str]) -> None:
    expected_logs.append("from afar")
    panel, handler = LogPanel(), LogHandler()
    qtbot.addWidget(panel)
    panel.listen_to(handler)
    logger = logging.getLogger("tests.log_panel")
    logger.addHandler(handler)
    thread = threading.Thread(target=logger.warning, args=("from afar",))
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: "WARNING tests.log_panel: from afar" in panel.lines.toPlainText())
    logger.removeHandler(handler)


def test_that_what_qt_has_to_say_is_logged_at_its_level(qapp: object, expected_logs: list[str]) -> None:
    expected_logs.append("WARNING qt: a plain % sign")
    log_qt_message(QtMsgType.QtWarningMsg, QMessageLogContext(), "a plain % sign")
    log_qt_message(QtMsgType.QtInfoMsg, QMessageLogContext(), "nothing to worry about")
