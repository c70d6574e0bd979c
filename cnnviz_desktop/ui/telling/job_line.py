"""What the worker is doing: which job, how far, how long still, and a button that cancels."""

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from cnnviz_desktop.core.catalog import METHODS
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import FeatureMaps, GradientPicture, HeatMap, Kernels, Progress, Result
from cnnviz_desktop.jobs.events import Event, Produced, Started

QUICK_MS = 250
"""A job that ends before this is not worth a flicker."""
MOST_LAYERS = 2
"""More of them are counted, not named."""
SURE_AFTER_S = 1.0
"""The time left is told once so much of the job is over."""

_TITLES = {method.id: method.title for method in METHODS}


class JobLine(QWidget):
    """Hears of every job that the user waits for; asks for cancelling in `cancel_asked`.

    Args:
        parent: Qt's parent.
        clock: Tells seconds since some moment.
    """

    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._clock = clock
        self._begun = 0.0
        self._name = ""
        self._has_torch = False
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

    def expect(self) -> None:
        """Take in that a job waits; until a network has answered for the first time, PyTorch is what it waits for."""
        if not self._has_torch:
            self._what.setText(self.tr("Starting PyTorch …"))
            self._bar.setRange(0, 0)
            self._show_soon()

    def hear(self, event: Event, waiting: int) -> None:
        """Take in what happened to a job.

        Args:
            event: What happened.
            waiting: Number of jobs that have not ended, this one included where it has not.
        """
        if isinstance(event, Started):
            self._begun = self._clock()
            self._name = describe(event.job.request)
            starts_torch = event.job.request.method != "picture" and not self._has_torch
            self._what.setText(self.tr("Starting PyTorch …") if starts_torch else self._name)
            self._bar.setRange(0, 0)
            self._left.clear()
            self._show_soon()
        elif isinstance(event, Produced):
            self._has_torch = self._has_torch or event.job.request.method != "picture"
            progress = progress_of(event.result, event.job.request)
            if progress is not None:
                self._show_progress(progress)
        elif waiting == 0:
            self._soon.stop()
            self._show(visible=False)

    def _show_progress(self, progress: Progress) -> None:
        self._what.setText(f"{self._name}: {progress.text}" if progress.text else self._name)
        self._bar.setRange(0, progress.total if progress.total > 1 else 0)  # one step alone: busy, no share to tell
        self._bar.setValue(progress.done)
        taken = self._clock() - self._begun
        if progress.tells_time:
            self._left.clear()
        elif taken > SURE_AFTER_S and 0 < progress.done < progress.total:
            seconds = round(taken * (progress.total - progress.done) / progress.done)
            self._left.setText(self._time_left(seconds))

    def _time_left(self, seconds: int) -> str:
        if seconds < 60:
            return self.tr("{0} s left").format(max(1, seconds))
        return self.tr("{0} min left").format(round(seconds / 60))

    def _show_soon(self) -> None:
        if self._what.isHidden() and not self._soon.isActive():
            self._soon.start()

    @Slot()
    def _on_soon(self) -> None:
        self._show(visible=True)

    def _show(self, *, visible: bool) -> None:
        for widget in (self._what, self._bar, self._left, self.cancel_button):
            widget.setVisible(visible)


def describe(request: Request) -> str:
    """What a request asks for, in a few words: ``Feature maps · layer3``, ``Grad-CAM and 7 more · layer4``."""
    if request.method == "outline":
        return QCoreApplication.translate("JobLine", "Opening the network")
    title = _TITLES.get(request.method, request.method)
    if len(request.methods) > 1:
        title = QCoreApplication.translate("JobLine", "{0} and {1} more").format(title, len(request.methods) - 1)
    if len(request.layers) > MOST_LAYERS:
        return f"{title} · {QCoreApplication.translate('JobLine', '{0} layers').format(len(request.layers))}"
    return f"{title} · {', '.join(request.layers)}" if request.layers else title


def progress_of(result: Result, request: Request) -> Progress | None:
    """How far a job has come, as one of its results tells; None where it tells nothing about that."""
    if isinstance(result, Progress):
        return result
    if isinstance(result, HeatMap | GradientPicture):
        return Progress(done=int(100 * result.done), total=100) if _is_of_one(request) else None
    if isinstance(result, FeatureMaps):
        arrived, unit = result.first + len(result.maps), QCoreApplication.translate("JobLine", "{0} of {1} maps")
    elif isinstance(result, Kernels):
        arrived, unit = result.first + len(result.weights), QCoreApplication.translate("JobLine", "{0} of {1} filters")
    else:
        return None
    return Progress(done=arrived, total=result.total, text=unit.format(f"{arrived:,}", f"{result.total:,}"))


def _is_of_one(request: Request) -> bool:
    """Whether a request asks for one map alone, whose share of the work is that of the job."""
    return max(map(len, (request.methods, request.images, request.targets, request.layers))) == 1
