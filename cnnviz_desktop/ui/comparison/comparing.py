"""Connects the comparison table with what is looked at: network, image, strip, predictions, and the image's canvas."""

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.results import Attribution, Predictions, Result
from cnnviz_desktop.jobs.events import Event
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.canvas.image_canvas import ImageCanvas
from cnnviz_desktop.ui.comparison.centre import Centre
from cnnviz_desktop.ui.comparison.page import ComparisonPage
from cnnviz_desktop.ui.examiner import Examiner
from cnnviz_desktop.ui.strip.image_strip import ImageStrip
from cnnviz_desktop.ui.subject import ATTRIBUTION, Subject
from cnnviz_desktop.ui.telling.message_list import MessageList

ON_CANVAS = ("picture", ATTRIBUTION)
"""Views whose results come onto the canvas by themselves."""


class Comparing(QObject):
    """The page of the table, the tabs that hold it beside the canvas, and their connections.

    Attributes:
        page: The page.
        centre: The tabs.

    Args:
        runner: Runs the requests.
        examiner: Holds what is looked at.
        image: What is shown beside the table; the canvas is a part of it.
        canvas: Where results are enlarged.
        strip: The images that are open.
        messages: Where it is told what was done.
    """

    def __init__(
        self,
        runner: JobRunner,
        examiner: Examiner,
        image: QWidget,
        canvas: ImageCanvas,
        strip: ImageStrip,
        messages: MessageList,
    ) -> None:
        super().__init__(examiner)
        self.page = ComparisonPage(runner)
        self.centre = Centre(image, self.page)
        self._runner, self._canvas, self._strip, self._messages = runner, canvas, strip, messages
        self._enlarged: Attribution | None = None
        self._outline: Outline | None = None
        examiner.network_opened.connect(self._on_network_opened)
        examiner.subject_changed.connect(self._on_subject_changed)
        examiner.produced.connect(self._on_produced)
        runner.happened.connect(self._on_event)
        images = strip.model()
        for signal in (images.modelReset, images.rowsInserted, images.rowsRemoved):
            signal.connect(self._on_images_changed)
        self.page.enlarged.connect(self._on_enlarged)
        self.page.said.connect(messages.info)
        self.page.failed.connect(self._on_failed)
        self.page.picture_actions.done.connect(messages.info)
        self.page.picture_actions.failed.connect(messages.error)

    @Slot(object)
    def _on_network_opened(self, outline: Outline) -> None:
        before, self._outline = self._outline, outline
        if before is None or (before.network, before.weights_sha256) != (outline.network, outline.weights_sha256):
            self.page.clear()  # what it shows is another network's
        self.page.subject.show_network(outline)

    @Slot(object)
    def _on_subject_changed(self, subject: Subject) -> None:
        self.page.subject.show_subject(subject)

    @Slot(object)
    def _on_produced(self, result: Result) -> None:
        if isinstance(result, Predictions):
            self.page.subject.show_predictions(result)

    @Slot()
    def _on_images_changed(self) -> None:
        self.page.subject.show_images(self._strip.references)

    @Slot(object)
    def _on_enlarged(self, result: Attribution) -> None:
        """Show a result over its image; where that is not the chosen one, as soon as it is there."""
        if result.image not in self._strip.references:
            self._messages.warning(self.tr("{0} is not open any more. Open it to see it large.").format(result.image))
            return
        self._enlarged = result
        self.centre.enlarge(self._canvas.view)
        if self._strip.current != result.image:
            self._strip.select(result.image)
        self._runner.cancel(ATTRIBUTION)  # it would take the place of what was enlarged
        self._show_enlarged()

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        if event.job.view in ON_CANVAS:
            self._show_enlarged()

    def _show_enlarged(self) -> None:
        """Lay the result over its image once nothing else is on its way there; over no other image."""
        if any(job.view in ON_CANVAS for job in self._runner.live):
            return
        result, self._enlarged = self._enlarged, None
        picture = self._canvas.picture
        if result is not None and picture is not None and picture.image == result.image:
            self._canvas.show_attribution(result)

    @Slot(str, str)
    def _on_failed(self, message: str, details: str) -> None:
        self._messages.error(message, details=details)
