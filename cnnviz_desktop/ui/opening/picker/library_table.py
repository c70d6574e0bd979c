"""The searchable table of what the libraries can build."""

from collections import Counter
from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from cnnviz_desktop.core.network_catalogue import LibraryNetwork
from cnnviz_desktop.ui.opening.picker.library_model import (
    FAMILY,
    GMACS,
    LIBRARY,
    NETWORK,
    PARAMETERS,
    WEIGHTS,
    LibraryModel,
    Search,
)
from cnnviz_desktop.ui.search_field import SearchField
from cnnviz_desktop.ui.steady_tree import SteadyTree

CELL_MARGIN = 14
LEAST_WIDTH = 520

FIRST = ("torchvision", "resnet50")
"""What is chosen until the user chooses: known to everybody, and neither the first of the alphabet nor huge."""


class LibraryTable(QWidget):
    """A search field, filters, and the networks that are found.

    Signals:
        chosen: Another network is chosen, or none.
        wanted: A network was double-clicked.
    """

    chosen = Signal()
    wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = LibraryModel()
        self.search = SearchField(self.tr("Search by name, family or task"), self.tr("Search networks"))
        self.groups, self.families = QComboBox(), QComboBox()
        self._chosen: LibraryNetwork | None = None
        self._missing = ""
        self._group_keys: tuple[tuple[str, str] | None, ...] = (None,)
        self.groups.setAccessibleName(self.tr("Library and task"))
        self.families.setAccessibleName(self.tr("Family"))
        self.only_here = QCheckBox(self.tr("With weights on this &machine"))
        self.state = QLabel(self.tr("Looking for what the installed libraries have…"))
        self.state.setWordWrap(True)
        self.view = self._make_view()
        self.search.textChanged.connect(self._on_search)
        self.search.left_down.connect(self._on_left_down)
        self.groups.currentIndexChanged.connect(self._on_group)
        self.families.currentIndexChanged.connect(self._on_search)
        self.only_here.toggled.connect(self._on_search)
        self.setMinimumWidth(LEAST_WIDTH)
        self._lay_out()
        self._fill_filters()

    @property
    def network(self) -> LibraryNetwork | None:
        """The chosen network."""
        index = self.view.currentIndex()
        return self.model.network(index.row()) if index.isValid() else None

    def show_networks(self, networks: Iterable[LibraryNetwork], told: str = "") -> None:
        """Offer networks; `told` is what there is to say about what is not among them."""
        chosen = self.network
        self.model.set_networks(networks)
        self._missing = told
        self.tell(told)
        self._fill_filters()
        if not self.choose(*((chosen.library, chosen.name) if chosen is not None else FIRST)):
            self._choose_row(self.model.best_row())

    def tell(self, text: str) -> None:
        """Say something in place of the networks, or beside them."""
        self.state.setText(text)
        self.state.setVisible(bool(text))

    def choose(self, library: str, name: str) -> bool:
        """Choose a network, whatever is searched for; whether there is one of that name."""
        row = self.model.row_of(library, name)
        if row < 0 and any((each.library, each.name) == (library, name) for each in self.model.networks):
            self._forget_filters()
            row = self.model.row_of(library, name)
        if row >= 0:
            self._choose_row(row)
        return row >= 0

    def _make_view(self) -> SteadyTree:
        view = SteadyTree()
        view.setModel(self.model)
        view.setAccessibleName(self.tr("Networks"))
        view.setRootIsDecorated(False)
        view.setUniformRowHeights(True)
        view.setAlternatingRowColors(True)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setSortingEnabled(True)
        view.sortByColumn(NETWORK, Qt.SortOrder.AscendingOrder)
        view.setAcceptDrops(False)
        header = view.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(NETWORK, QHeaderView.ResizeMode.Stretch)
        for column, text in (
            (LIBRARY, "torchvision"),
            (FAMILY, "EfficientNet"),
            (PARAMETERS, "1234.5 M"),
            (GMACS, "GMACs ▾"),
            (WEIGHTS, "Weights ▾"),
        ):
            header.resizeSection(column, self.fontMetrics().horizontalAdvance(text) + CELL_MARGIN)
        view.selectionModel().currentRowChanged.connect(self._on_current_changed)
        view.doubleClicked.connect(self.wanted)
        self.model.reordered.connect(self._on_reordered)
        return view

    def _lay_out(self) -> None:
        filters = QHBoxLayout()
        filters.addWidget(self.groups, 1)
        filters.addWidget(self.families, 1)
        filters.addWidget(self.only_here)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.search)
        column.addLayout(filters)
        column.addWidget(self.state)
        column.addWidget(self.view, 1)

    def _fill_filters(self) -> None:
        chosen = self._group()
        counts = Counter((network.library, network.task) for network in self.model.networks)
        self.groups.blockSignals(True)
        self.groups.clear()
        self.groups.addItem(self.tr("All libraries"))
        self._group_keys = (None, *sorted(counts, reverse=True))
        for key, count in sorted(counts.items(), reverse=True):
            self.groups.addItem(self.tr("{0}: {1} ({2})").format(*key, count))
        self.groups.setCurrentIndex(self._group_keys.index(chosen) if chosen in self._group_keys else 0)
        self.groups.blockSignals(False)
        self._fill_families()

    def _fill_families(self) -> None:
        """Offer the families of the group that is shown."""
        group, family = self._group(), str(self.families.currentData() or "")
        shown = (each for each in self.model.networks if group in (None, (each.library, each.task)))
        counts = Counter(network.family for network in shown)
        self.families.blockSignals(True)
        self.families.clear()
        self.families.addItem(self.tr("All families"), "")
        for name, count in sorted(counts.items(), key=lambda each: each[0].casefold()):
            self.families.addItem(f"{name} ({count})", name)
        self.families.setCurrentIndex(max(0, self.families.findData(family)))
        self.families.blockSignals(False)

    def _forget_filters(self) -> None:
        for widget in (self.search, self.groups, self.families, self.only_here):
            widget.blockSignals(True)
        self.search.clear()
        self.groups.setCurrentIndex(0)
        self.only_here.setChecked(False)
        self._fill_families()
        self.families.setCurrentIndex(0)
        for widget in (self.search, self.groups, self.families, self.only_here):
            widget.blockSignals(False)
        self._on_search()

    def _group(self) -> tuple[str, str] | None:
        return self._group_keys[self.groups.currentIndex()]

    def _choose_row(self, row: int) -> None:
        index = self.model.index(row, 0) if row >= 0 else QModelIndex()
        self.view.setCurrentIndex(index)
        self.view.scrollTo(index)

    @Slot()
    def _on_group(self) -> None:
        self._fill_families()
        self._on_search()

    @Slot()
    def _on_search(self) -> None:
        chosen = self.network
        self.model.find(
            Search(
                text=self.search.text(),
                group=self._group(),
                family=str(self.families.currentData() or ""),
                only_here=self.only_here.isChecked(),
            )
        )
        row = self.model.row_of(chosen.library, chosen.name) if chosen is not None and not self.search.text() else -1
        self._choose_row(row if row >= 0 else self.model.best_row())
        if self.model.networks:
            found = self.model.rowCount() > 0
            self.tell(self._missing if found else self.tr("No network is called that and passes these filters."))
        self.chosen.emit()

    @Slot()
    def _on_current_changed(self) -> None:
        self._chosen = self.network
        self.chosen.emit()

    @Slot()
    def _on_reordered(self) -> None:
        """Keep the choice."""
        if self._chosen is not None:
            self._choose_row(self.model.row_of(self._chosen.library, self._chosen.name))

    @Slot()
    def _on_left_down(self) -> None:
        self.view.setFocus(Qt.FocusReason.TabFocusReason)
