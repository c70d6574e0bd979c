"""All ways to open something: file dialogs, drops and paste, each sorted by the same rules."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz_desktop.ui.opening.dropped import IMAGE_SUFFIXES, Dropped, read_dropped, read_paths
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs


class Opener(QObject):
    """Says what the user wants opened.

    Signals:
        images_chosen: References of images.
        network_chosen: A network that says by itself how to build it.
        files_chosen: A Python file and a weights file, either of them empty where there is none; what network they
            make is still to be said.
        refused: A sentence about what cannot be opened, and why.
    """

    images_chosen = Signal(object)  # tuple of references
    network_chosen = Signal(object)  # a NetworkRef
    files_chosen = Signal(str, str)
    refused = Signal(str)

    def __init__(self, dialogs: FileDialogs, window: QWidget) -> None:
        super().__init__(window)
        self._dialogs = dialogs
        self._window = window

    @Slot()
    def ask_for_images(self) -> None:
        """Show the dialog for image files."""
        dialog = self._dialog(self.tr("Open images"), QFileDialog.FileMode.ExistingFiles)
        known = " ".join(f"*{suffix}" for suffix in sorted(IMAGE_SUFFIXES))
        dialog.setNameFilters([self.tr("Images ({0})").format(known), self.tr("All files (*)")])
        dialog.open()

    @Slot()
    def ask_for_folder(self) -> None:
        """Show the dialog for a folder of images."""
        self._dialog(self.tr("Open a folder of images"), QFileDialog.FileMode.Directory).open()

    @Slot()
    def paste(self) -> None:
        """Open what the clipboard holds."""
        self.open_data(QGuiApplication.clipboard().mimeData())

    @Slot(QMimeData)
    def open_data(self, data: QMimeData) -> None:
        """Open what was dropped or pasted."""
        self._open(read_dropped(data))

    @Slot(list)
    def open_paths(self, paths: Iterable[str]) -> None:
        """Open files and folders; their references are made absolute, so that requests can be run from anywhere."""
        self._open(read_paths(Path(path).absolute() for path in paths))

    def _dialog(self, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        dialog = self._dialogs.make(self._window, "images", title, mode)
        dialog.filesSelected.connect(self.open_paths)
        return dialog

    def _can_be_named(self, path: str) -> bool:
        """Whether a path can stand in a request; the names of some old files are not Unicode."""
        try:
            path.encode()
        except UnicodeEncodeError:
            self.refused.emit(self.tr("The name of {0} is not Unicode. Rename it first.").format(ascii(path)))
            return False
        return True

    def _named(self, paths: Iterable[str]) -> tuple[str, ...]:
        return tuple(path for path in paths if self._can_be_named(path))

    def _open(self, things: Dropped) -> None:
        for message in things.messages:
            self.refused.emit(message)
        if images := self._named(things.images):
            self.images_chosen.emit(images)
        networks, weights, programs = map(self._named, (things.networks, things.weights, things.programs))
        if networks:
            self.network_chosen.emit(networks[0])
            left = (*networks[1:], *weights, *programs)
        else:
            if weights or programs:
                self.files_chosen.emit(next(iter(programs), ""), next(iter(weights), ""))
            left = (*weights[1:], *programs[1:])
        for path in left:
            self.refused.emit(self.tr("{0} was not opened: one network is looked at at a time.").format(path))
