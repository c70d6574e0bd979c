"""All ways to open something: file dialogs, drops and paste, each sorted by the same rules."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz_desktop.core.description import SUFFIX
from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.ui.opening.dropped import IMAGE_SUFFIXES, Dropped, read_dropped, read_paths


class Opener(QObject):
    """Says what the user wants opened. The dialogs open in the folder where they were left.

    `refused` carries a sentence about what cannot be opened, and why.
    """

    images_chosen = Signal(object)  # tuple of references
    network_chosen = Signal(object)  # a NetworkRef
    refused = Signal(str)

    def __init__(self, settings: SettingsFile, window: QWidget) -> None:
        super().__init__(window)
        self._settings = settings
        self._window = window

    @Slot()
    def ask_for_images(self) -> None:
        """Show the dialog for image files."""
        dialog = self._dialog("images", self.tr("Open images"), QFileDialog.FileMode.ExistingFiles)
        known = " ".join(f"*{suffix}" for suffix in sorted(IMAGE_SUFFIXES))
        dialog.setNameFilters([self.tr("Images ({0})").format(known), self.tr("All files (*)")])
        dialog.filesSelected.connect(self._on_files_selected)
        dialog.open()

    @Slot()
    def ask_for_folder(self) -> None:
        """Show the dialog for a folder of images."""
        dialog = self._dialog("images", self.tr("Open a folder of images"), QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.filesSelected.connect(self._on_files_selected)
        dialog.open()

    @Slot()
    def ask_for_network(self) -> None:
        """Show the dialog for a network description."""
        dialog = self._dialog("networks", self.tr("Open a network"), QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Network descriptions ({0})").format(f"*{SUFFIX}"), self.tr("All files (*)")])
        dialog.filesSelected.connect(self._on_files_selected)
        dialog.open()

    @Slot()
    def paste(self) -> None:
        """Open what the clipboard holds."""
        self.open_data(QGuiApplication.clipboard().mimeData())

    def open_data(self, data: QMimeData) -> None:
        """Open what was dropped or pasted."""
        self._open(read_dropped(data))

    def open_paths(self, paths: Iterable[str]) -> None:
        """Open files and folders; their references are made absolute, so that requests can be run from anywhere."""
        self._open(read_paths(Path(path).absolute() for path in paths))

    def _dialog(self, purpose: str, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        dialog = QFileDialog(self._window, title, self._settings.settings.folders.get(purpose, ""))
        dialog.setObjectName(purpose)
        dialog.setFileMode(mode)
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    @Slot(list)
    def _on_files_selected(self, paths: list[str]) -> None:
        dialog = self.sender()
        if isinstance(dialog, QFileDialog):
            folders = {**self._settings.settings.folders, dialog.objectName(): dialog.directory().absolutePath()}
            self._settings.change(folders=folders)
        self.open_paths(paths)

    def _can_be_named(self, path: str) -> bool:
        """Whether a path can stand in a request; the names of some old files are not Unicode."""
        try:
            path.encode()
        except UnicodeEncodeError:
            self.refused.emit(self.tr("The name of {0} is not Unicode. Rename it first.").format(ascii(path)))
            return False
        return True

    def _open(self, things: Dropped) -> None:
        for message in things.messages:
            self.refused.emit(message)
        for other in things.others:
            self.refused.emit(
                self.tr(
                    "{0} alone does not say how to build or feed the network. Write a network description "
                    "(*{1}) that names it, and open that; the README shows an example."
                ).format(other, SUFFIX)
            )
        images = tuple(image for image in things.images if self._can_be_named(image))
        if images:
            self.images_chosen.emit(images)
        for network in things.networks[:1]:
            self.network_chosen.emit(network)
        for network in things.networks[1:]:
            self.refused.emit(self.tr("{0} was not opened: one network is looked at at a time.").format(network))
