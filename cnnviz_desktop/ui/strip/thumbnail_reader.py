"""Reads the strip's small pictures, one at a time, whenever nothing else is being computed."""

from collections import deque

from PySide6.QtCore import QObject, Slot

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Picture
from cnnviz_desktop.jobs.events import Cancelled, Event, Failed, Finished, Produced
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.strip.image_strip import ImageStrip
from cnnviz_desktop.ui.weights.fetcher import FETCHING

THUMBNAIL = "thumbnail"
"""The view of these jobs."""


class ThumbnailReader(QObject):
    """Gives a strip its small pictures, from whatever reads pictures."""

    def __init__(self, runner: JobRunner, strip: ImageStrip) -> None:
        super().__init__(strip)
        self._runner = runner
        self._strip = strip
        self._wanted: deque[str] = deque()
        strip.thumbnails_wanted.connect(self._on_wanted)
        runner.happened.connect(self._on_event)

    @Slot(object)
    def _on_wanted(self, references: tuple[str, ...]) -> None:
        self._wanted.extend(references)
        self._read_next()

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        if isinstance(event, Produced):
            if isinstance(event.result, Picture):
                self._strip.set_thumbnail(event.result.image, event.result.pixels)
        elif isinstance(event, Failed):
            if event.job.request.method == "picture":
                self._strip.set_broken(event.job.request.images[0], event.failure.message)
            self._read_next()
        elif isinstance(event, Finished):
            self._read_next()
        elif isinstance(event, Cancelled):
            if event.job.view == THUMBNAIL:
                self._wanted.appendleft(event.job.request.images[0])
            self._read_next()

    def _read_next(self) -> None:
        """Read the next one that is still open, unless something that the user waits for is being computed.

        A download takes minutes and steps aside.
        """
        while self._wanted and not self._runner.is_closed and all(job.view == FETCHING for job in self._runner.live):
            reference = self._wanted.popleft()
            if reference in self._strip.references:
                self._runner.submit(THUMBNAIL, Request(method="picture", images=(reference,)))
