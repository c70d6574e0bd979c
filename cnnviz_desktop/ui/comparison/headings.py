"""What stands beside a row and above a column: methods with their own parameters, and what is explained."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from cnnviz_desktop.core.catalog import Method, method
from cnnviz_desktop.core.parameters import ChoiceParameter
from cnnviz_desktop.core.requests import (
    ClassTarget,
    DetectionTarget,
    ParameterValue,
    SimilarityTarget,
    Target,
    UnitTarget,
)
from cnnviz_desktop.core.resources import image_name

translate = QCoreApplication.translate
MOST_SETTINGS = 2
"""So many parameters are told in a heading; the rest are told in its tip."""


class Heading(NamedTuple):
    """`text`; `note`, a line below it where there is room for one; `tip`, which tells more."""

    text: str
    note: str = ""
    tip: str = ""

    @property
    def brief(self) -> str:
        """Both where there is room for one line: a star stands for the note."""
        return f"{self.text} *" if self.note else self.text


def method_heading(method_id: str, own: Mapping[str, ParameterValue]) -> Heading:
    """A method, with those of its parameters that are not the defaults."""
    known = method(method_id)
    settings = [_setting(known, key, value) for key, value in own.items()]
    note = ", ".join(settings[:MOST_SETTINGS]) + (" …" if len(settings) > MOST_SETTINGS else "")
    return Heading(known.title, note, "\n".join((known.summary, *settings)))


def network_headings(name: str, other: str) -> tuple[Heading, ...]:
    """The other network, the network, and how they differ: as they are, and each scaled to its own largest value."""
    less = f"{name} − {other}"
    both = translate("Comparison", "difference"), translate("Comparison", "scaled difference")
    tips = (
        translate("Comparison", "{0}, the raw values").format(less),
        translate("Comparison", "{0}, each divided by its own largest absolute value").format(less),
    )
    return (Heading(other), Heading(name), *(Heading(text, tip=tip) for text, tip in zip(both, tips, strict=True)))


def target_heading(target: Target, class_names: Sequence[str], layer: str = "") -> Heading:
    """What is explained; `layer` is that of the maps where it is not the same for all."""
    note = translate("Comparison", "in {0}").format(layer) if layer else ""
    tip = title = target_title(target, class_names)
    if isinstance(target, ClassTarget) and target.minus is None and target.label is not None:
        tip = translate("Comparison", "class {0}").format(target.label)
    if isinstance(target, UnitTarget) and target.box is not None:
        title = _region_title(target.box)
    return Heading(title, note, "\n".join(filter(None, (tip, note))))


def target_title(target: Target, class_names: Sequence[str]) -> str:
    """What is explained, as short as can be; empty for the likeliest class alone, whatever that is."""
    match target:
        case UnitTarget():
            return _unit_title(target)
        case DetectionTarget():
            return _object_title(target, class_names)
        case SimilarityTarget():
            return translate("Comparison", "similarity to {0}").format(image_name(target.image))
        case ClassTarget():
            return _score_title(target, class_names)


def _score_title(target: ClassTarget, class_names: Sequence[str]) -> str:
    if target.label is None and target.minus is None and target.box is None:
        return ""
    title = _class_title(target.label, class_names)
    if target.minus is not None:
        title = f"{title} − {_class_title(target.minus, class_names)}"
    if target.box is not None:
        title = translate("Comparison", "{0} in {1}").format(title, _region_title(target.box))
    return translate("Comparison", "probability of {0}").format(title) if target.score == "probability" else title


def _class_title(label: int | str | None, class_names: Sequence[str]) -> str:
    if label is None:
        return translate("Comparison", "likeliest")
    return class_names[label] if isinstance(label, int) and label < len(class_names) else str(label)


def _object_title(target: DetectionTarget, class_names: Sequence[str]) -> str:
    if target.label is None and target.index is not None:
        return translate("Comparison", "object {0}").format(target.index)
    words = translate("Comparison", "object") if target.label is None else _class_title(target.label, class_names)
    if target.box is None:
        return words
    return translate("Comparison", "{0} in {1}").format(words, _region_title(target.box))


def _unit_title(target: UnitTarget) -> str:
    title = target.layer
    if target.channel is not None:
        title = translate("Comparison", "{0}, channel {1}").format(title, target.channel)
    if target.cell is not None:
        return translate("Comparison", "{0}, unit {1}, {2}").format(title, *target.cell)
    if target.box is not None:
        return translate("Comparison", "{0} of {1}").format(_region_title(target.box), title)
    return title


def _region_title(box: tuple[float, float, float, float]) -> str:
    left, top, right, bottom = map(round, box)
    return translate("Comparison", "region {0}–{1} × {2}–{3}").format(left, right, top, bottom)


def _setting(known: Method, key: str, value: ParameterValue) -> str:
    """A parameter and its value, as the form has them."""
    parameter = next(each for each in known.parameters if each.key == key)
    if isinstance(value, bool):
        return parameter.label if value else translate("Comparison", "not: {0}").format(parameter.label)
    if isinstance(parameter, ChoiceParameter):
        value = dict(parameter.choices).get(str(value), str(value))
    return f"{parameter.label} {value:g}" if isinstance(value, float) else f"{parameter.label} {value}"
