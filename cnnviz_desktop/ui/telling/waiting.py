"""What the user waits for: told in the job line, and cancelled by one action."""

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction

from cnnviz_desktop.jobs.events import Event, Job
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.strip.thumbnail_reader import THUMBNAIL
from cnnviz_desktop.ui.telling.job_line import JobLine


class Waiting(JobLine):
    """The job line of a runner. Small pictures of the strip are read behind the user's back: nobody waits for them.

    Args:
        runner: Whose jobs are waited for.
        cancel: Greyed while nothing is; ends everything that is.
    """

    def __init__(self, runner: JobRunner, cancel: QAction) -> None:
        super().__init__()
        self._runner = runner
        self._cancel = cancel
        runner.submitted.connect(self._on_submitted)
        runner.happened.connect(self._on_event)
        cancel.triggered.connect(self._on_cancel)
        self.cancel_asked.connect(self._on_cancel)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """What is waited for, oldest first."""
        return tuple(job for job in self._runner.live if job.view != THUMBNAIL)

    @Slot(object)
    def _on_submitted(self, job: Job) -> None:
        if job.view != THUMBNAIL:
            self._cancel.setEnabled(True)
            self.expect()

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        self._cancel.setEnabled(bool(self.jobs))
        if event.job.view != THUMBNAIL:
            self.hear(event, len(self.jobs))

    @Slot()
    def _on_cancel(self) -> None:
        for job in self.jobs:
            self._runner.cancel(job.view)
