"""A grid of tiles with all that makes it readable: colour bar, scale in words, statistics, readout, pictures."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnviz_desktop.ui.colours.colour_bar import ColourBar, value_text
from cnnviz_desktop.ui.eliding_label import ElidingLabel
from cnnviz_desktop.ui.picture_export import PictureActions, ShownPicture, map_picture
from cnnviz_desktop.ui.tiles.grid import TileGrid
from cnnviz_desktop.ui.tiles.scroll_area import TILE_SIDE
from cnnviz_desktop.ui.tiles.words import scale_in_words, statistics_line


class TilePage(QWidget):
    """Shows `grid` and follows it.

    Signals:
        said: What was copied or saved, in words.
        failed: Why it could not be.
    """

    said = Signal(str)
    failed = Signal(str)

    def __init__(self, parent: QWidget | None = None, side: int = TILE_SIDE) -> None:
        super().__init__(parent)
        self.grid = TileGrid(side=side)
        self.bar = ColourBar()
        kept = self.bar.sizePolicy()
        kept.setRetainSizeWhenHidden(True)  # or the tiles would be laid out anew whenever a layer comes or goes
        self.bar.setSizePolicy(kept)
        self.title = ""
        self.first_column = 0
        self._words, self._line, self._readout = QLabel(), ElidingLabel(), ElidingLabel()
        self._words.setWordWrap(True)
        self._given_words: str | None = None
        self.middle = QHBoxLayout()
        self.middle.addWidget(self.grid, 1)
        self.outer = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.outer.addLayout(self.middle, 1)
        self.middle.addWidget(self.bar)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._words)
        layout.addLayout(self.outer, 1)
        layout.addWidget(self._line)
        layout.addWidget(self._readout)
        self.pictures = PictureActions(self.grid, self._shown_picture)
        self.pictures.done.connect(self.said)
        self.pictures.failed.connect(self.failed)
        self._only_selected = QAction(self.tr("Only the se&lected tiles"), self)
        self._only_selected.setCheckable(True)
        self._only_selected.setChecked(True)
        self.grid.addAction(self._only_selected)
        self.grid.scale_changed.connect(self._on_scale_changed)
        self.grid.zoom_changed.connect(self._on_scale_changed)
        self.grid.current_changed.connect(self._on_current_changed)
        self.grid.hovered.connect(self._on_hovered)
        self.grid.hover_left.connect(self._on_hover_left)
        self._on_scale_changed()

    def set_scale_words(self, words: str | None) -> None:
        """Say this about the scale; None for what follows from the grid alone."""
        self._given_words = words
        self._on_scale_changed()

    def name_of(self, tile: int) -> str:
        """What a tile is called, with the layer it belongs to."""
        return f"{self.title}, {self.grid.model.name(tile)}" if self.title else self.grid.model.name(tile)

    @Slot()
    def _on_scale_changed(self) -> None:
        grid, tile = self.grid, self.grid.current()
        self._words.setText(self._scale_words())
        shared = grid.scale.is_shared
        self.bar.setVisible(bool(grid.stack.arrived.any()) and not grid.stack.in_colour and (shared or tile >= 0))
        if shared:
            self.bar.set_scale(grid.table, grid.scale.shared_limits(grid.stack))
        elif tile >= 0:
            self.bar.set_scale(grid.table, grid.limits_of(tile))
            self.bar.setToolTip(self.tr("Scale of {name}").format(name=grid.model.name(tile)))
        self._show_statistics(tile)

    def _scale_words(self) -> str:
        grid = self.grid
        if grid.stack.total and grid.message:
            return grid.message
        return (
            scale_in_words(grid.stack, grid.scale, grid.reduction) if self._given_words is None else self._given_words
        )

    @Slot(int)
    def _on_current_changed(self, tile: int) -> None:
        if self.grid.scale.is_shared:
            self._show_statistics(tile)
        else:
            self._on_scale_changed()

    def _show_statistics(self, tile: int) -> None:
        grid = self.grid
        self._line.setText(statistics_line(grid.stack, tile, grid.model.name(tile)) if tile >= 0 else "")

    @Slot(int, int, int, float)
    def _on_hovered(self, tile: int, row: int, column: int, value: float) -> None:
        values, text = self.grid.map(tile), value_text(value)
        if values is not None and values.ndim == 3:
            text = ", ".join(map(value_text, values[row, column].tolist()))
        self._readout.setText(f"{self.grid.model.name(tile)} [{row}, {column + self.first_column}] = {text}")

    @Slot()
    def _on_hover_left(self) -> None:
        self._readout.setText("")

    def _shown_picture(self, scale: int) -> ShownPicture | None:
        """The selected tiles, all of them where none is selected or the user wants all."""
        grid = self.grid
        if not grid.stack.arrived.any():
            return None
        tiles = grid.selected() if self._only_selected.isChecked() else ()
        values = grid.map(tiles[0]) if len(tiles) == 1 else None
        if values is not None:
            colours = grid.scale.map_name(grid.stack)
            return map_picture(values, grid.limits_of(tiles[0]), colours, self.name_of(tiles[0]), scale)
        image = grid.picture(scale, tiles or None)
        image.setDevicePixelRatio(scale)
        shared = grid.scale.is_shared and not grid.stack.in_colour
        limits = grid.scale.shared_limits(grid.stack) if shared else None
        caption = f"{self.title}. {self._words.text()}" if self.title else self._words.text()
        return ShownPicture(image, self.title or self.tr("maps"), caption, grid.table, limits)
