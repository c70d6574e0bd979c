"""A grid of tiles for tests, and where its tiles are on the screen."""

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QApplication

from cnnviz_desktop.core.results import FloatArray
from cnnviz_desktop.ui.tiles.grid import TileGrid

COUNT, HEIGHT, WIDTH = 60, 5, 7
Key = Qt.Key
Modifier = Qt.KeyboardModifier


def some_maps() -> FloatArray:
    """Positive maps; number 3 is all NaN, 4 constant."""
    maps = np.random.default_rng(0).uniform(0.1, 1, (COUNT, HEIGHT, WIDTH)).astype(np.float32)
    maps[3], maps[4] = np.nan, 0.5
    return maps


def corner(grid: TileGrid, tile: int) -> QPoint:
    """Top left of a tile's picture in the viewport."""
    left, top, _, _ = grid._layout.rectangle(int(grid._positions[tile]))
    return QPoint(left - grid.horizontalScrollBar().value(), top - grid.verticalScrollBar().value())


def move_to(grid: TileGrid, point: QPoint) -> None:
    at = QPointF(point)
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(QMouseEvent.Type.MouseMove, at, at, none, none, Modifier.NoModifier)
    QApplication.sendEvent(grid.viewport(), event)


def colour_at(grid: TileGrid, point: QPoint) -> QColor:
    return grid.viewport().grab().toImage().pixelColor(point)
