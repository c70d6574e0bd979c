"""Esc keeps its meaning inside a widget that has one, before it cancels what is computed."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget


class OwnEscape(QObject):
    """Gives a widget, and all below it, the key Esc while they have something to leave or to undo.

    Args:
        widget: Whose key it is; it handles the key press itself.
        is_wanted: Whether there is something to leave or to undo now.
    """

    def __init__(self, widget: QWidget, is_wanted: Callable[[], bool]) -> None:
        super().__init__(widget)
        self._is_wanted = is_wanted
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the key before Qt takes it for a shortcut."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self._is_wanted()
        ):
            event.accept()
            return True
        return super().eventFilter(watched, event)
