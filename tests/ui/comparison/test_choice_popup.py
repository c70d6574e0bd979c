"""The list that is chosen from, however much there is to choose from."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cnnviz_desktop.ui.comparison.axis_editor import AxisEditor
from cnnviz_desktop.ui.comparison.choice_popup import KEY_ROLE, MOST_LISTED, Offer


@pytest.mark.qt_log_ignore("does not support raise", "does not support grabbing the keyboard", extend=True)
def test_that_of_very_many_offers_the_first_are_listed_with_what_is_chosen(qtbot: QtBot) -> None:
    editor = AxisEditor("Layers", "Layer, by name")
    qtbot.addWidget(editor)
    last = f"layer{3 * MOST_LISTED - 1}"
    editor.offer([Offer(f"layer{number}", f"layer{number}") for number in range(3 * MOST_LISTED)])
    editor.choose([last])
    editor.open()
    listed = [editor.popup.list.item(row) for row in range(editor.popup.list.count())]
    assert len(listed) == MOST_LISTED + 2
    assert (listed[-2].text(), listed[-2].checkState()) == (last, Qt.CheckState.Checked)
    assert listed[-1].text() == "1,999 more: search for them"
    assert listed[-1].data(KEY_ROLE) is None
    editor.popup.search.setText("layer2500")
    assert [editor.popup.list.item(row).text() for row in range(editor.popup.list.count())] == ["layer2500"]
