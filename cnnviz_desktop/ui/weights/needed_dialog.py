"""Shown where a network's official weights are not on this machine: all there is to know of them, and ways on."""

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from cnnviz_desktop.core.official_weights import OfficialWeights, in_mebibytes
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.ui.eliding_label import ElidingLabel

WIDTH = 680
ICON = 24


class NeededDialog(QDialog):
    """Tells address, size, hash and folder of weights, and offers to download or import them, or to do without.

    It does nothing by itself: whoever shows it hears what is wanted and tells it how that goes.

    Signals:
        download_wanted: The weights shall be downloaded.
        import_wanted: A file that was brought here shall be imported.
        cancel_wanted: What is under way shall stop.
        random_wanted: The network shall be opened with random weights.

    Args:
        weights: What is needed.
        folder: Where it belongs.
        parent: The window it belongs to.
    """

    download_wanted = Signal()
    import_wanted = Signal()
    cancel_wanted = Signal()
    random_wanted = Signal()

    def __init__(self, weights: OfficialWeights, folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.weights = weights
        self._folder = folder
        self.setWindowTitle(self.tr("Official weights"))
        self.setMinimumWidth(WIDTH)
        self.download_button = QPushButton(self.tr("&Download"))
        self.import_button = QPushButton(self.tr("&Import file…"))
        self.random_button = QPushButton(self.tr("Use &random weights instead"))
        self.cancel_button = QPushButton(self.tr("&Cancel download"))
        self.close_button = QPushButton(self.tr("Close"))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the download"))
        self.status = _text("")
        self.status.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        icon = self.style().standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning)
        self._warning = QLabel()
        self._warning.setPixmap(icon.pixmap(ICON))
        self.status.setAccessibleName(self.tr("What became of the download"))
        self._lay_out()
        self._connect()
        self.show_idle(self.tr("Nothing is downloaded until you ask for it."))
        self.download_button.setFocus()

    def show_progress(self, progress: Progress) -> None:
        """Tell how far it is."""
        self._show_busy(busy=True)
        self._warning.hide()
        self.bar.setRange(0, progress.total if progress.total > 1 else 0)
        self.bar.setValue(progress.done)
        self.status.setText(progress.text)

    def show_waiting(self) -> None:
        """Tell that it will begin."""
        self.show_progress(Progress(done=0, total=1, text=self.tr("waiting for the worker …")))

    def show_idle(self, text: str, *, failed: bool = False) -> None:
        """Tell why nothing is under way, and offer every way on again."""
        self._show_busy(busy=False)
        self._warning.setVisible(failed)
        self.status.setText(text)
        self.download_button.setText(self.tr("&Download again") if failed else self.tr("&Download"))

    def _show_busy(self, *, busy: bool) -> None:
        self.bar.setVisible(busy)
        self.cancel_button.setVisible(busy)
        self.download_button.setVisible(not busy)
        for button in (self.import_button, self.random_button):
            button.setEnabled(not busy)
        self.close_button.setText(self.tr("Hide") if busy else self.tr("Close"))

    def _lay_out(self) -> None:
        network = self.weights.network.partition(":")[2].partition("@")[0] or self.weights.network
        said = _text(
            self.tr("The official weights {0} of {1} are not on this machine.").format(self.weights.name, network)
        )
        font = said.font()
        font.setBold(True)
        said.setFont(font)
        offline = _text(
            self.tr(
                "Without a network: fetch the file from that address on another machine, bring it here, "
                "and choose “Import file…”. Its hash is checked before it is used."
            )
        )
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(said)
        layout.addLayout(self._facts())
        layout.addWidget(offline)
        layout.addWidget(self.bar)
        told = QHBoxLayout()
        told.addWidget(self._warning, 0, Qt.AlignmentFlag.AlignTop)
        told.addWidget(self.status, 1)
        layout.addLayout(told)
        layout.addStretch(1)
        layout.addLayout(self._buttons())

    def _facts(self) -> QFormLayout:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self.address = _Line(self.weights.url, self.tr("Address of the weights"))
        self.copy_button = QPushButton(self.tr("Copy"))
        self.copy_button.setAccessibleName(self.tr("Copy the address"))
        self.folder = _Line(self._folder, self.tr("Folder of the weights"))
        self.folder_button = QPushButton(self.tr("Open"))
        self.folder_button.setAccessibleName(self.tr("Open the folder"))
        self.hash = _Line(self._hash_words(), self.tr("Expected hash of the weights"))
        form.addRow(self.tr("Address"), _row(self.address, self.copy_button))
        form.addRow(self.tr("Folder"), _row(self.folder, self.folder_button))
        form.addRow(self.tr("SHA-256"), self.hash)
        form.addRow(self.tr("File"), _line(self._file_words()))
        if self.weights.recipe:
            form.addRow(self.tr("Reaches"), _line(self.weights.recipe))
        return form

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(self.random_button)
        row.addStretch(1)
        for button in (self.import_button, self.download_button, self.cancel_button, self.close_button):
            row.addWidget(button)
        for button in (self.random_button, self.import_button, self.cancel_button, self.close_button):
            button.setAutoDefault(False)
        self.download_button.setDefault(True)
        return row

    def _connect(self) -> None:
        self.download_button.clicked.connect(self.download_wanted)
        self.import_button.clicked.connect(self.import_wanted)
        self.cancel_button.clicked.connect(self.cancel_wanted)
        self.random_button.clicked.connect(self.random_wanted)
        self.close_button.clicked.connect(self.reject)
        self.copy_button.clicked.connect(self._on_copy)
        self.folder_button.clicked.connect(self._on_open_folder)

    def _hash_words(self) -> str:
        digits = self.weights.digits
        if len(digits) == 64:
            return digits
        return self.tr("begins with {0}").format(digits) if digits else self.tr("not published; noted once it is here")

    def _file_words(self) -> str:
        size = self.weights.bytes
        if size is None:
            return self.weights.file_name
        return self.tr("{0}, about {1}").format(self.weights.file_name, in_mebibytes(size))

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.weights.url)

    @Slot()
    def _on_open_folder(self) -> None:
        open_folder(Path(self._folder))


def open_folder(folder: Path) -> None:
    """Show a folder in the system's file manager, or what is there of the way to it."""
    existing = next((each for each in (folder, *folder.parents) if each.is_dir()), folder)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(existing)))


class _Line(QLineEdit):
    """Text that can be selected and copied, but not changed."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        self.setReadOnly(True)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setAccessibleName(name)
        self.setToolTip(text)
        self.setCursorPosition(0)


def _text(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def _line(text: str) -> QLabel:
    label = ElidingLabel(mode=Qt.TextElideMode.ElideMiddle)
    label.setText(text)
    return label


def _row(line: QLineEdit, button: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    button.setAutoDefault(False)
    row.addWidget(line, 1)
    row.addWidget(button)
    return row
