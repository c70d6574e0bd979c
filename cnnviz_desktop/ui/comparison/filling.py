"""Asks the runner a comparison's questions: the images, then all else in few requests, and in their parts."""

from collections import deque
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal, Slot

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Failure, GradientPicture, HeatMap, Picture
from cnnviz_desktop.jobs.events import Cancelled, Event, Failed, Finished, Produced
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.comparison.answers import Answers
from cnnviz_desktop.ui.comparison.asking import picture_request, requests_of, still_open
from cnnviz_desktop.ui.comparison.splitting import parts_of
from cnnviz_desktop.ui.strip.thumbnail_reader import THUMBNAIL

if TYPE_CHECKING:
    from cnnviz_desktop.jobs.events import Job

VIEW = "comparison"
"""The view of these jobs."""


class Filler(QObject):
    """Fills one table at a time; a newer one replaces an older one, and what else the window asks for goes first.

    Signals:
        pictured: A `Picture` of one of the table's images.
        changed: The cells, a set of `Place`, that have something else to show.
        ended: Every question has its answer, or will have none.
        failed: What is the program's own fault: a sentence and a traceback.
    """

    pictured = Signal(object)
    changed = Signal(object)
    ended = Signal()
    failed = Signal(str, str)

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._answers: Answers | None = None
        self._waiting: deque[Request] = deque()
        self._job: Job | None = None
        self._told: set[str] = set()
        self._read: set[str] = set()
        runner.happened.connect(self._on_event)
        runner.submitted.connect(self._on_submitted)

    @property
    def is_filling(self) -> bool:
        """Whether anything may still come."""
        return self._job is not None

    def fill(self, answers: Answers) -> None:
        """Ask everything that is open, in place of what was asked before."""
        self.drop()
        self._answers = answers
        self._told.clear()
        self._read.clear()  # a file may be another one by now
        self._waiting.extend((picture_request(answers.comparison), *requests_of(answers.comparison)))
        self._ask_next()

    def cancel(self) -> None:
        """Ask nothing more; what has come stays."""
        self._runner.cancel(VIEW)

    def drop(self) -> None:
        """Forget the table that is being filled."""
        self._waiting.clear()
        self._job = self._answers = None  # first: nothing of the old job is heard any more
        self._runner.cancel(VIEW)

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        if event.job is not self._job or self._answers is None:
            return
        if isinstance(event, Produced):
            if isinstance(event.result, Picture):
                self._read.add(event.result.image)
                self.pictured.emit(event.result)
                if changed := self._answers.show(event.result):
                    self.changed.emit(changed)
            elif isinstance(event.result, HeatMap | GradientPicture):
                self.changed.emit(self._answers.take(event.result, event.job.request.network))
        elif isinstance(event, Finished):
            self.changed.emit(self._answers.finish(event.job.request))
            self._ask_next()
        elif isinstance(event, Failed):
            self._on_failed(event.job.request, event.failure, self._answers)
        elif isinstance(event, Cancelled):
            self._waiting.clear()
            self._ask_next()

    @Slot(object)
    def _on_submitted(self, job: "Job") -> None:
        """Step aside for what the user asks for elsewhere: what is still open is asked again, behind it."""
        mine = self._job
        if mine is None or job.view in (VIEW, THUMBNAIL):
            return
        self._job = None  # first: that it is cancelled is not the end of the table
        self._waiting.appendleft(mine.request)
        self._runner.cancel(VIEW)
        self._ask_next()

    def _on_failed(self, request: Request, failure: Failure, answers: Answers) -> None:
        parts = parts_of(request, failure)
        if not parts:
            self.changed.emit(answers.refuse(request, failure.message))
            if failure.is_bug and failure.message not in self._told:
                self._told.add(failure.message)
                self.failed.emit(failure.message, failure.details)
        self._waiting.extendleft(reversed(parts))
        self._ask_next()

    def _rest_of(self, request: Request, answers: Answers) -> tuple[Request, ...]:
        """What is still open of a request: of one that reads, the images that something is asked of."""
        if request.method != "picture":
            return still_open(request, answers.open)
        asked = {question.image for question in answers.open} - self._read
        images = tuple(image for image in request.images if image in asked)
        return (replace(request, images=images),) if images else ()

    def _ask_next(self) -> None:
        """Ask the next request that still has an open question; where there is none, the table is as it stays."""
        answers = self._answers
        while answers is not None and self._waiting:
            rest = self._rest_of(self._waiting.popleft(), answers)
            self._waiting.extendleft(reversed(rest[1:]))
            if rest:
                self._job = self._runner.submit(VIEW, rest[0])
                return
        self._job = None
        if answers is not None:
            self.changed.emit(answers.stop())
            self.ended.emit()
