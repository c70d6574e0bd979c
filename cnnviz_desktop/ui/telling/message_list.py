"""What the program has to tell, newest first, without a modal box."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cnnviz_desktop.ui.telling.bug_report import bug_report

MESSAGES_KEPT = 100
ICON = QSize(20, 20)

_ICONS = {
    "info": QStyle.StandardPixmap.SP_MessageBoxInformation,
    "warning": QStyle.StandardPixmap.SP_MessageBoxWarning,
    "error": QStyle.StandardPixmap.SP_MessageBoxCritical,
}


@dataclass(frozen=True, slots=True)
class MessageAction:
    """Something a message offers to do."""

    label: str
    do: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell.

    Attributes:
        kind: How much it matters.
        text: The sentences.
        details: A traceback where the program is at fault; makes “copy report” appear.
        actions: What can be done about it.
    """

    kind: Literal["info", "warning", "error"]
    text: str
    details: str = ""
    actions: tuple[MessageAction, ...] = ()


class _ActionButton(QPushButton):
    """Does one action, once: what was offered may not fit any more after that."""

    def __init__(self, action: MessageAction) -> None:
        super().__init__(action.label)
        self._action = action
        self.clicked.connect(self._on_clicked)

    @Slot()
    def _on_clicked(self) -> None:
        self.setEnabled(False)
        self._action.do()


class MessageRow(QFrame):
    """One message: when, what, and buttons for what can be done with it."""

    dismissed = Signal(object)  # this row

    def __init__(self, message: Message) -> None:
        super().__init__()
        self.message = message
        self._count = 1
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName(message.text)
        self._time = QLabel(f"{datetime.now():%H:%M:%S}")
        self._text = QLabel(message.text)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop)
        policy = self._text.sizePolicy()  # that of a wrapped text, whose height follows from its width
        policy.setHorizontalPolicy(QSizePolicy.Policy.Expanding)
        self._text.setSizePolicy(policy)
        icon = QLabel()
        icon.setPixmap(self.style().standardIcon(_ICONS[message.kind]).pixmap(ICON))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(icon, 0, top)
        row.addWidget(self._time, 0, top)
        row.addWidget(self._text, 1, top)
        for button in self._buttons():
            row.addWidget(button, 0, top)

    def repeat(self) -> None:
        """Tell that the same has happened again."""
        self._count += 1
        self._time.setText(f"{datetime.now():%H:%M:%S} ×{self._count}")

    def _buttons(self) -> list[QWidget]:
        buttons: list[QWidget] = [_ActionButton(action) for action in self.message.actions]
        copy = QPushButton(self.tr("Copy report") if self.message.details else self.tr("Copy"))
        copy.clicked.connect(self._on_copy)
        dismiss = QToolButton()
        dismiss.setText("✕")
        dismiss.setAutoRaise(True)
        dismiss.setToolTip(self.tr("Dismiss"))
        dismiss.setAccessibleName(self.tr("Dismiss this message"))
        dismiss.clicked.connect(self._on_dismiss)
        return [*buttons, copy, dismiss]

    @Slot()
    def _on_copy(self) -> None:
        details = self.message.details
        QGuiApplication.clipboard().setText(bug_report(self.message.text, details) if details else self.message.text)

    @Slot()
    def _on_dismiss(self) -> None:
        self.dismissed.emit(self)


class MessageList(QWidget):
    """All messages of this run that were not dismissed."""

    arrived = Signal(object)  # a Message

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[MessageRow] = []
        self._none = QLabel(self.tr("There is nothing to report."))
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._clear = QPushButton(self.tr("Dismiss all"))
        self._clear.clicked.connect(self.clear)
        content = QWidget()
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(4, 4, 4, 4)
        self._column.setSpacing(4)
        self._column.addWidget(self._none, 1)
        self._column.addWidget(self._clear, 0, Qt.AlignmentFlag.AlignRight)
        self._column.addStretch(0)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(content)
        area.setAccessibleName(self.tr("Messages"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        self._show_whether_empty()

    def tell(self, message: Message) -> None:
        """Show a message on top; the same one again is counted, not repeated."""
        if self._rows and self._rows[0].message == message:
            self._rows[0].repeat()
        else:
            row = MessageRow(message)
            row.dismissed.connect(self._on_dismissed)
            self._rows.insert(0, row)
            self._column.insertWidget(0, row)
            for old in self._rows[MESSAGES_KEPT:]:
                self._remove(old)
        self._show_whether_empty()
        self.arrived.emit(message)

    def info(self, text: str) -> None:
        """Tell something that is good to know."""
        self.tell(Message("info", text))

    def warning(self, text: str, *actions: MessageAction) -> None:
        """Tell something to think about before believing what is seen."""
        self.tell(Message("warning", text, actions=actions))

    def error(self, text: str, *actions: MessageAction, details: str = "") -> None:
        """Tell what could not be done."""
        self.tell(Message("error", text, details, actions))

    @property
    def messages(self) -> tuple[Message, ...]:
        """What is shown, newest first."""
        return tuple(row.message for row in self._rows)

    @property
    def rows(self) -> tuple[MessageRow, ...]:
        """The rows, newest first."""
        return tuple(self._rows)

    @Slot()
    def clear(self) -> None:
        """Dismiss everything."""
        for row in self.rows:
            self._remove(row)
        self._show_whether_empty()

    @Slot(object)
    def _on_dismissed(self, row: MessageRow) -> None:
        self._remove(row)
        self._show_whether_empty()

    def _remove(self, row: MessageRow) -> None:
        self._rows.remove(row)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _show_whether_empty(self) -> None:
        self._none.setVisible(not self._rows)
        self._clear.setVisible(len(self._rows) > 1)
        self._column.setStretch(self._column.count() - 1, 1 if self._rows else 0)
