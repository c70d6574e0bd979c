"""Explaining a channel or a single unit of it, from the maps' context menus."""

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence

from cnnviz_desktop.core.requests import LayerRef, UnitTarget
from cnnviz_desktop.ui.results.feature_maps_panel import FeatureMapsPanel
from cnnviz_desktop.ui.results.map_events import ChosenMap, HoveredCell


class UnitActions(QObject):
    """Two actions of the feature maps: for the map that was picked last, and for the cell pointed at last.

    Both are of the maps that the panel shows: they are let go with them. `wanted` carries the `UnitTarget`.

    Attributes:
        channel: Explains the mean of a channel.
        unit: Explains one cell of it.

    Args:
        panel: The feature maps.
    """

    wanted = Signal(object)

    def __init__(self, panel: FeatureMapsPanel) -> None:
        super().__init__(panel)
        self._layer = ""
        self._channel: int | None = None
        self._cell: HoveredCell | None = None
        self.channel = self._action("E")
        self.unit = self._action("U")
        for part in (panel.grid, panel.pages.inspector):
            part.addActions([self.channel, self.unit])
        self.channel.triggered.connect(self._on_channel)
        self.unit.triggered.connect(self._on_unit)
        panel.map_chosen.connect(self._on_map_chosen)
        panel.cell_hovered.connect(self._on_cell_hovered)
        panel.emptied.connect(self._on_emptied)
        self._name()

    def chosen_channel(self, layer: str) -> int | None:
        """The channel that is picked among a layer's maps; None where none of it is."""
        return self._channel if layer == self._layer else None

    def _action(self, keys: str) -> QAction:
        action = QAction(self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        return action

    def _name(self) -> None:
        """Say in the menu what each would explain; grey what is not there, and what goes into a layer."""
        picked, cell = self._channel is not None and _gives_out(self._layer), self._cell
        self.channel.setEnabled(picked)
        self.channel.setText(
            self.tr("&Explain channel {0} of {1}").format(self._channel, self._layer)
            if picked
            else self.tr("&Explain this channel")
        )
        pointed = cell is not None and cell.channel is not None and _gives_out(cell.layer)
        self.unit.setEnabled(pointed)
        self.unit.setText(self.tr("Explain this &unit"))
        if cell is not None and pointed:
            text = self.tr("Explain the &unit in row {0}, column {1} of channel {2}")
            self.unit.setText(text.format(cell.row, cell.column, cell.channel))

    @Slot(object)
    def _on_map_chosen(self, chosen: ChosenMap) -> None:
        self._layer, self._channel = chosen.layer, chosen.channel
        if self._cell is not None and self._cell.layer != chosen.layer:
            self._cell = None
        self._name()

    @Slot(object)
    def _on_cell_hovered(self, cell: HoveredCell) -> None:
        self._cell = cell
        self._name()

    @Slot()
    def _on_emptied(self) -> None:
        self._layer, self._channel, self._cell = "", None, None
        self._name()

    @Slot()
    def _on_channel(self) -> None:
        if self._channel is not None:
            self.wanted.emit(UnitTarget(self._layer, channel=self._channel))

    @Slot()
    def _on_unit(self) -> None:
        cell = self._cell
        if cell is not None and cell.channel is not None:
            self.wanted.emit(UnitTarget(cell.layer, channel=cell.channel, cell=(cell.row, cell.column)))


def _gives_out(layer: str) -> bool:
    return bool(layer) and LayerRef.parse(layer).side == "output"
