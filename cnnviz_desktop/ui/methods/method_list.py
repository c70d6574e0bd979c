"""Every method that explains a target, grouped by family, with a search box."""

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSortFilterProxyModel, Qt, Signal, Slot
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QLabel, QTreeView, QVBoxLayout, QWidget

from cnnviz_desktop.core.catalog import METHODS, Method
from cnnviz_desktop.ui.search_field import SearchField
from cnnviz_desktop.ui.steady_tree import SteadyTree

ID_ROLE = int(Qt.ItemDataRole.UserRole)
SEARCH_ROLE = ID_ROLE + 1
EXPLAINING = tuple(each for each in METHODS if each.gives)


class MethodList(QWidget):
    """A click or Enter chooses a method: the arrow keys only move, because some methods take long.

    `chosen` carries the method's id.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marked = ""
        self._items: dict[str, QStandardItem] = {}
        self._model = QStandardItemModel(self)
        self._found = QSortFilterProxyModel(self)
        self._found.setSourceModel(self._model)
        self._found.setRecursiveFilteringEnabled(True)
        self._found.setFilterRole(SEARCH_ROLE)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.search = SearchField(self.tr("Search by name or what it shows"), self.tr("Search methods"))
        self._nothing_found = QLabel(self.tr("No method is called that."))
        self._nothing_found.hide()
        self._fill()
        self.view = self._make_view()
        self.search.textChanged.connect(self._on_search)
        self.search.returnPressed.connect(self._on_return)
        self.search.left_down.connect(self._on_left_down)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (self.search, self._nothing_found, self.view):
            column.addWidget(widget)
        column.setStretchFactor(self.view, 1)

    def mark(self, method_id: str) -> None:
        """Show which method is chosen, without saying so in `chosen`."""
        if method_id == self._marked or method_id not in self._items:
            return
        for each, is_chosen in ((self._marked, False), (method_id, True)):
            item = self._items.get(each)
            if item is not None:
                font = item.font()
                font.setBold(is_chosen)
                item.setFont(font)
                spoken = self.tr("{0}, chosen").format(item.text()) if is_chosen else item.text()
                item.setData(spoken, Qt.ItemDataRole.AccessibleTextRole)
        self._marked = method_id
        self._go_to_marked()

    def _fill(self) -> None:
        families: dict[str, QStandardItem] = {}
        for method in EXPLAINING:
            if method.family not in families:
                family = families[method.family] = QStandardItem(method.family)
                family.setFlags(Qt.ItemFlag.ItemIsEnabled)
                family.setForeground(self.palette().placeholderText())
                self._model.appendRow(family)
            item = self._items[method.id] = QStandardItem(method.title)
            item.setData(method.id, ID_ROLE)
            item.setData(f"{method.title} {method.id} {method.summary}", SEARCH_ROLE)
            item.setToolTip(self._tip(method))
            item.setData(self._tip(method), Qt.ItemDataRole.AccessibleDescriptionRole)
            item.setEditable(False)
            families[method.family].appendRow(item)

    def _tip(self, method: Method) -> str:
        if not method.streams:
            return method.summary
        return self.tr("{0} It takes many passes; the picture sharpens as they run.").format(method.summary)

    def _make_view(self) -> QTreeView:
        view = SteadyTree()
        view.setModel(self._found)
        view.setAccessibleName(self.tr("Methods; Enter chooses one"))
        view.setHeaderHidden(True)
        view.setUniformRowHeights(True)
        view.setIndentation(10)
        view.setRootIsDecorated(False)
        view.setItemsExpandable(False)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.expandAll()
        view.clicked.connect(self._choose)
        view.activated.connect(self._choose)
        return view

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        method_id = index.data(ID_ROLE)
        if method_id is not None and method_id != self._marked:
            self.mark(str(method_id))
            self.chosen.emit(str(method_id))

    @Slot(str)
    def _on_search(self, text: str) -> None:
        self._found.setFilterFixedString(text.strip())
        self.view.expandAll()
        self._nothing_found.setVisible(bool(text) and self._found.rowCount() == 0)
        if not text:
            self._go_to_marked()
        elif text.strip():
            self.view.setCurrentIndex(self._first())  # what Enter takes

    @Slot()
    def _on_return(self) -> None:
        """Choose the method that was found first; the search is over."""
        first = self._first()
        if first.isValid() and self.search.text().strip():
            self._choose(first)
            self.search.clear()

    @Slot()
    def _on_left_down(self) -> None:
        if not self.view.currentIndex().isValid():
            self.view.setCurrentIndex(self._first())
        self.view.setFocus(Qt.FocusReason.TabFocusReason)

    def _first(self) -> QModelIndex:
        """The first method in sight: one whose own name has the text, before one that only tells of it."""
        typed = self.search.text().strip().casefold()
        shown = [
            self._found.index(row, 0, self._found.index(family, 0))
            for family in range(self._found.rowCount())
            for row in range(self._found.rowCount(self._found.index(family, 0)))
        ]
        named = [index for index in shown if str(index.data()).casefold().startswith(typed)]
        return next(iter((*named, *shown)), QModelIndex())

    def _go_to_marked(self) -> None:
        index = self._found.mapFromSource(self._items[self._marked].index()) if self._marked else QModelIndex()
        flags = QItemSelectionModel.SelectionFlag
        self.view.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.view.scrollTo(index)
