"""A grid of thousands of small maps, with pointer, keyboard and selection."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    QSignalBlocker,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from cnnviz_desktop.core.rendering import Limits
from cnnviz_desktop.core.results import ChannelStatistics, FloatArray
from cnnviz_desktop.ui.tiles.hovering import HoveredTiles
from cnnviz_desktop.ui.tiles.keys import TypedNumber, moved
from cnnviz_desktop.ui.tiles.model import TileModel
from cnnviz_desktop.ui.tiles.scroll_area import TILE_SIDE
from cnnviz_desktop.ui.tiles.stack import TileStack

PATIENCE_MS = 150
Flag = QItemSelectionModel.SelectionFlag
Key = Qt.Key


class TileGrid(HoveredTiles):
    """Maps side by side, each by its number: channels of a layer, slices of a kernel.

    Signals:
        current_changed: The tile that the keyboard is on; −1 for none. Told again when that tile is clicked again.
        selection_changed: Other tiles are selected.
        enlarged: A tile that the user wants to see large.
    """

    current_changed = Signal(int)
    selection_changed = Signal()
    enlarged = Signal(int)

    def __init__(self, parent: QWidget | None = None, side: int = TILE_SIDE) -> None:
        super().__init__(parent, side)
        self._typed = TypedNumber()
        self._anchor = 0  # the tile from which Shift selects
        self.model = TileModel(self)
        self.selection = QItemSelectionModel(self.model, self)
        self.selection.currentChanged.connect(self._on_current_changed)
        self.selection.selectionChanged.connect(self._on_selection_changed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Maps"))
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._on_waited)

    def set_tiles(
        self,
        maps: FloatArray,
        first: int = 0,
        total: int | None = None,
        *,
        statistics: ChannelStatistics | None = None,
        captions: Sequence[str] = (),
        names: Sequence[str] = (),
        columns: int | None = None,
        step: int | None = None,
    ) -> None:
        """Show maps, or one more part of those that are being shown.

        Args:
            maps: (n, h, w) float32, or (n, h, w, 3) for maps that are colours; not written to again by anyone.
            first: Number of the first of them. 0 begins anew; the same number of maps of the same size keeps the
                current tile, the selection and the place scrolled to.
            total: Number of maps in all parts; n where None.
            statistics: Of these maps; computed where None.
            captions: What stands under each of all tiles; its number where empty.
            names: What a screen reader calls each of all tiles; “channel 17” where empty.
            columns: Tiles in a row; as many as fit where None.
            step: One of `ZOOM_STEPS` to begin with; where None, tiles are about as large as those before.
        """
        if first == 0:
            self._begin(TileStack(total or len(maps), maps.shape[1:]), captions, names, columns, step)
        self._stack.add(first, maps, statistics)
        self._on_waited()
        self._tiles_arrived()
        self._describe_current()

    def await_tiles(self, message: str) -> None:
        """Let every tile be on its way again, at its place; the message says so where there is none yet.

        None can be read from now on, but the grid turns grey only after a moment: a quick answer makes it flicker less,
        and painting does not take the processor from who computes it.
        """
        self._patience.start()
        self.viewport().setUpdatesEnabled(False)
        stack = TileStack(self._stack.total, self._stack.shape)
        captions, names = self._captions, self.model.names
        self._begin(stack, captions, names, self._fixed_columns, None, message)
        self._tiles_arrived()
        self._describe_current()

    def clear(self, message: str = "") -> None:
        """Show no tile, and say why."""
        self._begin(TileStack(0, (1, 1)), message=message)
        self._tiles_arrived()

    def _begin(
        self,
        stack: TileStack,
        captions: Sequence[str] = (),
        names: Sequence[str] = (),
        columns: int | None = None,
        step: int | None = None,
        message: str = "",
    ) -> None:
        """Show another stack; one like that before keeps current tile and selection, without a signal."""
        if stack.total == 0:
            self._on_waited()
        self._hover_at(None)
        current, selected, alike = self.current(), self.selected(), stack.is_like(self._stack)
        self.model.show(stack, captions, names)
        self._show_stack(stack, columns, captions, step, message)
        if alike:
            blocker = QSignalBlocker(self.selection)
            self._select(selected, Flag.ClearAndSelect)
            self.selection.setCurrentIndex(self.model.index(current), Flag.NoUpdate)
            blocker.unblock()

    def current(self) -> int:
        """The tile that the keyboard is on; −1 for none."""
        return self.selection.currentIndex().row()

    def set_current(self, tile: int) -> None:
        """Select a tile, put the keyboard on it and bring it into sight."""
        if 0 <= tile < self._stack.total:
            self.selection.setCurrentIndex(self.model.index(tile), Flag.ClearAndSelect)
            self._anchor = tile

    def selected(self) -> tuple[int, ...]:
        """The selected tiles, in the order they are shown."""
        rows = [index.row() for index in self.selection.selectedIndexes()]
        return tuple(sorted(rows, key=lambda row: self._positions[row]))

    def map(self, tile: int) -> FloatArray | None:
        """One tile's map; None as long as it has not arrived."""
        return self._stack.map(tile)

    def limits_of(self, tile: int) -> Limits:
        """Between which values a tile is drawn."""
        return self._scale.limits_of(self._stack, tile)

    def _select(self, tiles: Sequence[int], flags: Flag) -> None:
        chosen = QItemSelection()
        for tile in tiles:
            index = self.model.index(tile)
            chosen.select(index, index)
        self.selection.select(chosen, flags)

    def _go_to(self, position: int, modifiers: Qt.KeyboardModifier) -> None:
        """Make the tile at a position the current one; Shift selects from the last one, Ctrl keeps the selection."""
        tile = int(self._order[position])
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            anchor = int(self._positions[self._anchor]) if self._anchor < self._stack.total else 0
            first, last = sorted((anchor, position))
            self._select(self._order[first : last + 1].tolist(), Flag.ClearAndSelect)
            self.selection.setCurrentIndex(self.model.index(tile), Flag.NoUpdate)
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            self.selection.setCurrentIndex(self.model.index(tile), Flag.NoUpdate)
            self._anchor = tile
        else:
            self.set_current(tile)

    def _marked(self, first: int, last: int) -> tuple[Sequence[int], int | None]:
        selected = (int(self._positions[index.row()]) for index in self.selection.selectedIndexes())
        current = self.current()
        on_it = current >= 0 and self.hasFocus()
        in_sight = [position for position in selected if first <= position < last]
        return in_sight, int(self._positions[current]) if on_it else None

    def _bring_into_sight(self, tile: int) -> None:
        rectangle = self._layout.rectangle(int(self._positions[tile]))
        for bar, start, length in (
            (self.verticalScrollBar(), rectangle.top, rectangle.height + self._layout.caption),
            (self.horizontalScrollBar(), rectangle.left, rectangle.width),
        ):
            lowest, highest = start + length + self._layout.gap - bar.pageStep(), start - self._layout.gap
            bar.setValue(min(max(bar.value(), lowest), highest))

    @Slot()
    def _on_waited(self) -> None:
        self._patience.stop()
        if not self.viewport().updatesEnabled():
            self.viewport().setUpdatesEnabled(True)

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self._bring_into_sight(current.row())
        self._describe_current()
        self.viewport().update()
        self.current_changed.emit(current.row())

    def _describe_current(self) -> None:
        current = self.current()
        self.setAccessibleDescription(self.model.description(current) if current >= 0 else "")

    @Slot()
    def _on_selection_changed(self) -> None:
        self.viewport().update()
        self.selection_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Home, End, page keys, a typed number, Enter, Space, Ctrl+A, + and −."""
        if not self._stack.total or not self._handle_key(event):
            super().keyPressEvent(event)

    def _handle_key(self, event: QKeyEvent) -> bool:
        key, modifiers, current = event.key(), event.modifiers(), self.current()
        page = self.viewport().height() * self.devicePixelRatioF() // self._layout.pitch.height
        position = int(self._positions[current]) if current >= 0 else 0
        target = moved(key, position, self._layout, max(1, int(page)))
        if target is not None:
            self._go_to(target if current >= 0 else 0, modifiers)
        elif key in (Key.Key_Return, Key.Key_Enter) and current >= 0:
            self.enlarged.emit(current)
        elif key == Key.Key_Space and current >= 0:
            self.selection.select(self.model.index(current), Flag.Toggle)
        elif key == Key.Key_A and modifiers == Qt.KeyboardModifier.ControlModifier:
            last = self.model.index(self._stack.total - 1)
            self.selection.select(QItemSelection(self.model.index(0), last), Flag.ClearAndSelect)
        elif key in (Key.Key_Plus, Key.Key_Equal, Key.Key_Minus):
            self.zoom_by(-1 if key == Key.Key_Minus else 1)
        elif event.text().isdecimal() and not modifiers & Qt.KeyboardModifier.ControlModifier:
            self.set_current(min(self._typed.type(event.text()), self._stack.total - 1))
        else:
            return False
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the tile under the pointer."""
        position = self.position_at(event.position().toPoint())
        if position is None or event.button() == Qt.MouseButton.MiddleButton:
            return
        tile = int(self._order[position])
        if event.button() == Qt.MouseButton.RightButton and tile in self.selected():
            self.selection.setCurrentIndex(self.model.index(tile), Flag.NoUpdate)
            return
        again = tile == self.current()
        self._go_to(position, event.modifiers())
        if again:
            self.current_changed.emit(tile)
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.selection.select(self.model.index(tile), Flag.Toggle)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nothing more: the tile was selected when the button went down."""
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the tile under the pointer large."""
        position = self.position_at(event.position().toPoint())
        if position is not None and event.button() == Qt.MouseButton.LeftButton:
            self.enlarged.emit(int(self._order[position]))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; with Ctrl, zoom about the pointer."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(1 if event.angleDelta().y() > 0 else -1, event.position().toPoint())
            event.accept()
        else:
            super().wheelEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Say in a tool tip what a tile is."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._show_tip(event.pos(), event.globalPos())
            return True
        return super().viewportEvent(event)

    def _show_tip(self, at: QPoint, on_screen: QPoint) -> None:
        position = self.position_at(at)
        words = "" if position is None else self.model.description(int(self._order[position]))
        QToolTip.showText(on_screen, words, self.viewport(), QRect(at, at).adjusted(-2, -2, 2, 2))
