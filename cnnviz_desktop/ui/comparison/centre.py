"""The middle of the window: the image, and beside it the comparison table."""

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QTabWidget, QWidget

from cnnviz_desktop.ui.comparison.page import ComparisonPage


class Centre(QTabWidget):
    """Two tabs. Esc leads back to the table from an image that was enlarged out of it.

    Attributes:
        image_action: Shows the image.
        table_action: Shows the table.
    """

    def __init__(self, image: QWidget, page: ComparisonPage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image, self._page = image, page
        self._came_from_table = False
        self.setDocumentMode(True)
        self.setAccessibleName(self.tr("Image and comparison"))
        self.addTab(image, self.tr("Image"))
        self.addTab(page, self.tr("Comparison"))
        self._group = QActionGroup(self)
        self.image_action = self._action(self.tr("Ima&ge"), "Ctrl+I", self._on_image_wanted)
        self.table_action = self._action(self.tr("Comparison &table"), "Ctrl+T", self._on_table_wanted)
        self.image_action.setChecked(True)
        self.currentChanged.connect(self._on_current_changed)

    @property
    def actions_for_menu(self) -> tuple[QAction, ...]:
        """What stands in the View menu."""
        return self.image_action, self.table_action

    def enlarge(self, keyboard: QWidget) -> None:
        """Show the image in place of the table, with the keyboard on `keyboard`, until Esc leads back."""
        self.setCurrentWidget(self._image)
        self._came_from_table = True
        keyboard.setFocus(Qt.FocusReason.OtherFocusReason)
        keyboard.removeEventFilter(self)
        keyboard.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Esc over an enlarged image before it cancels what is computed."""
        escapes = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self._came_from_table
        if escapes and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if escapes and event.type() == QEvent.Type.KeyPress:
            self._on_table_wanted()
            return True
        return super().eventFilter(watched, event)

    def _action(self, text: str, keys: str, slot: object) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))
        action.setCheckable(True)
        action.triggered.connect(slot)
        self._group.addAction(action)
        return action

    @Slot()
    def _on_image_wanted(self) -> None:
        self.setCurrentWidget(self._image)

    @Slot()
    def _on_table_wanted(self) -> None:
        self.setCurrentWidget(self._page)
        self._page.take_keyboard()

    @Slot(int)
    def _on_current_changed(self) -> None:
        self._came_from_table = False
        on_table = self.currentWidget() is self._page
        (self.table_action if on_table else self.image_action).setChecked(True)
