"""The arguments of what builds a network, as rows of name and value."""

import ast
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QPalette

NAME, VALUE = range(2)
_Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()
_Role = Qt.ItemDataRole


@dataclass(frozen=True, slots=True)
class Argument:
    """One row.

    Attributes:
        name: The argument's name; empty in the row for further ones.
        text: Its value as JSON; empty where it is not given.
        default: What it is then, in words; empty where that is unknown.
        is_needed: Whether it has to be given.
        is_offered: Whether what builds the network is known to take it: its name stays.
    """

    name: str = ""
    text: str = ""
    default: str = ""
    is_needed: bool = False
    is_offered: bool = False


def read_value(text: str) -> Any:  # noqa: ANN401 - whatever JSON can say
    """The value that a text gives as JSON, or as Python writes it.

    Raises:
        ValueError: It is neither.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        pass
    try:
        return json.loads(json.dumps(ast.literal_eval(text), allow_nan=False))
    except (SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise ValueError(text) from error


class ArgumentsModel(QAbstractTableModel):
    """Rows that can be edited, and one more at the end for an argument that is not offered."""

    def __init__(self) -> None:
        super().__init__()
        self._rows = [Argument()]

    def offer(self, arguments: Iterable[Argument]) -> None:
        """Offer these; what was given before stays, under its name."""
        given = {row.name: row for row in self._rows if row.text}
        offered = [replace(each, text=given.pop(each.name).text) if each.name in given else each for each in arguments]
        others = [replace(row, is_offered=False, is_needed=False, default="") for row in given.values()]
        self.beginResetModel()
        self._rows = [*offered, *others, Argument()]
        self.endResetModel()

    def give(self, arguments: dict[str, Any]) -> None:
        """Give these values and no others."""
        offered = [replace(row, text="") for row in self._rows if row.is_offered]
        known = {row.name for row in offered}
        self.beginResetModel()
        rows = [replace(row, text=_written(arguments, row.name)) for row in offered]
        others = [Argument(name, _written(arguments, name)) for name in arguments if name not in known]
        self._rows = [*rows, *others, Argument()]
        self.endResetModel()

    @property
    def problem(self) -> str:
        """The first thing that is wrong, in a sentence; empty where nothing is."""
        for row in self._rows:
            if not row.text and row.is_needed:
                return self.tr("The argument {0} has no default: give it a value.").format(row.name)
            if row.text and not row.name:
                return self.tr("Name the argument whose value is {0}.").format(row.text)
            try:
                read_value(row.text or "null")
            except ValueError:
                return self.tr('{0}: {1} is not JSON. Text stands in quotes, as in "relu".').format(row.name, row.text)
        return ""

    @property
    def arguments(self) -> dict[str, Any]:
        """Those that are given; only where there is no `problem`."""
        return {row.name: read_value(row.text) for row in self._rows if row.text}

    def rowCount(self, parent: _Index = _NONE) -> int:
        """One for each argument, and one more."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NONE) -> int:
        """Name and value."""
        return 0 if parent.isValid() else 2

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """All can be edited but the names of arguments that are offered."""
        fixed = index.column() == NAME and self._rows[index.row()].is_offered
        return super().flags(index) | (Qt.ItemFlag.NoItemFlags if fixed else Qt.ItemFlag.ItemIsEditable)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> object:
        """Titles of the columns."""
        if role != _Role.DisplayRole or orientation != Qt.Orientation.Horizontal:
            return None
        return (self.tr("Argument"), self.tr("Value (JSON)"))[section]

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> object:
        """What is given, or in grey what holds where nothing is."""
        row = self._rows[index.row()]
        given = (row.name, row.text)[index.column()]
        if role == _Role.EditRole:
            return given
        if role == _Role.DisplayRole:
            return given or self._stand_in(row, index.column())
        if role == _Role.ForegroundRole and not given:
            return QGuiApplication.palette().color(QPalette.ColorRole.PlaceholderText)
        if role == _Role.AccessibleTextRole:
            return given or self._stand_in(row, index.column()) or self.tr("empty")
        return None

    def setData(self, index: _Index, value: object, role: int = _Role.EditRole) -> bool:
        """Take what was typed; a row that was emptied goes, and one for further arguments stays."""
        if role != _Role.EditRole:
            return False
        text, place = str(value).strip(), index.row()
        row = self._rows[place]
        self._rows[place] = replace(row, name=text) if index.column() == NAME else replace(row, text=text)
        is_last = place == len(self._rows) - 1
        if is_last and self._rows[place] != Argument():
            self.beginInsertRows(_NONE, place + 1, place + 1)
            self._rows.append(Argument())
            self.endInsertRows()
        elif not is_last and self._rows[place] == Argument():
            self.beginRemoveRows(_NONE, place, place)
            del self._rows[place]
            self.endRemoveRows()
        self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, VALUE))
        return True

    def _stand_in(self, row: Argument, column: int) -> str:
        if column == NAME:
            return self.tr("add…")
        if row.is_needed:
            return self.tr("needed")
        return row.default


def _written(arguments: dict[str, Any], name: str) -> str:
    return json.dumps(arguments[name], ensure_ascii=False) if name in arguments else ""
