"""Links the image with the maps: what is pointed at or picked in one view shows in the other, and in the readout."""

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QLabel

from cnnviz_desktop.ui.canvas.image_canvas import ImageCanvas
from cnnviz_desktop.ui.canvas.readout import Readout
from cnnviz_desktop.ui.colours.colour_bar import value_text
from cnnviz_desktop.ui.results.feature_maps_panel import FeatureMapsPanel
from cnnviz_desktop.ui.results.map_events import ChosenMap, HoveredCell


class LinkedViews(QObject):
    """Connects one canvas, the feature maps of its image, and the label that tells raw values."""

    def __init__(self, canvas: ImageCanvas, maps: FeatureMapsPanel, readout: QLabel) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._readout = readout
        canvas.readout_changed.connect(self._on_readout_changed)
        maps.map_chosen.connect(self._on_map_chosen)
        maps.cell_hovered.connect(self._on_cell_hovered)
        maps.cell_left.connect(self._on_cell_left)

    @Slot(object)
    def _on_readout_changed(self, readout: Readout | None) -> None:
        self._readout.setText(readout.text if readout is not None else "")

    @Slot(object)
    def _on_map_chosen(self, chosen: ChosenMap) -> None:
        caption = f"{chosen.layer} · {chosen.name}"
        self._canvas.show_map(chosen.values, chosen.geometry, caption, image=chosen.image, relu=False)

    @Slot(object)
    def _on_cell_hovered(self, cell: HoveredCell) -> None:
        self._canvas.show_cell(cell.geometry, cell.row, cell.column)
        self._readout.setText(f"{cell.layer} · {cell.name} [{cell.row}, {cell.column}] = {value_text(cell.value)}")

    @Slot()
    def _on_cell_left(self) -> None:
        self._canvas.clear_cell()
        self._readout.clear()
