"""The parts of a request that failed."""

import pytest

from cnnviz_desktop.core.requests import ClassTarget, Request
from cnnviz_desktop.core.results import Failure
from cnnviz_desktop.ui.comparison.splitting import parts_of

ALL = Request(
    method="gradcam",
    also=("layercam",),
    images=("a", "b"),
    layers=("x", "y", "z"),
    targets=(ClassTarget(1), ClassTarget(2)),
)


@pytest.mark.parametrize(
    ("kind", "count"), [("CnnvizError", 2), ("LayerError", 3), ("TargetError", 2), ("ImageError", 2), ("KeyError", 2)]
)
def test_that_it_is_split_first_along_what_the_error_is_about(kind: str, count: int) -> None:
    assert len(parts_of(ALL, Failure(message="No.", kind=kind))) == count


@pytest.mark.parametrize("kind", ["CnnvizError", "LayerError", "ImageError"])
def test_that_splitting_again_and_again_ends_in_single_questions_and_loses_none(kind: str) -> None:
    failure = Failure(message="No.", kind=kind)
    waiting, single = [ALL], []
    while waiting:
        request = waiting.pop()
        parts = parts_of(request, failure)
        waiting.extend(parts)
        if not parts:
            single.append((request.methods, request.images, request.layers, request.targets))
    assert len(single) == len(set(single)) == 2 * 2 * 3 * 2
    assert all(len(axis) == 1 for each in single for axis in each)


@pytest.mark.parametrize("kind", ["ConsentNeeded", "WeightsMismatch"])
def test_that_what_concerns_the_network_is_not_asked_again_in_parts(kind: str) -> None:
    assert parts_of(ALL, Failure(message="No.", kind=kind)) == ()


def test_that_layers_that_are_joined_into_one_map_are_not_asked_apart() -> None:
    joined = Request(method="refinecam", images=("a", "b"), layers=("x", "y"))
    assert {part.layers for part in parts_of(joined, Failure(message="No.", kind="LayerError"))} == {("x", "y")}


def test_that_a_method_alone_gets_only_parameters_that_it_has() -> None:
    both = Request(method="smoothgrad", also=("saliency",), parameters={"samples": 7})
    parts = parts_of(both, Failure(message="No.", kind="CnnvizError"))
    assert [part.parameters for part in parts] == [{"samples": 7}, {}]
