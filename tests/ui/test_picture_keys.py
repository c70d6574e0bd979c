"""Copying and saving the picture by keys, wherever the focus is."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QTreeView, QWidget

from tests.ui.conftest import Desk

Modifier = Qt.KeyboardModifier


@pytest.mark.parametrize("kind", [QTreeView, QLineEdit])
def test_that_the_picture_can_be_saved_whatever_has_the_focus(desk: Desk, kind: type[QWidget]) -> None:
    widget = desk.window.tree.findChild(kind)
    assert widget is not None
    widget.setFocus()
    QTest.keyClick(widget, Qt.Key.Key_E, Modifier.ControlModifier | Modifier.ShiftModifier)
    (dialog,) = desk.window.findChildren(QFileDialog)
    dialog.reject()


def test_that_the_picture_is_copied_from_the_strip_of_images(desk: Desk) -> None:
    QGuiApplication.clipboard().clear()
    desk.window.strip.setFocus()
    QTest.keyClick(desk.window, Qt.Key.Key_C, Modifier.ControlModifier)
    assert not QGuiApplication.clipboard().image().isNull()
