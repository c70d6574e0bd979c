import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cnnviz_desktop.ui.eliding_label import ElidingLabel

TEXT = "backbone.layer4.2.conv3 · 2048 maps of 7 × 7 cells"


@pytest.fixture
def label(qtbot: QtBot) -> ElidingLabel:
    widget = ElidingLabel(mode=Qt.TextElideMode.ElideMiddle)
    qtbot.addWidget(widget)
    widget.setText(TEXT)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_that_a_text_without_room_is_shortened_in_sight_and_told_whole(label: ElidingLabel) -> None:
    label.resize(150, 20)
    assert label.fontMetrics().horizontalAdvance(label.shown()) <= 150
    assert "…" in label.shown()
    assert label.shown().startswith("back")
    assert label.shown().endswith("cells")
    assert label.toolTip() == label.text() == TEXT


def test_that_a_text_with_room_is_shown_whole_without_a_tool_tip(label: ElidingLabel) -> None:
    label.resize(150, 20)
    label.resize(label.sizeHint())
    assert label.shown() == TEXT
    assert label.toolTip() == ""


def test_that_no_text_widens_or_moves_anything(label: ElidingLabel) -> None:
    assert label.minimumSizeHint().width() == 0
    height = label.sizeHint().height()
    label.setText("")
    assert label.sizeHint().height() == height > 0
