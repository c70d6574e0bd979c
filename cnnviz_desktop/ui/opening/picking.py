"""Opens the picker when a network is to be chosen, and brings to it what it needs to know."""

from PySide6.QtCore import QMimeData, QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from cnnviz_desktop.core.checkpoint_report import CheckpointReport
from cnnviz_desktop.core.description import NetworkDescription
from cnnviz_desktop.core.network_catalogue import NetworkCatalogue
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.results import Failure
from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.jobs.events import Cancelled, Event, Job
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.examiner import OPENING, Examiner
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs
from cnnviz_desktop.ui.opening.picker.errands import NETWORKS, Errands
from cnnviz_desktop.ui.opening.picker.naming import Naming
from cnnviz_desktop.ui.opening.picker.pages import Pages
from cnnviz_desktop.ui.opening.picker.picker import Picker


class Picking(QObject):
    """Makes the picker when it is first needed.

    Args:
        runner: Answers the picker's errands.
        examiner: Opens what is chosen.
        settings: Holds the recents.
        dialogs: Makes the file dialogs.
        window: The window it belongs to.

    Signals:
        description_wanted: A description that is to be saved.
        dropped: What was dropped on the picker.
    """

    description_wanted = Signal(NetworkDescription, QWidget)
    dropped = Signal(QMimeData)

    def __init__(
        self, runner: JobRunner, examiner: Examiner, settings: SettingsFile, dialogs: FileDialogs, window: QWidget
    ) -> None:
        super().__init__(window)
        self._runner = runner
        self._examiner = examiner
        self._settings = settings
        self._dialogs = dialogs
        self._window = window
        self._pages: Pages | None = None
        self._picker: Picker | None = None

    @property
    def picker(self) -> Picker:
        """The dialog."""
        return self._made()[1]

    @property
    def pages(self) -> Pages:
        """Its forms."""
        return self._made()[0]

    @Slot()
    def choose(self) -> None:
        """Show the picker as it was left, at first with all that the libraries have."""
        self._bring_up_to_date()
        self.picker.show_page(self.picker.page)

    @Slot(str, str)
    def choose_for(self, program: str, weights: str) -> None:
        """Show the picker with a Python file or a weights file, or both, filled in."""
        self._bring_up_to_date()
        if program:
            self.pages.python.give(program, weights)
            self.picker.show_page(self.pages.python)
        else:
            self.pages.checkpoint.give(weights)
            self.picker.show_page(self.pages.checkpoint)

    def _made(self) -> tuple[Pages, Picker]:
        if self._pages is None or self._picker is None:
            self._pages = Pages(self._dialogs)
            self._picker = Picker(self._pages.titled(), self._window)
            self._connect(self._pages, self._picker)
        return self._pages, self._picker

    def _connect(self, pages: Pages, picker: Picker) -> None:
        errands = Errands(self._runner, self)
        errands.networks_listed.connect(self._on_networks_listed)
        errands.checkpoint_read.connect(self._on_checkpoint_read)
        errands.failed.connect(self._on_errand_failed)
        pages.library.networks_wanted.connect(errands.list_networks)
        pages.checkpoint.report_wanted.connect(errands.read_checkpoint)
        pages.checkpoint.library_wanted.connect(self._on_library_wanted)
        pages.checkpoint.program_wanted.connect(self._on_program_wanted)
        picker.wanted.connect(self._examiner.open_network)
        picker.description_wanted.connect(self._on_description_wanted)
        picker.dropped.connect(self.dropped)
        self._examiner.network_opened.connect(self._on_network_opened)
        self._examiner.failed.connect(self._on_failed)
        self._runner.happened.connect(self._on_event)

    def _bring_up_to_date(self) -> None:
        self.pages.checkpoint.show_open_network(self._examiner.outline)
        self.pages.recents.show_recents(self._settings.settings.recent_networks)

    @Slot(NetworkDescription)
    def _on_description_wanted(self, description: NetworkDescription) -> None:
        self.description_wanted.emit(description, self.picker)

    @Slot(object)
    def _on_network_opened(self, outline: Outline) -> None:
        self.picker.show_opened(outline)

    @Slot(object, object)
    def _on_failed(self, job: Job, failure: Failure) -> None:
        if job.view == OPENING:
            self.picker.show_failure(job.request.network, self._told(failure))

    def _told(self, failure: Failure) -> str:
        if failure.consent is not None:
            return self.tr("Not open yet: its program runs only once you have agreed to it.")
        if failure.weights is not None:
            return self.tr("Not open yet: its weights are not on this machine.")
        if failure.key_table:
            return self.tr("{0} The window lists them under “Weights' keys”.").format(failure.message)
        return failure.message

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        if isinstance(event, Cancelled) and event.job.view == OPENING:
            self.picker.show_failure(event.job.request.network, self.tr("Opening was cancelled."))

    @Slot(str, str)
    def _on_errand_failed(self, view: str, sentence: str) -> None:
        if view == NETWORKS:
            self.pages.library.table.tell(sentence)
        else:
            self.pages.checkpoint.show_failure(sentence)

    @Slot(object)
    def _on_networks_listed(self, catalogue: NetworkCatalogue) -> None:
        self.pages.library.show_networks(catalogue.networks, " ".join(catalogue.missing))

    @Slot(object)
    def _on_checkpoint_read(self, report: CheckpointReport) -> None:
        self.pages.checkpoint.show_report(report)

    @Slot(str, int)
    def _on_library_wanted(self, weights: str, classes: int) -> None:
        self.pages.library.give_weights(weights, classes)
        self._pass_class_names_on(self.pages.library.naming)
        self.picker.show_page(self.pages.library)

    @Slot(str)
    def _on_program_wanted(self, weights: str) -> None:
        self.pages.python.give(weights=weights)
        self._pass_class_names_on(self.pages.python.naming)
        self.picker.show_page(self.pages.python)

    def _pass_class_names_on(self, naming: Naming) -> None:
        """What was said of the classes of a checkpoint holds whatever builds its network."""
        naming.class_names.path = self.pages.checkpoint.naming.class_names.path or naming.class_names.path
