"""The picker of a desk, and drops."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import (
    QWidget,
)

from cnnviz_desktop.ui.opening.picker.picker import Picker
from cnnviz_desktop.ui.opening.picking import Picking
from tests.ui.conftest import Desk


def picking(desk: Desk) -> Picking:
    (found,) = desk.window.findChildren(Picking)
    return found


def dropped(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drop(target: Picker | QWidget, *paths: Path) -> None:
    data = dropped(*paths)
    copy = Qt.DropAction.CopyAction
    event = QDropEvent(QPointF(9, 9), copy, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    target.dropEvent(event)
