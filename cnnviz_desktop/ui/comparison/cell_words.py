"""What is said about a cell: under it, on it, in its tool tip, to a screen reader, and about a value in it."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication

from cnnviz_desktop.core.geometry import MapGeometry, Point, Size
from cnnviz_desktop.core.rendering import value_range
from cnnviz_desktop.core.results import Attribution, HeatMap
from cnnviz_desktop.ui.canvas.overlay import Overlay
from cnnviz_desktop.ui.canvas.shown_map import why_not_drawn
from cnnviz_desktop.ui.colours.colour_bar import number_text, value_text
from cnnviz_desktop.ui.comparison.answers import Cell
from cnnviz_desktop.ui.comparison.comparison import Comparison, Place
from cnnviz_desktop.ui.percent import percent_text

translate = QCoreApplication.translate
BETWEEN = " · "


@dataclass(frozen=True, slots=True)
class CellWords:
    """The words of one cell.

    Attributes:
        title: Row and column.
        plate: On the cell, in place of a picture; empty where there is one to see.
        range: The raw values' range; empty where nothing has come.
        brief_range: Its two numbers alone.
        notes: What to know before believing it, in sentences.
    """

    title: str
    plate: str = ""
    range: str = ""
    brief_range: str = ""
    notes: tuple[str, ...] = ()

    @property
    def brief_foot(self) -> str:
        """The same where there is little room: numbers alone."""
        return BETWEEN.join(filter(None, (self.brief_range, *self.notes)))

    @property
    def foot(self) -> str:
        """What stands under the cell, in a line."""
        return BETWEEN.join(filter(None, (self.range, *self.notes)))

    @property
    def full(self) -> str:
        """All of it, a line each."""
        return "\n".join(dict.fromkeys(filter(None, (self.title, self.plate, self.range, *self.notes))))


def cell_words(comparison: Comparison, place: Place, cell: Cell, overlay: Overlay | None) -> CellWords:
    """The words of a cell; `overlay` is the drawn form of its map, None where it has none."""
    title = BETWEEN.join((comparison.rows[place.row].text, comparison.columns[place.column].text))
    result = cell.result
    if result is None:
        plates = {
            "waiting": translate("Comparison", "waiting"),
            "cancelled": translate("Comparison", "cancelled; Fill asks again"),
            "unanswered": translate("Comparison", "It was computed without a result for this cell."),
        }
        return CellWords(title, plates.get(cell.state, cell.why))
    notes = (*_of_layer(comparison, place, result), *result.notes)
    if result.completeness is not None:
        text = translate("Comparison", "completeness error {0} %")
        notes = (text.format(number_text(result.completeness * 100)), *notes)
    if result.done < 1:
        notes = (translate("Comparison", "preliminary, {0} %").format(int(result.done * 100)), *notes)
    plate = why_not_drawn(overlay) if overlay is not None else _why_no_picture(result)
    low, high = map(number_text, value_range(result.raw))
    told = translate("Comparison", "raw {0} to {1}").format(low, high)
    return CellWords(title, plate, told, f"{low}…{high}", notes)


def _of_layer(comparison: Comparison, place: Place, result: Attribution) -> tuple[str, ...]:
    """What a result is of where its column does not tell."""
    if comparison.layout == "classes" and result.layer not in ("", comparison.usual_layer):
        return (translate("Comparison", "of {0}").format(result.layer),)
    if comparison.layout != "layers" or result.layer == comparison.layers[place.column]:
        return ()
    if result.layer:
        return (translate("Comparison", "of {0}").format(result.layer),)
    return (translate("Comparison", "of no layer: the same in every column"),)


def explained_text(result: Attribution) -> str:
    """What a result explains, with its logit and probability."""
    told = result.explained
    if told.class_index is None or told.probability is None:
        return f"{told.title} ({number_text(told.score)})"
    text = translate("Comparison", "{0} (class {1}), logit {2}, probability {3}")
    return text.format(told.title, told.class_index, number_text(told.score), percent_text(told.probability))


def value_at(result: Attribution, point: Point) -> str:
    """``[row, column] = value`` of the raw map, or picture, at a point of the image; empty where there is none."""
    if isinstance(result, HeatMap):
        cell = result.geometry.cell_at(point)
        return f"[{cell[0]}, {cell[1]}] = {value_text(float(result.raw[cell]))}" if cell is not None else ""
    _, height, width = result.raw.shape
    cell = MapGeometry(result.transform, Size(height, width)).cell_at(point)
    if cell is None:
        return ""
    values = ", ".join(value_text(float(value)) for value in result.raw[:, cell[0], cell[1]])
    return f"[{cell[0]}, {cell[1]}] = ({values})"


def _why_no_picture(result: Attribution) -> str:
    """One sentence where a gradient picture would be plain grey."""
    finite = result.raw[np.isfinite(result.raw)]
    if finite.size == 0:
        return translate("Comparison", "Every value is NaN or infinite.")
    if finite.min() == finite.max():
        return translate("Comparison", "Every value is {0}: there is nothing to see.").format(
            number_text(float(finite[0]))
        )
    return ""
