"""The questions of a table, and which result answers which question."""

import pytest

from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.catalog.tutorial import TUTORIAL_METHODS
from cnnviz_desktop.core.requests import ClassTarget, Target, UnitTarget
from cnnviz_desktop.ui.comparison.asking import requests_of
from cnnviz_desktop.ui.comparison.comparison import (
    GUIDED,
    Comparison,
    Place,
    Question,
)
from tests.ui.comparison.scripted import attribution

LAYERS = Comparison(
    layout="layers", methods=("gradcam", "layercam", "saliency"), layers=("stem", "stage"), images=("a",)
)


def test_that_the_preset_is_seven_methods_that_give_maps_and_exist() -> None:
    assert len(set(TUTORIAL_METHODS)) == 7
    assert {catalog.method(each).gives for each in TUTORIAL_METHODS} == {"map"}


def test_that_the_preset_asks_once_for_all_maps_and_guided_backpropagation() -> None:
    comparison = Comparison(layout="views", methods=TUTORIAL_METHODS, layers=("stage",), images=("a",))
    (request,) = requests_of(comparison)
    assert request.methods == (*TUTORIAL_METHODS, GUIDED)
    assert request.layers == ("stage",)
    assert len(comparison.places) == 21
    assert len(comparison.all_questions) == 8


def test_that_cam_gb_asks_nothing_that_cam_and_gb_do_not_ask() -> None:
    comparison = Comparison(layout="views", methods=("gradcam",), layers=("stage",), images=("a",))
    cam, guided, both = (comparison.questions(Place(0, column)) for column in range(3))
    assert both == cam + guided


def test_that_a_result_answers_its_own_layer_only() -> None:
    assert LAYERS.answered_by(attribution("gradcam", "stem")) == (Question("gradcam", "stem", ClassTarget(), "a"),)


def test_that_a_result_without_a_layer_answers_for_every_layer() -> None:
    answered = LAYERS.answered_by(attribution("saliency", ""))
    assert {question.layer for question in answered} == {"stem", "stage"}


TARGETS = (ClassTarget(1), ClassTarget(1, minus=0), ClassTarget(1, score="probability"), UnitTarget("stage", 2))


@pytest.mark.parametrize("target", TARGETS)
def test_that_a_result_answers_its_own_target_and_image_only(target: Target) -> None:
    table = Comparison(layout="classes", methods=("gradcam",), layers=("stage",) * 4, targets=TARGETS, images=("a",))
    answered = table.answered_by(attribution("gradcam", target=target))
    assert [question.target for question in answered] == [target]
    assert not table.answered_by(attribution("gradcam", target=target, image="b"))


def test_that_the_likeliest_class_is_answered_by_any_but_not_by_a_difference() -> None:
    assert LAYERS.answered_by(attribution("gradcam", "stem", ClassTarget(1)))
    assert not LAYERS.answered_by(attribution("gradcam", "stem", ClassTarget(1, minus=0)))


def test_that_images_are_rows_and_one_request_asks_for_all_of_them() -> None:
    comparison = Comparison(
        layout="images", methods=("gradcam", "layercam"), layers=("stage",), images=("x/a.png", "b")
    )
    assert [heading.text for heading in comparison.rows] == ["a.png", "b"]
    (request,) = requests_of(comparison)
    assert request.images == ("x/a.png", "b")
    assert comparison.questions(Place(1, 0)) == (Question("gradcam", "stage", ClassTarget(), "b"),)


def test_that_another_device_makes_no_other_table() -> None:
    other = Comparison(layout="layers", methods=LAYERS.methods, layers=LAYERS.layers, images=("a",), device="cpu")
    assert LAYERS.is_about(other)
    assert not LAYERS.is_about(Comparison(layout="layers", methods=LAYERS.methods, layers=("stem",), images=("a",)))
