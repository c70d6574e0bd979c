"""The networks of the libraries as rows that can be searched and sorted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import get_args

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from cnnviz_desktop.core.network_catalogue import Library, LibraryNetwork

NETWORK, LIBRARY, FAMILY, PARAMETERS, GMACS, WEIGHTS = range(6)
NETWORK_ROLE = int(Qt.ItemDataRole.UserRole)
_Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()
_Role = Qt.ItemDataRole
LIBRARIES = get_args(Library)
_NUMBERS = (PARAMETERS, GMACS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which networks are in sight.

    Attributes:
        text: Words; each has to occur in a network's name, family, library or task.
        group: Library and task of what is shown; None for all.
        family: Family of what is shown; empty for all.
        only_here: Whether only networks with official weights on this machine are shown.
    """

    text: str = ""
    group: tuple[str, str] | None = None
    family: str = ""
    only_here: bool = False

    def finds(self, network: LibraryNetwork) -> bool:
        """Whether a network is in sight."""
        if self.only_here and not network.here:
            return False
        if self.group not in (None, (network.library, network.task)) or self.family not in ("", network.family):
            return False
        return network.is_found_by(self.text)


class LibraryModel(QAbstractTableModel):
    """The networks in sight, in the order of a column; every other search or order resets it.

    Signals:
        reordered: The networks have another order.
    """

    reordered = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._networks: tuple[LibraryNetwork, ...] = ()
        self._found: list[LibraryNetwork] = []
        self._search = Search()
        self._column, self._descending = NETWORK, False

    def set_networks(self, networks: Iterable[LibraryNetwork]) -> None:
        """Offer these networks."""
        self._networks = tuple(networks)
        self._networks = self._sorted()
        self.find(self._search)

    @property
    def networks(self) -> tuple[LibraryNetwork, ...]:
        """All of them, in sight or not."""
        return self._networks

    def find(self, search: Search) -> None:
        """Show what a search finds."""
        self.beginResetModel()
        self._search = search
        self._found = [network for network in self._networks if search.finds(network)]
        self.endResetModel()

    def network(self, row: int) -> LibraryNetwork:
        """The network in a row."""
        return self._found[row]

    def row_of(self, library: str, name: str) -> int:
        """Where a network is; -1 where it is out of sight."""
        rows = (row for row, network in enumerate(self._found) if (network.library, network.name) == (library, name))
        return next(rows, -1)

    def best_row(self) -> int:
        """The row that a search means most: a name that is the text, then one that begins so, then the first."""
        text = self._search.text.strip().casefold()
        for fits in (str.__eq__, str.startswith):
            for row, network in enumerate(self._found):
                if text and fits(network.name.casefold(), text):
                    return row
        return 0 if self._found else -1

    def rowCount(self, parent: _Index = _NONE) -> int:
        """One for each network in sight."""
        return 0 if parent.isValid() else len(self._found)

    def columnCount(self, parent: _Index = _NONE) -> int:
        """Name, library, family, parameters, multiply–accumulates, weights."""
        return 0 if parent.isValid() else WEIGHTS + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> object:
        """Titles of the columns, and what they mean."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _Role.TextAlignmentRole:
            return _alignment(section)
        if role == _Role.ToolTipRole:
            return self._meanings()[section]
        return self._titles()[section] if role == _Role.DisplayRole else None

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> object:
        """What a network's cell says."""
        network = self._found[index.row()]
        if role == _Role.DisplayRole:
            return _TEXTS[index.column()](network)
        if role == _Role.TextAlignmentRole:
            return _alignment(index.column())
        if role == NETWORK_ROLE:
            return network
        if role in (_Role.ToolTipRole, _Role.AccessibleDescriptionRole):
            return self._told(network)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the networks in the order of a column; what has no value there comes last."""
        self._column, self._descending = column, order == Qt.SortOrder.DescendingOrder
        self._networks = self._sorted()
        self.find(self._search)
        self.reordered.emit()

    def _sorted(self) -> tuple[LibraryNetwork, ...]:
        """All networks in the order of the column, those alike by their names."""
        key = _KEYS[self._column]
        named = sorted(self._networks, key=lambda network: (network.name.casefold(), LIBRARIES.index(network.library)))
        known = [network for network in named if key(network) is not None]
        known.sort(key=lambda network: key(network) or (), reverse=self._descending)
        return (*known, *(network for network in named if key(network) is None))

    def _titles(self) -> tuple[str, ...]:
        return (
            self.tr("Network"),
            self.tr("Library"),
            self.tr("Family"),
            self.tr("Params"),
            self.tr("GMACs"),
            self.tr("Weights"),
        )

    def _meanings(self) -> tuple[str, ...]:
        return (
            self.tr("As its library calls it"),
            self.tr("What builds it"),
            self.tr("What it is a member of"),
            self.tr("Numbers that were learnt, in millions"),
            self.tr("Billions of multiply–accumulates of one pass of an image"),
            self.tr("Sets of official weights; ● where one of them is on this machine"),
        )

    def _told(self, network: LibraryNetwork) -> str:
        count, here = len(network.weights), len(network.here)
        words = self.tr("{0}, {1} of {2}; {3} sets of official weights, {4} on this machine")
        return words.format(network.name, network.task, network.library, count, here)


def millions(count: int | None) -> str:
    """A number of parameters in millions, ``25.6 M``; empty where unknown."""
    return "" if count is None else f"{count / 1e6:.1f} M" if count >= 1e5 else f"{count / 1e6:.3f} M"


def billions(count: int | None) -> str:
    """Multiply–accumulates in billions, ``4.09``; empty where unknown."""
    return "" if count is None else f"{count / 1e9:.2f}"


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _weights(network: LibraryNetwork) -> str:
    return f"{len(network.weights) or '–'}{' ●' if network.here else ''}"


_TEXTS: tuple[Callable[[LibraryNetwork], str], ...] = (
    lambda network: network.name,
    lambda network: network.library,
    lambda network: network.family,
    lambda network: millions(network.parameters),
    lambda network: billions(network.macs),
    _weights,
)
_KEYS: tuple[Callable[[LibraryNetwork], tuple[str | int, ...] | None], ...] = (
    lambda network: (network.name.casefold(),),
    lambda network: (network.library,),
    lambda network: (network.family.casefold(),),
    lambda network: None if network.parameters is None else (network.parameters,),
    lambda network: None if network.macs is None else (network.macs,),
    lambda network: (len(network.here), len(network.weights)),
)
