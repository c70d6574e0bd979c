"""What a cell has to show as answers come, in any order, and as they do not."""

import numpy as np
import pytest
from msgspec.structs import replace

from cnnviz_desktop.core.rendering import upsample
from cnnviz_desktop.core.results import GradientPicture, HeatMap, Picture
from cnnviz_desktop.ui.comparison.answers import Answers
from cnnviz_desktop.ui.comparison.asking import requests_of
from cnnviz_desktop.ui.comparison.cell_words import cell_words
from cnnviz_desktop.ui.comparison.comparison import GUIDED, Comparison, Place
from tests.ui.comparison.scripted import attribution
from tests.ui.toy import pixels_of

TRIPLE = Comparison(layout="views", methods=("gradcam", "layercam"), layers=("stage",), images=("a",))
CAM, GB, BOTH = (Place(0, column) for column in range(3))


@pytest.mark.parametrize("order", [("gradcam", GUIDED), (GUIDED, "gradcam")])
def test_that_cam_gb_waits_for_both_and_is_their_product(order: tuple[str, str]) -> None:
    answers = Answers(TRIPLE)
    answers.take(attribution(order[0]))
    assert answers.cell(BOTH).state == "waiting"
    answers.take(attribution(order[1]))
    cam, guided, both = (answers.cell(place).result for place in (CAM, GB, BOTH))
    assert isinstance(cam, HeatMap)
    assert isinstance(guided, GradientPicture)
    assert isinstance(both, GradientPicture)
    positive = np.maximum(cam.raw, 0)
    wide = upsample((positive - positive.min()) / (positive.max() - positive.min()), 16, 16)
    wide = (wide - wide.min()) / (wide.max() - wide.min())
    np.testing.assert_allclose(both.raw, wide * guided.raw, atol=1e-5)


def test_that_guided_backpropagation_fills_its_column_at_once() -> None:
    answers = Answers(TRIPLE)
    changed = answers.take(attribution(GUIDED, ""))
    assert changed == {Place(0, 1), Place(1, 1), Place(0, 2), Place(1, 2)}
    assert answers.cell(Place(1, 1)).result is answers.cell(Place(0, 1)).result


def test_that_a_preliminary_result_is_shown_stays_open_and_is_replaced() -> None:
    answers = Answers(TRIPLE)
    answers.take(attribution("gradcam", done=0.5))
    before = answers.cell(CAM)
    assert before.state == "shown"
    assert TRIPLE.questions(CAM)[0] in answers.open
    final = attribution("gradcam")
    answers.take(final)
    assert answers.cell(CAM).result is final
    assert TRIPLE.questions(CAM)[0] not in answers.open


def test_that_a_refusal_says_why_in_the_cells_it_concerns_and_in_no_other() -> None:
    answers = Answers(TRIPLE)
    answers.take(attribution("gradcam"))
    (request,) = requests_of(TRIPLE)
    answers.refuse(type(request)(method="layercam", images=("a",), layers=("stage",)), "It has no ReLU.")
    assert (answers.cell(Place(1, 0)).state, answers.cell(Place(1, 0)).why) == ("refused", "It has no ReLU.")
    assert answers.cell(Place(1, 2)).why == "It has no ReLU."
    assert answers.cell(CAM).state == "shown"
    assert answers.cell(GB).state == "waiting"


def test_that_what_is_cancelled_says_so_and_can_be_asked_again() -> None:
    answers = Answers(TRIPLE)
    answers.take(attribution("gradcam"))
    answers.stop()
    assert answers.cell(GB).state == "cancelled"
    assert answers.cell(CAM).state == "shown"
    answers.resume()
    assert answers.cell(GB).state == "waiting"
    assert TRIPLE.questions(CAM)[0] not in answers.open


def test_that_what_was_refused_is_open_again_once_it_is_asked_again() -> None:
    answers = Answers(TRIPLE)
    answers.refuse(requests_of(TRIPLE)[0], "No.")
    assert not answers.open
    answers.resume()
    assert answers.open == set(TRIPLE.all_questions)


def test_that_what_was_computed_without_a_result_is_not_said_to_be_cancelled() -> None:
    answers = Answers(TRIPLE)
    (request,) = requests_of(TRIPLE)
    answers.take(attribution("gradcam"))
    assert answers.finish(replace(request, method=GUIDED, also=())) == {
        Place(row, column) for row in range(2) for column in (1, 2)
    }
    answers.stop()
    assert answers.cell(GB).state == answers.cell(BOTH).state == "unanswered"
    assert answers.cell(Place(1, 0)).state == "cancelled"
    assert "without a result" in cell_words(TRIPLE, GB, answers.cell(GB), None).plate
    answers.resume()
    assert answers.cell(GB).state == "waiting"
    answers.take(attribution(GUIDED, ""))
    assert answers.cell(BOTH).state == "shown"


def test_that_another_content_of_an_image_takes_its_own_answers_away_and_no_others() -> None:
    table = Comparison(layout="images", methods=("gradcam", "saliency"), images=("a", "bb"))
    answers, content = Answers(table), {}
    for image, hash_ in (("a", "01"), ("bb", "02"), ("a", "01")):
        content[image] = Picture(image=image, pixels=pixels_of(image), sha256=hash_)
        assert answers.show(content[image]) == set()
    for image in ("a", "bb"):
        answers.take(attribution("gradcam", image=image))
    answers.refuse(replace(requests_of(table)[0], method="saliency", also=(), images=("a",)), "No.")
    assert {question[0::3] for question in answers.open} == {("saliency", "bb")}
    assert answers.show(content["bb"]) == set()
    changed = answers.show(Picture(image="a", pixels=pixels_of("a"), sha256="03"))
    assert changed == {Place(0, 0), Place(0, 1)}
    assert {question[0::3] for question in answers.open} == {("gradcam", "a"), ("saliency", "a"), ("saliency", "bb")}
    assert answers.cell(Place(0, 0)).state == answers.cell(Place(0, 1)).state == "waiting"
    assert answers.cell(Place(1, 0)).state == "shown"
