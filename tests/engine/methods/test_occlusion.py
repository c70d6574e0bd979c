"""Occlusion equals captum's, sharpens, and leaves the network alone."""

from collections.abc import Callable
from importlib import import_module

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.requests import ClassTarget, Target, UnitTarget
from cnnviz_desktop.core.results import FloatArray, HeatMap
from cnnviz_desktop.engine.methods.occlusion import grid_of
from cnnviz_desktop.engine.session import EngineSession
from tests.engine.asking import ask, input_of
from tests.engine.methods.maps_for_tests import Joined, difference, heats
from tests.engine.networks_for_tests import Functional, InPlace, fingerprint, seeded, session_with
from tests.engine.networks_with_tails import Careless, Inferring, MixesRows

Score = Callable[[Tensor], Tensor]


def maps_of(session: EngineSession, image: str, target: Target | None = None, **parameters: object) -> list[HeatMap]:
    return heats(session, "occlusion", image, targets=(target or ClassTarget(2),), parameters=parameters)


def captums(score: Score, image: str, patch: int, stride: int, fill: float | Tensor = 0) -> FloatArray:
    """(H, W) map as captum computes it; every channel of its answer is the same."""
    method = import_module("captum.attr").Occlusion(score)
    with torch.no_grad():
        found = method.attribute(
            input_of(image),
            sliding_window_shapes=(3, patch, patch),
            strides=(3, stride, stride),
            baselines=fill,
        )
    answer: FloatArray = found[0, 0].numpy()
    return answer


def of_class(module: nn.Module, target: int = 2) -> Score:
    return lambda x: module(x.clone())[:, target]


@pytest.mark.parametrize("network", [InPlace, Functional, Joined, Careless, MixesRows, Inferring])
@pytest.mark.parametrize(("patch", "stride"), [(8, 4), (7, 5), (5, 5), (6, 1), (24, 3)])
def test_that_it_equals_captums(network: type[nn.Module], patch: int, stride: int, image: str) -> None:
    module = seeded(network)
    found = maps_of(session_with(module), image, patch=patch, stride=stride)[-1]
    assert found.raw.shape == (32, 24)
    assert found.layer == ""
    assert difference(found.raw, captums(of_class(module), image, patch, stride)) < 1e-3


def test_that_zero_takes_an_eighth_of_the_shorter_side_and_half_of_the_patch(image: str) -> None:
    module = seeded(InPlace)
    found = maps_of(session_with(module), image)[-1]
    assert difference(found.raw, captums(of_class(module), image, 3, 1)) < 1e-3


@pytest.mark.parametrize(("fill", "value"), [("black", -2.0), ("white", 2.0)])
def test_that_the_patch_can_be_black_or_white(fill: str, value: float, image: str) -> None:
    module = seeded(Functional)
    found = maps_of(session_with(module), image, patch=8, stride=4, fill=fill)[-1]
    assert difference(found.raw, captums(of_class(module), image, 8, 4, value)) < 1e-3


@pytest.mark.parametrize(
    ("target", "score"),
    [
        (ClassTarget(3, minus=1), lambda logits: logits[:, 3] - logits[:, 1]),
        (ClassTarget(1, score="probability"), lambda logits: logits.softmax(dim=1)[:, 1]),
    ],
)
def test_that_a_difference_and_a_probability_are_explained(target: ClassTarget, score: Score, image: str) -> None:
    module = seeded(Joined)
    found = maps_of(session_with(module), image, target, patch=8, stride=4)[-1]
    assert difference(found.raw, captums(lambda x: score(module(x)), image, 8, 4)) < 1e-3


def test_that_a_unit_is_explained(image: str) -> None:
    module = seeded(Joined)
    kept: list[Tensor] = []

    def score(x: Tensor) -> Tensor:
        handle = module.get_submodule("left").register_forward_hook(lambda _, __, output: kept.append(output))
        module(x)
        handle.remove()
        return kept[-1][:, 3, 5, 4]

    found = maps_of(session_with(module), image, UnitTarget("left", 3, cell=(5, 4)), patch=8, stride=4)[-1]
    assert difference(found.raw, captums(score, image, 8, 4)) < 1e-3


@pytest.mark.parametrize("network", [Joined, Careless])
def test_that_the_number_of_copies_at_a_time_changes_nothing(network: type[nn.Module], image: str) -> None:
    session = session_with(seeded(network))
    one, many = (maps_of(session, image, patch=8, stride=4, chunk=chunk)[-1].raw for chunk in (1, 32))
    assert difference(one, many) < 1e-3


@pytest.mark.parametrize(("patch", "stride"), [(8, 4), (3, 1), (24, 24), (5, 4)])
def test_that_every_place_has_its_turn_once_coarse_before_fine(patch: int, stride: int) -> None:
    grid = grid_of(Size(32, 24), patch, stride)
    places = grid.coarse_to_fine()
    assert sorted((row, column) for row, column, _ in places) == [
        (row, column) for row in range(grid.rows) for column in range(grid.columns)
    ]
    reaches = [reach for _, _, reach in places]
    assert reaches == sorted(reaches, reverse=True)


def test_that_the_picture_sharpens(image: str) -> None:
    maps = maps_of(session_with(seeded(Joined)), image, patch=4, stride=2, chunk=4)
    assert [found.done for found in maps] == sorted(found.done for found in maps)
    assert maps[-1].done == 1
    errors = [float(np.abs(found.raw - maps[-1].raw).mean()) for found in maps]
    assert errors[0] > errors[len(errors) // 2] > errors[-1] == 0


@pytest.mark.parametrize(
    ("patch", "stride", "words", "of_image"),
    [(25, 1, "larger than the input", True), (4, 5, "leaves gaps", False), (0, 5, "leaves gaps", True)],
)
def test_that_a_patch_that_does_not_fit_is_refused_in_words(
    patch: int, stride: int, words: str, of_image: bool, image: str
) -> None:
    with pytest.raises(RequestError, match=words) as refused:
        maps_of(session_with(seeded(InPlace)), image, patch=patch, stride=stride)
    assert refused.value.of_image is of_image


@pytest.mark.parametrize("network", [Joined, Careless])
def test_that_a_cancel_after_any_chunk_leaves_no_trace(network: type[nn.Module], image: str) -> None:
    module = seeded(network).train()
    before = fingerprint(module)
    for steps in range(1, 9):
        run = session_with(module).run(ask("occlusion", image, parameters={"chunk": 4, "patch": 8}))
        for _, found in zip(range(steps), run, strict=False):
            assert not isinstance(found, HeatMap) or found.done <= 1
        run.close()
        assert fingerprint(module) == before


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_that_drops_within_the_rounding_of_the_score_are_told(dtype: torch.dtype, image: str) -> None:
    class Lifted(InPlace):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) + 100

    last = maps_of(session_with(seeded(Lifted).to(dtype)), image, patch=4, stride=4)[-1]
    told = any("No patch moves the score by much more than its rounding in bfloat16" in note for note in last.notes)
    assert told is (dtype == torch.bfloat16)
