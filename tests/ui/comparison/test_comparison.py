"""The questions of a table, its requests, and which result answers which question."""

import shlex

from cnnviz_desktop.commands.cam import _parser
from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.catalog.tutorial import TUTORIAL_METHODS
from cnnviz_desktop.core.requests import ClassTarget
from cnnviz_desktop.ui.comparison.comparison import (
    GUIDED,
    Comparison,
    Place,
    Question,
    narrowed,
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
    request = comparison.request()
    assert request.methods == (*TUTORIAL_METHODS, GUIDED)
    assert request.layers == ("stage",)
    assert len(comparison.places) == 21
    assert len(comparison.all_questions) == 8


def test_that_cam_gb_asks_nothing_that_cam_and_gb_do_not_ask() -> None:
    comparison = Comparison(layout="views", methods=("gradcam",), layers=("stage",), images=("a",))
    cam, guided, both = (comparison.questions(Place(0, column)) for column in range(3))
    assert both == cam + guided


def test_that_a_result_answers_its_own_layer_only() -> None:
    assert LAYERS.answered_by(attribution("gradcam", "stem")) == (Question("gradcam", "stem", None, "a"),)


def test_that_a_result_without_a_layer_answers_for_every_layer() -> None:
    answered = LAYERS.answered_by(attribution("saliency", ""))
    assert {question.layer for question in answered} == {"stem", "stage"}


def test_that_a_result_of_another_class_or_image_answers_nothing() -> None:
    classes = Comparison(layout="classes", methods=("gradcam",), layers=("stage",), classes=(0, 1), images=("a",))
    assert [question.label for question in classes.answered_by(attribution("gradcam", index=1))] == [1]
    assert not classes.answered_by(attribution("gradcam", index=2))
    assert not classes.answered_by(attribution("gradcam", index=1, image="b"))


def test_that_images_are_rows_and_one_request_asks_for_all_of_them() -> None:
    comparison = Comparison(
        layout="images", methods=("gradcam", "layercam"), layers=("stage",), images=("x/a.png", "b")
    )
    assert [heading.text for heading in comparison.rows] == ["a.png", "b"]
    assert comparison.request().images == ("x/a.png", "b")
    assert comparison.questions(Place(1, 0)) == (Question("gradcam", "stage", None, "b"),)


def test_that_a_narrowed_request_still_asks_all_that_is_open_and_nothing_else() -> None:
    request = LAYERS.request()
    assert narrowed(request, set(LAYERS.all_questions)) == request
    part = narrowed(request, {Question("layercam", "stage", None, "a")})
    assert part is not None
    assert (part.methods, part.layers, part.targets) == (("layercam",), ("stage",), (ClassTarget(),))
    assert narrowed(request, set()) is None


def test_that_the_command_is_one_that_the_command_line_takes() -> None:
    comparison = Comparison(
        layout="classes", methods=TUTORIAL_METHODS, layers=("stage3.1",), classes=(3, 5), images=("sample:scene_01",)
    )
    words = shlex.split(comparison.command())
    assert words[:2] == ["cnnviz", "cam"]
    options = _parser().parse_intermixed_args(words[2:])
    assert tuple(options.method) == TUTORIAL_METHODS
    assert options.target_class == ["3", "5"]
    assert options.target_layer == ["stage3.1"]
    assert options.images == ["sample:scene_01"]


def test_that_another_device_makes_no_other_table() -> None:
    other = Comparison(layout="layers", methods=LAYERS.methods, layers=LAYERS.layers, images=("a",), device="cpu")
    assert LAYERS.is_about(other)
    assert not LAYERS.is_about(Comparison(layout="layers", methods=LAYERS.methods, layers=("stem",), images=("a",)))
