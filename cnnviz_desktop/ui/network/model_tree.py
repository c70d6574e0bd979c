"""The network as a tree of layers, with a search box."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnviz_desktop.core.description import as_built
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.ui.network.layer_filter import FilterButton, LayerFilter
from cnnviz_desktop.ui.network.layer_joining import LayerJoining
from cnnviz_desktop.ui.network.layer_rows import LAYER_NAME_ROLE, OPERATION_ROLE
from cnnviz_desktop.ui.network.layer_view import LayerView
from cnnviz_desktop.ui.network.layer_words import short_number
from cnnviz_desktop.ui.network.model_tree_model import ModelTreeModel
from cnnviz_desktop.ui.network.operation_notice import OperationNotice
from cnnviz_desktop.ui.search_field import SearchField

LAYERS_SHOWN_AT_ONCE = 60


class ModelTree(QWidget):
    """Shows the layers of the open network and says which one was chosen."""

    layer_chosen = Signal(str)
    layer_toggled = Signal(str)  # to be joined with the chosen one, or left out again

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._outline: Outline | None = None
        self._model = ModelTreeModel(self)
        self._model.filled.connect(self._on_filled)
        self._found = LayerFilter(self)
        self._found.setSourceModel(self._model)
        self._telling = True
        self._chosen = ""
        self._kept: list[str] | None = None  # names of what stays unfolded while rows are made anew
        self._title = QLabel(self.tr("No network is open yet."))
        self._title.setWordWrap(True)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self.search = SearchField(self.tr("Search by name or type"), self.tr("Search layers"))
        self.search.textChanged.connect(self._narrow)
        self.search.returnPressed.connect(self._on_return)
        self.search.left_down.connect(self._on_left_down)
        self.filter = FilterButton()
        self.filter.kind_chosen.connect(self._narrow)
        self.filter.operations_wanted.connect(self._on_operations_wanted)
        self._nothing_found = QLabel(self.tr("No layer has that in its name or type."))
        self._nothing_found.hide()
        self.notice = OperationNotice()
        self.notice.layer_wanted.connect(self._choose_and_tell)
        self.view = self._make_view()
        self._lay_out()

    def _make_view(self) -> LayerView:
        view = LayerView(self._found)
        view.setAccessibleName(self.tr("Layers of the network"))
        view.selectionModel().currentChanged.connect(self._on_current_changed)
        view.activated.connect(self._on_activated)
        LayerJoining(view).toggled.connect(self.layer_toggled)
        view.add_copying()
        return view

    def _lay_out(self) -> None:
        searching = QHBoxLayout()
        searching.addWidget(self.search, 1)
        searching.addWidget(self.filter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self._title)
        layout.addLayout(searching)
        for widget in (self._nothing_found, self.view, self.notice):
            layout.addWidget(widget)
        layout.setStretchFactor(self.view, 1)

    def show_outline(self, outline: Outline) -> None:
        """Replace the tree by that network's; nothing is chosen in it yet. The rows of a large one come bit by bit.

        Of the same network, opened again with other preprocessing, what is unfolded and searched for stays.
        """
        same = self._outline is not None and _are_alike(self._outline, outline)
        self._telling = False
        self._outline = outline
        self._chosen = ""
        self.notice.hide()
        if not same:
            self.search.clear()
            self.filter.show_all()
        self._fill(keep=same)
        self._telling = True
        self._title.setText(self._facts(outline))

    def _fill(self, *, keep: bool) -> None:
        """Make the rows; `keep` what is unfolded."""
        self._kept = self.view.unfolded() if keep else None
        if self._outline is not None:
            self._model.show(
                self._outline, self.palette().placeholderText(), operations=self.filter.operations.isChecked()
            )
            self._unfold()
            self.view.fit_columns()

    def _facts(self, outline: Outline) -> str:
        height, width = outline.preprocessing.size
        facts = self.tr("{0} · {1:,} parameters · {2} classes · input {3}×{4}").format(
            outline.name, outline.parameters, outline.classes, height, width
        )
        if outline.macs:
            facts += " · " + self.tr("{0} MACs").format(short_number(outline.macs)).replace(" ", "\N{NO-BREAK SPACE}")
        if not outline.suggested:
            return facts
        return facts + "\n" + self.tr("★ suggested for class activation maps: {0}").format(outline.suggested)

    def choose(self, name: str) -> None:
        """Mark a layer as the chosen one, without saying so in `layer_chosen`; a search that hides it ends."""
        self._chosen = name
        self.notice.hide()
        index = self._model.index_of(name)
        if index.isValid() and not self._found.mapFromSource(index).isValid():
            self.search.clear()
            self.filter.show_all()
        self._mark()

    def _mark(self) -> None:
        """Show the chosen layer as the current one, where the search does not hide it."""
        index = self._found.mapFromSource(self._model.index_of(self._chosen))
        self._telling = False
        flags = QItemSelectionModel.SelectionFlag
        self.view.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.view.scrollTo(index)
        self.view.fit_columns()
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

    @property
    def is_filled(self) -> bool:
        """Whether the rows of all layers are there."""
        return self._model.is_filled

    @Slot()
    def _narrow(self) -> None:
        self._telling = False
        self.view.collapseAll()  # a view that is unfolded lays itself out anew for every row that goes
        self._found.narrow(self.search.text().strip(), self.filter.kind)
        self._telling = True
        self._tell_what_was_found()
        self._kept = None
        self._unfold()
        if self._chosen:
            self._mark()

    def _tell_what_was_found(self) -> None:
        self._nothing_found.setVisible(self._found.narrows and self._found.rowCount() == 0)

    @Slot()
    def _on_filled(self) -> None:
        self._tell_what_was_found()
        if self._kept is not None:
            self._unfold()
        if self._chosen and not self.view.currentIndex().isValid():
            self._mark()

    @Slot(bool)
    def _on_operations_wanted(self, _: bool) -> None:
        self._telling = False
        self.notice.hide()
        self._fill(keep=True)
        self._telling = True
        if self._chosen:
            self._mark()

    @Slot()
    def _on_return(self) -> None:
        """Choose the first layer that was searched for."""
        hit = self._found.first_hit()
        if not hit.isValid() or not self._found.text:
            return
        if name := str(hit.data(LAYER_NAME_ROLE)):
            self.search.clear()
            self._choose_and_tell(name)
        else:
            self.view.setCurrentIndex(hit)

    @Slot()
    def _on_left_down(self) -> None:
        """Put the keyboard on the chosen layer, or on the first that was found; that chooses nothing yet."""
        if not self.view.currentIndex().isValid():
            self._telling = False
            flags = QItemSelectionModel.SelectionFlag.NoUpdate
            self.view.selectionModel().setCurrentIndex(self._found.first_hit(), flags)
            self._telling = True
        self.view.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        """Enter chooses the layer that the keyboard is on."""
        name = str(index.siblingAtColumn(0).data(LAYER_NAME_ROLE))
        if name and name != self._chosen:
            self._choose_and_tell(name)

    @Slot(str)
    def _choose_and_tell(self, name: str) -> None:
        self.choose(name)
        self.layer_chosen.emit(name)

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, _: QModelIndex) -> None:
        row = current.siblingAtColumn(0)
        if not self._telling or not row.isValid():
            return
        place = row.data(OPERATION_ROLE)
        if place is not None and self._outline is not None:
            self.notice.tell(self._outline.operations[place], self._outline)
            return
        self.notice.hide()
        self._chosen = str(row.data(LAYER_NAME_ROLE))
        self.layer_chosen.emit(self._chosen)

    def _unfold(self) -> None:
        """All that is sought, or what was unfolded; else all of a small network, and the top of a large one.

        The top shows its stages at a glance.
        """
        if self._found.narrows:
            self.view.unfold_all()
        elif self._kept is not None:
            self.view.unfold(map(self._found.mapFromSource, map(self._model.index_of, self._kept)))
        elif self._outline is not None and len(self._outline.layers) <= LAYERS_SHOWN_AT_ONCE:
            self.view.unfold_all()
        else:
            self.view.collapseAll()


def _are_alike(one: Outline, other: Outline) -> bool:
    """Whether both are of one network, whose program has not been changed in between."""
    names, others = ([layer.name for layer in outline.layers] for outline in (one, other))
    return names == others and as_built(one.description) == as_built(other.description)
