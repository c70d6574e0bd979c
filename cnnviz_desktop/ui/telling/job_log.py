"""What the jobs do, written into the log: what ran, how long, and how it ended."""

import logging

from PySide6.QtCore import QObject, Slot

from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.references import network_title, written
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.jobs.events import Cancelled, Event, Failed, Finished, Started
from cnnviz_desktop.jobs.runner import JobRunner

logger = logging.getLogger(__name__)


class JobLog(QObject):
    """Logs every job of a runner, and each network that it opened with its device."""

    def __init__(self, runner: JobRunner) -> None:
        super().__init__(runner)
        runner.happened.connect(self._on_event)

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        job = event.job
        what = f"#{job.number} {_in_words(job.request)}"
        if isinstance(event, Started):
            logger.info("%s: started", what)
        elif isinstance(event, Finished):
            logger.info("%s: done in %.2f s", what, event.seconds)
        elif isinstance(event, Cancelled):
            logger.info("%s: cancelled", what)
        elif isinstance(event, Failed):
            logger.info("%s: failed, %s: %s", what, event.failure.kind, event.failure.message)
        elif isinstance(event.result, Outline):
            self._log_network(event.result)

    def _log_network(self, outline: Outline) -> None:
        text = "%s (%s): %d layers, %d parameters, weights %s, on %s: %s"
        weights = outline.weights_sha256[:12]
        facts = len(outline.layers), outline.parameters, weights, outline.device, outline.device_reason
        logger.info(text, outline.name, written(outline.network), *facts)


def _in_words(request: Request) -> str:
    return " ".join((request.method, *request.layers, *request.images, f"[{network_title(request.network)}]"))
