"""How the maps of a table are drawn: colours, and which of them share one scale."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from cnnviz_desktop.core.rendering import is_signed
from cnnviz_desktop.core.results import FloatArray, HeatMap
from cnnviz_desktop.ui.canvas.scene import MapLook
from cnnviz_desktop.ui.colours.colour_controls import ColourChoice
from cnnviz_desktop.ui.comparison.answers import Answers
from cnnviz_desktop.ui.comparison.comparison import Place

Scale = Literal["separate", "row", "column", "all"]
AUTOMATIC_COLOURS = ColourChoice()
SCALES: tuple[Scale, ...] = ("separate", "row", "column", "all")


@dataclass(frozen=True, slots=True)
class TableLook:
    """What the user chose.

    Attributes:
        colours: Colour map and limits.
        opacity: Of the maps over the picture, 0–1.
        smooth: Bilinear between the cells of a map, or the cells as they are.
        positive: Only the positive part is drawn, as class activation maps are published.
        scale: Which maps share one scale.
    """

    colours: ColourChoice = AUTOMATIC_COLOURS
    opacity: float = 0.5
    smooth: bool = True
    positive: bool = True
    scale: Scale = "separate"


class Scales:
    """The scale of every map of a table under a look; computed once for what has come so far."""

    def __init__(self, answers: Answers, look: TableLook) -> None:
        self._answers = answers
        self._look = look
        self._version = -1
        self._looks: dict[tuple[Place, int, int], MapLook | None] = {}

    @property
    def look(self) -> TableLook:
        """The look."""
        return self._look

    def map_look(self, place: Place) -> MapLook | None:
        """How the map of a cell is drawn; None where nothing of its scale has come."""
        if self._version != self._answers.version:
            self._version = self._answers.version
            self._looks.clear()
        rows, columns = self._members(place)
        group = Place(rows[0], columns[0]), len(rows), len(columns)
        if group not in self._looks:
            self._looks[group] = self._made([Place(row, column) for row in rows for column in columns])
        return self._looks[group]

    def draws_positive(self, place: Place) -> bool:
        """Whether only the positive part of a cell's map is drawn: of a difference both signs always are."""
        return self._look.positive and not self._answers.comparison.is_difference(place)

    def _members(self, place: Place) -> tuple[range, range]:
        """Rows and columns of the maps that share a cell's scale."""
        comparison, scale = self._answers.comparison, self._look.scale
        rows, columns = range(len(comparison.rows)), range(len(comparison.columns))
        return (
            rows if scale in ("column", "all") else rows[place.row : place.row + 1],
            columns if scale in ("row", "all") else columns[place.column : place.column + 1],
        )

    def _made(self, members: list[Place]) -> MapLook | None:
        look = self._look
        shown = {id(cell.result): (cell.result, place) for place in members for cell in (self._answers.cell(place),)}
        parts = [
            drawn_values(result, positive=self.draws_positive(place)).reshape(-1)
            for result, place in shown.values()
            if isinstance(result, HeatMap)
        ]
        if not parts:
            return None
        values = np.concatenate(parts)
        return MapLook(
            look.colours.map_name(signed=is_signed(values)),
            look.colours.limits_of(values),
            look.opacity,
            look.smooth,
        )


def drawn_values(heat: HeatMap, *, positive: bool) -> FloatArray:
    """(h, w) float32: what of a map is drawn, its positive part or all of it; values that are not finite are NaN."""
    finite = np.where(np.isfinite(heat.raw), heat.raw, np.float32(np.nan))
    return np.maximum(finite, 0) if positive else finite
