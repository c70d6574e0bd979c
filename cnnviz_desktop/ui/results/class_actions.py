"""What can be explained about a class of the list, as its context menu."""

from typing import Literal

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QListView

from cnnviz_desktop.core.requests import ClassTarget, Target
from cnnviz_desktop.core.results import Predictions
from cnnviz_desktop.ui.results.class_list import ROW_ROLE, ClassRow
from cnnviz_desktop.ui.subject import class_of

LONGEST_NAME = 32


class ClassActions(QObject):
    """The context menu of a list of classes: explain this one, or the difference of two.

    `wanted` carries the `ClassTarget`.

    Args:
        view: The list; its rows are `ClassRow`s.
        parent: Qt's parent.
    """

    wanted = Signal(object)

    def __init__(self, view: QListView, parent: QObject) -> None:
        super().__init__(parent)
        self._view = view
        self._result: Predictions | None = None
        self._explained: Target = ClassTarget()
        self._actions = [QAction(self) for _ in range(3)]
        for action in self._actions:
            action.triggered.connect(self._on_triggered)
        view.addActions(self._actions)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        view.selectionModel().currentChanged.connect(self._name_actions)

    def look_at(self, result: Predictions, explained: Target) -> None:
        """Offer what goes with another result, or another target."""
        self._result, self._explained = result, explained
        self._name_actions()

    @Slot()
    def _name_actions(self) -> None:
        row = _row(self._view.currentIndex())
        other = self._other()
        differs = row is not None and other is not None and row.index != other
        for action, enabled in zip(self._actions, (row is not None, differs, differs), strict=True):
            action.setEnabled(enabled)
        name = _short(row.name) if row is not None else self.tr("this class")
        explained = _short(self._result.class_names[other]) if self._result and other is not None else ""
        explain, minus, less = self._actions
        explain.setText(self.tr("&Explain “{0}”").format(name))
        minus.setText(self.tr("Explain “{0}” &minus “{1}”, the explained class").format(name, explained))
        less.setText(self.tr("Explain “{1}” minus “{0}”, &this one").format(name, explained))
        for action in (minus, less):
            action.setVisible(other is not None)

    def _other(self) -> int | None:
        """Index of the class that is explained; None where no class is."""
        if self._result is None or not isinstance(self._explained, ClassTarget):
            return None
        index = class_of(self._explained)
        if index is None and len(self._result.logits):
            return self._result.top(1)[0]
        return index

    @Slot()
    def _on_triggered(self) -> None:
        row, other = _row(self._view.currentIndex()), self._other()
        if row is None:
            return
        explain, minus, _ = self._actions
        score = score_of(self._explained)
        if self.sender() is explain:
            self.wanted.emit(ClassTarget(row.index, score=score))
        elif self.sender() is minus:
            self.wanted.emit(ClassTarget(row.index, minus=other, score=score))
        else:
            self.wanted.emit(ClassTarget(other, minus=row.index, score=score))


def score_of(target: Target) -> Literal["logit", "probability"]:
    """The score of a class target; the logit where no class is explained."""
    return target.score if isinstance(target, ClassTarget) else "logit"


def _row(index: QModelIndex) -> ClassRow | None:
    row = index.data(ROW_ROLE) if index.isValid() else None
    return row if isinstance(row, ClassRow) else None


def _short(name: str) -> str:
    name = name.replace("&", "&&")
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"
