"""Weights' keys that do not fit, in groups that can be ticked.

It answers for what is in sight alone: there may be thousands of keys.
"""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from cnnviz_desktop.core.key_pairs import KeyRow, near_pairs

Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole

PROBLEMS = ("shape", "missing", "unexpected")
_PLACES = (0, 2, 3)
"""Where the text of each of the first columns stands in a row."""

_TOP = 0  # internal id of a group; a key's is its group's row + 1


class KeyColumn(IntEnum):
    """What stands in which column."""

    KEY = 0
    FILE = 1
    NETWORK = 2
    NEAR = 3


class _Group(NamedTuple):
    """The keys with one problem that are in sight."""

    problem: str
    rows: list[KeyRow]


class KeyModel(QAbstractItemModel):
    """The table of keys that do not fit, by what is the matter with them.

    `ticks_changed` says that other keys are ticked.

    Attributes:
        pairs: Key in the file by key in the network, of those that may be one and the same.
    """

    ticks_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._table: tuple[KeyRow, ...] = ()
        self._groups: list[_Group] = []
        self._near: dict[str, str] = {}
        self.pairs: dict[str, str] = {}
        self._ticked: set[str] = set()
        self._words = ""

    @property
    def ticked(self) -> tuple[str, ...]:
        """Every key that is ticked, in the table's order."""
        return tuple(key for key, *_ in self._table if key in self._ticked)

    @property
    def all_ticked(self) -> bool:
        """Whether no key is left that is not ticked; not where there is none."""
        return bool(self._table) and len(self.ticked) == len(self._table)

    @property
    def in_sight(self) -> list[KeyRow]:
        """Every key that the filter lets through."""
        return [row for group in self._groups for row in group.rows]

    def show(self, table: Sequence[KeyRow], ticked: Iterable[str]) -> None:
        """Replace everything."""
        self.beginResetModel()
        self._table = tuple(table)
        self._ticked = set(ticked)
        self.pairs = near_pairs(table)
        self._near = self.pairs | {theirs: own for own, theirs in self.pairs.items()}
        self._regroup()
        self.endResetModel()
        self.ticks_changed.emit()

    def filter(self, words: str) -> None:
        """Show only keys with all of these words in their names or shapes."""
        self._words = words
        self.beginResetModel()
        self._regroup()
        self.endResetModel()

    def tick(self, keys: Iterable[str], *, ticked: bool) -> None:
        """Tick keys, or take their ticks off."""
        changed = set(keys)
        self._ticked = self._ticked | changed if ticked else self._ticked - changed
        for number, group in enumerate(self._groups):
            top = self.index(number, 0)
            self.dataChanged.emit(top, top, [_Role.CheckStateRole])
            if group.rows:
                self.dataChanged.emit(self.index(0, 0, top), self.index(len(group.rows) - 1, 0, top))
        self.ticks_changed.emit()

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008 - Qt's signature; it is never changed
        """A group, or a key of one."""
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else _TOP)

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008 - QObject has a parent of its own; as above
        """The group that a key is in."""
        number = index.internalId() if index.isValid() else _TOP
        return QModelIndex() if number == _TOP else self.createIndex(number - 1, 0, _TOP)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as above
        """Groups at the top, keys in a group."""
        if not parent.isValid():
            return len(self._groups)
        return len(self._groups[parent.row()].rows) if parent.internalId() == _TOP and parent.column() == 0 else 0

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as above
        """The same everywhere."""
        del parent
        return len(KeyColumn)

    def data(self, index: Index, role: int = _Role.DisplayRole) -> object:
        """Text, tick and explanation of a cell."""
        if index.internalId() == _TOP:
            return self._of_group(self._groups[index.row()], index.column(), role)
        row = self._groups[index.internalId() - 1].rows[index.row()]
        if role == _Role.CheckStateRole and index.column() == KeyColumn.KEY:
            return Qt.CheckState.Checked if row[0] in self._ticked else Qt.CheckState.Unchecked
        if role in (_Role.DisplayRole, _Role.ToolTipRole):
            return self.text(row, index.column())
        return None

    def setData(self, index: Index, value: object, role: int = _Role.EditRole) -> bool:
        """Tick a key, or all of a group that are in sight."""
        if role != _Role.CheckStateRole:
            return False
        ticked = Qt.CheckState(value) == Qt.CheckState.Checked
        if index.internalId() == _TOP:
            self.tick((key for key, *_ in self._groups[index.row()].rows), ticked=ticked)
        else:
            self.tick([self._groups[index.internalId() - 1].rows[index.row()][0]], ticked=ticked)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """The first column can be ticked."""
        found = super().flags(index)
        return found | Qt.ItemFlag.ItemIsUserCheckable if index.column() == KeyColumn.KEY else found

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> object:
        """What the columns are."""
        if orientation != Qt.Orientation.Horizontal or role != _Role.DisplayRole:
            return None
        return {
            KeyColumn.KEY: self.tr("Key"),
            KeyColumn.FILE: self.tr("Shape in the file"),
            KeyColumn.NETWORK: self.tr("Shape in the network"),
            KeyColumn.NEAR: self.tr("Perhaps the same as"),
        }[KeyColumn(section)]

    def problem_words(self, problem: str) -> str:
        """What is the matter with the keys of a group."""
        return {
            "shape": self.tr("Another shape in the file"),
            "missing": self.tr("Missing in the file"),
            "unexpected": self.tr("Unknown to the network"),
        }.get(problem, problem)

    def _of_group(self, group: _Group, column: int, role: int) -> object:
        if column != KeyColumn.KEY:
            return None
        if role == _Role.CheckStateRole:
            ticked = sum(key in self._ticked for key, *_ in group.rows)
            whole = Qt.CheckState.Checked if ticked == len(group.rows) else Qt.CheckState.PartiallyChecked
            return whole if ticked else Qt.CheckState.Unchecked
        if role in (_Role.DisplayRole, _Role.AccessibleTextRole):
            return f"{self.problem_words(group.problem)} ({len(group.rows):,})"
        return self._what_it_means(group.problem) if role == _Role.ToolTipRole else None

    def _what_it_means(self, problem: str) -> str:
        return {
            "shape": self.tr("The file's values cannot be put there: opened without them, the layer stays random."),
            "missing": self.tr("Opened without them, these layers keep random values."),
            "unexpected": self.tr("Opened without them, these values of the file are not used."),
        }.get(problem, "")

    def text(self, row: KeyRow, column: int) -> str:
        """What stands in a column of a key's row."""
        if column == KeyColumn.NEAR:
            return self._near.get(row[0], "")
        return row[_PLACES[column]] or "–"

    def _regroup(self) -> None:
        words = self._words.casefold().split()
        found: dict[str, list[KeyRow]] = {problem: [] for problem in PROBLEMS}
        for row in self._table:
            if all(word in " ".join(row).casefold() for word in words):
                found.setdefault(row[1], []).append(row)
        self._groups = [_Group(problem, rows) for problem, rows in found.items() if rows]
