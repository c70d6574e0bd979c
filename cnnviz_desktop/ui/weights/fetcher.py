"""Asks the worker to download or to import official weights, behind whatever else the user asks for."""

from PySide6.QtCore import QObject, Signal, Slot

from cnnviz_desktop.core.description import NetworkRef
from cnnviz_desktop.core.official_weights import StoredWeights
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.jobs.events import Cancelled, Event, Failed, Finished, Job, Produced
from cnnviz_desktop.jobs.runner import JobRunner

FETCHING = "weights"
"""The view of these jobs."""


class WeightsFetcher(QObject):
    """Fetches one file at a time.

    A download takes minutes, and the worker does one job after another: so it steps aside for what the user asks for
    meanwhile and goes on behind that, where it was, as long as the server lets it.

    Signals:
        progressed: How far it is, a `Progress`.
        arrived: The file, a `StoredWeights`, and the network whose weights it holds.
        failed: Why it is not there, in a sentence; empty where it was cancelled.

    Args:
        runner: Does the work.
        patient: Views of jobs that wait for a download; all else goes before it.
        parent: Qt's parent.
    """

    progressed = Signal(object)
    arrived = Signal(object, object)
    failed = Signal(str)

    def __init__(self, runner: JobRunner, patient: tuple[str, ...] = (), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._patient = (FETCHING, *patient)
        self._runner = runner
        self._job: Job | None = None
        self._arrived: StoredWeights | None = None
        self._most = 0  # MiB that had come when it last stepped aside
        self._steps_aside = True
        runner.happened.connect(self._on_event)
        runner.submitted.connect(self._on_submitted)

    @property
    def is_fetching(self) -> bool:
        """Whether something is under way."""
        return self._job is not None

    def download(self, network: NetworkRef, mirrors: tuple[str, ...]) -> None:
        """Download the weights that a network names."""
        self._begin(Request(method="download", network=network, parameters={"mirrors": " ".join(mirrors)}))

    def import_file(self, network: NetworkRef, file: str) -> None:
        """Import the weights that a network names."""
        self._begin(Request(method="import_weights", network=network, parameters={"file": file}))

    @Slot()
    def cancel(self) -> None:
        """Fetch no more; what has come of a download stays for another time."""
        self._runner.cancel(FETCHING)

    def _begin(self, request: Request) -> None:
        self._arrived = None
        self._most, self._steps_aside = 0, request.method == "download"
        self._job = self._runner.submit(FETCHING, request)

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        if event.job is not self._job:
            return
        if isinstance(event, Produced):
            if isinstance(event.result, Progress):
                self._take_progress(event.result)
            elif isinstance(event.result, StoredWeights):
                self._arrived = event.result
        elif isinstance(event, Finished):
            self._job = None
            self.arrived.emit(self._arrived, event.job.request.network)
        elif isinstance(event, Failed | Cancelled):
            self._job = None
            self.failed.emit(event.failure.message if isinstance(event, Failed) else "")

    def _take_progress(self, progress: Progress) -> None:
        if 0 < progress.done < self._most:
            self._steps_aside = False  # the server began anew: it would never come to an end
        self._most = max(self._most, progress.done)
        self.progressed.emit(progress)

    @Slot(object)
    def _on_submitted(self, job: Job) -> None:
        mine = self._job
        if mine is None or not self._steps_aside or job.view in self._patient:
            return
        self._job = None  # first: that it is cancelled is not its end
        self._runner.cancel(FETCHING)
        self._job = self._runner.submit(FETCHING, mine.request)
