"""All maps on one page, and one of them large on another."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from cnnviz_desktop.ui.results.map_inspector import MapInspector
from cnnviz_desktop.ui.tiles.grid import TileGrid
from cnnviz_desktop.ui.tiles.page import TilePage


class MapPages(QStackedWidget):
    """Turns from the tiles to one map large, and back.

    Attributes:
        page: The tiles.
        inspector: One map large.

    Signals:
        cell_hovered: (row, column, value) of the large map's cell under the pointer.
        cell_left: The pointer is over none any more.
        limits_chosen: `Limits` that were dragged in the large map's histogram.
        said: What was copied or saved, in words.
        failed: Why it could not be.
    """

    cell_hovered = Signal(int, int, float)
    cell_left = Signal()
    limits_chosen = Signal(object)
    said = Signal(str)
    failed = Signal(str)

    def __init__(self, page: TilePage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.page, self.inspector = page, MapInspector()
        self._large: tuple[TileGrid, int] | None = None
        self.addWidget(self.page)
        self.addWidget(self.inspector)
        self.inspector.closed.connect(self.close_large)
        self.inspector.stepped.connect(self._on_stepped)
        self.inspector.hovered.connect(self.cell_hovered)
        self.inspector.hover_left.connect(self.cell_left)
        self.inspector.limits_chosen.connect(self.limits_chosen)
        page.grid.scale_changed.connect(self._on_scale_changed)
        for said, failed in ((page.said, page.failed), (self.inspector.pictures.done, self.inspector.pictures.failed)):
            said.connect(self.said)
            failed.connect(self.failed)

    @property
    def large(self) -> tuple[TileGrid, int] | None:
        """The grid and the tile that is shown large; None while all are shown."""
        return self._large

    def enlarge(self, grid: TileGrid, tile: int) -> None:
        """Show a tile of the page's grid, or of one beside it, large."""
        if grid.map(tile) is not None:
            self._large = grid, tile
            self._show_large()
            self.setCurrentWidget(self.inspector)
            self.inspector.setFocus()

    def show_arrived(self, grid: TileGrid, first: int, last: int) -> None:
        """Show the large map's new values, if they are among the tiles of the grid that arrived."""
        if self._large is not None and self._large[0] is grid and first <= self._large[1] < last:
            self._show_large()

    def explain(self, message: str) -> None:
        """Say why there is no map to show large."""
        if self._large is not None:
            self.inspector.clear(self.page.title, message)

    @Slot()
    def close_large(self) -> None:
        """Back to all tiles; the focus goes with it."""
        self._large = None
        if self.currentWidget() is self.inspector:
            had_focus = self.inspector.isAncestorOf(QApplication.focusWidget() or self)
            self.setCurrentWidget(self.page)
            if had_focus:
                self.page.grid.setFocus()

    def _show_large(self) -> None:
        if self._large is None:
            return
        grid, tile = self._large
        values = grid.map(tile)
        if values is not None:
            name = grid.model.name(tile)
            title = f"{self.page.title}, {name}" if self.page.title else name
            self.inspector.show_map(values, title, grid.limits_of(tile), grid.scale.map_name(grid.stack))

    @Slot(int)
    def _on_stepped(self, step: int) -> None:
        if self._large is not None:
            grid, tile = self._large
            following = grid.neighbour(tile, step)
            grid.set_current(following)
            self.enlarge(grid, following)

    @Slot()
    def _on_scale_changed(self) -> None:
        if self._large is not None:
            grid, tile = self._large
            if grid.map(tile) is not None:
                self.inspector.set_colours(grid.limits_of(tile), grid.scale.map_name(grid.stack))
