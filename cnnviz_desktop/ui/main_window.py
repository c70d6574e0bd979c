"""The program's one window: its parts, what it opens first, and how it ends."""

from PySide6.QtCore import QByteArray, QSize, Qt, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent, QIcon, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow

from cnnviz_desktop.core.references import SAMPLE, parse_network
from cnnviz_desktop.core.resources import SAMPLE_PREFIX, resource_path
from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.canvas.image_canvas import ImageCanvas
from cnnviz_desktop.ui.connections import Connections
from cnnviz_desktop.ui.examiner import Examiner
from cnnviz_desktop.ui.network.model_tree import ModelTree
from cnnviz_desktop.ui.opening.dropped import is_readable
from cnnviz_desktop.ui.parts import Parts
from cnnviz_desktop.ui.results.results_panel import ResultsPanel
from cnnviz_desktop.ui.strip.image_strip import ImageStrip
from cnnviz_desktop.ui.telling.log_panel import LogPanel
from cnnviz_desktop.ui.telling.message_list import MessageList

FIRST_SIZE = 1400, 900


class MainWindow(QMainWindow):
    """The program's one window.

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
        self._parts = Parts(self, runner, settings)
        self._connections = Connections(self, runner, self._parts)
        self._restore()

    @property
    def examiner(self) -> Examiner:
        """What is looked at."""
        return self._parts.examiner

    @property
    def canvas(self) -> ImageCanvas:
        """The image."""
        return self._parts.canvas

    @property
    def strip(self) -> ImageStrip:
        """All images."""
        return self._parts.strip

    @property
    def tree(self) -> ModelTree:
        """The network."""
        return self._parts.tree

    @property
    def results(self) -> ResultsPanel:
        """Predictions, feature maps and kernels."""
        return self._parts.results

    @property
    def messages(self) -> MessageList:
        """What there is to tell."""
        return self._parts.messages

    @property
    def log(self) -> LogPanel:
        """What was logged."""
        return self._parts.log

    def open_first(self, images: tuple[str, ...], network: str | None) -> None:
        """Ask for what is looked at first: these, and the sample in place of what is not given."""
        self._parts.preferences.restore_trust()
        samples = tuple(image for image in images if image.startswith(SAMPLE_PREFIX))
        files = tuple(image for image in images if not image.startswith(SAMPLE_PREFIX))
        if samples or not files:
            self._parts.images.show_first(samples)
        if files:
            self._parts.opener.open_paths(files)
        self.examiner.open_network(parse_network(network or SAMPLE))

    def showEvent(self, event: QShowEvent) -> None:
        """Give the docks their first sizes, where none were remembered."""
        super().showEvent(event)
        if not self._settings.settings.layout:
            self._parts.docks.take_sizes()

    @Slot(str, str)
    def tell_of_bug(self, message: str, details: str) -> None:
        """Tell of an error that nobody expected."""
        self.messages.error(message, details=details)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the window, and end every job."""
        geometry = self.saveGeometry().toBase64().toStdString()
        self._parts.remembered.change(geometry=geometry, layout=self._parts.docks.packed())
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
        self._parts.opener.open_data(event.mimeData())

    def _restore(self) -> None:
        settings = self._settings.settings
        self.restoreGeometry(QByteArray.fromBase64(settings.geometry.encode()))
        self._parts.docks.unpack(settings.layout)
        self._parts.remembered.tell_problem()


def _accept_as_copy(event: QDropEvent) -> None:
    """Accept what is dragged as a copy: after a move, which Shift asks for, its source would delete it."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
