"""2,048 maps as tiles: milliseconds to show, scroll and recolour them, and against one matplotlib axes a map."""

import io
import time
from collections.abc import Callable
from statistics import median

import numpy as np
from matplotlib.figure import Figure
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from cnnviz_desktop.core.results import FloatArray
from cnnviz_desktop.ui.colours.colour_controls import ColourChoice
from cnnviz_desktop.ui.tiles.grid import TileGrid
from cnnviz_desktop.ui.tiles.scale import TileScale
from cnnviz_desktop.ui.tiles.stack import tile_statistics
from tests.benchmarks.limits import at_least, at_most

TILES = 2048
SUBPLOTS = 64
REPEATS = 15
LIMITS = {
    "recolour_14px_ms": at_most(16),
    "recolour_56px_ms": at_most(16),
    "scroll_14px_ms": at_most(16),
    "scroll_56px_ms": at_most(16),
    "faster_than_matplotlib_times": at_least(100),
}


def run() -> dict[str, float]:
    """Medians: ``*_ms`` in milliseconds, ``*_times`` how many times faster a tile is than a matplotlib subplot."""
    application = QApplication.instance() or QApplication([])
    figures: dict[str, float] = {}
    for side in (14, 56):
        maps = np.maximum(np.random.default_rng(0).standard_normal((TILES, side, side), dtype=np.float32), 0)
        for name, milliseconds in _measure(maps).items():
            figures[f"{name}_{side}px_ms"] = milliseconds
    subplot = _milliseconds(lambda: _subplots(maps_of(14)), repeats=3) / SUBPLOTS
    figures["matplotlib_subplot_ms"] = subplot
    figures["faster_than_matplotlib_times"] = subplot / (figures["build_14px_ms"] / TILES)
    application.processEvents()
    return figures


def maps_of(side: int) -> FloatArray:
    """(SUBPLOTS, side, side) float32 maps as after a ReLU."""
    return np.maximum(np.random.default_rng(1).standard_normal((SUBPLOTS, side, side), dtype=np.float32), 0)


def _shown_grid(maps: FloatArray) -> TileGrid:
    """A grid with tiles as large as the maps: all of 14 pixels are in sight at once."""
    grid = TileGrid()
    grid.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    grid.resize(1400, 900)
    grid.show()
    grid.set_tiles(maps)
    grid.set_zoom(1)
    return grid


def _measure(maps: FloatArray) -> dict[str, float]:
    grid = _shown_grid(maps[:1])
    statistics = tile_statistics(maps)  # the engine's, in the program
    screen = QImage(grid.viewport().size(), QImage.Format.Format_RGB32)
    colours = iter(["magma", "viridis"] * REPEATS)
    places = iter(range(19, 19 * REPEATS * 2, 19))

    def paint() -> None:
        grid.viewport().render(screen)

    def build() -> None:
        grid.set_tiles(maps, statistics=statistics)
        paint()

    def recolour() -> None:
        grid.set_scale(TileScale(ColourChoice(next(colours))))
        paint()

    def scroll() -> None:
        grid.verticalScrollBar().setValue(next(places))
        paint()

    def rescale() -> None:
        grid.set_scale(TileScale(ColourChoice(), shared=not grid.scale.shared))
        paint()

    figures = {
        name: _milliseconds(step) for name, step in (("build", build), ("recolour", recolour), ("rescale", rescale))
    }
    grid.resize(500, 900)  # narrower: tiles of 14 pixels fill more than the height, too
    assert grid.verticalScrollBar().maximum() > 0
    screen = QImage(grid.viewport().size(), QImage.Format.Format_RGB32)
    figures["scroll"] = _milliseconds(scroll)
    grid.close()
    grid.deleteLater()
    return figures


def _subplots(maps: FloatArray) -> None:
    """What a script does: one axes a map, drawn to a picture."""
    figure = Figure(figsize=(8, 8))
    for axes, values in zip(figure.subplots(8, 8).flat, maps, strict=True):
        axes.imshow(values)
        axes.axis("off")
    figure.savefig(io.BytesIO(), format="png")


def _milliseconds(step: Callable[[], None], repeats: int = REPEATS) -> float:
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        step()
        taken.append(1000 * (time.perf_counter() - start))
    return median(taken)
