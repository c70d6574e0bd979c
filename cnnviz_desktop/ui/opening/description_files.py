"""Saves what a network is as a description file, which opens the same network again."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz_desktop.core.atomic_files import replacing
from cnnviz_desktop.core.description import SUFFIX, NetworkDescription, relative
from cnnviz_desktop.core.errors import OutputError
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs
from cnnviz_desktop.ui.picture_files import file_stem

PURPOSE = "networks"


def write_description(description: NetworkDescription, path: Path) -> Path:
    """Write a description file, whole or not at all; the name gets its suffix where it has not.

    Args:
        description: Its paths are absolute; in the file they are relative to it.
        path: Where to.

    Returns:
        The file's path.

    Raises:
        OutputError: It cannot be written, or would replace a file whose whole name was not given.
    """
    target = path if path.name.endswith(SUFFIX) else path.with_name(path.name.removesuffix(".json") + SUFFIX)
    if target != path and target.exists():
        raise OutputError(f"There is a file {target} already. To replace it, save under its whole name.")
    with replacing(target) as file:
        file.write(f"{relative(description, target.parent).to_json()}\n".encode())
    return target


class DescriptionFiles(QObject):
    """Asks where a description is to be saved, and saves it there.

    Signals:
        saved: A sentence that says where.
        failed: A sentence that says why not.
    """

    saved = Signal(str)
    failed = Signal(str)

    def __init__(self, dialogs: FileDialogs, parent: QObject) -> None:
        super().__init__(parent)
        self._dialogs = dialogs
        self._description: NetworkDescription | None = None

    def ask(self, description: NetworkDescription, window: QWidget) -> None:
        """Show the dialog over a window."""
        self._description = description
        dialog = self._dialogs.make(window, PURPOSE, self.tr("Save network description"), QFileDialog.FileMode.AnyFile)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("Network descriptions ({0})").format(f"*{SUFFIX}"))
        dialog.selectFile(file_stem(description.name) + SUFFIX)
        dialog.fileSelected.connect(self._on_file_selected)
        dialog.open()

    @Slot(str)
    def _on_file_selected(self, path: str) -> None:
        if self._description is None:
            return
        try:
            written = write_description(self._description, Path(path).absolute())
        except OutputError as error:
            self.failed.emit(str(error))
        else:
            self.saved.emit(self.tr("The description of {0} is in {1}.").format(self._description.name, written))
