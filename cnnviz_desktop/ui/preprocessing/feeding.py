"""Keeps the panel of the network's input true to what is looked at, and opens the network with what is set there."""

from msgspec.structs import replace
from PySide6.QtCore import QObject, Slot

from cnnviz_desktop.core.description import NetworkDescription, Preprocessing, as_built
from cnnviz_desktop.core.network_input import NetworkInput
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.jobs.events import Cancelled, Event, Failed, Produced
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.canvas.image_canvas import ImageCanvas
from cnnviz_desktop.ui.examiner import OPENING, Examiner
from cnnviz_desktop.ui.preprocessing.input_facts import hidden_share
from cnnviz_desktop.ui.preprocessing.panel import PreprocessingPanel

INPUT = "input"
"""The view of the job that shows the network's input, and the id of its method."""


class Feeding(QObject):
    """Asks for the network's input while it is in sight, and applies each change of the recipe.

    Args:
        runner: Runs the requests.
        examiner: Holds what is looked at.
        panel: Shows the input and its recipe.
        canvas: Shows the picture, and on it what of it the network sees.
    """

    def __init__(self, runner: JobRunner, examiner: Examiner, panel: PreprocessingPanel, canvas: ImageCanvas) -> None:
        super().__init__(panel)
        self._runner, self._examiner = runner, examiner
        self._panel, self._canvas = panel, canvas
        self._asked: Request | None = None
        self._shown: NetworkInput | None = None
        self._wanted: NetworkDescription | None = None
        self._first: dict[NetworkDescription, Preprocessing | None] = {}  # as each network was opened, by `as_built`
        examiner.network_opened.connect(self._on_network_opened)
        examiner.subject_changed.connect(self._ask)
        panel.shown.connect(self._on_panel_shown)
        panel.wanted.connect(self._on_recipe_wanted)
        panel.reset_wanted.connect(self._on_reset_wanted)
        panel.class_names.chosen.connect(self._on_class_names_chosen)
        runner.happened.connect(self._on_event)

    @Slot(object)
    def _on_network_opened(self, outline: Outline) -> None:
        self._asked = None
        description = outline.description
        first = self._first.setdefault(as_built(description), description.preprocessing)
        self._panel.show_outline(outline, first)

    @Slot()
    def _ask(self) -> None:
        """Ask for the input of the image that is looked at, unless that was done."""
        subject = self._examiner.subject
        if not self._panel.isVisible() or self._examiner.outline is None:
            return
        if not subject.image:
            self._show(None)
            self._panel.clear(self.tr("Open an image to see what the network gets of it."))
            return
        self._ask_once(subject.request(INPUT))

    def _ask_once(self, request: Request) -> None:
        if request != self._asked:
            if self._shown is not None and self._shown.image not in request.images:
                self._show(None)
            self._asked = request
            self._runner.submit(INPUT, request)

    @Slot(bool)
    def _on_panel_shown(self, shown: bool) -> None:
        if shown:
            self._ask()
        self._show_frame()

    @Slot(object)
    def _on_recipe_wanted(self, recipe: Preprocessing | None) -> None:
        outline = self._examiner.outline
        if outline is not None:
            self._open(replace(outline.description, preprocessing=recipe))

    @Slot()
    def _on_reset_wanted(self) -> None:
        outline = self._examiner.outline
        if outline is not None:
            self._on_recipe_wanted(self._first[as_built(outline.description)])

    @Slot(object)
    def _on_class_names_chosen(self, names: str | tuple[str, ...] | None) -> None:
        outline = self._examiner.outline
        if outline is not None:
            self._open(replace(outline.description, class_names=names))

    def _open(self, description: NetworkDescription) -> None:
        self._wanted = description
        self._examiner.open_network(description, self._examiner.subject.allowed_keys)

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        if event.job.view == INPUT:
            self._on_input_event(event)
        elif event.job.view == OPENING and event.job.request.network == self._wanted:
            if isinstance(event, Failed):
                self._panel.explain(event.failure.message)  # what is set stays, to be mended
            elif isinstance(event, Cancelled) and self._examiner.outline is not None:
                self._panel.form.show_recipe(self._examiner.outline.preprocessing)

    def _on_input_event(self, event: Event) -> None:
        if isinstance(event, Produced) and isinstance(event.result, NetworkInput):
            self._show(event.result)
            self._panel.show_input(event.result)
        elif isinstance(event, Failed):
            self._show(None)
            self._panel.clear(event.failure.message)
        elif isinstance(event, Cancelled) and event.job.request == self._asked:
            self._asked = None

    def _show(self, given: NetworkInput | None) -> None:
        self._shown = given
        self._show_frame()

    def _show_frame(self) -> None:
        """Frame on the picture what the network sees of it, while the panel is in sight and that is not all."""
        shown = self._shown
        framed = shown is not None and self._panel.isVisible() and hidden_share(shown) > 0
        self._canvas.on_picture.show_frame(shown.transform.seen if shown is not None and framed else None)
