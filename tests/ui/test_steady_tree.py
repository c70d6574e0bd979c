"""A tree keeps its current row in sight while it is made smaller."""

import pytest
from PySide6.QtGui import QStandardItem, QStandardItemModel
from pytestqt.qtbot import QtBot

from cnnviz_desktop.ui.steady_tree import SteadyTree

ROWS = 60


@pytest.fixture
def tree(qtbot: QtBot) -> SteadyTree:
    made = SteadyTree()
    model = QStandardItemModel(made)
    for number in range(ROWS):
        model.appendRow(QStandardItem(f"row {number}"))
    made.setModel(model)
    qtbot.addWidget(made)
    made.resize(200, 400)
    made.setCurrentIndex(model.index(ROWS - 1, 0))
    made.show()
    return made


def is_in_sight(tree: SteadyTree) -> bool:
    return tree.viewport().rect().contains(tree.visualRect(tree.currentIndex()).center())


def test_that_the_current_row_stays_in_sight_when_the_tree_is_made_smaller(tree: SteadyTree) -> None:
    tree.scrollTo(tree.currentIndex())
    assert is_in_sight(tree)
    for height in (300, 150, 80):
        tree.resize(200, height)
        assert is_in_sight(tree)


def test_that_a_tree_that_was_scrolled_away_from_it_stays_there(tree: SteadyTree) -> None:
    tree.scrollToTop()
    assert not is_in_sight(tree)
    tree.resize(200, 300)
    assert not is_in_sight(tree)
    assert tree.verticalScrollBar().value() == 0
