"""Scales that maps share or do not share."""

import numpy as np
import pytest

from cnnviz_desktop.core.results import HeatMap
from cnnviz_desktop.ui.colours.colour_controls import ColourChoice
from cnnviz_desktop.ui.comparison.answers import Answers
from cnnviz_desktop.ui.comparison.comparison import Comparison, Place
from cnnviz_desktop.ui.comparison.look import Scale, Scales, TableLook
from tests.ui.comparison.scripted import attribution

TABLE = Comparison(layout="layers", methods=("gradcam", "layercam"), layers=("stem", "stage"), images=("a",))


def filled() -> Answers:
    answers = Answers(TABLE)
    for method in TABLE.methods:
        for layer in TABLE.layers:
            answers.take(attribution(method, layer))
    return answers


def raw(answers: Answers, place: Place) -> np.ndarray:
    result = answers.cell(place).result
    assert isinstance(result, HeatMap)
    return result.raw


def together(scale: Scale, one: Place, other: Place) -> bool:
    """Whether two cells share a scale, by what the names of the scales say."""
    return {
        "separate": one == other,
        "row": one.row == other.row,
        "column": one.column == other.column,
        "all": True,
    }[scale]


@pytest.mark.parametrize("scale", ["separate", "row", "column", "all"])
@pytest.mark.parametrize("positive", [True, False])
def test_that_limits_are_those_of_all_maps_that_share_them(scale: Scale, positive: bool) -> None:
    answers = filled()
    scales = Scales(answers, TableLook(scale=scale, positive=positive, colours=ColourChoice(name="viridis")))
    for place in TABLE.places:
        values = np.concatenate([raw(answers, other) for other in TABLE.places if together(scale, place, other)])
        values = np.maximum(values, 0) if positive else values
        look = scales.map_look(place)
        assert look is not None
        assert look.limits == pytest.approx((values.min(), values.max()))


def test_that_signed_maps_get_a_diverging_map_centred_at_zero() -> None:
    answers = filled()
    look = Scales(answers, TableLook(positive=False)).map_look(Place(0, 0))
    assert look is not None
    assert look.colours == "coolwarm"
    assert look.limits.low == -look.limits.high
    positive = Scales(answers, TableLook(positive=True)).map_look(Place(0, 0))
    assert positive is not None
    assert positive.colours == "viridis"


def test_that_a_scale_follows_what_comes() -> None:
    answers = Answers(TABLE)
    scales = Scales(answers, TableLook(scale="all", colours=ColourChoice(name="viridis")))
    assert scales.map_look(Place(0, 0)) is None
    answers.take(attribution("gradcam", "stem"))
    first = scales.map_look(Place(1, 1))
    answers.take(attribution("layercam", "stage"))
    second = scales.map_look(Place(1, 1))
    assert first is not None
    assert second is not None
    assert second.limits.high == max(raw(answers, Place(0, 0)).max(), raw(answers, Place(1, 1)).max())
