"""The table as Qt's views and screen readers know tables."""

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from cnnviz_desktop.ui.comparison.cell_words import explained_text
from cnnviz_desktop.ui.comparison.comparison import Place
from cnnviz_desktop.ui.comparison.table_scene import TableScene
from cnnviz_desktop.ui.comparison.titles import row_text

ModelIndex = QModelIndex | QPersistentModelIndex


class TableModel(QAbstractTableModel):
    """Rows and columns of a scene; what a cell says is its text."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scene: TableScene | None = None

    def show(self, scene: TableScene | None) -> None:
        """Stand for another table."""
        self.beginResetModel()
        self.scene = scene
        self.endResetModel()

    def tell_changed(self, places: set[Place]) -> None:
        """Say that cells have something else to show."""
        if places:
            rows, columns = {place.row for place in places}, {place.column for place in places}
            self.dataChanged.emit(self.index(min(rows), min(columns)), self.index(max(rows), max(columns)))
            self.headerDataChanged.emit(Qt.Orientation.Vertical, min(rows), max(rows))

    def rowCount(self, parent: ModelIndex | None = None) -> int:
        """Number of rows."""
        nested = parent is not None and parent.isValid()
        return 0 if nested or self.scene is None else len(self.scene.comparison.rows)

    def columnCount(self, parent: ModelIndex | None = None) -> int:
        """Number of columns."""
        nested = parent is not None and parent.isValid()
        return 0 if nested or self.scene is None else len(self.scene.comparison.columns)

    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a cell says."""
        if self.scene is None or not index.isValid():
            return None
        words = self.scene.words(place_of(index))
        result = self.scene.answers.cell(place_of(index)).result
        faint = self.scene.faintness(place_of(index))
        explained = explained_text(result) if result is not None else ""
        if role == Qt.ItemDataRole.DisplayRole:
            return words.foot or words.plate
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, (*words.full.splitlines(), faint, explained)))
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(filter(None, (words.full, faint, explained)))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Headings, and what they mean."""
        if self.scene is None:
            return None
        comparison = self.scene.comparison
        headings = comparison.columns if orientation == Qt.Orientation.Horizontal else comparison.rows
        if section >= len(headings):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            vertical = orientation == Qt.Orientation.Vertical
            return row_text(self.scene.answers, section) if vertical else headings[section].brief
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, headings[section][:2]))
        if role == Qt.ItemDataRole.ToolTipRole:
            return headings[section].tip or headings[section].text
        return None


def place_of(index: ModelIndex) -> Place:
    """The cell of an index."""
    return Place(index.row(), index.column())
