"""What becomes of the jobs, shown: each result where it belongs, and where none comes, why."""

from PySide6.QtCore import QObject, Slot

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Attribution, GradientPicture, HeatMap, Picture, Result
from cnnviz_desktop.jobs.events import Cancelled, Event, Failed
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.canvas.image_canvas import ImageCanvas
from cnnviz_desktop.ui.examiner import OPENING, Examiner
from cnnviz_desktop.ui.results.results_panel import ResultsPanel
from cnnviz_desktop.ui.subject import ATTRIBUTION


class Outcomes(QObject):
    """Keeps the canvas and the panels from showing, or promising, what did not come.

    Args:
        runner: Whose jobs they are.
        examiner: Which asked for them, and hears of their ends first.
        canvas: Shows pictures and what explains them.
        results: Shows everything else.
    """

    def __init__(self, runner: JobRunner, examiner: Examiner, canvas: ImageCanvas, results: ResultsPanel) -> None:
        super().__init__(canvas)
        self._runner = runner
        self._examiner = examiner
        self._canvas = canvas
        self._results = results
        self._is_first = True
        examiner.asked.connect(self._on_asked)
        examiner.not_there.connect(self._on_not_there)
        examiner.produced.connect(self._on_produced)
        runner.happened.connect(self._on_event)

    @Slot(object)
    def _on_produced(self, result: Result) -> None:
        if isinstance(result, Picture):
            self._canvas.show_picture(result)
        elif isinstance(result, HeatMap | GradientPicture):
            self._show_attribution(result)
        else:
            self._results.show_result(result, self._examiner.subject.target_class)

    def _show_attribution(self, result: Attribution) -> None:
        """Show it, unless it is a sharper one of a picture that the user has laid another map over."""
        if self._is_first or self._canvas.shows_attribution:
            self._canvas.show_attribution(result)
        self._is_first = False

    @Slot(object)
    def _on_asked(self, request: Request) -> None:
        if request == self._examiner.subject.attribution:
            self._is_first = True
            self._canvas.forget_why()

    @Slot(str, str)
    def _on_not_there(self, view: str, why: str) -> None:
        if view == ATTRIBUTION:
            self._canvas.clear_map(why)

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        view = event.job.view
        if isinstance(event, Failed):
            self._on_failed(view, event.failure.message)
        elif isinstance(event, Cancelled) and all(job.view != view for job in self._runner.live):
            self._on_cancelled(view)

    def _on_failed(self, view: str, message: str) -> None:
        """Take away what would look like the result that did not come."""
        self._results.explain(view, message)
        if view == "picture":
            self._canvas.clear()
            self._results.clear_image()
        elif view == ATTRIBUTION:
            self._canvas.clear_map(message)
        else:
            self._tell_of_no_network(view)

    def _on_cancelled(self, view: str) -> None:
        """Say that nothing comes any more; what had come for the same question stays."""
        if view == ATTRIBUTION:
            self._canvas.stay_preliminary()
            if self._canvas.overlay is None:
                self._canvas.clear_map(self.tr("Cancelled. F5 computes it again."))
        self._results.explain_cancelled(view, self.tr("Cancelled. F5 computes it again."))
        if view == "picture" and self._examiner.subject.image:
            self._canvas.clear(self.tr("Reading the image was cancelled. F5 reads it again."))
        self._tell_of_no_network(view)

    def _tell_of_no_network(self, view: str) -> None:
        if view == OPENING and self._examiner.outline is None:
            self._results.show_no_network()
