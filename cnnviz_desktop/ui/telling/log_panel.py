"""What the program logs, for whoever looks for a fault."""

import logging

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

LINES_KEPT = 5000

_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
}


class _Bridge(QObject):
    line = Signal(str)


class LogHandler(logging.Handler):
    """Brings log records of any thread to the GUI thread, as text."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.bridge = _Bridge()
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S"))

    def emit(self, record: logging.LogRecord) -> None:
        """Send the formatted record on."""
        try:
            self.bridge.line.emit(self.format(record))
        except Exception:
            self.handleError(record)


def log_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Log what Qt itself has to say; for `qInstallMessageHandler`."""
    logging.getLogger("qt").log(_QT_LEVELS.get(kind, logging.ERROR), "%s", message)


class LogPanel(QWidget):
    """The last lines of the log."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = QPlainTextEdit()
        self.lines.setReadOnly(True)
        self.lines.setMaximumBlockCount(LINES_KEPT)
        self.lines.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.lines.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.lines.setPlaceholderText(self.tr("Nothing has been logged."))
        self.lines.setAccessibleName(self.tr("Log"))
        copy = QPushButton(self.tr("Copy all"))
        copy.clicked.connect(self._on_copy)
        clear = QPushButton(self.tr("Clear"))
        clear.clicked.connect(self.lines.clear)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(copy)
        buttons.addWidget(clear)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self.lines)
        layout.addLayout(buttons)

    def listen_to(self, handler: LogHandler) -> None:
        """Show what the handler brings from now on."""
        handler.bridge.line.connect(self._on_line)

    @Slot(str)
    def _on_line(self, line: str) -> None:
        self.lines.appendPlainText(line)

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.lines.toPlainText())
