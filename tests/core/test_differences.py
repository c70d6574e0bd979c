"""One result less another."""

from dataclasses import replace

import numpy as np
import pytest

from cnnviz_desktop.core.differences import difference_of
from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.geometry import InputTransform, MapGeometry, Size
from cnnviz_desktop.core.results import Explained, FloatArray, GradientPicture, HeatMap

FRAME = InputTransform.of("stretch", Size(40, 40), Size(32, 32))


def heat(raw: FloatArray, score: float = 1.0, index: int = 3, transform: InputTransform = FRAME) -> HeatMap:
    return HeatMap(
        image="a",
        method="gradcam",
        layer="stage",
        explained=Explained(title=f"class {index}", score=score, class_index=index, probability=0.5),
        raw=raw,
        geometry=MapGeometry(transform, Size(*raw.shape)),
    )


def values(*shape: int, seed: int = 0) -> FloatArray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def test_that_maps_and_scores_are_taken_from_each_other_signed() -> None:
    after, before = heat(values(4, 4), score=5.0), heat(values(4, 4, seed=1), score=2.0)
    difference = difference_of(after, before, scaled=False)
    np.testing.assert_array_equal(difference.raw, after.raw - before.raw)
    assert difference.explained.score == 3.0
    assert difference.explained.probability is None
    np.testing.assert_array_equal(difference_of(before, after, scaled=False).raw, -difference.raw)


def test_that_of_scaled_maps_only_the_form_counts() -> None:
    one = heat(values(4, 4))
    louder = replace(one, raw=one.raw * np.float32(64))
    np.testing.assert_array_equal(difference_of(louder, one, scaled=True).raw, np.zeros((4, 4), np.float32))
    assert np.abs(difference_of(louder, one, scaled=False).raw).max() > 1


def test_that_an_empty_map_can_be_taken_off() -> None:
    one, nothing = heat(values(4, 4)), heat(np.zeros((4, 4), np.float32))
    largest = np.abs(one.raw).max()
    np.testing.assert_allclose(difference_of(one, nothing, scaled=True).raw, one.raw / largest)


def test_that_the_coarser_map_is_enlarged_and_a_note_says_so() -> None:
    fine, coarse = heat(values(8, 8)), heat(np.full((4, 4), 0.5, np.float32))
    for after, before, sign in ((fine, coarse, 1), (coarse, fine, -1)):
        difference = difference_of(after, before, scaled=False)
        assert isinstance(difference, HeatMap)
        assert difference.geometry.cells == Size(8, 8)
        np.testing.assert_allclose(difference.raw, sign * (fine.raw - 0.5), atol=1e-6)
        assert "the coarser one was enlarged" in difference.notes[0]


def test_that_what_explains_different_classes_says_so() -> None:
    assert (
        "class 4 before, class 3 now"
        in difference_of(heat(values(4, 4)), heat(values(4, 4), index=4), scaled=False).notes[0]
    )


def test_that_what_lies_elsewhere_on_the_image_is_refused() -> None:
    cropped = InputTransform.of("short_side_crop", Size(40, 40), Size(32, 32), 40)
    with pytest.raises(RequestError, match="same preprocessing"):
        difference_of(heat(values(4, 4)), heat(values(4, 4), transform=cropped), scaled=False)


def test_that_inputs_of_two_sizes_that_show_the_same_can_be_compared() -> None:
    larger = InputTransform.of("stretch", Size(40, 40), Size(64, 64))
    difference_of(heat(values(4, 4)), heat(values(8, 8), transform=larger), scaled=False)


def test_that_pictures_are_taken_from_pictures_alone() -> None:
    one = heat(values(4, 4))
    picture = GradientPicture(
        image="a", method="saliency", layer="", explained=one.explained, raw=values(3, 32, 32), transform=FRAME
    )
    np.testing.assert_array_equal(difference_of(picture, picture, scaled=False).raw, np.zeros((3, 32, 32), np.float32))
    with pytest.raises(RequestError, match="cannot be taken from each other"):
        difference_of(picture, one, scaled=False)
