"""What every channel of a layer gives for the image: all maps, their sum and mean, and one of them large."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cnnviz_desktop.core.rendering import Limits
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.core.results import ChannelSummary, FeatureMaps
from cnnviz_desktop.ui.eliding_label import ElidingLabel
from cnnviz_desktop.ui.results.map_events import ChosenMap, HoveredCell
from cnnviz_desktop.ui.results.map_pages import MapPages
from cnnviz_desktop.ui.results.summary_view import SummaryView
from cnnviz_desktop.ui.tiles.controls import TileControls
from cnnviz_desktop.ui.tiles.grid import TileGrid
from cnnviz_desktop.ui.tiles.page import TilePage
from cnnviz_desktop.ui.tiles.scale import TileScale
from cnnviz_desktop.ui.toggle_style import TOGGLE_STYLE

if TYPE_CHECKING:
    from cnnviz_desktop.core.geometry import MapGeometry

WIDE = 640  # logical pixels from which the sum and the mean stand beside the maps, and not above them


class FeatureMapsPanel(QWidget):
    """The maps of one layer for one image. Results of another layer or image than the one asked for are ignored.

    Signals:
        cell_hovered: The `HoveredCell` under the pointer.
        cell_left: The pointer is over no cell any more.
        map_chosen: The `ChosenMap` that the user picked; again when the same layer's maps of another image arrive.
        emptied: The maps are gone, and with them what was picked and pointed at.
        side_chosen: “input” or “output”: the side of the layer whose maps the user wants.
        said: What was copied or saved, in words.
        failed: Why it could not be.
    """

    cell_hovered = Signal(object)
    cell_left = Signal()
    map_chosen = Signal(object)
    emptied = Signal()
    side_chosen = Signal(str)
    said = Signal(str)
    failed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layer, self._image = "", ""
        self._geometry: MapGeometry | None = None
        self._chosen: tuple[TileGrid, int] | None = None
        self._title, self._notes = ElidingLabel(mode=Qt.TextElideMode.ElideMiddle, bold=True), QLabel()
        self._notes.setWordWrap(True)
        self._controls = TileControls(
            self.tr("One for all maps"),
            self.tr("Each map its own"),
            (
                ("index", self.tr("Channel number")),
                ("mean", self.tr("Mean")),
                ("energy", self.tr("Energy (RMS)")),
                ("maximum", self.tr("Largest value")),
                ("sparsity", self.tr("Share of zeros")),
            ),
        )
        self.page, self._sums = TilePage(), SummaryView()
        self.pages = MapPages(self.page)
        self._sides = QButtonGroup(self)
        self._lay_out()
        self._connect()
        self._on_scale_set(self._controls.scale())
        self.clear()

    @property
    def grid(self) -> TileGrid:
        """The maps of all channels."""
        return self.page.grid

    @property
    def summary(self) -> TileGrid:
        """The sum and the mean over all channels."""
        return self._sums.grid

    def show_request(self, layer: str, image: str = "") -> None:
        """Say that a layer's maps for an image are being computed.

        Maps of the same layer stay at their places, without values, so that a channel can be compared across images;
        what was picked stays picked.
        """
        same = layer == self._layer
        if not same:
            self._chosen = None
            self.pages.close_large()
        self._layer, self._image, self._geometry = layer, image, None
        side = LayerRef.parse(layer).side
        self._sides.button(1 if side == "input" else 0).setChecked(True)
        self._title.setText(self.tr("{layer} …").format(layer=layer))
        self._show_notes(())
        message = self.tr("Computing the maps of {layer} …").format(layer=layer)
        if same:
            self._await_tiles(message)
        else:
            self._empty(message)

    def forget_choice(self) -> None:
        """Let go of the map that was picked: it is not picked again for the next image."""
        self._chosen = None

    def clear(self, message: str = "") -> None:
        """Show nothing, and say why."""
        self._layer, self._image, self._chosen = "", "", None
        self.pages.close_large()
        self._title.setText("")
        self._show_notes(())
        self._empty(message or self.tr("Choose a layer to see its maps."))

    def explain(self, message: str) -> None:
        """Say why the maps asked for cannot be shown; their layer stays chosen."""
        self._empty(message)

    def show_result(self, result: FeatureMaps | ChannelSummary) -> None:
        """Show a part of the maps, or their sum and mean."""
        if (self._layer and result.layer != self._layer) or (self._image and result.image != self._image):
            return
        self._layer, self._image, self._geometry = result.layer, result.image, result.geometry
        if isinstance(result, ChannelSummary):
            self._show_summary(result)
        else:
            self._show_maps(result)

    def _show_maps(self, result: FeatureMaps) -> None:
        self.page.title = result.layer
        self.grid.set_tiles(result.maps, result.first, result.total, statistics=result.statistics)
        arrived, (height, width) = result.first + len(result.maps), result.maps.shape[1:]
        count = f"{result.total}" if result.complete else self.tr("{0} of {1}").format(arrived, result.total)
        self._title.setText(
            self.tr("{layer} · {count} maps of {height} × {width} cells").format(
                layer=result.layer, count=count, height=height, width=width
            )
        )
        self._show_notes(result.notes)
        self._pick_again(self.grid, result.first, arrived)
        self.pages.show_arrived(self.grid, result.first, arrived)

    def _show_notes(self, notes: tuple[str, ...]) -> None:
        self._notes.setText("\n".join(notes))
        self._notes.setVisible(bool(notes))

    def _show_summary(self, result: ChannelSummary) -> None:
        self._sums.show_result(result)
        for step in (self._pick_again, self.pages.show_arrived):
            step(self.summary, 0, self.summary.stack.total)

    def _pick_again(self, grid: TileGrid, first: int, last: int) -> None:
        """Pick what was picked for the image before, when it is among the tiles that arrived."""
        if self._chosen is not None and self._chosen[0] is grid and first <= self._chosen[1] < last:
            if grid.current() == self._chosen[1]:
                self._choose(*self._chosen)
            else:
                grid.set_current(self._chosen[1])

    def _empty(self, message: str) -> None:
        self.grid.clear(message)
        self._sums.clear()
        self.pages.explain(message)
        self.emptied.emit()

    def _await_tiles(self, message: str) -> None:
        self.grid.await_tiles(message)
        self._sums.await_tiles(message)
        self.pages.explain(message)

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.addWidget(self._title, 1)
        for number, (text, tip) in enumerate(
            (
                (self.tr("Out"), self.tr("Maps that the layer gives out")),
                (self.tr("In"), self.tr("Maps that the layer takes in")),
            )
        ):
            button = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.setCheckable(True)
            button.setStyleSheet(TOGGLE_STYLE)
            self._sides.addButton(button, number)
            header.addWidget(button)
        self._sides.button(0).setChecked(True)
        self.page.outer.insertWidget(0, self._sums)
        layout = QVBoxLayout(self)
        layout.addLayout(header)
        layout.addWidget(self._notes)
        layout.addWidget(self._controls)
        layout.addWidget(self.pages, 1)

    def _connect(self) -> None:
        self._controls.scale_changed.connect(self._on_scale_set)
        self._controls.sort_chosen.connect(self.grid.set_sort)
        self._controls.zoom_asked.connect(self.grid.zoom_by)
        self._sides.idClicked.connect(self._on_side_clicked)
        self.grid.scale_changed.connect(self._on_scale_changed)
        for grid in (self.grid, self.summary):
            grid.hover_left.connect(self.cell_left)
        self.grid.hovered.connect(self._on_map_hovered)
        self.summary.hovered.connect(self._on_summary_hovered)
        self.grid.current_changed.connect(self._on_map_chosen)
        self.summary.current_changed.connect(self._on_summary_chosen)
        self.grid.enlarged.connect(self._on_map_enlarged)
        self.summary.enlarged.connect(self._on_summary_enlarged)
        self.pages.cell_hovered.connect(self._on_large_hovered)
        self.pages.cell_left.connect(self.cell_left)
        self.pages.limits_chosen.connect(self._on_limits_chosen)
        for source in (self._sums, self.pages):
            source.said.connect(self.said)
            source.failed.connect(self.failed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the sum and the mean where there is room."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        direction = QBoxLayout.Direction
        self.page.outer.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
        self._sums.set_upright(upright=wide)

    @Slot(object)
    def _on_scale_set(self, scale: TileScale) -> None:
        self.grid.set_scale(scale)
        mode = "full" if scale.choice.limits_mode == "fixed" else scale.choice.limits_mode
        self.summary.set_scale(TileScale(replace(scale.choice, limits_mode=mode), shared=False))

    @Slot()
    def _on_scale_changed(self) -> None:
        self._controls.colours.show_limits(self.grid.scale.shared_limits(self.grid.stack))

    @Slot(int)
    def _on_side_clicked(self, number: int) -> None:
        self.side_chosen.emit("input" if number == 1 else "output")

    @Slot(int, int, int, float)
    def _on_map_hovered(self, tile: int, row: int, column: int, value: float) -> None:
        self._tell_cell(self.grid, tile, row, column, value)

    @Slot(int, int, int, float)
    def _on_summary_hovered(self, tile: int, row: int, column: int, value: float) -> None:
        self._tell_cell(self.summary, tile, row, column, value)

    @Slot(int, int, float)
    def _on_large_hovered(self, row: int, column: int, value: float) -> None:
        if self.pages.large is not None:
            self._tell_cell(*self.pages.large, row, column, value)

    def _tell_cell(self, grid: TileGrid, tile: int, row: int, column: int, value: float) -> None:
        if self._geometry is not None:
            channel, name = tile if grid is self.grid else None, grid.model.name(tile)
            self.cell_hovered.emit(HoveredCell(self._layer, channel, name, row, column, value, self._geometry))

    @Slot(int)
    def _on_map_chosen(self, tile: int) -> None:
        self._choose(self.grid, tile)

    @Slot(int)
    def _on_summary_chosen(self, tile: int) -> None:
        self._choose(self.summary, tile)

    def _choose(self, grid: TileGrid, tile: int) -> None:
        if tile < 0:
            return
        self._chosen = grid, tile
        values = grid.map(tile)
        if values is None or self._geometry is None:
            return
        channel, name = tile if grid is self.grid else None, grid.model.name(tile)
        self.map_chosen.emit(ChosenMap(self._image, self._layer, channel, name, values, self._geometry))

    @Slot(int)
    def _on_map_enlarged(self, tile: int) -> None:
        self.pages.enlarge(self.grid, tile)

    @Slot(int)
    def _on_summary_enlarged(self, tile: int) -> None:
        self.pages.enlarge(self.summary, tile)

    @Slot(object)
    def _on_limits_chosen(self, limits: Limits) -> None:
        choice = replace(self._controls.colours.choice(), limits_mode="fixed", limits=limits)
        self._controls.set_choice(choice)
