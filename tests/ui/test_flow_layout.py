import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from cnnviz_desktop.ui.flow_layout import FlowLayout

SIZES = ((100, 20), (80, 30), (120, 20), (60, 10))


@pytest.fixture
def group(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    layout = FlowLayout(widget, spacing=10)
    for width, height in SIZES:
        box = QLabel(widget)
        box.setFixedSize(width, height)
        layout.addWidget(box)
    return widget


@pytest.mark.parametrize(
    ("width", "lines"), [(1000, [4]), (390, [4]), (389, [3, 1]), (200, [2, 2]), (90, [1, 1, 1, 1])]
)
def test_that_a_line_ends_where_the_next_item_does_not_fit(group: QWidget, width: int, lines: list[int]) -> None:
    layout = group.layout()
    assert layout is not None
    layout.setGeometry(QRect(0, 0, width, 500))
    boxes = [box.geometry() for box in group.findChildren(QLabel)]
    tops = [box.top() for box in boxes]
    assert [tops.count(top) for top in sorted(set(tops))] == lines
    assert all(box.right() < max(width, 120) for box in boxes)
    assert layout.heightForWidth(width) == max(box.bottom() for box in boxes) + 1
    for box in boxes:
        assert not any(box.intersects(other) for other in boxes if other is not box)
