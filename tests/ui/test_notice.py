"""The line that tells something for a while."""

from pytestqt.qtbot import QtBot

from cnnviz_desktop.ui.telling.notice import Notice

LONG = "A TorchScript program does not say which pictures it takes, and much else that is long to tell. " * 3


def test_that_a_long_note_is_cut_in_sight_told_whole_and_goes(qtbot: QtBot) -> None:
    notice = Notice()
    qtbot.addWidget(notice)
    notice.resize(200, 20)
    notice.show()
    notice.tell(LONG)
    assert notice.shown().endswith("…")
    assert notice.fontMetrics().horizontalAdvance(notice.shown()) <= 200
    assert notice.toolTip() == notice.text() == LONG
    notice._over.timeout.emit()
    assert (notice.text(), notice.toolTip()) == ("", "")
