"""The maps of a class fall on its object, random ones do not: ``python -m tests.correctness ground_truth``."""

import pytest

from tests.correctness.ground_truth import SCENES, Tally, measured

_ONE_PASS = ("gradcam", "gradcam++", "layercam", "hirescam", "randomcam")
_MANY_PASSES = ("ablationcam", "scorecam")
_SCENES_OF_MANY_PASSES = 12
_POINTING = 0.8


@pytest.fixture(scope="module")
def tallies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tally]:
    folder = tmp_path_factory.mktemp("scenes")
    quick = measured(_ONE_PASS, SCENES, folder)
    return measured(_MANY_PASSES, _SCENES_OF_MANY_PASSES, folder) | quick


@pytest.mark.parametrize("method", [each for each in (*_ONE_PASS, *_MANY_PASSES) if each != "randomcam"])
def test_that_a_map_points_at_the_object_of_its_class(method: str, tallies: dict[str, Tally]) -> None:
    scenes = SCENES if method in _ONE_PASS else _SCENES_OF_MANY_PASSES
    assert tallies[method].asked == 2 * scenes
    assert tallies[method].pointing >= _POINTING
    assert tallies[method].share >= 2 * tallies["area"].share


def test_that_random_weights_know_no_class(tallies: dict[str, Tally]) -> None:
    """Their energy is spread about as the area is; and whatever they point at, it is seldom the class's own object.

    They point more often than by the area alone, since a trained network's channels are active where objects are.
    """
    area, random = tallies["area"].share, tallies["randomcam"]
    assert 0.03 < area < 0.3
    assert random.pointing <= tallies["gradcam"].pointing / 2
    assert area / 2 <= random.share <= 3 * area


def test_that_random_maps_whose_cells_are_shuffled_point_by_the_area_alone(tallies: dict[str, Tally]) -> None:
    area, shuffled = tallies["area"].share, tallies["shuffled"]
    assert abs(shuffled.pointing - area) <= 0.04  # three standard deviations of 400 maps
    assert abs(shuffled.share - area) <= 0.02
