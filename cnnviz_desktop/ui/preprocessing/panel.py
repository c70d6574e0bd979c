"""The network's input, and everything it is made by."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.network_input import NetworkInput
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.ui.eliding_label import ElidingLabel
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs
from cnnviz_desktop.ui.preprocessing.class_names_button import ClassNamesButton
from cnnviz_desktop.ui.preprocessing.input_facts import facts, value_words
from cnnviz_desktop.ui.preprocessing.input_view import InputView
from cnnviz_desktop.ui.preprocessing.recipe_form import RecipeForm

MOST_NAMES = 3
"""So many class names are told; more end in an ellipsis."""


class PreprocessingPanel(QWidget):
    """Shows the exact input of the network, the recipe it is made by, and where the class names come from.

    Attributes:
        view: The input.
        form: The recipe.
        class_names: The choice of class names.

    Signals:
        wanted: The recipe that the user wants, a `Preprocessing`; None for that of the weights.
        reset_wanted: The recipe that the network was opened with is wanted again.
        shown: Whether the panel is in sight.
    """

    wanted = Signal(object)
    reset_wanted = Signal()
    shown = Signal(bool)

    def __init__(self, dialogs: FileDialogs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._input: NetworkInput | None = None
        self.view, self.form = InputView(), RecipeForm()
        self.class_names = ClassNamesButton(dialogs)
        self._readout = ElidingLabel()
        self._facts, self._state = QLabel(wordWrap=True), QLabel(wordWrap=True)
        self._problem, self._names = QLabel(wordWrap=True), QLabel(wordWrap=True)
        for label in (self._facts, self._state, self._problem, self._names):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._problem.setForegroundRole(QPalette.ColorRole.BrightText)
        font = self._state.font()
        font.setBold(True)
        self._state.setFont(font)
        self._reset, self._own = QPushButton(self.tr("R&eset")), QPushButton(self.tr("As the &weights say"))
        self._reset.setToolTip(self.tr("Prepare pictures as when the network was opened"))
        self._own.setToolTip(self.tr("Prepare pictures by the recipe that comes with the weights"))
        self._lay_out()
        self._connect()
        self.clear(self.tr("Open a network and an image to see what the network gets of it."))
        self.setEnabled(False)

    def show_outline(self, outline: Outline, first: Preprocessing | None) -> None:
        """Show the recipe of a network; `first` is the one its description had when it was opened."""
        given = outline.description.preprocessing
        self.setEnabled(True)
        self.form.show_recipe(outline.preprocessing)
        self.class_names.show_outline(outline)
        self._names.setText(self._names_words(outline))
        self._state.setText(self._state_words(outline, first))
        self._reset.setEnabled(given != first)
        self._own.setEnabled(given is not None and outline.recipe is not None and given != outline.recipe)

    def show_input(self, given: NetworkInput) -> None:
        """Show what the network gets of the image."""
        self._input = given
        self.view.show_input(given)
        self._facts.setText(facts(given))

    def clear(self, message: str) -> None:
        """Show no input, and say why."""
        self._input = None
        self.view.clear(message)
        self._facts.setText("")

    @Slot(str)
    def explain(self, problem: str) -> None:
        """Say why what is set is not what the network gets; empty where it is."""
        sentence = problem[:1].upper() + problem[1:]
        self._problem.setText(sentence if not sentence or sentence.endswith((".", "!", "?")) else f"{sentence}.")
        self._problem.setVisible(bool(problem))

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the input."""
        super().showEvent(event)
        self.shown.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask for nothing any more."""
        super().hideEvent(event)
        self.shown.emit(False)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self._reset)
        buttons.addWidget(self._own)
        buttons.addStretch(1)
        naming = QHBoxLayout()
        naming.addWidget(self.class_names)
        naming.addWidget(self._names, 1)
        rows = QWidget()
        column = QVBoxLayout(rows)
        column.setContentsMargins(6, 6, 6, 6)
        for widget in (self.view, self._readout, self._facts, self._state, self._problem, self.form):
            column.addWidget(widget)
        column.insertLayout(4, buttons)
        column.addLayout(naming)
        column.addStretch(1)
        scrolled = QScrollArea()
        scrolled.setWidgetResizable(True)
        scrolled.setFrameShape(QFrame.Shape.NoFrame)
        scrolled.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scrolled.setWidget(rows)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolled)

    def _connect(self) -> None:
        self.form.changed.connect(self.wanted)
        self.form.refused.connect(self.explain)
        self.view.pointed.connect(self._on_pointed)
        self._reset.clicked.connect(self.reset_wanted)
        self._own.clicked.connect(self._on_own_wanted)

    @Slot()
    def _on_own_wanted(self) -> None:
        self.wanted.emit(None)

    @Slot(object)
    def _on_pointed(self, at: tuple[int, int] | None) -> None:
        words = value_words(self._input, *at) if at is not None and self._input is not None else ""
        self._readout.setText(words)
        self.view.setAccessibleDescription(words)

    def _state_words(self, outline: Outline, first: Preprocessing | None) -> str:
        description = outline.description
        given, architecture = description.preprocessing, description.architecture
        if given != first:
            return self.tr("Changed")
        if given is not None:
            return self.tr("As the network's description says")
        if outline.recipe is not None and architecture.kind in ("torchvision", "timm") and not description.pretrained:
            usual = self.tr("As is usual for {0}: its weights here do not say how pictures are prepared")
            return usual.format(architecture.given)
        if outline.recipe is not None:
            return self.tr("As the weights say")
        return self.tr("Assumed: neither the network nor its weights say how pictures are prepared")

    def _names_words(self, outline: Outline) -> str:
        if not outline.classes:
            return self.tr("This network tells no classes apart.")
        if not outline.class_names and outline.description.class_names:
            return self.tr("{0} classes, by number: the names that were chosen are not as many").format(outline.classes)
        if not outline.class_names:
            return self.tr("{0} classes, by number").format(outline.classes)
        few = (*outline.class_names[:MOST_NAMES], *(["…"] if len(outline.class_names) > MOST_NAMES else []))
        return self.tr("{0} names: {1}").format(len(outline.class_names), ", ".join(few))
