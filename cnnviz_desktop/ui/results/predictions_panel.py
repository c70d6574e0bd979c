"""What the network says about the image, and the choice of the class to be explained."""

import msgspec
from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QListView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cnnviz_desktop.core.class_search import find_classes
from cnnviz_desktop.core.requests import ClassTarget, Target
from cnnviz_desktop.core.results import Predictions
from cnnviz_desktop.ui.results.class_actions import ClassActions, score_of
from cnnviz_desktop.ui.results.class_list import ClassDelegate, ClassModel
from cnnviz_desktop.ui.search_field import SearchField
from cnnviz_desktop.ui.subject import class_of
from cnnviz_desktop.ui.toggle_style import TOGGLE_STYLE

SHOWN = (5, 10, 20, 50)


class PredictionsPanel(QWidget):
    """The likeliest classes with their probabilities and logits; a click or Enter makes one the target.

    `target_chosen` carries the class's index; `likeliest_chosen` says that the target follows the likeliest class;
    `vector_wanted` that the scores are not those of classes; `explanation_wanted` carries a whole `ClassTarget`:
    another score, or one class less another.
    """

    target_chosen = Signal(int)
    likeliest_chosen = Signal()
    explanation_wanted = Signal(object)
    vector_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: Predictions | None = None
        self._explained: Target = ClassTarget()
        self._why_empty = ""
        self._make_widgets()
        self._actions = ClassActions(self._list, self)
        self._actions.wanted.connect(self.explanation_wanted)
        as_vector = QAction(self.tr("Treat the scores as a &vector"), self)
        as_vector.setToolTip(self.tr("Compare images by what the network gives, and ask for no classes"))
        as_vector.triggered.connect(self.vector_wanted)
        self._list.addAction(as_vector)
        self._lay_out()
        self._search.textChanged.connect(self._refresh)
        self._search.returnPressed.connect(self._choose_first)
        self._search.left_down.connect(self._go_to_list)
        self._list.clicked.connect(self._choose)
        self._list.activated.connect(self._choose)
        self._count.currentIndexChanged.connect(self._refresh)
        self._likeliest.clicked.connect(self._follow_likeliest)
        self._refresh()

    @property
    def target(self) -> int | None:
        """The class that is marked; None where the likeliest one is followed."""
        return class_of(self._explained)

    def show_target(self, target: Target) -> None:
        """Mark what is explained: a class, one less another, or none of them."""
        if target != self._explained:
            self._explained = target
            self._refresh()

    def show_result(self, result: Predictions, target: int | None) -> None:
        """Show a result; `target` is the class explained now, None where that is the likeliest."""
        self._result = result
        if target != self.target:
            self._explained = ClassTarget(target)
        self._refresh()

    def clear(self, message: str = "") -> None:
        """Show no result, and say why; where nothing is said, that an image is wanted."""
        self._result = None
        self._why_empty = message
        self._search.clear()
        self._refresh()

    def focus_search(self) -> None:
        """Put the keyboard into the search field."""
        self._search.take_keyboard()

    def _make_widgets(self) -> None:
        self._search = SearchField(self.tr("Any class, by name or number"), self.tr("Search a class by name or number"))
        self._model = ClassModel(self)
        self._list = QListView(uniformItemSizes=True)
        self._list.setMouseTracking(True)
        self._list.setModel(self._model)
        self._list.setItemDelegate(ClassDelegate(self._list))
        self._list.setAccessibleName(self.tr("Classes; Enter makes one the target"))
        self._list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setFrameShape(QListView.Shape.NoFrame)
        self._message = QLabel(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
        self._message.setContentsMargins(6, 4, 6, 4)
        self._head = QLabel(wordWrap=True)
        self._head.setContentsMargins(6, 0, 0, 0)
        self._count = QComboBox()
        self._count.setAccessibleName(self.tr("How many of the likeliest classes"))
        for count in SHOWN:
            self._count.addItem(self.tr("Top {0}").format(count), count)
        self._score = QComboBox()
        self._score.setAccessibleName(self.tr("Score that is explained"))
        self._score.setToolTip(self.tr("What is explained: the logit, or the probability made of all of them"))
        self._score.addItem(self.tr("Logit"), "logit")
        self._score.addItem(self.tr("Probability"), "probability")
        self._score.activated.connect(self._on_score_chosen)
        self._likeliest = QToolButton()
        self._likeliest.setObjectName("likeliest")
        self._likeliest.setCheckable(True)
        self._likeliest.setStyleSheet(TOGGLE_STYLE)
        self._likeliest.setText(self.tr("Follow likeliest"))
        self._likeliest.setToolTip(self.tr("Explain whichever class is likeliest for each image"))

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self._count)
        row.addStretch(1)
        row.addWidget(self._score)
        row.addWidget(self._likeliest)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(4)
        column.addWidget(self._search)
        column.addLayout(row)
        column.addWidget(self._head)
        column.addWidget(self._message)
        column.addWidget(self._list, 1)

    @Slot()
    def _refresh(self) -> None:
        result = self._result
        for widget in (self._search, self._count, self._likeliest):
            widget.setEnabled(result is not None)
        explained = self._explained if isinstance(self._explained, ClassTarget) else None
        self._score.setEnabled(result is not None and explained is not None)
        self._score.setCurrentIndex(self._score.findData(explained.score if explained is not None else "logit"))
        self._likeliest.setChecked(result is not None and explained is not None and self.target is None)
        if result is None:
            self._model.clear()
            self._head.hide()
            self._say(self._why_empty or self.tr("Open an image to see what the network takes it for."))
            return
        self._head.show()
        self._head.setText(_head(self, result))
        typed = self._search.text().strip()
        likeliest = result.top(1)[0] if len(result.logits) else None
        marked = None if explained is None else likeliest if self.target is None else self.target
        minus = explained.minus if explained is not None and isinstance(explained.minus, int) else None
        self._actions.look_at(result, self._explained)
        shown = find_classes(typed, result.class_names) if typed else self._top(result, marked, minus)
        self._show_classes(result, shown, marked, minus)
        self._say(self._unknown(typed, result) if typed and not shown else "\n".join(result.notes))

    def _show_classes(self, result: Predictions, shown: tuple[int, ...], marked: int | None, minus: int | None) -> None:
        """Show these; the keyboard stays on its class where that is among them."""
        index = self._list.currentIndex()
        current = self._model.row(index.row()).index if index.isValid() else None
        self._model.show_classes(result, shown, marked, minus)
        if current in shown:
            self._list.setCurrentIndex(self._model.index(shown.index(current)))

    def _top(self, result: Predictions, *marked: int | None) -> tuple[int, ...]:
        """The likeliest classes, and those that are marked where they are not among them."""
        known = [index for index in marked if index is not None and 0 <= index < len(result.logits)]
        return tuple(dict.fromkeys((*result.top(self._count.currentData()), *known)))

    def _unknown(self, typed: str, result: Predictions) -> str:
        last = len(result.logits) - 1
        if typed.isdecimal():
            return self.tr("There is no class {0}: this network's classes are 0 to {1}.").format(typed, last)
        text = self.tr(
            "No class of this network is called “{0}”. It has {1} classes; a number from 0 to {2} finds one."
        )
        return text.format(typed, last + 1, last)

    def _say(self, text: str) -> None:
        self._message.setText(text)
        self._message.setVisible(bool(text))

    @Slot()
    def _go_to_list(self) -> None:
        if self._model.rowCount():
            self._list.setFocus(Qt.FocusReason.TabFocusReason)
            self._list.setCurrentIndex(self._model.index(0))

    @Slot()
    def _choose_first(self) -> None:
        """Choose what was found first; the search is over."""
        if self._model.rowCount():
            first = self._model.index(0)
            self._list.setCurrentIndex(first)
            self._choose(first)
            self._search.clear()

    @Slot()
    def _follow_likeliest(self) -> None:
        is_new = self._explained != ClassTarget()
        self._explained = ClassTarget()
        self._refresh()
        if is_new:
            self.likeliest_chosen.emit()

    @Slot(int)
    def _on_score_chosen(self, place: int) -> None:
        if isinstance(self._explained, ClassTarget):
            wanted = msgspec.structs.replace(self._explained, score=self._score.itemData(place))
            self.explanation_wanted.emit(wanted)

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        chosen = self._model.row(index.row()).index
        if self._explained == ClassTarget(chosen, score=score_of(self._explained)):
            return
        self._explained = ClassTarget(chosen, score=score_of(self._explained))
        self._refresh()  # what was searched stays: the rows must not move under a pointer that may click twice
        self.target_chosen.emit(chosen)


def _head(panel: PredictionsPanel, result: Predictions) -> str:
    if result.activation == "softmax":
        return panel.tr("Softmax over {0} classes").format(f"{len(result.logits):,}")
    if result.activation == "none":
        return panel.tr("{0} classes, as the network gives them").format(f"{len(result.logits):,}")
    if len(result.logits) == 1:
        return panel.tr("Single logit, sigmoid")
    return panel.tr("{0} independent classes, sigmoid").format(f"{len(result.logits):,}")
