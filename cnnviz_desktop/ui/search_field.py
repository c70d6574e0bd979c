"""A field to search a list with, without leaving the keyboard."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from cnnviz_desktop.ui.own_escape import OwnEscape


class SearchField(QLineEdit):
    """Down goes on to what was found, Esc empties the field. What is dropped on it belongs to the window.

    `left_down` says that the keyboard wants to go on to the list.
    """

    left_down = Signal()

    def __init__(self, hint: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(hint)
        self.setAccessibleName(name)
        self.setClearButtonEnabled(True)
        self.setAcceptDrops(False)
        OwnEscape(self, self._has_text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handle Down and Esc."""
        if event.key() == Qt.Key.Key_Down:
            self.left_down.emit()
        elif event.key() == Qt.Key.Key_Escape and self._has_text():
            self.clear()
        else:
            super().keyPressEvent(event)

    def take_keyboard(self) -> None:
        """Have the focus, with everything selected that was typed before."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def _has_text(self) -> bool:
        return bool(self.text())
