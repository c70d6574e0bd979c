"""What can be explained in a table: classes, differences of two, and what was explained in the window."""

import re
from dataclasses import replace

import msgspec
from PySide6.QtCore import QCoreApplication

from cnnviz_desktop.core.class_search import find_classes
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import ClassTarget, DetectionTarget, LayerRef, SimilarityTarget, Target, UnitTarget
from cnnviz_desktop.core.results import Predictions
from cnnviz_desktop.ui.comparison.axis_offers import is_there
from cnnviz_desktop.ui.comparison.choice_popup import Offer
from cnnviz_desktop.ui.comparison.headings import target_title
from cnnviz_desktop.ui.nearby_layers import lies_before, maps_before
from cnnviz_desktop.ui.percent import percent_text

TOP_CLASSES = 10
MOST_DIFFERENCES = 20
MOST_REMEMBERED = 6

_MINUS = re.compile(r"\s+(?:-|−|–|minus)\s+", re.IGNORECASE)
_TARGETS = msgspec.json.Decoder(Target)
translate = QCoreApplication.translate


def key_of(target: Target) -> str:
    """What stands for a target in a list; logit and probability are told elsewhere."""
    if isinstance(target, ClassTarget):
        target = msgspec.structs.replace(target, score="logit")
    return msgspec.json.encode(target).decode()


def target_of(key: str) -> Target:
    """The target that a key stands for."""
    target: Target = _TARGETS.decode(key)
    return target


LIKELIEST = key_of(ClassTarget())
"""Key of the class that the network finds likeliest."""


class Remembered:
    """What was explained in the window and is no class of the list, such as differences, units and objects."""

    def __init__(self) -> None:
        self._targets: tuple[Target, ...] = ()

    def remember(self, target: Target) -> None:
        """Keep it, before what was kept earlier."""
        if not _is_of_list(target):
            kept = target_of(key_of(target))
            self._targets = tuple(dict.fromkeys((kept, *self._targets)))[:MOST_REMEMBERED]

    def forget(self) -> None:
        """Keep nothing: the network is another one."""
        self._targets = ()

    def forget_gone(self, outline: Outline) -> None:
        """Keep what the network still has."""
        self._targets = tuple(target for target in self._targets if can_be_explained(outline, target))

    def offers(self, outline: Outline) -> tuple[Offer, ...]:
        """All of them."""
        group = translate("Comparison", "Explained in the window")
        return tuple(replace(_offer(outline, target), group=group) for target in self._targets)


def _is_of_list(target: Target) -> bool:
    """Whether it is one of the classes that the list has anyway."""
    return isinstance(target, ClassTarget) and target.minus is None and target.box is None


def class_offers(outline: Outline, predictions: Predictions | None, *, with_likeliest: bool) -> tuple[Offer, ...]:
    """The likeliest classes with their probabilities, and how the first two differ.

    Where nothing is predicted yet, the first classes.
    """
    offers = [Offer(LIKELIEST, translate("Comparison", "likeliest"))] if with_likeliest else []
    if predictions is None:
        indices = range(min(TOP_CLASSES, outline.classes))
        return (*offers, *(_offer(outline, ClassTarget(index)) for index in indices))
    group = translate("Comparison", "Likeliest classes")
    for index in predictions.top(TOP_CLASSES):
        label = f"{outline.class_name(index)} ({percent_text(float(predictions.probabilities[index]))})"
        offers.append(replace(_offer(outline, ClassTarget(index)), label=label, group=group))
    first = predictions.top(2)
    group = translate("Comparison", "One less the other")
    return (
        *offers,
        *(
            replace(_offer(outline, ClassTarget(one, minus=other)), group=group)
            for one, other in (first, first[::-1])
            if len(first) > 1
        ),
    )


def found_targets(outline: Outline, text: str) -> tuple[Offer, ...]:
    """The classes that a number or a piece of a name can mean; with a minus between two, their differences."""
    names = [outline.class_name(index) for index in range(outline.classes)]
    one, *others = _MINUS.split(text, maxsplit=1)
    found = find_classes(one, names)
    if not others:
        return tuple(_offer(outline, ClassTarget(index)) for index in found)
    taken_off = find_classes(others[0], names)
    pairs = [(index, minus) for index in found for minus in taken_off if index != minus]
    return tuple(_offer(outline, ClassTarget(index, minus=minus)) for index, minus in pairs[:MOST_DIFFERENCES])


def scored_as(target: Target, other: Target) -> Target:
    """The target, by logit or probability as `other` has it where both are classes."""
    if isinstance(target, ClassTarget) and isinstance(other, ClassTarget):
        return msgspec.structs.replace(target, score=other.score)
    return target


def can_be_explained(outline: Outline, target: Target) -> bool:
    """Whether a network has the classes, or the layer and the channel, that a target is about."""
    if isinstance(target, ClassTarget):
        indices = [label for label in (target.label, target.minus) if isinstance(label, int)]
        if outline.task == "detection":
            return target.minus is None and target.box is None
        return outline.classes > 0 and all(index < outline.classes for index in indices)
    if isinstance(target, DetectionTarget):
        return outline.task == "detection"
    if isinstance(target, SimilarityTarget):
        return outline.task in ("classification", "embedding")
    if not is_there(outline, target.layer):
        return False
    reference = LayerRef.parse(target.layer)
    grid = outline.layer(reference.name).grids(reference.side)[reference.part]
    return grid is not None and (target.channel is None or target.channel < grid.channels)


def layer_for(outline: Outline, target: Target, layer: str) -> str:
    """The layer whose maps explain a target: `layer`, unless it does not come before what is explained."""
    if not isinstance(target, UnitTarget) or not layer:
        return layer
    explained = outline.layer(LayerRef.parse(target.layer).name)
    return layer if lies_before(outline, layer, explained) else maps_before(outline, explained) or layer


def _offer(outline: Outline, target: Target) -> Offer:
    title = target_title(target, outline.class_names)
    if not isinstance(target, ClassTarget) or not _is_of_list(target):
        return Offer(key_of(target), title)
    label = title if title == str(target.label) else f"{title} ({target.label})"
    return Offer(key_of(target), label, tip=translate("Comparison", "class {0}").format(target.label))
