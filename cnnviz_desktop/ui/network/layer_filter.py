"""Which rows of the tree of layers are shown: by a text in their name or type, by their kind."""

import re

from PySide6.QtCore import QModelIndex, QObject, QRegularExpression, QSortFilterProxyModel, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from cnnviz_desktop.ui.network.layer_rows import SEARCH_ROLE, Kind


class LayerFilter(QSortFilterProxyModel):
    """Lets through what has a text in its name or type and is of a kind, and the layers that such a row is in.

    A layer that is found by a text alone shows all that is below it.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._kind: Kind | None = None
        self.setRecursiveFilteringEnabled(True)
        self.setAutoAcceptChildRows(True)
        self.setFilterRole(SEARCH_ROLE)

    @property
    def narrows(self) -> bool:
        """Whether anything may be hidden."""
        return bool(self._text) or self._kind is not None

    @property
    def text(self) -> str:
        """What is searched for."""
        return self._text

    def narrow(self, text: str, kind: Kind | None) -> None:
        """Show only rows with a text, of a kind; everything where both are empty."""
        if (text, kind) == (self._text, self._kind):
            return
        self._text, self._kind = text, kind
        self.setAutoAcceptChildRows(kind is None)
        self.setFilterRegularExpression(self._expression)

    def first_hit(self) -> QModelIndex:
        """The first row that is sought itself, and not only what it is in; the first of all where nothing is sought."""
        start = self.index(0, 0)
        if not self.narrows or not start.isValid():
            return start
        flags = Qt.MatchFlag.MatchRegularExpression | Qt.MatchFlag.MatchRecursive
        return next(iter(self.match(start, SEARCH_ROLE, self._expression, 1, flags)), QModelIndex())

    @property
    def _expression(self) -> QRegularExpression:
        pattern = re.escape(self._text) + (f".*{self._kind}" if self._kind is not None else "")
        return QRegularExpression(pattern, QRegularExpression.PatternOption.CaseInsensitiveOption)


class FilterButton(QToolButton):
    """A button with a menu: layers of which kind, and whether operations, are shown.

    `kind_chosen` carries a `Kind`, or None for all.
    """

    kind_chosen = Signal(object)
    operations_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(self.tr("Show"))
        self.setAccessibleName(self.tr("Which layers are shown"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu = QMenu(self)
        self._kinds = QActionGroup(self)
        self._kinds.triggered.connect(self._on_kind)
        for kind, title in (
            (None, self.tr("&All layers")),
            (Kind.MAPS, self.tr("Layers that give &maps")),
            (Kind.CONVOLUTION, self.tr("&Convolutions")),
            (Kind.UNUSED, self.tr("Layers that are &unused")),
        ):
            action = QAction(title, self, checkable=True, checked=kind is None)
            action.setData(kind)
            self._kinds.addAction(action)
            menu.addAction(action)
        menu.addSeparator()
        self.operations = QAction(self.tr("&Operations between the layers"), self, checkable=True, checked=True)
        self.operations.toggled.connect(self.operations_wanted)
        menu.addAction(self.operations)
        self.setMenu(menu)

    @property
    def kind(self) -> Kind | None:
        """What is shown; None for everything."""
        kind = self._kinds.checkedAction().data()
        return Kind(kind) if kind is not None else None

    def show_all(self) -> None:
        """Narrow to no kind any more."""
        everything = self._kinds.actions()[0]
        if not everything.isChecked():
            everything.trigger()

    @Slot(QAction)
    def _on_kind(self, action: QAction) -> None:
        self.setText(self.tr("Show") if self.kind is None else action.text().replace("&", ""))
        self.kind_chosen.emit(self.kind)
