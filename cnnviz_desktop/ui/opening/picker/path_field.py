"""A line for a path with a button that looks for it."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from cnnviz_desktop.core.home import from_home
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a path is to lead to.

    Attributes:
        title: What it is, as a title of the dialog and for screen readers.
        purpose: By what the dialog's folder is remembered.
        filters: Name filters of the dialog; none for a folder.
        hint: What the line says while it is empty.
        kind: Whether a file, a folder, or either may be there; the dialog looks for folders only where no file may be.
        words: What may stand in place of a path.
    """

    title: str
    purpose: str
    filters: tuple[str, ...] = ()
    hint: str = ""
    kind: Literal["file", "folder", "either"] = "file"
    words: tuple[str, ...] = ()


class PathField(QWidget):
    """A path, typed or looked for; what is dropped on it belongs to the window.

    Signals:
        changed: The path is another one.
    """

    changed = Signal()

    def __init__(self, sought: Sought, dialogs: FileDialogs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sought = sought
        self._dialogs = dialogs
        self.line = QLineEdit()
        self.line.setPlaceholderText(sought.hint)
        self.line.setAccessibleName(sought.title)
        self.line.setAcceptDrops(False)
        self.line.setClearButtonEnabled(True)
        self.line.textChanged.connect(self.changed)
        self.browse = QPushButton(self.tr("Browse…"))
        self.browse.setAutoDefault(False)
        self.browse.setAccessibleName(self.tr("Browse: {0}").format(sought.title))
        self.browse.clicked.connect(self._on_browse)
        self.setFocusProxy(self.line)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.line, 1)
        row.addWidget(self.browse)

    @property
    def path(self) -> str:
        """The absolute path, or a word in place of one; empty where none is given."""
        text = self.line.text().strip().strip("\"'")
        if not text or text in self._sought.words:
            return text
        return str(Path(from_home(text)).absolute())

    @path.setter
    def path(self, path: str) -> None:
        self.line.setText(path)

    @property
    def problem(self) -> str:
        """Why the path leads to nothing, in a sentence; empty where it does, and where none is given."""
        path = self.path
        # os.path, unlike Path of Python 3.11, takes text that is too long for a path or holds a null.
        exists = {"file": os.path.isfile, "folder": os.path.isdir, "either": os.path.exists}[self._sought.kind]
        if not path or path in self._sought.words or exists(path):
            return ""
        is_folder = self._sought.kind == "folder"
        what = self.tr("There is no folder {0}.") if is_folder else self.tr("There is no file {0}.")
        return what.format(path)

    @Slot()
    def _on_browse(self) -> None:
        mode = QFileDialog.FileMode.Directory if self._sought.kind == "folder" else QFileDialog.FileMode.ExistingFile
        dialog = self._dialogs.make(self.window(), self._sought.purpose, self._sought.title, mode)
        if self._sought.filters:
            dialog.setNameFilters([*self._sought.filters, self.tr("All files (*)")])
        dialog.fileSelected.connect(self._on_file_selected)
        dialog.open()

    @Slot(str)
    def _on_file_selected(self, path: str) -> None:
        self.path = path
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)


def weights_sought(widget: QWidget) -> Sought:
    """A weights file of PyTorch."""
    tr = widget.tr
    known = "*.pth *.pt *.th *.ckpt *.safetensors *.bin *.tar *.pkl"
    return Sought(
        title=tr("Weights file"),
        purpose="weights",
        filters=(tr("Weights ({0})").format(known),),
        hint=tr("what torch.save or safetensors wrote"),
    )
