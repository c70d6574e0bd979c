"""The window: puts the parts together and connects what they say to what others do."""

from pathlib import Path, PurePath

from PySide6.QtCore import QByteArray, QSize, Qt, Slot
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent, QIcon, QKeyEvent
from PySide6.QtWidgets import QLabel, QMainWindow, QSizePolicy, QVBoxLayout, QWidget

from cnnviz_desktop.core.description import SUFFIX
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.resources import SAMPLE_PREFIX, resource_path
from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.jobs.events import Cancelled, Event, Failed
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.actions import Actions, fill_menus
from cnnviz_desktop.ui.canvas.image_canvas import ImageCanvas
from cnnviz_desktop.ui.commands import Commands
from cnnviz_desktop.ui.docks import Docks
from cnnviz_desktop.ui.examiner import OPENING, Examiner
from cnnviz_desktop.ui.linked_views import LinkedViews
from cnnviz_desktop.ui.network.model_tree import ModelTree
from cnnviz_desktop.ui.open_images import OpenImages
from cnnviz_desktop.ui.opening.dropped import is_readable
from cnnviz_desktop.ui.opening.key_table import KeyTable
from cnnviz_desktop.ui.opening.opener import Opener
from cnnviz_desktop.ui.outcomes import Outcomes
from cnnviz_desktop.ui.picture_export import PictureActions
from cnnviz_desktop.ui.picture_folder import PictureFolder
from cnnviz_desktop.ui.remembered_choices import SAMPLE, RememberedChoices
from cnnviz_desktop.ui.results.results_panel import ResultsPanel
from cnnviz_desktop.ui.strip.image_strip import ImageStrip
from cnnviz_desktop.ui.strip.thumbnail_reader import ThumbnailReader
from cnnviz_desktop.ui.subject import Subject
from cnnviz_desktop.ui.telling.failure_responder import FailureResponder
from cnnviz_desktop.ui.telling.help_pages import HelpPages
from cnnviz_desktop.ui.telling.help_panel import HelpPanel
from cnnviz_desktop.ui.telling.job_log import JobLog
from cnnviz_desktop.ui.telling.log_panel import LogPanel
from cnnviz_desktop.ui.telling.message_list import Message, MessageList
from cnnviz_desktop.ui.telling.notice import Notice
from cnnviz_desktop.ui.telling.waiting import Waiting

FIRST_SIZE = 1400, 900


class MainWindow(QMainWindow):
    """The program's one window.

    Attributes:
        examiner: What is looked at.
        canvas: The image.
        strip: All images.
        tree: The network.
        results: Predictions, feature maps and kernels.
        messages: What there is to tell.
        log: What was logged.

    Args:
        runner: Runs the requests; the window shuts it down when it is closed.
        settings: What is remembered.
    """

    def __init__(self, runner: JobRunner, settings: SettingsFile) -> None:
        super().__init__()
        self._runner = runner
        self._settings = settings
        self.setAcceptDrops(True)
        self.setWindowIcon(QIcon(str(resource_path("icons", "cnnviz.png"))))
        self.resize(QSize(*FIRST_SIZE).boundedTo(self.screen().availableSize()))
        self.examiner = Examiner(runner, settings.settings.device, self)
        self._make_parts()
        self._lay_out()
        self._connect()
        self._restore()

    def open_first(self, images: tuple[str, ...], network: str | None) -> None:
        """Ask for what is looked at first: these, and the sample in place of what is not given."""
        for sha256 in self._settings.settings.trusted:
            self._runner.trust(sha256)
        samples = tuple(image for image in images if image.startswith(SAMPLE_PREFIX))
        files = tuple(image for image in images if not image.startswith(SAMPLE_PREFIX))
        if samples or not files:
            self._images.show_first(samples)
        if files:
            self._opener.open_paths(files)
        reference = network or SAMPLE
        self.examiner.open_network(str(Path(reference).absolute()) if reference.endswith(SUFFIX) else reference)

    @Slot(str, str)
    def tell_of_bug(self, message: str, details: str) -> None:
        """Tell of an error that nobody expected."""
        self.messages.error(message, details=details)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the window, and end every job."""
        self._remembered.change(geometry=self.saveGeometry().toBase64().toStdString(), layout=self._docks.packed())
        self.hide()  # the worker may take a moment
        self.end_jobs()
        super().closeEvent(event)

    @Slot()
    def end_jobs(self) -> None:
        """End every job and wait a moment for the worker; once only, however the program ends."""
        if not self._runner.is_closed:
            self._runner.shutdown()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy or save the image with its map by their keys where what has the focus has no picture of its own."""
        if not self.canvas.picture_actions.take_key(event):
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Show that something that can be opened may be dropped anywhere."""
        if is_readable(event.mimeData()):
            _accept_as_copy(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Keep showing it over parts that would answer otherwise."""
        _accept_as_copy(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        _accept_as_copy(event)
        self._opener.open_data(event.mimeData())

    def _make_parts(self) -> None:
        self.canvas = ImageCanvas()
        self.strip = ImageStrip()
        self.tree = ModelTree()
        self.results = ResultsPanel()
        self.messages = MessageList()
        self.log = LogPanel()
        self._keys = KeyTable()
        self._readout, self._notice = QLabel(), Notice()
        self._device = QLabel()
        self._actions = Actions(self)
        self._job_line = Waiting(self._runner, self._actions.cancel)
        self._help = HelpPanel()
        self._remembered = RememberedChoices(self._settings, self._actions)
        self._opener = Opener(self._settings, self)
        self._images = OpenImages(self.strip)
        self._job_log = JobLog(self._runner)
        self._linked_views = LinkedViews(self.canvas, self.results.feature_maps, self._readout)
        self._responder = FailureResponder(self.examiner, self.messages, self._keys, self)
        self._thumbnails = ThumbnailReader(self._runner, self.strip)
        self._picture_folder = PictureFolder(self._settings, self._picture_actions(), self)
        self._outcomes = Outcomes(self._runner, self.examiner, self.canvas, self.results)

    def _picture_actions(self) -> list[PictureActions]:
        return [each for part in (self.canvas, self.results) for each in part.findChildren(PictureActions)]

    def _lay_out(self) -> None:
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.strip)
        self.setCentralWidget(centre)
        self._docks = Docks(self)
        self._docks.add_left(self.tree, self.tr("Network"), "network")
        self._docks.add_right(self.results, self.tr("Results"), "results")
        self._docks.add_bottom(self.messages, self.tr("Messages"), "messages")
        self._docks.add_bottom(self.log, self.tr("Log"), "log")
        self._docks.add_bottom(self._keys, self.tr("Weights' keys"), "keys")
        self._docks.add_bottom(self._help, self.tr("Help"), "help")
        self._readout.setTextFormat(Qt.TextFormat.PlainText)
        status = self.statusBar()
        self._readout.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        status.addWidget(self._readout, 3)
        status.addWidget(self._notice, 2)
        status.addPermanentWidget(self._job_line)
        status.addPermanentWidget(self._device)
        self._commands = Commands(self._actions, self.examiner, self.tree, self.results)
        self._help_pages = HelpPages(self, self._actions, self._help, self._docks)
        fill_menus(self, self._actions, self.canvas, self.strip.remove_action, self._docks.actions)

    def _restore(self) -> None:
        settings = self._settings.settings
        self.restoreGeometry(QByteArray.fromBase64(settings.geometry.encode()))
        self._docks.unpack(settings.layout)
        self._remembered.tell_problem()

    def _connect(self) -> None:
        self._runner.happened.connect(self._on_event)
        self.examiner.network_opened.connect(self._on_network_opened)
        self.examiner.network_opened.connect(self._remembered.on_network_opened)
        self.examiner.subject_changed.connect(self._remembered.on_subject_changed)
        self.examiner.subject_changed.connect(self._on_subject_changed)
        self.tree.layer_chosen.connect(self.examiner.choose_layer)
        self.strip.current_changed.connect(self._on_image_chosen)
        self.results.predictions.target_chosen.connect(self.examiner.choose_target)
        self.results.predictions.likeliest_chosen.connect(self._on_likeliest_chosen)
        self.examiner.asked.connect(self.results.show_request)
        self.examiner.not_there.connect(self.results.show_absence)
        self.results.feature_maps.side_chosen.connect(self.examiner.choose_side)
        self.results.part_wanted.connect(self.examiner.choose_part)
        self.results.layer_wanted.connect(self.examiner.choose_layer)
        self.examiner.heat_map_wanted.connect(self.results.feature_maps.forget_choice)
        self.results.said.connect(self.messages.info)
        self.results.failed.connect(self.messages.error)
        self.canvas.picture_actions.done.connect(self.messages.info)
        self.canvas.picture_actions.failed.connect(self.messages.error)
        self.messages.arrived.connect(self._on_message)
        self._responder.trusted.connect(self._runner.trust)
        self._responder.trusted.connect(self._remembered.on_trusted)
        self._responder.keys_shown.connect(self._on_keys_shown)
        self._opener.images_chosen.connect(self._images.open)
        self._opener.images_chosen.connect(self._remembered.on_images_opened)
        self._remembered.problem.connect(self.messages.warning)
        self._opener.network_chosen.connect(self.examiner.open_network)
        self._opener.refused.connect(self.messages.warning)
        self._connect_actions()

    def _connect_actions(self) -> None:
        actions, opener = self._actions, self._opener
        for action, slot in (
            (actions.open_images, opener.ask_for_images),
            (actions.open_folder, opener.ask_for_folder),
            (actions.open_network, opener.ask_for_network),
            (actions.paste, opener.paste),
            (actions.quit, self.close),
            (actions.reset_layout, self._docks.reset),
            (actions.sample, self._images.open_scenes),
        ):
            action.triggered.connect(slot)
        actions.devices.triggered.connect(self._on_device_chosen)
        actions.recent_images.chosen.connect(self._on_recent_image)
        actions.recent_networks.chosen.connect(self.examiner.open_network)

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        if isinstance(event, Failed | Cancelled) and event.job.view == OPENING:
            self._actions.mark_device(self.examiner.subject.device)

    @Slot(object)
    def _on_network_opened(self, outline: Outline) -> None:
        self.tree.show_outline(outline)
        self.results.show_outline(outline)
        self.canvas.clear_map()
        self._device.setText(outline.device.upper())
        self._device.setToolTip(outline.device_reason)
        self._device.setAccessibleName(self.tr("Device: {0}. {1}").format(outline.device, outline.device_reason))
        for note in outline.notes:
            self.messages.info(f"{outline.name}: {note}")

    @Slot(object)
    def _on_subject_changed(self, subject: Subject) -> None:
        if self.tree.chosen != subject.layer:
            self.tree.choose(subject.layer)
        self.results.show_parts(self.examiner.parts, subject.maps)
        outline = self.examiner.outline
        name = PurePath(subject.image.removeprefix(SAMPLE_PREFIX)).name
        self.setWindowTitle(" – ".join(filter(None, (name, outline.name if outline is not None else ""))))

    @Slot(str)
    def _on_image_chosen(self, reference: str) -> None:
        self.strip.setVisible(bool(reference))
        self.examiner.show_image(reference)
        if not reference:
            self.canvas.clear()
            self.results.clear_image()

    @Slot(str)
    def _on_recent_image(self, reference: str) -> None:
        self._opener.open_paths([reference])

    @Slot()
    def _on_likeliest_chosen(self) -> None:
        self.examiner.choose_target(None)
        self.results.follow_likeliest()

    @Slot(object)
    def _on_message(self, message: Message) -> None:
        if message.kind == "info":
            self._notice.tell(message.text)
        else:
            self._docks.bring_up(self.messages)

    @Slot(QAction)
    def _on_device_chosen(self, action: QAction) -> None:
        self.examiner.choose_device(action.data())

    @Slot()
    def _on_keys_shown(self) -> None:
        self._docks.bring_up(self._keys)


def _accept_as_copy(event: QDropEvent) -> None:
    """Accept what is dragged as a copy: after a move, which Shift asks for, its source would delete it."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
