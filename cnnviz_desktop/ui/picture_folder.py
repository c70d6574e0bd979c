"""The folder that pictures are saved in: one for all views, remembered until the next start."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.ui.picture_export import PictureActions

PURPOSE = "pictures"


class PictureFolder(QObject):
    """Keeps the dialogs of several views in one folder.

    Args:
        settings: Where the folder is remembered.
        views: What saves pictures.
        parent: Qt's parent.
    """

    def __init__(self, settings: SettingsFile, views: Iterable[PictureActions], parent: QObject) -> None:
        super().__init__(parent)
        self._settings = settings
        self._views = tuple(views)
        remembered = settings.settings.folders.get(PURPOSE, "")
        for view in self._views:
            if remembered and Path(remembered).is_dir():
                view.folder = Path(remembered)
            view.done.connect(self._on_done)

    @Slot()
    def _on_done(self) -> None:
        """Take the folder over from the view that has saved something."""
        saver = self.sender()
        if not isinstance(saver, PictureActions) or all(view.folder == saver.folder for view in self._views):
            return
        folder = str(saver.folder.absolute())
        for view in self._views:
            view.folder = saver.folder
        self._settings.change(folders={**self._settings.settings.folders, PURPOSE: folder})
