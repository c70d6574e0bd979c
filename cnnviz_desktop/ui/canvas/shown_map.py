"""A map over the picture with all that is said about it."""

from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QCoreApplication

from cnnviz_desktop.core.catalog import method
from cnnviz_desktop.core.geometry import MapGeometry, Size
from cnnviz_desktop.core.gradient_rendering import gradient_rgb, strongest
from cnnviz_desktop.core.rendering import Limits, value_range, why_blank
from cnnviz_desktop.core.results import Attribution, Explained, FloatArray, HeatMap
from cnnviz_desktop.ui.canvas.overlay import ColourOverlay, Overlay
from cnnviz_desktop.ui.colours.colour_bar import number_text
from cnnviz_desktop.ui.percent import percent_text

translate = QCoreApplication.translate

Form = Literal["strongest", "sum", "colours"]
"""How the channels of a gradient picture become one: the greatest absolute value, the signed sum, or as colours."""


@dataclass(frozen=True, slots=True, eq=False)
class ShownMap:
    """One map.

    Attributes:
        image: Reference of the image it was made of.
        values: (h, w) float32, signed, or (C, h, w): what the readout tells.
        geometry: Where its cells lie on the picture.
        caption: What it is.
        source: What it is, in a word or two, for the readout.
        notes: Sentences to know before believing it.
        is_heat: Whether it is a class activation map.
        done: Share of the work that is in it, 0–1; None for what is no attribution.
        form: How several channels become one.
    """

    image: str
    values: FloatArray
    geometry: MapGeometry
    caption: str
    source: str
    notes: tuple[str, ...] = ()
    is_heat: bool = False
    done: float | None = None
    form: Form = "strongest"

    @classmethod
    def of(cls, result: Attribution, form: Form, title: str = "") -> "ShownMap":
        """An attribution with its method, layer, target and share of the work in the caption.

        Args:
            result: The attribution.
            form: How several channels become one.
            title: What stands in place of the method's title, where that does not tell what it is.
        """
        title = title or method(result.method).title
        caption = " · ".join(filter(None, (title, result.layer, *_told(result.explained), share_in_words(result.done))))
        notes = (*_completeness(result), *result.notes)
        if isinstance(result, HeatMap):
            source = result.layer or title
            return cls(result.image, result.raw, result.geometry, caption, source, notes, True, result.done)
        geometry = MapGeometry(result.transform, Size(*result.raw.shape[-2:]))
        return cls(result.image, result.raw, geometry, caption, title, notes, False, result.done, form)

    @property
    def is_gradient(self) -> bool:
        """Whether it is a picture of several channels."""
        return self.values.ndim == 3

    @property
    def is_preliminary(self) -> bool:
        """Whether a part of the work is not in it."""
        return self.done is not None and self.done < 1

    def cancelled(self) -> "ShownMap":
        """The same, and that it will not become sharper."""
        words = translate("ShownMap", "Cancelled at {0}: this is a preliminary picture. F5 computes it again.")
        return replace(self, notes=(words.format(share_in_words(self.done or 0.0)), *self.notes))

    def overlay(self, *, relu: bool) -> Overlay:
        """Its drawn form; `relu` leaves the positive part of a heat map."""
        if not self.is_gradient:
            return Overlay(self.values, self.geometry, relu=relu)
        if self.form == "colours":
            return ColourOverlay(strongest(self.values), self.geometry, gradient_rgb(self.values))
        raw: FloatArray = strongest(self.values) if self.form == "strongest" else self.values.sum(axis=0)
        return Overlay(raw, self.geometry, relu=False)


def share_in_words(done: float) -> str:
    """The share of the work that is done, empty where that is all."""
    return translate("ShownMap", "{0} %").format(min(99, int(done * 100))) if done < 1 else ""


def _completeness(result: Attribution) -> tuple[str, ...]:
    """How nearly the terms add up, of methods whose terms should."""
    if result.completeness is None:
        return ()
    error = result.completeness
    percent = "< 0.01" if error < 0.0001 else f"{error * 100:.2g}" if error < 1 else f"{error * 100:.0f}"
    text = translate("ShownMap", "Its terms add up to the score within {0} %.")
    if result.method == "integrated_gradients":
        text = translate("ShownMap", "Its terms add up to the score, less that of the baseline, within {0} %.")
    return (text.format(percent),)


def _told(explained: Explained) -> tuple[str, ...]:
    """What is explained, in parts of a caption."""
    score = translate("ShownMap", "score {0}").format(number_text(explained.score))
    if explained.class_index is None or explained.probability is None:
        return explained.title, score
    if explained.title != explained.class_name:  # a difference of two classes, or a probability
        return explained.title, score
    title = translate("ShownMap", "{0} (class {1})").format(explained.title, explained.class_index)
    logit = translate("ShownMap", "logit {0}").format(number_text(explained.score))
    chance = translate("ShownMap", "probability {0}").format(percent_text(explained.probability))
    return title, logit, chance


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


def range_in_words(shown: ShownMap, limits: Limits) -> str:
    """The raw values' range, and the limits that the colours stand for where those are others."""
    raw = value_range(shown.values)
    rows, columns = shown.values.shape[-2:]
    text = translate("ShownMap", "{0} × {1} cells, raw values {2} to {3}")
    if shown.is_gradient:
        text = translate("ShownMap", "{0} × {1} pixels, raw values {2} to {3}")
    text = text.format(rows, columns, number_text(raw.low), number_text(raw.high))
    if shown.is_gradient and shown.form == "colours":
        grey = translate("ShownMap", "{0}; grey stands for 0, a tenth of the brightness for a standard deviation")
        return grey.format(text)
    if limits == raw:
        return text
    drawn = translate("ShownMap", "colours from {0} to {1}")
    return f"{text}; {drawn.format(number_text(limits.low), number_text(limits.high))}"
