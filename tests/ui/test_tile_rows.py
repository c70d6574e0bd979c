import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cnnviz_desktop.ui.qt_images import rgb_pixels
from cnnviz_desktop.ui.tiles.grid import TileGrid
from cnnviz_desktop.ui.tiles.rows import TileRowHeader


def written_lines(picture: QImage) -> list[float]:
    """Middles of the bands of rows in which anything is written, in pixels."""
    pixels = rgb_pixels(picture).astype(int)
    inked = (np.abs(pixels - pixels[0, 0]).sum(axis=2) > 60).any(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inked.astype(int), [0]])))
    return [float(start + end - 1) / 2 for start, end in zip(edges[::2], edges[1::2], strict=True)]


def test_that_every_label_stands_beside_its_row_and_scrolls_with_it(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    grid = TileGrid()
    header = TileRowHeader(grid)
    row = QHBoxLayout(window)
    row.addWidget(header)
    row.addWidget(grid)
    grid.set_tiles(np.random.default_rng(0).random((60, 6, 6), dtype=np.float32), columns=3)
    header.set_labels(["8"] * 20)
    window.resize(400, 350)
    window.show()
    qtbot.waitExposed(window)
    for scrolled in (0, 37, 300):
        grid.verticalScrollBar().setValue(scrolled)
        offset = grid.viewport().y()
        expected = [offset + top + height / 2 for _, top, height in grid.rows_in_sight()]
        inside = [middle for middle in expected if offset + 8 < middle < offset + grid.viewport().height() - 8]
        found = written_lines(header.grab().toImage())
        assert len(found) >= len(inside) > 2
        for middle in inside:
            assert min(abs(middle - line) for line in found) <= 2
    header.set_labels(())
    assert header.isHidden()
