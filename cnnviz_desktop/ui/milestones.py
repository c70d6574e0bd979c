"""When something was first on the screen: for starting the worker late, and for benchmarks."""

import json
import os
import sys
import time
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from cnnviz_desktop.core.results import Failure, HeatMap, Result
from cnnviz_desktop.jobs.events import Job

FIRST_WINDOW = "first-window"
FIRST_HEAT_MAP = "first-heat-map"


class FirstPaint(QObject):
    """Says in `painted` that a widget has been painted for the first time since this object was made."""

    painted = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102 - Qt's
        if event.type() == QEvent.Type.Paint:
            self._widget.removeEventFilter(self)
            QTimer.singleShot(0, self._tell)  # the paint itself comes after its filters
        return super().eventFilter(watched, event)

    @Slot()
    def _tell(self) -> None:
        self.painted.emit()


class Stopwatch(QObject):
    """Closes the window once a milestone is on the screen, and prints when each was, as one line of JSON.

    Where a job fails before, the program ends with exit code 1.

    Args:
        window: The window.
        map_view: The widget that paints heat maps.
        until: The milestone.
    """

    def __init__(self, window: QWidget, map_view: QWidget, until: str) -> None:
        super().__init__(window)
        self._window, self._map_view, self._until = window, map_view, until
        self._times: dict[str, float] = {}
        FirstPaint(window).painted.connect(self._on_window_painted)

    @Slot(object)
    def hear(self, result: Result) -> None:
        """Take in a result, after the window has."""
        if isinstance(result, HeatMap) and FIRST_HEAT_MAP not in self._times:
            FirstPaint(self._map_view).painted.connect(self._on_map_painted)

    @Slot(object, object)
    def hear_failure(self, job: Job, failure: Failure) -> None:
        """End the program with exit code 1: what is waited for will not come."""
        sys.stderr.write(f"{job.request.method}: {failure.message}\n{failure.details}")
        QCoreApplication.exit(1)

    @Slot()
    def _on_window_painted(self) -> None:
        self._reach(FIRST_WINDOW)

    @Slot()
    def _on_map_painted(self) -> None:
        self._reach(FIRST_HEAT_MAP)

    def _reach(self, milestone: str) -> None:
        self._times.setdefault(milestone, round(seconds_since_start(), 3))
        if milestone == self._until:
            sys.stdout.write(json.dumps(self._times) + "\n")
            sys.stdout.flush()
            self._window.close()


def seconds_since_start() -> float:
    """Age of this process: to 10 ms on Linux, where the kernel's clock is read, else as psutil tells it."""
    stat = Path("/proc/self/stat")
    if not stat.exists():
        import psutil  # elsewhere than here it is not needed at the start

        return time.time() - float(psutil.Process().create_time())
    started_ticks = int(stat.read_text("ascii").rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started_ticks / os.sysconf("SC_CLK_TCK")
