"""File dialogs that open where the last one for the same purpose was left."""

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz_desktop.core.settings import SettingsFile


class FileDialogs(QObject):
    """Makes dialogs, and remembers their folders by what they are for.

    Args:
        settings: Where the folders are remembered.
        parent: Qt's parent.
    """

    def __init__(self, settings: SettingsFile, parent: QObject) -> None:
        super().__init__(parent)
        self._settings = settings

    def make(self, window: QWidget, purpose: str, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        """A dialog that is not open yet. It deletes itself once it is closed."""
        dialog = QFileDialog(window, title, self._settings.settings.folders.get(purpose, ""))
        dialog.setObjectName(purpose)
        dialog.setFileMode(mode)
        if mode == QFileDialog.FileMode.Directory:
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.filesSelected.connect(self._on_files_selected)
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    @Slot()
    def _on_files_selected(self) -> None:
        dialog = self.sender()
        if isinstance(dialog, QFileDialog):
            folders = {**self._settings.settings.folders, dialog.objectName(): dialog.directory().absolutePath()}
            self._settings.change(folders=folders)
