"""The tiles of a grid as a list model: what selection, keyboard and screen readers hold on to."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from cnnviz_desktop.ui.colours.colour_bar import number_text
from cnnviz_desktop.ui.tiles.stack import TileStack

ModelIndex = QModelIndex | QPersistentModelIndex


class TileModel(QAbstractListModel):
    """One row a tile, by the tile's number: sorting the grid moves no row and loses no selection."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stack = TileStack(0, (1, 1))
        self._captions: Sequence[str] = ()
        self._names: Sequence[str] = ()

    def show(self, stack: TileStack, captions: Sequence[str] = (), names: Sequence[str] = ()) -> None:
        """Stand for another stack.

        Args:
            stack: The tiles.
            captions: What stands under each tile; its number where empty.
            names: What a screen reader calls each tile; “channel 17” where empty.
        """
        self.beginResetModel()
        self._stack, self._captions, self._names = stack, captions, names
        self.endResetModel()

    @property
    def names(self) -> Sequence[str]:
        """What a screen reader calls each tile; empty where their numbers do."""
        return self._names

    def caption(self, tile: int) -> str:
        """What stands under a tile."""
        return self._captions[tile] if self._captions else str(tile)

    def name(self, tile: int) -> str:
        """What a tile is called in a sentence."""
        return self._names[tile] if self._names else self.tr("channel {number}").format(number=tile)

    def description(self, tile: int) -> str:
        """A tile in words: “channel 17, mean 0.31, 12 % zeros”."""
        stack = self._stack
        name, numbers = self.name(tile), stack.statistics
        if not stack.arrived[tile]:
            return self.tr("{name}, not computed yet").format(name=name)
        if not stack.known[tile]:
            return self.tr("{name}, every value is NaN or infinite").format(name=name)
        if stack.constant[tile]:
            said = self.tr("{name}, constant: every value is {value}")
            said = said.format(name=name, value=number_text(float(numbers.minimum[tile])))
        else:
            said = self.tr("{name}, mean {mean}, {zeros} % zeros").format(
                name=name, mean=number_text(float(numbers.mean[tile])), zeros=f"{100 * numbers.zeros[tile]:.0f}"
            )
        if numbers.finite[tile] < 1:
            share = f"{100 * (1 - numbers.finite[tile]):.0f}"
            said = self.tr("{said}, {share} % NaN or infinite").format(said=said, share=share)
        return said

    def rowCount(self, parent: ModelIndex | None = None) -> int:
        """Number of tiles, those on their way included."""
        return 0 if parent is not None and parent.isValid() else self._stack.total

    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Captions to show; descriptions for tool tips and screen readers."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.caption(index.row())
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.description(index.row())
        return None
