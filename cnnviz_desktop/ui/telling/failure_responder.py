"""What the window does about a failed job: asks for consent or weights, shows keys, offers the CPU, or tells of it."""

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QApplication, QWidget

from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.references import network_title
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Failure
from cnnviz_desktop.core.trusted import trusted_now
from cnnviz_desktop.jobs.events import Job
from cnnviz_desktop.ui.examiner import OPENING, Examiner
from cnnviz_desktop.ui.opening.consent_dialog import ConsentDialog
from cnnviz_desktop.ui.opening.key_table import KeyTable
from cnnviz_desktop.ui.subject import ATTRIBUTION
from cnnviz_desktop.ui.telling.message_list import Message, MessageAction, MessageList


class FailureResponder(QObject):
    """Answers failures without a modal box; only a program that wants to run is asked about in a dialog.

    Args:
        examiner: Whose jobs fail.
        messages: Where failures are told.
        keys: Where weights that do not fit are shown.
        window: Parent of the dialog.
    """

    trusted = Signal(object)  # a Trusted: a program that may run
    keys_shown = Signal()  # those that keep a network from opening
    keys_wanted = Signal()  # the user asks for them
    weights_needed = Signal(object, object, str)  # a Request, the OfficialWeights that its network lacks, their folder

    def __init__(self, examiner: Examiner, messages: MessageList, keys: KeyTable, window: QWidget) -> None:
        super().__init__(window)
        self._examiner = examiner
        self._messages = messages
        self._keys = keys
        self._window = window
        self._waiting: Request | None = None
        self._question: ConsentDialog | None = None
        self._asked_from: QWidget | None = None
        examiner.failed.connect(self._on_failed)
        examiner.network_opened.connect(self._on_network_opened)
        keys.opening_wanted.connect(self.open_anew)

    @Slot(object, object)
    def _on_failed(self, job: Job, failure: Failure) -> None:
        if failure.consent is not None:
            self._ask_for_consent(job.request, *failure.consent)
        elif failure.weights is not None:
            self.weights_needed.emit(job.request, *failure.weights)
        elif failure.key_table:
            self._keys.show_keys(job.request, failure.message, failure.key_table, failure.weights_parts)
            self._messages.error(
                failure.message + self._what_stays(job), MessageAction(self.tr("Show the keys"), self.keys_wanted.emit)
            )
            self.keys_shown.emit()
        elif failure.kind == "OutOfMemory" and self._examiner.subject.device != "cpu":
            self._messages.error(failure.message, self._cpu_action(job.request))
        elif job.view == OPENING and job.request.device == "cuda":
            self._messages.error(failure.message + self._what_stays(job), self._cpu_action(job.request))
        elif job.view == ATTRIBUTION and not failure.is_bug:
            self._messages.info(failure.message)  # it stands where the picture would
        else:
            self._messages.error(failure.message + self._what_stays(job), details=failure.details)

    def _cpu_action(self, request: Request) -> MessageAction:
        reopen = partial(self._examiner.open_network, request.network, request.allowed_keys, "cpu")
        return MessageAction(self.tr("Go on with the CPU"), reopen)

    def _what_stays(self, job: Job) -> str:
        outline = self._examiner.outline
        if job.view != OPENING or outline is None:
            return ""
        return " " + self.tr("{0} stays open.").format(outline.name)

    def _ask_for_consent(self, request: Request, file: str, sha256: str, beside: tuple[str, ...]) -> None:
        if self._question is not None:
            if self._question.sha256 == sha256:
                return  # what else needs this program is asked for again with the network
            self._question.reject()  # the picker, beside this dialog, was used to open something else
        self._waiting = request
        self._asked_from = QApplication.activeWindow()
        self._question = dialog = ConsentDialog(file, sha256, beside, self._window)
        dialog.agreed.connect(self._on_agreed)
        dialog.rejected.connect(self._on_refused)
        dialog.finished.connect(self._on_answered)
        dialog.open()

    @Slot(str, str)
    def _on_agreed(self, sha256: str, file: str) -> None:
        self.trusted.emit(trusted_now(sha256, file))
        request, self._waiting, self._question = self._waiting, None, None
        if request is not None:
            self._examiner.open_network(request.network, request.allowed_keys, request.device)

    @Slot()
    def _on_refused(self) -> None:
        request, self._waiting, self._question = self._waiting, None, None
        if request is not None:
            self._messages.info(
                self.tr("{0} was not opened, because its program may not run.").format(network_title(request.network))
            )

    @Slot()
    def _on_answered(self) -> None:
        """Give the keyboard back to the window that it was taken from, as to the picker."""
        before, self._asked_from = self._asked_from, None
        if before in QApplication.topLevelWidgets() and before.isVisible():
            before.activateWindow()

    @Slot(object)
    def _on_network_opened(self, outline: Outline) -> None:
        allowed = self._examiner.subject.allowed_keys
        self._keys.show_outline(outline, Request(method="outline", network=outline.network, allowed_keys=allowed))
        if len(outline.weights_parts) > 1:
            told = self.tr("The weights file of {0} also holds others that fit.").format(outline.name)
            choose = MessageAction(self.tr("Choose among them"), self.keys_wanted.emit)
            self._messages.tell(Message("info", told, actions=(choose,)))

    @Slot(object)
    def open_anew(self, request: Request) -> None:
        """Open a network again, now that what kept it from being opened is out of the way."""
        self._examiner.open_network(request.network, request.allowed_keys)
