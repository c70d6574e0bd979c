"""What the panels of maps tell the rest of the window."""

from dataclasses import dataclass

from cnnviz_desktop.core.geometry import MapGeometry
from cnnviz_desktop.core.results import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class HoveredCell:
    """The cell of a map that the pointer, or the keyboard, is on.

    Attributes:
        layer: The layer, as `LayerRef` writes it.
        channel: The channel; None for the sum and the mean over all channels.
        name: What the map is called: “channel 17”, “sum of the channels”.
        row: Of the map.
        column: Of the map.
        value: The map's own value there.
        geometry: Where the cells lie on the image.
    """

    layer: str
    channel: int | None
    name: str
    row: int
    column: int
    value: float
    geometry: MapGeometry


@dataclass(frozen=True, slots=True, eq=False)
class ChosenMap:
    """A map that the user picked: to be drawn over the image.

    Attributes:
        image: The image's reference.
        layer: The layer, as `LayerRef` writes it.
        channel: The channel; None for the sum and the mean over all channels.
        name: What the map is called.
        values: (h, w) float32, raw.
        geometry: Where its cells lie on the image.
    """

    image: str
    layer: str
    channel: int | None
    name: str
    values: FloatArray
    geometry: MapGeometry
