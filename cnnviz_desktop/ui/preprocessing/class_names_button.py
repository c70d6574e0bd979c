"""The choice of where the names of the classes come from."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from cnnviz_desktop.core.description import IMAGENET
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs

IMAGENET_CLASSES = 1000
PURPOSE = "class names"


class ClassNamesButton(QToolButton):
    """“Class names…” with a menu: a file, a folder, ImageNet's, the weights' own, or numbers alone.

    `chosen` carries `NetworkDescription.class_names`.
    """

    chosen = Signal(object)

    def __init__(self, dialogs: FileDialogs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dialogs = dialogs
        self.setText(self.tr("Class &names…"))
        self.setToolTip(self.tr("Choose where the names of the classes come from"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        self.file_action = self._add(menu, self.tr("From a &file…"), self._ask_for_file)
        self.folder_action = self._add(menu, self.tr("From the f&olders of a folder…"), self._ask_for_folder)
        menu.addSeparator()
        self.imagenet_action = self._add(menu, self.tr("&ImageNet's 1000"), self._choose_imagenet)
        self.own_action = self._add(menu, self.tr("As the &weights say"), self._choose_own)
        self.numbers_action = self._add(menu, self.tr("&Numbers alone"), self._choose_numbers)
        self.setMenu(menu)
        self.setEnabled(False)

    def show_outline(self, outline: Outline) -> None:
        """Offer what can be chosen for a network."""
        self.setEnabled(outline.classes > 0)
        self.imagenet_action.setEnabled(outline.classes == IMAGENET_CLASSES)
        self.own_action.setEnabled(outline.description.class_names is not None)

    def _add(self, menu: QMenu, text: str, slot: object) -> QAction:
        action = menu.addAction(text)
        action.triggered.connect(slot)
        return action

    @Slot()
    def _ask_for_file(self) -> None:
        dialog = self._dialogs.make(
            self.window(), PURPOSE, self.tr("Class names from a file"), QFileDialog.FileMode.ExistingFile
        )
        dialog.setNameFilters([self.tr("Class names (*.txt *.json *.csv *.tsv *.names)"), self.tr("All files (*)")])
        dialog.fileSelected.connect(self.chosen)
        dialog.open()

    @Slot()
    def _ask_for_folder(self) -> None:
        dialog = self._dialogs.make(
            self.window(), PURPOSE, self.tr("A folder with a folder for each class"), QFileDialog.FileMode.Directory
        )
        dialog.fileSelected.connect(self.chosen)
        dialog.open()

    @Slot()
    def _choose_imagenet(self) -> None:
        self.chosen.emit(IMAGENET)

    @Slot()
    def _choose_own(self) -> None:
        self.chosen.emit(None)

    @Slot()
    def _choose_numbers(self) -> None:
        self.chosen.emit(())
