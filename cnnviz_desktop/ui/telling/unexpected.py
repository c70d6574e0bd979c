"""Exceptions that nobody caught, in any thread: logged, and told in the window as bugs."""

import logging
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QObject, Signal

logger = logging.getLogger(__name__)


class UnexpectedErrors(QObject):
    """Takes the interpreter's hooks for uncaught exceptions until `release`.

    `happened` carries a sentence and the traceback, as text; it reaches slots of the GUI thread from any thread.
    """

    happened = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hooks = sys.excepthook, threading.excepthook
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception

    def release(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook = self._hooks

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._hooks[0](kind, error, trace)
            return
        logger.error("An error was not expected.", exc_info=(kind, error, trace))
        summary = "".join(traceback.format_exception_only(error)).strip()
        message = self.tr("The program is at fault here: {0}").format(summary)
        self.happened.emit(message, "".join(traceback.format_exception(kind, error, trace)))

    def _on_thread_exception(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self._on_exception(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)
