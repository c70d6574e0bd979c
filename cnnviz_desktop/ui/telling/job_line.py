"""What the worker is doing: which job, how far, how long still, and a button that cancels."""

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from cnnviz_desktop.core.catalog import METHODS
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.jobs.events import Event, Produced, Started

QUICK_MS = 250
"""A job that ends before this is not worth a flicker."""
SURE_AFTER_S = 1.0
"""The time left is told once so much of the job is over."""

_TITLES = {method.id: method.title for method in METHODS}


class JobLine(QWidget):
    """Hears every event of the runner; asks for cancelling in `cancel_asked`.

    Args:
        parent: Qt's parent.
        clock: Tells seconds since some moment.
    """

    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._clock = clock
        self._begun = 0.0
        self._what = QLabel()
        self._bar = QProgressBar()
        self._bar.setFixedWidth(160)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress of the job"))
        self._left = QLabel()
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.cancel_button.setToolTip(self.tr("Cancel everything that is being computed (Esc)"))
        self.cancel_button.clicked.connect(self.cancel_asked)
        self._soon = QTimer(self)
        self._soon.setObjectName("job line shows")
        self._soon.setSingleShot(True)
        self._soon.setInterval(QUICK_MS)
        self._soon.timeout.connect(self._on_soon)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self._what, self._bar, self._left, self.cancel_button):
            row.addWidget(widget)
        self.setMinimumHeight(self.cancel_button.sizeHint().height())  # the window keeps its layout as jobs come and go
        self._show(visible=False)

    @property
    def text(self) -> str:
        """What it says, empty while nothing is shown."""
        return self._what.text() if not self._what.isHidden() else ""

    def hear(self, event: Event, waiting: int) -> None:
        """Take in what happened to a job.

        Args:
            event: What happened.
            waiting: Number of jobs that have not ended, this one included where it has not.
        """
        if isinstance(event, Started):
            self._begun = self._clock()
            self._name = describe(event.job.request)
            self._what.setText(self._name)
            self._bar.setRange(0, 0)
            self._left.clear()
            if self._what.isHidden():
                self._soon.start()
        elif isinstance(event, Produced):
            if isinstance(event.result, Progress):
                self._show_progress(event.result)
        elif waiting == 0:
            self._soon.stop()
            self._show(visible=False)

    def _show_progress(self, progress: Progress) -> None:
        self._what.setText(f"{self._name}: {progress.text}" if progress.text else self._name)
        self._bar.setRange(0, progress.total if progress.total > 1 else 0)  # one step alone: busy, no share to tell
        self._bar.setValue(progress.done)
        taken = self._clock() - self._begun
        if taken > SURE_AFTER_S and 0 < progress.done < progress.total:
            seconds = round(taken * (progress.total - progress.done) / progress.done)
            self._left.setText(self._time_left(seconds))

    def _time_left(self, seconds: int) -> str:
        if seconds < 60:
            return self.tr("{0} s left").format(max(1, seconds))
        return self.tr("{0} min left").format(round(seconds / 60))

    @Slot()
    def _on_soon(self) -> None:
        self._show(visible=True)

    def _show(self, *, visible: bool) -> None:
        for widget in (self._what, self._bar, self._left, self.cancel_button):
            widget.setVisible(visible)


def describe(request: Request) -> str:
    """What a request asks for, in a few words: ``Feature maps · layer3``."""
    if request.method == "outline":
        return QCoreApplication.translate("JobLine", "Opening the network")
    title = _TITLES.get(request.method, request.method)
    return f"{title} · {', '.join(request.layers)}" if request.layers else title
