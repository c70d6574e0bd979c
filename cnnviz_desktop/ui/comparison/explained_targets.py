"""What is explained in the table, as the user chooses it: one target, or several side by side."""

from collections.abc import Iterable

import msgspec
from PySide6.QtCore import QObject, Slot

from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import ClassTarget, Target
from cnnviz_desktop.core.results import Predictions
from cnnviz_desktop.ui.comparison.axis_editor import AxisEditor
from cnnviz_desktop.ui.comparison.axis_offers import SUGGESTED_CLASSES
from cnnviz_desktop.ui.comparison.choice_popup import Offer
from cnnviz_desktop.ui.comparison.headings import target_title
from cnnviz_desktop.ui.comparison.target_offers import (
    LIKELIEST,
    Remembered,
    can_be_explained,
    class_offers,
    found_targets,
    key_of,
    scored_as,
    target_of,
)
from cnnviz_desktop.ui.subject import Subject


class ExplainedTargets(QObject):
    """Offers classes and what else was explained; until the user chooses, what the network finds likeliest is chosen.

    Args:
        one: Chooses what is explained where that is no axis.
        several: Chooses what is explained where that is one.
        parent: Qt's parent.
    """

    def __init__(self, one: AxisEditor, several: AxisEditor, parent: QObject) -> None:
        super().__init__(parent)
        self._one, self._several = one, several
        self._outline: Outline | None = None
        self._predictions: Predictions | None = None
        self._image = ""
        self._target: Target = ClassTarget()
        self._remembered = Remembered()
        self._are_own = False
        several.changed.connect(self._on_several_chosen)

    def chosen(self, *, several: bool) -> tuple[Target, ...]:
        """What is chosen, by the score that the window explains classes by."""
        keys = (self._several if several else self._one).chosen
        return tuple(scored_as(target_of(key), self._target) for key in keys)

    def as_class(self, target: Target) -> Target:
        """What this network finds likeliest, as the class that it is: another network is asked about the same."""
        likeliest = isinstance(target, ClassTarget) and target.label is None
        if not likeliest or self._predictions is None:
            return target
        return msgspec.structs.replace(target, label=self._predictions.top(1)[0])

    def show_network(self, outline: Outline, *, same: bool) -> None:
        """Offer what a network can explain; of the `same` network what was chosen stays, as far as it still can."""
        chosen = {editor: editor.chosen for editor in (self._one, self._several)}
        likeliest = (LIKELIEST,) if outline.has_classes else ()
        self._outline, self._predictions = outline, None
        if same:
            self._remembered.forget_gone(outline)
            self._offer()
            for editor, first in ((self._several, ()), (self._one, likeliest)):
                kept = tuple(key for key in chosen[editor] if can_be_explained(outline, target_of(key)))
                editor.choose(kept or first)
            return
        self._remembered.forget()
        self._are_own = False
        self._target = ClassTarget()
        self._offer()
        self._one.choose(likeliest)
        self._suggest(range(min(SUGGESTED_CLASSES, outline.classes)))

    def show_predictions(self, predictions: Predictions) -> None:
        """Offer what the network finds likeliest; the first three are chosen until the user chooses."""
        if predictions.image != self._image or self._outline is None:
            return
        self._predictions = predictions
        self._offer()
        if not self._are_own:
            self._suggest(predictions.top(SUGGESTED_CLASSES))

    def show_subject(self, subject: Subject) -> None:
        """Follow what is looked at: the image, and what is explained of it."""
        before, self._target = self._target, subject.target
        if subject.image != self._image:
            self._image, self._predictions = subject.image, None
        if self._outline is not None and key_of(subject.target) != key_of(before):
            self._remembered.remember(subject.target)
            self._offer()
            names = {key_of(subject.target): target_title(subject.target, self._outline.class_names)}
            self._one.choose((key_of(subject.target),), names)

    def _offer(self) -> None:
        outline = self._outline
        if outline is None:
            return

        def find(text: str) -> tuple[Offer, ...]:
            return found_targets(outline, text)

        for editor, with_likeliest in ((self._several, False), (self._one, outline.has_classes)):
            classes = class_offers(outline, self._predictions, with_likeliest=with_likeliest)
            listed = {offer.key for offer in classes}
            others = [offer for offer in self._remembered.offers(outline) if offer.key not in listed]
            editor.offer((*classes, *others), find)

    def _suggest(self, indices: Iterable[int]) -> None:
        self._several.choose([key_of(ClassTarget(index)) for index in indices])

    @Slot()
    def _on_several_chosen(self) -> None:
        self._are_own = True
