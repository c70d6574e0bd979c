"""The side of the jobs that lives in the GUI thread: submit a request, hear what happens to it."""

import sys
import threading
from collections.abc import Callable
from itertools import count

from PySide6.QtCore import QObject, QThread, Signal, Slot

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.jobs.events import Cancelled, Event, Job, Produced, Started
from cnnviz_desktop.jobs.worker import Session, Worker

RESULTS_UNDER_WAY = 4
"""Results that may wait for the GUI thread: enough to keep the worker busy, few enough to keep memory low."""

SWITCH_INTERVAL_S = 0.001
"""How long the worker may keep the interpreter while the window waits for it; Python's own 5 ms add up to stalls."""


class JobRunner(QObject):
    """Runs requests in one worker thread, in the order of submission.

    Every job that was submitted ends with exactly one of `Finished`, `Failed` and `Cancelled`, and nothing of it is
    heard after that. A newer job of the same view cancels an older one, queued or running.

    Args:
        make_session: Makes the session that answers requests; called in the worker thread once `start` was called.
        parent: Qt's parent.
    """

    happened = Signal(object)  # an Event, always in the GUI thread
    submitted = Signal(object)  # a Job that waits for the worker now

    _job_ready = Signal(object)
    _trust_given = Signal(str)
    _trust_taken = Signal(str)
    _closing = Signal()

    def __init__(self, make_session: Callable[[], Session], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._numbers = count(1)
        self._live: dict[str, Job] = {}  # the newest job of each view, until it ends
        self._running: Job | None = None
        self._closed = False
        self._switch_interval_before: float | None = None
        self._credits = threading.Semaphore(RESULTS_UNDER_WAY)
        self._thread = QThread()
        self._thread.setObjectName("cnnviz worker")
        self._worker = Worker(make_session, self._credits)
        self._worker.moveToThread(self._thread)
        self._thread.started.connect(self._worker.open)
        self._worker.happened.connect(self._on_event)
        self._job_ready.connect(self._worker.run)
        self._trust_given.connect(self._worker.trust)
        self._trust_taken.connect(self._worker.distrust)
        self._closing.connect(self._worker.close)

    def start(self) -> None:
        """Start the worker thread; its first act is to make the session. Jobs may be submitted before."""
        if not self._closed:
            self._switch_interval_before = self._switch_interval_before or sys.getswitchinterval()
            sys.setswitchinterval(SWITCH_INTERVAL_S)
            self._thread.start()

    @property
    def live(self) -> tuple[Job, ...]:
        """Jobs that have not ended, oldest first."""
        return tuple(sorted(self._live.values(), key=_number))

    @property
    def running(self) -> Job | None:
        """The job that the worker has taken up, None between two jobs and after it was cancelled."""
        return self._running

    @property
    def is_closed(self) -> bool:
        """Whether `shutdown` was called: a job that is submitted now is cancelled at once."""
        return self._closed

    def submit(self, view: str, request: Request) -> Job:
        """Queue a request; an older job of the same view is cancelled."""
        job = Job(next(self._numbers), view, request)
        replaced, self._live[view] = self._live.get(view), job
        if replaced:  # told of only now: whoever hears of it may submit again, and that job then replaces this one
            self._cancel(replaced)
        if self._closed:
            self.cancel(view)
        else:
            self._job_ready.emit(job)
            self.submitted.emit(job)
        return job

    def cancel(self, view: str | None = None) -> None:
        """Cancel the job of one view, or all of them; the worker stops at its next result."""
        for job in self.live:
            # Whoever hears of one that is cancelled may cancel and submit others.
            if view in (None, job.view) and self._live.get(job.view) is job:
                self._cancel(job)

    def trust(self, sha256: str) -> None:
        """Allow the Python file with that hash to run in every job submitted from now on."""
        self._trust_given.emit(sha256)

    def distrust(self, sha256: str) -> None:
        """Let the program with that hash run in no job submitted from now on."""
        self._trust_taken.emit(sha256)

    def shutdown(self, timeout_s: float = 3.0) -> bool:
        """Cancel everything, close the session and end the thread. May be called again.

        Returns:
            Whether the thread has ended. A job in a step that cannot be interrupted (a network's own endless loop)
            keeps it; the process must then end without waiting for it.
        """
        if not self._closed:
            self._closed = True
            self.cancel()
            self._credits.release()  # the worker may wait for a credit that this thread will not give back any more
            self._closing.emit()
            if self._switch_interval_before is not None:
                sys.setswitchinterval(self._switch_interval_before)
        return not self._thread.isRunning() or self._thread.wait(round(timeout_s * 1000))

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        try:
            if self._live.get(event.job.view) is not event.job:
                return
            if isinstance(event, Started):
                self._running = event.job
            elif not isinstance(event, Produced):
                self._end(event.job)
            self.happened.emit(event)
        finally:
            if isinstance(event, Produced):
                self._credits.release()

    def _cancel(self, job: Job) -> None:
        job.cancelled.set()
        self._end(job)
        self.happened.emit(Cancelled(job))

    def _end(self, job: Job) -> None:
        if self._live.get(job.view) is job:
            del self._live[job.view]
        if self._running is job:
            self._running = None


def _number(job: Job) -> int:
    return job.number
