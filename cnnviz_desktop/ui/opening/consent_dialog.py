"""The one question that is asked in a box of its own: may this Python file run?"""

import hashlib
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

LARGEST_SHOWN = 1_000_000


class ConsentDialog(QDialog):
    """Names the file and its hash, shows its text, and says what running it means.

    Args:
        file: The Python file.
        sha256: Hash of the bytes that would run.
        parent: The window it belongs to.
    """

    agreed = Signal(str)  # the hash

    def __init__(self, file: str, sha256: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sha256 = sha256
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Run this Python file?"))
        self.setMinimumWidth(640)
        layout = QVBoxLayout(self)
        for label in self._labels(file):
            layout.addWidget(label)
        layout.addWidget(self._listing(file), 1)
        layout.addWidget(self._make_buttons())
        self.accepted.connect(self._on_accepted)

    def _labels(self, file: str) -> tuple[QLabel, ...]:
        what = self.tr(
            "This network is built by a Python program. Opening the network runs that program, and it can then do "
            "whatever you can do on this machine: read, change, delete and send your files. "
            "Run it only if you trust whoever wrote it."
        )
        remembered = self.tr("The answer “Run” is remembered for exactly these bytes; a changed file is asked about.")
        texts = (f"<b>{_escaped(file)}</b>", f"SHA-256 <code>{self.sha256}</code>", what, remembered)
        labels = tuple(map(QLabel, texts))
        for label in labels:
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return labels

    def _listing(self, file: str) -> QPlainTextEdit:
        listing = QPlainTextEdit(self._source(file))
        listing.setReadOnly(True)
        listing.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        listing.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        listing.setAccessibleName(self.tr("The program's text"))
        listing.setTabChangesFocus(True)
        listing.setMinimumHeight(220)
        return listing

    def _source(self, file: str) -> str:
        """The program's text, if it is still what the hash names."""
        try:
            content = Path(file).read_bytes()
        except OSError as error:
            return self.tr("The file cannot be read: {0}.").format(error.strerror or error)
        if hashlib.sha256(content).hexdigest() != self.sha256:
            return self.tr("The file has changed since its hash was taken. Open the network again.")
        return content[:LARGEST_SHOWN].decode("utf-8", "replace")

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
        self.agreed.emit(self.sha256)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
