"""The network as a tree of layers, with a search box."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QSortFilterProxyModel, Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractItemView, QLabel, QTreeView, QVBoxLayout, QWidget

from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.ui.network.layer_joining import LayerJoining
from cnnviz_desktop.ui.network.model_tree_model import LAYER_NAME_ROLE, SEARCH_ROLE, Column, ModelTreeModel
from cnnviz_desktop.ui.search_field import SearchField
from cnnviz_desktop.ui.steady_tree import SteadyTree

LAYERS_SHOWN_AT_ONCE = 60


class ModelTree(QWidget):
    """Shows the layers of the open network and says which one was chosen."""

    layer_chosen = Signal(str)
    layer_toggled = Signal(str)  # to be joined with the chosen one, or left out again

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = ModelTreeModel(self)
        self._found = QSortFilterProxyModel(self)
        self._found.setSourceModel(self._model)
        self._found.setRecursiveFilteringEnabled(True)
        self._found.setAutoAcceptChildRows(True)
        self._found.setFilterRole(SEARCH_ROLE)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._telling = True
        self._chosen = ""
        self._title = QLabel(self.tr("No network is open yet."))
        self._title.setWordWrap(True)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self.search = SearchField(self.tr("Search by name or type"), self.tr("Search layers"))
        self.search.textChanged.connect(self._on_search)
        self.search.returnPressed.connect(self._on_return)
        self.search.left_down.connect(self._on_left_down)
        self._nothing_found = QLabel(self.tr("No layer has that in its name or type."))
        self._nothing_found.hide()
        self.view = self._make_view()
        LayerJoining(self.view).toggled.connect(self.layer_toggled)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        for widget in (self._title, self.search, self._nothing_found, self.view):
            layout.addWidget(widget)
        layout.setStretchFactor(self.view, 1)

    def _make_view(self) -> QTreeView:
        view = SteadyTree()
        view.setModel(self._found)
        view.setAccessibleName(self.tr("Layers of the network"))
        view.setUniformRowHeights(True)
        view.setAlternatingRowColors(True)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        view.setIndentation(14)
        view.header().setStretchLastSection(False)
        view.selectionModel().currentChanged.connect(self._on_current_changed)
        view.activated.connect(self._on_activated)
        view.expanded.connect(self._fit_columns)
        return view

    def show_outline(self, outline: Outline) -> None:
        """Replace the tree by that network's; nothing is chosen in it yet."""
        self._telling = False
        self._chosen = ""
        self.search.clear()
        self._model.show(outline, self.palette().placeholderText())
        self._telling = True
        self._title.setText(self._facts(outline))
        self._unfold()
        self._fit_columns()

    def _facts(self, outline: Outline) -> str:
        height, width = outline.preprocessing.size
        facts = self.tr("{0} · {1:,} parameters · {2} classes · input {3}×{4}").format(
            outline.name, outline.parameters, outline.classes, height, width
        )
        if not outline.suggested:
            return facts
        return facts + "\n" + self.tr("★ suggested for class activation maps: {0}").format(outline.suggested)

    def choose(self, name: str) -> None:
        """Mark a layer as the chosen one, without saying so in `layer_chosen`; a search that hides it ends."""
        self._chosen = name
        if name and not self._found.mapFromSource(self._model.index_of(name)).isValid():
            self.search.clear()
        self._mark()

    def _mark(self) -> None:
        """Show the chosen layer as the current one, where the search does not hide it."""
        index = self._found.mapFromSource(self._model.index_of(self._chosen))
        self._telling = False
        flags = QItemSelectionModel.SelectionFlag
        self.view.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.view.scrollTo(index)
        self._fit_columns()
        self._telling = True

    def show_joined(self, names: Sequence[str]) -> None:
        """Mark the layers that are joined with the chosen one."""
        self._model.mark_joined(frozenset(names))

    def focus_search(self) -> None:
        """Put the keyboard into the search box."""
        self.search.take_keyboard()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme's colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._model.set_faint(self.palette().placeholderText())

    @property
    def chosen(self) -> str:
        """Name of the chosen layer; empty where there is none."""
        return self._chosen

    @Slot(str)
    def _on_search(self, text: str) -> None:
        self._telling = False
        self._found.setFilterFixedString(text.strip())
        self._telling = True
        self._nothing_found.setVisible(bool(text) and self._found.rowCount() == 0)
        if text:
            self.view.expandAll()
        else:
            self._unfold()
        if self._chosen:
            self._mark()

    @Slot()
    def _on_return(self) -> None:
        """Choose the first layer that was searched for."""
        hit = self._first_hit()
        if hit.isValid() and self.search.text().strip():
            name = str(hit.data(LAYER_NAME_ROLE))
            self.search.clear()
            self.choose(name)
            self.layer_chosen.emit(name)

    @Slot()
    def _on_left_down(self) -> None:
        """Put the keyboard on the chosen layer, or on the first that was found; that chooses nothing yet."""
        if not self.view.currentIndex().isValid():
            self._telling = False
            self.view.selectionModel().setCurrentIndex(self._first_hit(), QItemSelectionModel.SelectionFlag.NoUpdate)
            self._telling = True
        self.view.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        """Enter chooses the layer that the keyboard is on."""
        name = str(index.data(LAYER_NAME_ROLE))
        if name != self._chosen:
            self.choose(name)
            self.layer_chosen.emit(name)

    def _first_hit(self) -> QModelIndex:
        """The first layer that has the text in its own name or type, and not only below it."""
        text, start = self.search.text().strip(), self._found.index(0, 0)
        if not text or not start.isValid():
            return start
        flags = Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive
        return next(iter(self._found.match(start, SEARCH_ROLE, text, 1, flags)), QModelIndex())

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, _: QModelIndex) -> None:
        if self._telling and current.isValid():
            self._chosen = str(current.data(LAYER_NAME_ROLE))
            self.layer_chosen.emit(self._chosen)

    def _unfold(self) -> None:
        """All of a small network; the top of a large one, so that its stages can be seen at a glance."""
        self.view.collapseAll()
        if self._count_rows(QModelIndex()) <= LAYERS_SHOWN_AT_ONCE:
            self.view.expandAll()

    @Slot()
    def _fit_columns(self) -> None:
        for column in Column:
            self.view.resizeColumnToContents(column)

    def _count_rows(self, parent: QModelIndex) -> int:
        rows = self._model.rowCount(parent)
        return rows + sum(self._count_rows(self._model.index(row, 0, parent)) for row in range(rows))
