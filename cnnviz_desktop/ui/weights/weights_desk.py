"""What the window does about official weights: asks what to do where they are not here, and lists those that are."""

from functools import partial

import msgspec
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz_desktop.core.description import NetworkRef
from cnnviz_desktop.core.network_catalogue import NetworkCatalogue
from cnnviz_desktop.core.official_weights import OfficialWeights, StoredWeights
from cnnviz_desktop.core.references import RANDOM, TIMM, TORCHVISION, described, network_title
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.jobs.events import Event, Produced
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.comparison.filling import VIEW as FILLING
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs
from cnnviz_desktop.ui.opening.picker.errands import NETWORKS
from cnnviz_desktop.ui.telling.message_list import Message, MessageAction, MessageList
from cnnviz_desktop.ui.weights.fetcher import WeightsFetcher
from cnnviz_desktop.ui.weights.needed_dialog import NeededDialog
from cnnviz_desktop.ui.weights.stored_dialog import StoredDialog


class WeightsDesk(QObject):
    """Holds both dialogs and the fetcher.

    Signals:
        ready: A `Request` that opens a network whose weights are here now, or that goes without them.

    Args:
        runner: Runs the errands.
        settings: Remembers the mirrors.
        dialogs: Make the dialog for a file.
        messages: Where is told what the user need not wait for.
        window: Parent of the dialogs.
    """

    ready = Signal(object)

    def __init__(
        self, runner: JobRunner, settings: SettingsFile, dialogs: FileDialogs, messages: MessageList, window: QWidget
    ) -> None:
        super().__init__(window)
        self._runner = runner
        self._knows_networks = False
        self._settings = settings
        self._dialogs = dialogs
        self._messages = messages
        self._window = window
        self._waiting: Request | None = None
        self.needed: NeededDialog | None = None
        self.stored = StoredDialog(window)
        self.fetcher = WeightsFetcher(runner, (FILLING,), self)
        self.fetcher.progressed.connect(self._on_progressed)
        self.fetcher.arrived.connect(self._on_arrived)
        self.fetcher.failed.connect(self._on_failed)
        self.stored.deleted.connect(self._on_changed)
        runner.happened.connect(self._on_event)

    @Slot()
    def show_stored(self) -> None:
        """Show what is on this machine; which networks it is for follows once the libraries were asked."""
        self.stored.show()
        self.stored.activateWindow()
        if self.stored.model.rows and not self._knows_networks:
            self._runner.submit(NETWORKS, Request(method="networks"))

    def ask(self, request: Request, weights: OfficialWeights, folder: str) -> None:
        """Ask what to do about weights that are not here; the network is opened with what comes of it.

        Args:
            request: What opens the network.
            weights: What it needs.
            folder: Where they belong.
        """
        if self.fetcher.is_fetching and self.needed is not None and self.needed.weights != weights:
            self._messages.info(
                self.tr("{0} needs other weights. Open it again when the download that is under way has ended.").format(
                    network_title(request.network)
                )
            )
            return
        self._waiting = request
        self.stored.tell_networks((weights,))
        if self.needed is None or self.needed.weights != weights:
            self._replace_dialog(NeededDialog(weights, folder, self._window))
        self._show_needed()

    def _replace_dialog(self, dialog: NeededDialog | None) -> None:
        old, self.needed = self.needed, dialog
        if old is not None:
            old.hide()
            old.deleteLater()
        if dialog is not None:
            dialog.download_wanted.connect(self._on_download)
            dialog.import_wanted.connect(self._on_import)
            dialog.cancel_wanted.connect(self.fetcher.cancel)
            dialog.random_wanted.connect(self._on_random)
            dialog.rejected.connect(self._on_closed)

    @Slot()
    def _on_download(self) -> None:
        if self._waiting is not None and self.needed is not None:
            self.needed.show_waiting()
            self.fetcher.download(self._waiting.network, self._settings.settings.mirrors)

    @Slot()
    def _on_import(self) -> None:
        dialog = self._dialogs.make(
            self.needed or self._window, "weights", self.tr("Import weights"), QFileDialog.FileMode.ExistingFile
        )
        if self.needed is not None:
            name = self.needed.weights.file_name
            weights = self.tr("Weights ({0})").format(f"{name} *.pth *.safetensors")
            dialog.setNameFilters([weights, self.tr("All files (*)")])
        dialog.filesSelected.connect(self._on_file_chosen)
        dialog.open()

    @Slot(list)
    def _on_file_chosen(self, paths: list[str]) -> None:
        if self._waiting is not None and self.needed is not None and not self.fetcher.is_fetching:
            self.needed.show_waiting()
            self.fetcher.import_file(self._waiting.network, paths[0])

    @Slot()
    def _on_closed(self) -> None:
        """Tell what was not opened, where nothing is under way that would open it."""
        if self._waiting is not None and self.needed is not None and not self.fetcher.is_fetching:
            why = self.tr("{0} was not opened, because its official weights are not on this machine.")
            again = MessageAction(self.tr("Show the weights"), self._show_needed)
            self._messages.tell(Message("info", why.format(network_title(self._waiting.network)), actions=(again,)))

    @Slot()
    def _show_needed(self) -> None:
        """Show the dialog, if it is about anything still."""
        if self.needed is not None:
            self.needed.show()
            self.needed.activateWindow()

    @Slot()
    def _on_random(self) -> None:
        request, self._waiting = self._waiting, None
        self._replace_dialog(None)
        if request is not None:
            self.ready.emit(msgspec.structs.replace(request, network=without_weights(request.network)))

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        if isinstance(event, Produced) and isinstance(event.result, NetworkCatalogue):
            self._knows_networks = True
            self.stored.tell_networks(weights for network in event.result.networks for weights in network.weights)

    @Slot()
    def _on_changed(self) -> None:
        """Let everybody who shows what is on this machine, such as the picker, know it as it is now."""
        if self._knows_networks:
            self._runner.submit(NETWORKS, Request(method="networks"))

    @Slot(object)
    def _on_progressed(self, progress: Progress) -> None:
        if self.needed is not None:
            self.needed.show_progress(progress)

    @Slot(object, object)
    def _on_arrived(self, stored: StoredWeights, network: NetworkRef) -> None:
        """Open the network; where the user has turned to something else meanwhile, offer to."""
        request, is_awaited = self._waiting, self.needed is not None and self.needed.isVisible()
        self._waiting = None
        self._replace_dialog(None)
        self.stored.refresh()
        self._on_changed()
        if request is None or request.network != network:
            return
        if is_awaited:
            self.ready.emit(request)
        else:
            text = self.tr("The weights of {0} are on this machine now: {1}.")
            self._messages.tell(
                Message(
                    "info",
                    text.format(network_title(network), stored.name),
                    actions=(MessageAction(self.tr("Open the network"), partial(self.ready.emit, request)),),
                )
            )

    @Slot(str)
    def _on_failed(self, why: str) -> None:
        """Tell why in the dialog, and where all is told if that is hidden."""
        if self.needed is None:
            return
        cancelled = self.tr("It was cancelled. What has come of a download is kept, and the next one goes on there.")
        self.needed.show_idle(why or cancelled, failed=bool(why))
        if why and not self.needed.isVisible():
            self._messages.error(why, MessageAction(self.tr("Show the weights"), self._show_needed))


def without_weights(network: NetworkRef) -> NetworkRef:
    """The same network with random weights."""
    if isinstance(network, str) and network.startswith((TORCHVISION, TIMM)):
        return f"{network.partition('@')[0]}@{RANDOM}"
    description = described(network)
    return msgspec.structs.replace(description, name=f"{description.name} (random weights)", pretrained=None)
