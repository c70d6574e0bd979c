import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from cnnviz_desktop.ui.flow_layout import FlowLayout

SIZES = ((100, 20), (80, 30), (120, 20), (60, 10))


@pytest.fixture
def boxes(qtbot: QtBot) -> list[QLabel]:
    parent = QWidget()
    qtbot.addWidget(parent)
    layout = FlowLayout(parent, spacing=10)
    found = []
    for width, height in SIZES:
        box = QLabel(parent)
        box.setFixedSize(width, height)
        layout.addWidget(box)
        found.append(box)
    return found


@pytest.mark.parametrize(
    ("width", "lines"), [(1000, [4]), (390, [4]), (389, [3, 1]), (200, [2, 2]), (90, [1, 1, 1, 1])]
)
def test_that_a_line_ends_where_the_next_item_does_not_fit(boxes: list[QLabel], width: int, lines: list[int]) -> None:
    parent = boxes[0].parentWidget()
    assert parent is not None
    layout = parent.layout()
    assert layout is not None
    layout.setGeometry(QRect(0, 0, width, 500))
    tops = [box.geometry().top() for box in boxes]
    assert [tops.count(top) for top in sorted(set(tops))] == lines
    assert all(box.geometry().right() < max(width, 120) for box in boxes)
    lowest = max(box.geometry().bottom() for box in boxes) + 1
    assert layout.heightForWidth(width) == lowest
    for box in boxes:
        assert not any(box.geometry().intersects(other.geometry()) for other in boxes if other is not box)
