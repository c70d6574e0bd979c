"""The one question that is asked in a box of its own: may this program run?"""

from html import escape
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from cnnviz_desktop.core.covered import CALLED_AS
from cnnviz_desktop.core.program_text import ProgramChanged, is_saved_program, program_text

MOST_NAMED = 12


class ConsentDialog(QDialog):
    """Names the file, those of its project that run with it and their hash, shows their text, says what running means.

    Args:
        file: The program: a Python file, or one that torch.export or TorchScript has saved.
        sha256: Hash of the bytes that would run; see `covered_sha256`.
        beside: The files of its project that run with it, by their paths relative to its folder.
        parent: The window it belongs to.
    """

    agreed = Signal(str, str)  # the hash, the file

    def __init__(self, file: str, sha256: str, beside: tuple[str, ...] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sha256 = sha256
        self._file = Path(file)
        self._beside = beside
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Run this program?"))
        self.setMinimumWidth(640)
        layout = QVBoxLayout(self)
        for label in self._labels():
            layout.addWidget(label)
        layout.addWidget(self._listing(), 1)
        layout.addWidget(self._make_buttons())
        self.accepted.connect(self._on_accepted)

    def _labels(self) -> tuple[QLabel, ...]:
        remembered = self.tr(
            "The answer “Run” is remembered for exactly these bytes; a changed file is asked about. It can be taken "
            "back in the preferences."
        )
        texts = (*self._named(), f"SHA-256 <code>{self.sha256}</code>", self._what_running_means(), remembered)
        labels = tuple(map(QLabel, texts))
        for label in labels:
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return labels

    def _what_running_means(self) -> str:
        if self._is_saved():
            return self.tr(
                "This network was saved as a program, by torch.export or TorchScript. Opening the network runs that "
                "program, and one that was made for it can read, change and delete your files. "
                "Run it only if you trust whoever made it."
            )
        return self.tr(
            "This network is built by a Python program. Opening the network runs that program, and it can then do "
            "whatever you can do on this machine: read, change, delete and send your files. "
            "Run it only if you trust whoever wrote it."
        )

    def _is_saved(self) -> bool:
        try:
            return is_saved_program(self._file)
        except OSError:
            return False

    def _named(self) -> tuple[str, ...]:
        file = f"<b>{escape(str(self._file))}</b>"
        calls = [name.removeprefix(CALLED_AS) for name in self._beside if name.startswith(CALLED_AS)]
        if calls:
            return file, self.tr("An installed module, called as {0}").format(f"<code>{escape(calls[0])}</code>")
        if not self._beside:
            return (file,)
        names = ", ".join(self._beside[:MOST_NAMED]) + (", …" if len(self._beside) > MOST_NAMED else "")
        said = self.tr("Files of its project that run with it and are covered by the same answer ({0}): {1}")
        return file, said.format(len(self._beside), escape(names))

    def _listing(self) -> QPlainTextEdit:
        listing = QPlainTextEdit(self._text())
        listing.setReadOnly(True)
        listing.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        listing.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        listing.setAccessibleName(self.tr("The program's text"))
        listing.setTabChangesFocus(True)
        listing.setMinimumHeight(220)
        return listing

    def _text(self) -> str:
        """The program's text, if it is still what the hash names."""
        try:
            text = program_text(self._file, self.sha256, self._beside)
        except OSError as error:
            return self.tr("The file cannot be read: {0}.").format(error.strerror or error)
        except ProgramChanged:
            return self.tr("The file has changed since its hash was taken. Open the network again.")
        return text or self.tr("There is no text in it that could be shown.")

    def _make_buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox()
        self.run_button = box.addButton(self.tr("Run"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.refuse_button = box.addButton(self.tr("Don't run"), QDialogButtonBox.ButtonRole.RejectRole)
        self.run_button.setAutoDefault(False)
        self.refuse_button.setDefault(True)
        self.refuse_button.setFocus()
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        return box

    @Slot()
    def _on_accepted(self) -> None:
        self.agreed.emit(self.sha256, str(self._file))
