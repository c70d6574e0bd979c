"""The weights on this machine as rows of a table."""

from collections.abc import Mapping

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from cnnviz_desktop.core.official_weights import StoredWeights, in_mebibytes

NAME, NETWORK, SIZE, HASH = range(4)

_Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()
_Role = Qt.ItemDataRole
SORT_ROLE = int(_Role.UserRole)


class StoredModel(QAbstractTableModel):
    """One row a file: its name, the networks it is for as far as known, its size, and whether it was checked."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[StoredWeights, ...] = ()
        self._networks: Mapping[str, tuple[str, ...]] = {}

    @property
    def rows(self) -> tuple[StoredWeights, ...]:
        """What is shown, in the order of the model."""
        return self._rows

    def show(self, rows: tuple[StoredWeights, ...], networks: Mapping[str, tuple[str, ...]]) -> None:
        """Show these.

        Args:
            rows: The files.
            networks: By a file's name, the networks it is known to be for.
        """
        self.beginResetModel()
        self._rows, self._networks = rows, networks
        self.endResetModel()

    def rowCount(self, parent: _Index = _NONE) -> int:
        """Number of files."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NONE) -> int:
        """Name, network, size, hash."""
        return 0 if parent.isValid() else 4

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> str | None:
        """What a column holds."""
        if orientation != Qt.Orientation.Horizontal or role != _Role.DisplayRole:
            return None
        return (self.tr("File"), self.tr("Network"), self.tr("Size"), self.tr("Hash"))[section]

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> object:
        """What a cell shows, and what it is sorted by."""
        stored, column = self._rows[index.row()], index.column()
        if role == SORT_ROLE:
            return stored.bytes if column == SIZE else self._text(stored, column).casefold()
        if role == _Role.DisplayRole:
            return self._text(stored, column)
        if role == _Role.ToolTipRole:
            return stored.sha256 or self._text(stored, HASH) if column == HASH else str(stored.path)
        if role == _Role.TextAlignmentRole and column == SIZE:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def _text(self, stored: StoredWeights, column: int) -> str:
        if column == NAME:
            return stored.name
        if column == NETWORK:
            return ", ".join(self._networks.get(stored.name, ())) or "–"
        return in_mebibytes(stored.bytes) if column == SIZE else self._hash_words(stored)

    def _hash_words(self, stored: StoredWeights) -> str:
        words = {
            "checked": self.tr("checked, {0}…").format(stored.sha256[:8]),
            "unchecked": self.tr("checked when it is used"),
            "changed": self.tr("changed since it was checked"),
            "unfinished": self.tr("unfinished download"),
        }
        return words[stored.state]
