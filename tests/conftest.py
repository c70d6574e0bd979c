"""What every test is held to: no thread or timer left running, no warning in the log that nobody expected."""

import logging
import os
import re
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QThread, QTimer
from shiboken6 import isValid

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture
def expected_logs() -> list[str]:
    """Patterns of the warnings that the test expects; each must come, and no other may."""
    return []


@pytest.fixture(autouse=True)
def _no_unexpected_logs(expected_logs: list[str]) -> Iterator[None]:
    records = _Records()
    logging.getLogger().addHandler(records)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(records)
    unexpected = [text for text in records.messages if not any(re.search(each, text) for each in expected_logs)]
    assert not unexpected, f"unexpected log records: {unexpected}"
    missing = [each for each in expected_logs if not any(re.search(each, text) for text in records.messages)]
    assert not missing, f"log records that never came: {missing}"


@pytest.fixture(autouse=True)
def _no_leaked_threads() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    for thread in _new_threads(before):
        thread.join(timeout=2)
    leaked = [thread.name for thread in _new_threads(before)]
    assert not leaked, f"threads left running: {leaked}"


def _new_threads(before: set[threading.Thread]) -> list[threading.Thread]:
    """Threads since `before`; not the stand-ins that logging makes for threads of Qt, those are checked below."""
    dummy = threading._DummyThread  # private: no public way to tell them apart
    return [each for each in threading.enumerate() if each not in before and not isinstance(each, dummy)]


@pytest.fixture(autouse=True)
def _no_leaked_qt_threads_or_timers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    started: list[weakref.ref[QThread | QTimer]] = []
    start_thread, start_timer = QThread.start, QTimer.start

    def recorded_thread(thread: QThread, *arguments: QThread.Priority) -> None:
        started.append(weakref.ref(thread))
        start_thread(thread, *arguments)

    def recorded_timer(timer: QTimer, *arguments: int) -> None:
        started.append(weakref.ref(timer))
        start_timer(timer, *arguments)

    monkeypatch.setattr(QThread, "start", recorded_thread)
    monkeypatch.setattr(QTimer, "start", recorded_timer)
    yield
    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    alive = [each for each in (reference() for reference in started) if each is not None and isValid(each)]
    threads = [each.objectName() or repr(each) for each in alive if isinstance(each, QThread) and each.isRunning()]
    timers = [each.objectName() or repr(each) for each in alive if isinstance(each, QTimer) and each.isActive()]
    assert not threads, f"QThreads left running: {threads}"
    assert not timers, f"QTimers left running: {timers}"
