"""The side of the jobs that lives in the worker thread: it alone touches the session."""

import logging
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Protocol

from PySide6.QtCore import QObject, QThread, Signal, Slot

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Failure, Result
from cnnviz_desktop.jobs.events import Event, Failed, Finished, Job, Produced, Started
from cnnviz_desktop.jobs.failures import failure_of

logger = logging.getLogger(__name__)


class Session(Protocol):
    """What answers requests. It is made, used and closed in the worker thread."""

    def run(self, request: Request) -> Generator[Result, None, None]:
        """Results of the request, one by one; closing the generator cancels."""

    def trust(self, sha256: str) -> None:
        """Allow the program with that hash to run."""

    def distrust(self, sha256: str) -> None:
        """Let the program with that hash run no more."""

    def close(self) -> None:
        """Free everything."""


class Worker(QObject):
    """Runs jobs one after the other and reports what happens to them.

    Args:
        make_session: Makes the session; called once, in the worker thread.
        window_credits: A result is sent for each credit; whoever shows the result gives it back.
    """

    happened = Signal(object)  # an Event

    def __init__(self, make_session: Callable[[], Session], window_credits: threading.Semaphore) -> None:
        super().__init__()
        self._make_session = make_session
        self._credits = window_credits
        self._session: Session | None = None
        self._why_no_session = Failure(message="The program is closing.")

    @Slot()
    def open(self) -> None:
        """Make the session; where that fails, every job will say why."""
        try:
            self._session = self._make_session()
        except BaseException as error:
            self._why_no_session = self._told(error)

    @Slot(object)
    def run(self, job: Job) -> None:
        """Run one job to its end, its cancellation or its failure."""
        if job.cancelled.is_set():
            return
        begun = time.monotonic()
        self._report(Started(job))
        if self._session is None:
            self._report(Failed(job, self._why_no_session))
            return
        try:
            self._stream(self._session, job)
        # A network's own code may raise anything, sys.exit() too: the thread lives on and the job has its end.
        except BaseException as error:
            self._report(Failed(job, self._told(error)))
        else:
            self._report(Finished(job, time.monotonic() - begun))

    @Slot(str)
    def trust(self, sha256: str) -> None:
        """Pass the user's consent on to the session."""
        if self._session is not None:
            self._session.trust(sha256)

    @Slot(str)
    def distrust(self, sha256: str) -> None:
        """Tell the session that the user has taken consent back."""
        if self._session is not None:
            self._session.distrust(sha256)

    @Slot()
    def close(self) -> None:
        """Close the session and end the thread's event loop."""
        session, self._session = self._session, None
        try:
            if session is not None:
                session.close()
        except Exception:
            logger.exception("The session could not be closed.")
        finally:
            QThread.currentThread().quit()

    def _stream(self, session: Session, job: Job) -> None:
        with closing(session.run(job.request)) as results:
            for result in results:
                self._credits.acquire()
                if job.cancelled.is_set():
                    self._credits.release()
                    return
                self._report(Produced(job, result))

    def _report(self, event: Event) -> None:
        self.happened.emit(event)

    def _told(self, error: BaseException) -> Failure:
        failure = failure_of(error)
        if failure.is_bug:
            logger.error("A job failed.", exc_info=error)
        return failure
