"""The page for a network that the user's own Python program builds. Nothing of it runs here."""

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from cnnviz_desktop.core.description import Architecture
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs
from cnnviz_desktop.ui.opening.picker.arguments_table import ArgumentsTable
from cnnviz_desktop.ui.opening.picker.factories import Factory, factories_in
from cnnviz_desktop.ui.opening.picker.naming import Naming
from cnnviz_desktop.ui.opening.picker.page import Choice, Page, hint, rows
from cnnviz_desktop.ui.opening.picker.path_field import PathField, Sought, weights_sought
from cnnviz_desktop.ui.opening.reference_words import of_description

FILE, MODULE = range(2)


class PythonPage(Page):
    """A file or module, the function or class in it that builds the network, its arguments and weights."""

    def __init__(self, dialogs: FileDialogs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._factories = dict[str, Factory]()
        self._read = ""
        self._problem = ""
        self.kind = QComboBox()
        self.kind.setAccessibleName(self.tr("How the program is given"))
        self.kind.addItems([self.tr("A Python file"), self.tr("An importable module")])
        python = Sought(
            title=self.tr("Python file"), purpose="programs", filters=(self.tr("Python ({0})").format("*.py"),)
        )
        folder = Sought(
            title=self.tr("Folder in which the module is looked for"),
            purpose="programs",
            kind="folder",
            hint=self.tr("the folder that holds the package; empty for an installed one"),
        )
        self.file, self.folder = PathField(python, dialogs), PathField(folder, dialogs)
        self.module = QLineEdit()
        self.module.setPlaceholderText("package.module")
        self.module.setAccessibleName(self.tr("Module"))
        self.factory = QComboBox()
        self.factory.setEditable(True)
        self.factory.setAccessibleName(self.tr("Function or class that builds the network"))
        self.factory.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.told = hint()
        self.arguments = ArgumentsTable()
        self.weights = PathField(weights_sought(self), dialogs)
        self._lay_out()
        self.naming = Naming(self._form, dialogs)
        self._connect()
        self._on_kind()

    def take_keyboard(self) -> None:
        """To what is missing first."""
        first = self.file.line if self.kind.currentIndex() == FILE else self.module
        wanted = self.factory if self.file.path and self.kind.currentIndex() == FILE else first
        wanted.setFocus(Qt.FocusReason.TabFocusReason)

    def give(self, program: str = "", weights: str = "") -> None:
        """Take a Python file and a weights file; empty leaves what is there."""
        if program:
            self.kind.setCurrentIndex(FILE)
            self.file.path = program
        if weights:
            self.weights.path = weights

    def choice(self) -> Choice:
        """The network that the chosen factory builds."""
        problem = self._missing() or self.arguments.problem or self.weights.problem or self.naming.problem
        if problem:
            return Choice(None, problem)
        description = self.naming.described(self._architecture(), weights=self.weights.path or None)
        words = self.tr("Opens {0}. You will be asked before anything of the program runs.")
        return Choice(description, words.format(of_description(description)))

    def _architecture(self) -> Architecture:
        factory, arguments = self.factory.currentText().strip(), self.arguments.given
        if self.kind.currentIndex() == FILE:
            return Architecture(file=self.file.path, factory=factory, arguments=arguments)
        folder = self.folder.path or None
        return Architecture(module=self.module.text().strip(), folder=folder, factory=factory, arguments=arguments)

    def _missing(self) -> str:
        if self.kind.currentIndex() == FILE:
            missing = self.file.problem or ("" if self.file.path else self.tr("Choose a Python file."))
        else:
            missing = self.folder.problem or ("" if self.module.text().strip() else self.tr("Name a module."))
        if missing or self.factory.currentText().strip():
            return missing
        return self._problem or self.tr("Name the function or class that builds the network.")

    def _lay_out(self) -> None:
        self._form = rows(self)
        self._form.addRow(self.tr("Program"), self.kind)
        self._form.addRow(self.tr("File"), self.file)
        self._form.addRow(self.tr("Module"), self.module)
        self._form.addRow(self.tr("Looked for in"), self.folder)
        self._form.addRow(self.tr("Built by"), self.factory)
        self._form.addRow("", self.told)
        self._form.addRow(self.tr("Arguments"), self.arguments)
        self._form.addRow(self.tr("Weights"), self.weights)

    def _connect(self) -> None:
        self.kind.currentIndexChanged.connect(self._on_kind)
        self.file.changed.connect(self._on_program)
        self.module.textChanged.connect(self._on_program)
        self.folder.changed.connect(self._on_program)
        self.factory.editTextChanged.connect(self._on_factory)
        for part in (self.arguments, self.weights, self.naming):
            part.changed.connect(self.changed)

    @Slot()
    def _on_kind(self) -> None:
        is_file = self.kind.currentIndex() == FILE
        self._form.setRowVisible(self.file, is_file)
        self._form.setRowVisible(self.module, not is_file)
        self._form.setRowVisible(self.folder, not is_file)
        self._on_program()

    @Slot()
    def _on_program(self) -> None:
        """Read, without running it, what the program could build the network by."""
        place = self._source()
        if place != self._read:
            self._read = place
            self._show_factories(place)
        self._on_factory()

    def _source(self) -> str:
        """The file that is read; empty where it is not known."""
        if self.kind.currentIndex() == FILE:
            return self.file.path if not self.file.problem else ""
        return module_file(self.module.text().strip(), self.folder.path)

    def _show_factories(self, place: str) -> None:
        found: tuple[Factory, ...] = ()
        self._problem = ""
        try:
            found = factories_in(Path(place)) if place else ()
        except NetworkError as error:
            self._problem = str(error)
        self._factories = {each.name: each for each in found}
        self.factory.blockSignals(True)
        self.factory.clear()
        self.factory.addItems(list(self._factories))
        self.factory.setCurrentIndex(0 if found else -1)
        self.factory.blockSignals(False)

    @Slot()
    def _on_factory(self) -> None:
        chosen = self._factories.get(self.factory.currentText().strip())
        self.arguments.arguments.offer(chosen.arguments if chosen is not None else ())
        self.told.setText(self._problem or (chosen.told if chosen is not None else ""))
        self._form.setRowVisible(self.told, bool(self.told.text()))
        self.naming.offer_name(self.factory.currentText().strip())
        self.changed.emit()


def module_file(module: str, folder: str) -> str:
    """The file of a module in a folder; empty where there is none, and for an installed one."""
    if not folder or not module:
        return ""
    base = Path(folder, *module.split("."))
    files = (base.with_suffix(".py"), base / "__init__.py")
    return next((str(file) for file in files if file.is_file()), "")
