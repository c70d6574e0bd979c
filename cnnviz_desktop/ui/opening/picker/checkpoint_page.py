"""The page for a weights file: what it holds, and which network it is loaded into."""

from pathlib import Path

import msgspec
from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from cnnviz_desktop.core.checkpoint_report import CheckpointReport
from cnnviz_desktop.core.description import Architecture, NetworkDescription
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs
from cnnviz_desktop.ui.opening.picker.checkpoint_words import part_words, report_words
from cnnviz_desktop.ui.opening.picker.library_page import CLASSES, MOST_CLASSES
from cnnviz_desktop.ui.opening.picker.naming import Naming
from cnnviz_desktop.ui.opening.picker.page import Choice, Page, hint, rows
from cnnviz_desktop.ui.opening.picker.path_field import PathField, weights_sought
from cnnviz_desktop.ui.opening.reference_words import of_architecture, of_description

_TAKES_WEIGHTS = ("file", "module", "torchvision", "timm")


class CheckpointPage(Page):
    """A file, what was found in it, and the networks that it may belong to.

    Signals:
        report_wanted: What a weights file holds is to be found out.
        library_wanted: A network of the libraries is to be chosen for a file; the number of its classes, or 0.
        program_wanted: A Python program is to be chosen for a file.
    """

    report_wanted = Signal(str)
    library_wanted = Signal(str, int)
    program_wanted = Signal(str)

    def __init__(self, dialogs: FileDialogs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report: CheckpointReport | None = None
        self._failure = ""
        self._open: NetworkDescription | None = None
        self.file = PathField(weights_sought(self), dialogs)
        self.facts = QLabel()
        self.facts.setWordWrap(True)
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.part = _choice(self.tr("Dictionary of the file that is loaded"))
        self.candidates = _choice(self.tr("Network that the weights are loaded into"))
        self.classes = QSpinBox()
        self.classes.setRange(0, MOST_CLASSES)
        self.classes.setSpecialValueText(self.tr("as the file says"))
        self.classes.setAccessibleName(self.tr("Number of classes"))
        self.library = QPushButton(self.tr("Another of a &library…"))
        self.program = QPushButton(self.tr("One of a Python &program…"))
        self._lay_out(dialogs)
        self._connect()
        self._show_report()

    def take_keyboard(self) -> None:
        """To the file, or where there is one to what it is loaded into."""
        first = self.candidates if self.file.path and self.candidates.count() else self.file.line
        first.setFocus(Qt.FocusReason.TabFocusReason)

    def give(self, path: str) -> None:
        """Take a weights file."""
        if self.file.path == path:
            self._on_file()
        else:
            self.file.path = path

    def show_open_network(self, outline: Outline | None) -> None:
        """Offer to load weights into the network that is open, where it can take some."""
        self._open = None
        if outline is not None and outline.description.architecture.kind in _TAKES_WEIGHTS:
            self._open = msgspec.structs.replace(
                outline.description,
                preprocessing=outline.preprocessing,
                class_names=outline.description.class_names or outline.class_names or None,
            )
        self._fill_candidates()

    def show_report(self, report: CheckpointReport) -> None:
        """Show what a file holds, if it is still the one that is chosen."""
        if report.path == self.file.path:
            self._report, self._failure = report, ""
            self._show_report()

    def show_failure(self, sentence: str) -> None:
        """Say why nothing could be found out."""
        self._failure = sentence
        self._show_report()

    def choice(self) -> Choice:
        """The file in the network that is chosen for it."""
        path = self.file.path
        problem = self.file.problem or self._failure or self.naming.problem
        if not path or problem:
            return Choice(None, problem or self.tr("Choose a weights file, or drop one on the window."))
        if self._report is None:
            return Choice(None, self._waiting())
        description = self._description(path)
        if description is None:
            return Choice(None, self.tr("Say which network these weights belong to."))
        return Choice(description, self.tr("Opens {0}.").format(of_description(description)))

    def _description(self, path: str) -> NetworkDescription | None:
        architecture = self.candidates.currentData()
        part = self.part.currentData()
        if self._open is not None and architecture is self._open.architecture:
            named = self.naming.described(architecture, weights=path, weights_part=part)
            kept = {each: getattr(self._open, each) for each in ("preprocessing", "task")}
            return msgspec.structs.replace(named, **kept, class_names=named.class_names or self._open.class_names)
        if not isinstance(architecture, Architecture):
            return None
        made = self.naming.described(self._with_classes(architecture), weights=path, weights_part=part)
        names = self._report.class_names if self._report is not None else ()
        return msgspec.structs.replace(made, class_names=made.class_names or names or None)

    def _with_classes(self, architecture: Architecture) -> Architecture:
        arguments = {name: value for name, value in architecture.arguments.items() if name != CLASSES}
        if self.classes.value():
            arguments[CLASSES] = self.classes.value()
        return msgspec.structs.replace(architecture, arguments=arguments)

    def _lay_out(self, dialogs: FileDialogs) -> None:
        others = QHBoxLayout()
        for button in (self.library, self.program):
            button.setAutoDefault(False)
            others.addWidget(button)
        others.addStretch(1)
        self._form = rows()
        self._form.addRow(self.tr("Weights file"), self.file)
        self._form.addRow(self.tr("It holds"), self.facts)
        self._form.addRow(self.tr("Loaded from"), self.part)
        self._form.addRow(self.tr("Loaded into"), self.candidates)
        self._form.addRow("", others)
        self._form.addRow(self.tr("Classes"), self.classes)
        self.naming = Naming(self._form, dialogs)
        column = QVBoxLayout(self)
        column.addLayout(self._form)
        column.addStretch(1)
        told = self.tr(
            "Only tensors and plain values are read from the file: nothing in it runs, whatever it is called."
        )
        column.addWidget(hint(told))

    def _connect(self) -> None:
        self.file.changed.connect(self._on_file)
        self.candidates.currentIndexChanged.connect(self._on_candidate)
        self.part.currentIndexChanged.connect(self.changed)
        self.classes.valueChanged.connect(self.changed)
        self.naming.changed.connect(self.changed)
        self.library.clicked.connect(self._on_library)
        self.program.clicked.connect(self._on_program)

    def _show_report(self) -> None:
        report = self._report
        self.facts.setText(self._failure or (report_words(report) if report is not None else self._waiting()))
        self._form.setRowVisible(self.facts, bool(self.facts.text()))
        blocker = QSignalBlocker(self.part)
        self.part.clear()
        self.part.addItem(self.tr("the dictionary that fits best"), None)
        for part in report.parts if report is not None else ():
            self.part.addItem(part_words(part), part.place)
        blocker.unblock()
        self._form.setRowVisible(self.part, report is not None and len(report.parts) > 1)
        self._fill_candidates()

    def _waiting(self) -> str:
        return self.tr("Reading it…") if self.file.path and not self.file.problem else ""

    def _fill_candidates(self) -> None:
        """Offer the candidates, and the open network: first where it is of a kind with the likeliest."""
        blocker = QSignalBlocker(self.candidates)
        self.candidates.clear()
        guesses = self._report.guesses if self._report is not None else ()
        for guess in guesses:
            self.candidates.addItem(f"{of_architecture(guess.architecture)} – {guess.words}", guess.architecture)
        if self._open is not None:
            likely = not any(guess.fits for guess in guesses) or _same(guesses[0].architecture, self._open.architecture)
            words = self.tr("the open network {0}: {1}").format(
                self._open.name, of_architecture(self._open.architecture)
            )
            self.candidates.insertItem(0 if likely else self.candidates.count(), words, self._open.architecture)
        self.candidates.setCurrentIndex(0 if self.candidates.count() else -1)
        blocker.unblock()
        self._on_candidate()

    @Slot()
    def _on_file(self) -> None:
        path = self.file.path
        if self._report is None or path != self._report.path:
            self._report, self._failure = None, ""
            self._show_report()
        if path and not self.file.problem:
            self.report_wanted.emit(path)

    @Slot()
    def _on_candidate(self) -> None:
        architecture = self.candidates.currentData()
        own = isinstance(architecture, Architecture) and architecture.kind in ("torchvision", "timm")
        is_open = self._open is not None and architecture is self._open.architecture
        self.classes.setEnabled(own and not is_open)
        if isinstance(architecture, Architecture):
            self.classes.setValue(int(architecture.arguments.get(CLASSES, 0)))
        name = Path(self.file.path).name
        told = of_architecture(msgspec.structs.replace(architecture, arguments={})) if architecture is not None else ""
        self.naming.offer_name(" · ".join(part for part in (told.partition(" ")[0], name) if part))
        self.candidates.setToolTip(self.candidates.currentText())
        self.changed.emit()

    @Slot()
    def _on_library(self) -> None:
        self.library_wanted.emit(self.file.path, (self._report.classes if self._report is not None else None) or 0)

    @Slot()
    def _on_program(self) -> None:
        self.program_wanted.emit(self.file.path)


def _same(one: Architecture, other: Architecture) -> bool:
    return (one.kind, one.given) == (other.kind, other.given)


def _choice(name: str) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(name)
    made.setMinimumContentsLength(24)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return made
