"""A map over the picture with all that is said about it."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from cnnviz_desktop.core.catalog import method
from cnnviz_desktop.core.geometry import MapGeometry
from cnnviz_desktop.core.rendering import Limits, value_range, why_blank
from cnnviz_desktop.core.results import Explained, FloatArray, HeatMap
from cnnviz_desktop.ui.canvas.overlay import Overlay
from cnnviz_desktop.ui.colours.colour_bar import number_text

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True, eq=False)
class ShownMap:
    """One map.

    Attributes:
        image: Reference of the image it was made of.
        raw: (h, w) float32, signed.
        geometry: Where its cells lie on the picture.
        caption: What it is.
        source: What it is, in a word or two, for the readout.
        notes: Sentences to know before believing it.
        is_heat: Whether it is a class activation map.
    """

    image: str
    raw: FloatArray
    geometry: MapGeometry
    caption: str
    source: str
    notes: tuple[str, ...] = ()
    is_heat: bool = False

    @classmethod
    def of_heat_map(cls, heat: HeatMap) -> "ShownMap":
        """A class activation map with its class, logit and probability in the caption."""
        caption = " · ".join(filter(None, (method(heat.method).title, heat.layer, *_told(heat.explained))))
        return cls(heat.image, heat.raw, heat.geometry, caption, heat.layer, heat.notes, True)

    def overlay(self, *, relu: bool) -> Overlay:
        """Its drawn form; `relu` leaves the positive part."""
        return Overlay(self.raw, self.geometry, relu=relu)


def _told(explained: Explained) -> tuple[str, ...]:
    """What is explained, in parts of a caption."""
    score = translate("ShownMap", "score {0}").format(number_text(explained.score))
    if explained.class_index is None or explained.probability is None:
        return explained.title, score
    title = translate("ShownMap", "{0} (class {1})").format(explained.title, explained.class_index)
    chance = translate("ShownMap", "probability {0} %").format(f"{explained.probability * 100:.1f}")
    if explained.title == explained.class_name:
        score = translate("ShownMap", "logit {0}").format(number_text(explained.score))
    return title, score, chance


def why_not_drawn(overlay: Overlay) -> str:
    """One sentence where the map would be a single colour, which tells nothing; else the empty string."""
    drawn, raw = value_range(overlay.values), value_range(overlay.raw)
    if drawn.low < drawn.high:
        return ""
    if raw.low < raw.high and drawn.high == 0:
        text = translate(
            "ShownMap", "No value of the map is above 0: they run from {0} to {1}. “Positive part” hides all."
        )
        return text.format(number_text(raw.low), number_text(raw.high))
    return why_blank(overlay.raw) or translate("ShownMap", "Every finite value that is drawn is {0}.").format(
        number_text(drawn.low)
    )


def range_in_words(overlay: Overlay, limits: Limits) -> str:
    """The raw values' range, and the limits that the colours stand for where those are others."""
    raw = value_range(overlay.raw)
    rows, columns = overlay.raw.shape
    text = translate("ShownMap", "{0} × {1} cells, raw values {2} to {3}").format(
        rows, columns, number_text(raw.low), number_text(raw.high)
    )
    if limits == raw:
        return text
    drawn = translate("ShownMap", "colours from {0} to {1}")
    return f"{text}; {drawn.format(number_text(limits.low), number_text(limits.high))}"
