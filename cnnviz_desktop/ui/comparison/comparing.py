"""Connects the comparison table with what is looked at: network, image, strip, predictions, and the image's canvas."""

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from cnnviz_desktop.core.catalog import method
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Predictions, Result
from cnnviz_desktop.jobs.events import Event
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.canvas.image_canvas import ImageCanvas
from cnnviz_desktop.ui.comparison.centre import Centre
from cnnviz_desktop.ui.comparison.enlarged import Enlarged
from cnnviz_desktop.ui.comparison.page import ComparisonPage
from cnnviz_desktop.ui.examiner import Examiner
from cnnviz_desktop.ui.strip.image_strip import ImageStrip
from cnnviz_desktop.ui.subject import ATTRIBUTION, Subject
from cnnviz_desktop.ui.telling.message_list import MessageList

ON_CANVAS = ("picture", ATTRIBUTION)
"""Views whose results come onto the canvas by themselves."""


class Comparing(QObject):
    """The page of the table, the tabs that hold it beside the canvas, and their connections.

    Signals:
        enlarging: A cell is going to take the place of whatever lies over the image.
        enlarged_changed: Another cell lies over the image, or none of the table any more.

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

    enlarging = Signal()
    enlarged_changed = Signal()

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
        self._wanted: Enlarged | None = None  # until its image is there
        self._enlarged: Enlarged | None = None
        self._outline: Outline | None = None
        examiner.network_opened.connect(self._on_network_opened)
        examiner.subject_changed.connect(self._on_subject_changed)
        examiner.produced.connect(self._on_produced)
        examiner.asked.connect(self._on_asked)
        examiner.not_there.connect(self._on_not_there)
        runner.happened.connect(self._on_event)
        images = strip.model()
        for signal in (images.modelReset, images.rowsInserted, images.rowsRemoved):
            signal.connect(self._on_images_changed)
        self.page.enlarged.connect(self._on_enlarged)
        self.page.enlarged_anew.connect(self._on_enlarged_anew)
        self.page.said.connect(messages.info)
        self.page.failed.connect(self._on_failed)
        self.page.picture_actions.done.connect(messages.info)
        self.page.picture_actions.failed.connect(messages.error)

    @property
    def enlarged(self) -> Enlarged | None:
        """The cell that lies over the image; None where what explains it was asked for beside the table."""
        return self._enlarged

    @Slot()
    def compare_networks(self) -> None:
        """Show the table in the layout that compares the network with another one."""
        self.page.subject.choose_layout("networks")
        self.centre.table_action.trigger()

    @Slot(object)
    def _on_network_opened(self, outline: Outline) -> None:
        self._forget_enlarged()
        before, self._outline = self._outline, outline
        if before is None or (before.network, before.weights_sha256) != (outline.network, outline.weights_sha256):
            self.page.clear()  # what it shows is another network's
        self.page.subject.show_network(outline)

    @Slot(object)
    def _on_subject_changed(self, subject: Subject) -> None:
        if self._enlarged is not None and self._enlarged.result.image != subject.image:
            self._forget_enlarged()
        self.page.subject.show_subject(subject)

    @Slot(object)
    def _on_produced(self, result: Result) -> None:
        if isinstance(result, Predictions):
            self.page.subject.show_predictions(result)

    @Slot(object)
    def _on_asked(self, request: Request) -> None:
        """Let go of a cell where the window's own explanation of the image is asked for."""
        if method(request.method).gives:
            self._forget_enlarged()

    @Slot(str)
    def _on_not_there(self, view: str) -> None:
        if view == ATTRIBUTION:
            self._forget_enlarged()

    @Slot()
    def _on_images_changed(self) -> None:
        self.page.subject.show_images(self._strip.references)

    @Slot(object)
    def _on_enlarged(self, enlarged: Enlarged) -> None:
        """Show a cell over its image; where that is not the chosen one, as soon as it is there."""
        image = enlarged.result.image
        if image not in self._strip.references:
            self._messages.warning(self.tr("{0} is not open any more. Open it to see it large.").format(image))
            return
        self.enlarging.emit()
        self.centre.enlarge(self._canvas.view)
        if self._strip.current != image:
            self._strip.select(image)
        self._wanted = enlarged  # not before: with another image, its own explanation is asked for
        self._runner.cancel(ATTRIBUTION)  # it would take the place of what was enlarged
        self._show_wanted()

    @Slot(object)
    def _on_enlarged_anew(self, enlarged: Enlarged) -> None:
        """Show the newer result of a cell, unless the user has laid another map over the image."""
        if self._wanted is not None and self._wanted.is_as(enlarged):
            self._wanted = enlarged
        elif self._enlarged is not None and self._enlarged.is_as(enlarged):
            self._enlarged = enlarged
            if self._canvas.shows_attribution:
                self._canvas.show_attribution(enlarged.result, enlarged.title)

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        if event.job.view in ON_CANVAS:
            self._show_wanted()

    def _show_wanted(self) -> None:
        """Lay the cell over its image once nothing else is on its way there; over no other image."""
        if any(job.view in ON_CANVAS for job in self._runner.live):
            return
        wanted, self._wanted = self._wanted, None
        picture = self._canvas.picture
        if wanted is not None and picture is not None and picture.image == wanted.result.image:
            self._enlarged = wanted
            self._canvas.show_attribution(wanted.result, wanted.title)
            self.enlarged_changed.emit()

    def _forget_enlarged(self) -> None:
        was, self._wanted, self._enlarged = self._enlarged, None, None
        if was is not None:
            self.enlarged_changed.emit()

    @Slot(str, str)
    def _on_failed(self, message: str, details: str) -> None:
        self._messages.error(message, details=details)
