"""The program's own window over the real engine, for benchmarks that look at what a user waits for."""

import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QApplication, QWidget

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Result
from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.engine.session import EngineSession
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.main_window import MainWindow

PATIENCE = 240.0
ERRAND = "errand"
LOOK_EVERY_MS = 2


class DeskSession(EngineSession):
    """The program's session, which also does errands: a second thread that ran PyTorch would slow the first down."""

    def __init__(self) -> None:
        super().__init__()
        self.errand: Callable[[], None] = _nothing

    def run(self, request: Request) -> Generator[Result, None, None]:
        if request.method == ERRAND:
            self.errand()
        else:
            yield from super().run(request)


def _nothing() -> None:
    """The errand of a session that was given none."""


@dataclass(frozen=True)
class Desk:
    """A window, the runner under it, the session in the worker thread, and a folder for files."""

    application: QApplication
    window: MainWindow
    runner: JobRunner
    session: DeskSession
    folder: Path

    def pictures(self, count: int, side: int = 320) -> tuple[str, ...]:
        """References of new images of noise over a gradient, each seen by no network before."""
        generator = np.random.default_rng(time.time_ns())
        references = []
        for number in range(count):
            ramp = np.linspace(0, 160, side)[:, None, None]
            pixels = (ramp + generator.integers(0, 95, (side, side, 3))).astype(np.uint8)
            path = self.folder / f"{time.time_ns()}_{number}.png"
            Image.fromarray(pixels).save(path)
            references.append(str(path))
        return tuple(references)

    def wait_until(self, reached: Callable[[], bool]) -> None:
        """Turn the event loop until something is so. It sleeps between events, as the program's own loop does."""
        deadline = time.monotonic() + PATIENCE
        waker = QTimer(interval=LOOK_EVERY_MS, timerType=Qt.TimerType.PreciseTimer)
        waker.start()
        while not reached():
            self.application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if time.monotonic() > deadline:
                raise TimeoutError("the benchmark's window never got there")
        waker.stop()

    def wait_for(self, signal: SignalInstance) -> None:
        """Turn the event loop until a signal comes, without waking it for anything else."""
        loop, deadline = QEventLoop(), QTimer(singleShot=True, interval=int(1000 * PATIENCE))
        signal.connect(loop.quit)
        deadline.timeout.connect(loop.quit)
        deadline.start()
        loop.exec()
        if not deadline.isActive():
            raise TimeoutError("the benchmark's window never got there")
        deadline.stop()

    def in_worker(self, errand: Callable[[], None]) -> None:
        """Do something in the worker's thread, and wait for it."""
        self.session.errand = errand
        self.runner.submit(ERRAND, Request(method=ERRAND))
        self.wait_until(self.is_idle)

    def is_idle(self) -> bool:
        """Whether every job has ended."""
        return not self.runner.live


@contextmanager
def desk() -> Iterator[Desk]:
    """A shown window with nothing running yet; `runner.start` imports torch."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(["benchmark"])
    with tempfile.TemporaryDirectory() as folder:
        session = DeskSession()
        runner = JobRunner(lambda: session)
        window = MainWindow(runner, SettingsFile(Path(folder) / "settings.json"))
        window.show()
        try:
            yield Desk(application, window, runner, session, Path(folder))
        finally:
            window.close()
            runner.shutdown()


class PaintClock(QObject):
    """Notes when a widget had first been painted with something in it.

    Args:
        widget: The widget.
        ready: Whether what is waited for is there to be painted.
    """

    painted = Signal()

    def __init__(self, widget: QWidget, ready: Callable[[], bool]) -> None:
        super().__init__(widget)
        self.painted_at = 0.0
        self._widget, self._ready = widget, ready
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._ready():
            self._widget.removeEventFilter(self)
            QTimer.singleShot(0, self._note)  # the paint itself comes after its filters
        return super().eventFilter(watched, event)

    @Slot()
    def _note(self) -> None:
        self.painted_at = time.perf_counter()
        self.painted.emit()
