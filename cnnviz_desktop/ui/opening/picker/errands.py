"""Asks the engine what the picker needs to know before any network is open."""

from PySide6.QtCore import QObject, Signal, Slot

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.jobs.events import Cancelled, Event, Failed, Produced
from cnnviz_desktop.jobs.runner import JobRunner

NETWORKS = "networks to open"
CHECKPOINT = "look into a weights file"
"""The views of these jobs."""


class Errands(QObject):
    """Each errand is asked once at a time; one that is cancelled can be asked again.

    Signals:
        networks_listed: The networks that the installed libraries can build.
        checkpoint_read: What a weights file holds.
        failed: The view of an errand, and a sentence that says why nothing came of it.
    """

    networks_listed = Signal(object)
    checkpoint_read = Signal(object)
    failed = Signal(str, str)

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        runner.happened.connect(self._on_event)

    @Slot()
    def list_networks(self) -> None:
        """Ask for the networks, unless they are under way."""
        if all(job.view != NETWORKS for job in self._runner.live):
            self._runner.submit(NETWORKS, Request(method="networks"))

    @Slot(str)
    def read_checkpoint(self, path: str) -> None:
        """Ask what a weights file holds; one that was asked for before is not waited for any more."""
        self._runner.submit(CHECKPOINT, Request(method="checkpoint", network=path))

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        answered = {NETWORKS: self.networks_listed, CHECKPOINT: self.checkpoint_read}
        if event.job.view not in answered:
            return
        if isinstance(event, Produced) and not isinstance(event.result, Progress):
            answered[event.job.view].emit(event.result)
        elif isinstance(event, Failed):
            self.failed.emit(event.job.view, event.failure.message)
        elif isinstance(event, Cancelled) and all(job.view != event.job.view for job in self._runner.live):
            self.failed.emit(event.job.view, self.tr("It was cancelled."))
