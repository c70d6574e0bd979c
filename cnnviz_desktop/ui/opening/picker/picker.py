"""The dialog in which a network is chosen. The window stays usable beside it."""

from PySide6.QtCore import QMimeData, QSize, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnviz_desktop.core.description import NetworkDescription, NetworkRef
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.references import described
from cnnviz_desktop.ui.opening.dropped import is_readable
from cnnviz_desktop.ui.opening.picker.page import Page

SIZE = QSize(1160, 640)
SOURCES_WIDTH = 190


class Picker(QDialog):
    """Sources on the left, the form of the chosen one on the right, below it what will be opened.

    It keeps what was typed when it is closed and when opening fails, and closes once what it asked for is open.

    Args:
        pages: Titles of the sources and their forms, in the order they stand in.
        parent: The window it belongs to.

    Signals:
        wanted: A network that is to be opened.
        description_wanted: A description that is to be saved.
        dropped: What was dropped on it.
    """

    wanted = Signal(object)
    description_wanted = Signal(NetworkDescription)
    dropped = Signal(QMimeData)

    def __init__(self, pages: tuple[tuple[str, Page], ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Open network"))
        self.setModal(False)
        self.setAcceptDrops(True)
        self.resize(SIZE.boundedTo(self.screen().availableSize() * 0.95))
        self._asked: NetworkRef | None = None  # by the form as it stands
        self._is_opening = False
        self.sources = QListWidget()
        self.sources.setAccessibleName(self.tr("Where the network comes from"))
        self.sources.setFixedWidth(SOURCES_WIDTH)
        self.sources.setSpacing(2)
        self._stack = QStackedWidget()
        self._pages = tuple(page for _, page in pages)
        for title, page in pages:
            self.sources.addItem(title)
            self._stack.addWidget(page)
            page.changed.connect(self._on_changed)
            page.wanted.connect(self._on_open)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setMinimumHeight(2 * self.words.fontMetrics().lineSpacing())
        self.words.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._lay_out(self._make_buttons())
        self.sources.currentRowChanged.connect(self._on_source_chosen)

    @property
    def page(self) -> Page:
        """The form in sight."""
        return self._pages[self._stack.currentIndex()]

    def show_page(self, page: Page) -> None:
        """Bring a form up, with the keyboard in it."""
        self.sources.setCurrentRow(self._pages.index(page))
        self.show()
        self.activateWindow()
        page.take_keyboard()

    @Slot(object)
    def show_opened(self, outline: Outline) -> None:
        """Close where this is what was asked for here, whatever weights were settled on for it afterwards."""
        if self._asked is not None and (outline.network == self._asked or _builds(self._asked, outline)):
            self._forget()
            self.accept()

    def show_failure(self, reference: NetworkRef, sentence: str) -> None:
        """Say why nothing came of it yet, where it was asked for here; what was typed stays.

        It may still be opened, once the user has said that its program may run, or that some keys need not fit.
        """
        if self._asked is not None and reference == self._asked:
            self._is_opening = False
            self._show_state()
            self._say(sentence)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Show that files may be dropped here as on the window."""
        if is_readable(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Keep showing it."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Pass on what was dropped."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.dropped.emit(event.mimeData())

    def _make_buttons(self) -> QDialogButtonBox:
        roles = QDialogButtonBox.ButtonRole
        box = QDialogButtonBox()
        self.open_button = box.addButton(self.tr("&Open"), roles.AcceptRole)
        self.save_button = box.addButton(self.tr("&Save description…"), roles.ActionRole)
        self.close_button = box.addButton(self.tr("Close"), roles.RejectRole)
        for button in (self.save_button, self.close_button):
            button.setAutoDefault(False)
        self.open_button.setDefault(True)
        self.open_button.clicked.connect(self._on_open)
        self.save_button.clicked.connect(self._on_save)
        self.close_button.clicked.connect(self.reject)
        return box

    def _lay_out(self, buttons: QDialogButtonBox) -> None:
        right = QVBoxLayout()
        right.addWidget(self._stack, 1)
        right.addWidget(self.words)
        row = QHBoxLayout()
        row.addWidget(self.sources)
        row.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.addLayout(row, 1)
        column.addWidget(buttons)

    def _show_state(self) -> None:
        choice = self.page.choice()
        self.open_button.setEnabled(choice.reference is not None and not self._is_opening)
        self.save_button.setEnabled(choice.reference is not None)
        self._say(choice.words)

    def _say(self, words: str) -> None:
        self.words.setText(words)
        self.open_button.setAccessibleDescription(words)

    @Slot(int)
    def _on_source_chosen(self, row: int) -> None:
        self._stack.setCurrentIndex(row)
        self._on_changed()

    @Slot()
    def _on_changed(self) -> None:
        """Show what the form says now; if that is still what was asked for, what is told of it stays."""
        if self._asked is None or self.page.choice().reference != self._asked:
            self._forget()

    def _forget(self) -> None:
        """Wait no more for what was asked for, though it may go on opening."""
        self._asked, self._is_opening = None, False
        self._show_state()

    @Slot()
    def _on_open(self) -> None:
        reference = self.page.choice().reference
        if reference is None or self._is_opening:
            return
        self._asked, self._is_opening = reference, True
        self._show_state()
        self._say(self.tr("Opening… The window says how far it is; this closes when the network is open."))
        self.wanted.emit(reference)

    @Slot()
    def _on_save(self) -> None:
        reference = self.page.choice().reference
        if reference is None:
            return
        try:
            self.description_wanted.emit(described(reference))
        except NetworkError as error:
            self._say(str(error))


def _builds(reference: NetworkRef, outline: Outline) -> bool:
    """Whether what a reference stands for is built as an open network is."""
    try:
        return described(reference).architecture == outline.description.architecture
    except NetworkError:  # a file that is gone by now
        return False
