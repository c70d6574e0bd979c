"""The picker by the keyboard alone, and for those who do not see it."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.description import Architecture, NetworkDescription
from cnnviz_desktop.ui.opening.picker.pages import Pages
from tests.ui.conftest import Desk
from tests.ui.picker.desk_tools import picking


def test_that_enter_opens_from_the_list_and_only_ends_typing_in_the_arguments(
    qtbot: QtBot, desk: Desk, pages: Pages
) -> None:
    picker, arguments = picking(desk).picker, pages.library.arguments
    pages.library.table.search.setText("v")
    arguments.setFocus()
    for column, text in ((0, "depth"), (1, "3")):
        arguments.setCurrentIndex(arguments.arguments.index(0, column))
        QTest.keyClicks(arguments, text[0])
        editor = picker.focusWidget()
        assert isinstance(editor, QLineEdit)
        QTest.keyClicks(editor, text[1:])
        QTest.keyClick(editor, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: arguments.state() == QAbstractItemView.State.NoState)
    assert picker.isVisible()
    assert arguments.given == {"depth": 3}
    QTest.keyClick(pages.library.table.view, Qt.Key.Key_Down)
    assert picker.open_button.accessibleDescription() == picker.words.text()
    QTest.keyClick(pages.library.table.view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not picker.isVisible())
    qtbot.waitUntil(desk.is_idle)
    network = desk.window.examiner.subject.network
    assert isinstance(network, NetworkDescription)
    assert network.architecture == Architecture(timm="vit_tiny", arguments={"depth": 3})


def test_that_escape_empties_the_search_before_it_closes(qtbot: QtBot, desk: Desk, pages: Pages) -> None:
    picker, search = picking(desk).picker, pages.library.table.search
    search.setText("vgg")
    QTest.keyClick(search, Qt.Key.Key_Escape)
    assert (picker.isVisible(), search.text()) == (True, "")
    QTest.keyClick(search, Qt.Key.Key_Escape)
    assert not picker.isVisible()


def test_that_every_control_has_a_name_and_is_reached_by_the_keyboard(desk: Desk, pages: Pages) -> None:
    kinds = QAbstractButton | QAbstractItemView | QComboBox | QLineEdit | QAbstractSpinBox
    found = [
        each
        for each in picking(desk).picker.findChildren(QWidget)
        if isinstance(each, kinds) and not each.objectName().startswith("qt_") and not _is_qts_own(each)
    ]
    assert len(found) > 30
    nameless = [each for each in found if not each.accessibleName() and not getattr(each, "text", str)()]
    assert nameless == []
    assert [each for each in found if not each.focusPolicy() & Qt.FocusPolicy.TabFocus] == []


def _is_qts_own(widget: QWidget) -> bool:
    """Parts that Qt makes inside its own widgets: headers, the lists of combos, the lines of spin boxes."""
    parent = widget.parentWidget()
    grandparent = parent.parentWidget() if parent is not None else None
    own = QLineEdit | QComboBox | QAbstractSpinBox | QAbstractItemView
    return isinstance(widget, QHeaderView) or isinstance(parent, own) or isinstance(grandparent, QComboBox)
