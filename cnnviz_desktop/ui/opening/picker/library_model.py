"""The networks of the libraries as rows that can be searched and sorted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from cnnviz_desktop.core.official_weights import OfficialWeights

NETWORK, FAMILY, PARAMETERS, GMACS, WEIGHTS = range(5)
NETWORK_ROLE = int(Qt.ItemDataRole.UserRole)
_Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()
_Role = Qt.ItemDataRole
_NUMBERS = (PARAMETERS, GMACS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One network that a library can build.

    Attributes:
        library: ``torchvision`` or ``timm``.
        name: As the library calls it.
        family: What it is a member of: ``ResNet``.
        task: What it is for: ``classification``, ``segmentation``, ``detection``.
        parameters: How many it has; None where that is not known without building it.
        macs: Multiply–accumulates of one pass; None where that is unknown.
        weights: Its official weights, the recommended ones first.
        here: Names of those that are on this machine.
    """

    library: str
    name: str
    family: str
    task: str = "classification"
    parameters: int | None = None
    macs: int | None = None
    weights: tuple[OfficialWeights, ...] = ()
    here: frozenset[str] = frozenset()


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

    def finds(self, offer: Offer) -> bool:
        """Whether a network is in sight."""
        if self.only_here and not offer.here:
            return False
        if self.group not in (None, (offer.library, offer.task)) or self.family not in ("", offer.family):
            return False
        text = f"{offer.name} {offer.family} {offer.library} {offer.task}".casefold()
        return all(word in text for word in self.text.casefold().split())


class LibraryModel(QAbstractTableModel):
    """The networks in sight, in the order of a column."""

    def __init__(self) -> None:
        super().__init__()
        self._offers: tuple[Offer, ...] = ()
        self._found: list[Offer] = []
        self._search = Search()
        self._column, self._descending = NETWORK, False

    def set_offers(self, offers: Iterable[Offer]) -> None:
        """Offer these networks."""
        self._offers = tuple(offers)
        self.find(self._search)

    @property
    def offers(self) -> tuple[Offer, ...]:
        """All of them, in sight or not."""
        return self._offers

    def find(self, search: Search) -> None:
        """Show what a search finds."""
        self.beginResetModel()
        self._search = search
        self._found = [offer for offer in self._offers if search.finds(offer)]
        self._sort()
        self.endResetModel()

    def offer(self, row: int) -> Offer:
        """The network in a row."""
        return self._found[row]

    def row_of(self, library: str, name: str) -> int:
        """Where a network is; -1 where it is out of sight."""
        rows = (row for row, offer in enumerate(self._found) if (offer.library, offer.name) == (library, name))
        return next(rows, -1)

    def best_row(self) -> int:
        """The row that a search means most: a name that is the text, then one that begins so, then the first."""
        text = self._search.text.strip().casefold()
        for fits in (str.__eq__, str.startswith):
            for row, offer in enumerate(self._found):
                if text and fits(offer.name.casefold(), text):
                    return row
        return 0 if self._found else -1

    def rowCount(self, parent: _Index = _NONE) -> int:
        """One for each network in sight."""
        return 0 if parent.isValid() else len(self._found)

    def columnCount(self, parent: _Index = _NONE) -> int:
        """Name, family, parameters, multiply–accumulates, weights."""
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
        offer = self._found[index.row()]
        if role == _Role.DisplayRole:
            return _TEXTS[index.column()](offer)
        if role == _Role.TextAlignmentRole:
            return _alignment(index.column())
        if role == NETWORK_ROLE:
            return offer
        if role in (_Role.ToolTipRole, _Role.AccessibleDescriptionRole):
            return self._told(offer)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the networks in the order of a column; what has no value there comes last."""
        self.beginResetModel()
        self._column, self._descending = column, order == Qt.SortOrder.DescendingOrder
        self._sort()
        self.endResetModel()

    def _sort(self) -> None:
        key = _KEYS[self._column]
        self._found.sort(key=lambda offer: offer.name.casefold())
        unknown = [offer for offer in self._found if key(offer) is None]
        known = [offer for offer in self._found if key(offer) is not None]
        known.sort(key=lambda offer: key(offer) or (), reverse=self._descending)
        self._found = [*known, *unknown]

    def _titles(self) -> tuple[str, ...]:
        return (self.tr("Network"), self.tr("Family"), self.tr("Parameters"), self.tr("GMACs"), self.tr("Weights"))

    def _meanings(self) -> tuple[str, ...]:
        return (
            self.tr("As its library calls it"),
            self.tr("What it is a member of"),
            self.tr("Numbers that were learnt, in millions"),
            self.tr("Billions of multiply–accumulates of one pass of an image"),
            self.tr("Sets of official weights; ● where one of them is on this machine"),
        )

    def _told(self, offer: Offer) -> str:
        count, here = len(offer.weights), len(offer.here)
        words = self.tr("{0}, {1} of {2}; {3} sets of official weights, {4} on this machine")
        return words.format(offer.name, offer.task, offer.library, count, here)


def millions(count: int | None) -> str:
    """A number of parameters in millions, ``25.6 M``; empty where unknown."""
    return "" if count is None else f"{count / 1e6:.1f} M" if count >= 1e5 else f"{count / 1e6:.3f} M"


def billions(count: int | None) -> str:
    """Multiply–accumulates in billions, ``4.09``; empty where unknown."""
    return "" if count is None else f"{count / 1e9:.2f}"


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _weights(offer: Offer) -> str:
    return f"{len(offer.weights) or '–'}{' ●' if offer.here else ''}"


_TEXTS: tuple[Callable[[Offer], str], ...] = (
    lambda offer: offer.name,
    lambda offer: offer.family,
    lambda offer: millions(offer.parameters),
    lambda offer: billions(offer.macs),
    _weights,
)
_KEYS: tuple[Callable[[Offer], tuple[str | int, ...] | None], ...] = (
    lambda offer: (offer.name.casefold(),),
    lambda offer: (offer.family.casefold(),),
    lambda offer: None if offer.parameters is None else (offer.parameters,),
    lambda offer: None if offer.macs is None else (offer.macs,),
    lambda offer: (len(offer.here), len(offer.weights)),
)
