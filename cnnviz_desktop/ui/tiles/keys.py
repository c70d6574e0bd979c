"""What the keyboard does in a grid of tiles."""

import time

from PySide6.QtCore import Qt

from cnnviz_desktop.ui.tiles.layout import TileLayout

PATIENCE = 1.0  # seconds between two digits of one number


def moved(key: int, position: int, layout: TileLayout, page: int) -> int | None:
    """The position that an arrow, Home, End or page key leads to; None for any other key.

    Args:
        key: A `Qt.Key`, or the number of any letter there is.
        position: Where the keyboard is.
        layout: The grid's.
        page: Rows in sight.
    """
    last = layout.count - 1
    along: dict[int, int] = {
        Qt.Key.Key_Left: position - 1,
        Qt.Key.Key_Right: position + 1,
        Qt.Key.Key_Home: 0,
        Qt.Key.Key_End: last,
    }
    down: dict[int, int] = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page}
    if key in along:
        return min(max(along[key], 0), last)
    if key in down:
        row, column = divmod(position, layout.columns)
        lowest = (last - column) // layout.columns
        return min(max(row + down[key], 0), lowest) * layout.columns + column
    return None


class TypedNumber:
    """A number typed digit by digit; a pause begins a new one."""

    def __init__(self) -> None:
        self._digits = ""
        self._last = 0.0

    def type(self, digit: str) -> int:
        """The number so far, with this digit at its end."""
        now = time.monotonic()
        self._digits = digit if now - self._last > PATIENCE else self._digits + digit
        self._last = now
        return int(self._digits)
