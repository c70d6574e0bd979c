"""What can be explained in a table, and what it is called."""

from collections.abc import Sequence

import numpy as np
import pytest

from cnnviz_desktop.core.class_search import find_classes
from cnnviz_desktop.core.requests import ClassTarget, Request, Target, UnitTarget
from cnnviz_desktop.core.results import Predictions
from cnnviz_desktop.ui.comparison import target_offers
from cnnviz_desktop.ui.comparison.headings import method_heading, target_heading, target_title
from cnnviz_desktop.ui.comparison.target_offers import (
    MOST_REMEMBERED,
    Remembered,
    class_offers,
    found_targets,
    key_of,
    layer_for,
    scored_as,
    target_of,
)
from tests.ui.toy import CLASSES, outline_of

OUTLINE = outline_of(Request(method="outline"))
BOX = (1.2, 2.0, 30.5, 40.0)


@pytest.mark.parametrize(
    "target",
    [ClassTarget(), ClassTarget(2), ClassTarget(2, minus=0), UnitTarget("stage", 3, (1, 2)), UnitTarget("s", box=BOX)],
)
def test_that_a_key_stands_for_its_target(target: Target) -> None:
    assert target_of(key_of(target)) == target


def test_that_logit_and_probability_are_one_entry_of_the_list() -> None:
    probability = ClassTarget(1, minus=0, score="probability")
    assert key_of(probability) == key_of(ClassTarget(1, minus=0))
    assert scored_as(ClassTarget(1, minus=0), probability) == probability
    assert scored_as(UnitTarget("stage", 1), probability) == UnitTarget("stage", 1)
    assert scored_as(ClassTarget(1), UnitTarget("stage", 1)) == ClassTarget(1)


@pytest.mark.parametrize(
    ("target", "title"),
    [
        (ClassTarget(), ""),
        (ClassTarget(1), "tree"),
        (ClassTarget(1, minus=0), "tree − umbrella"),
        (ClassTarget(None, minus=0), "likeliest − umbrella"),
        (ClassTarget(1, score="probability"), "probability of tree"),
        (UnitTarget("stage", 3), "stage, channel 3"),
        (UnitTarget("stage", 3, (1, 2)), "stage, channel 3, unit 1, 2"),
        (UnitTarget("stage", box=BOX), "region 1–30 × 2–40 of stage"),
    ],
)
def test_that_a_target_is_called_by_what_it_is(target: Target, title: str) -> None:
    assert target_title(target, CLASSES) == title


def test_that_both_differences_of_the_two_likeliest_are_offered() -> None:
    logits = np.array([0.5, 1.0, 2.0], np.float32)
    said = Predictions(
        image="a", logits=logits, probabilities=np.exp(logits), activation="softmax", class_names=CLASSES
    )
    offered = [target_of(offer.key) for offer in class_offers(OUTLINE, said, with_likeliest=True)]
    assert offered[0] == ClassTarget()
    assert offered[-2:] == [ClassTarget(2, minus=1), ClassTarget(1, minus=2)]
    assert len(set(offered)) == len(offered) == 6


@pytest.mark.parametrize("typed", ["tre - umb", "tree minus umbrella", "tree − umbrella", "1 – 0"])
def test_that_a_minus_between_two_names_finds_their_difference(typed: str) -> None:
    assert [target_of(offer.key) for offer in found_targets(OUTLINE, typed)] == [ClassTarget(1, minus=0)]


def test_that_a_class_less_itself_is_not_found() -> None:
    assert found_targets(OUTLINE, "tree - tree") == ()


def test_that_the_newest_of_what_was_explained_stand_first_and_classes_are_not_among_them() -> None:
    kept = Remembered()
    for channel in range(MOST_REMEMBERED + 2):
        kept.remember(UnitTarget("stage", channel))
    kept.remember(UnitTarget("stage", 4))
    kept.remember(ClassTarget(1, score="probability"))
    offered = [target_of(offer.key) for offer in kept.offers(OUTLINE)]
    assert offered == [UnitTarget("stage", channel) for channel in (4, 7, 6, 5, 3, 2)]
    kept.forget()
    assert kept.offers(OUTLINE) == ()


def test_that_a_target_that_the_layer_does_not_come_before_takes_an_earlier_layer() -> None:
    assert layer_for(OUTLINE, ClassTarget(1), "stage") == "stage"
    assert layer_for(OUTLINE, UnitTarget("stage", 1), "stem") == "stem"
    assert layer_for(OUTLINE, UnitTarget("stage", 1), "stage") == "stem"


def test_that_headings_tell_own_parameters_and_layers() -> None:
    plain, own = method_heading("gradcam", {}), method_heading("gradcam", {"aug_smooth": True})
    assert (plain.brief, plain.note) == ("Grad-CAM", "")
    assert (own.brief, own.note) == ("Grad-CAM *", "Smooth over copies")
    several = method_heading("smoothgrad", {"samples": 7, "noise": 0.25, "precision": "reduced"})
    assert several.note.endswith(" …")
    assert "Precision Reduced" in several.tip
    assert target_heading(ClassTarget(1), CLASSES).tip == "class 1"
    assert target_heading(ClassTarget(1), CLASSES, "stem").note == "in stem"
    region = target_heading(UnitTarget("stage", box=BOX), CLASSES)
    assert (region.text, region.tip) == ("region 1–30 × 2–40", "region 1–30 × 2–40 of stage")


def test_that_a_difference_looks_for_either_class_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sought: list[str] = []

    def find(text: str, names: Sequence[str]) -> tuple[int, ...]:
        sought.append(text)
        return find_classes(text, names)

    monkeypatch.setattr(target_offers, "find_classes", find)
    assert len(found_targets(OUTLINE, "e - umbrella")) >= 1
    assert sought == ["e", "umbrella"]
