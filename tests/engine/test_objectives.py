"""A target means the score that one would write down by hand, for every row, copy and region."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from cnnviz_desktop.core.errors import CnnvizError, TargetError
from cnnviz_desktop.core.geometry import InputTransform, MapGeometry, Size
from cnnviz_desktop.core.requests import ClassTarget, LayerRef, Request, Target, UnitTarget
from cnnviz_desktop.core.results import Activation, Explained, GradientPicture, Picture
from cnnviz_desktop.core.token_grids import plain_maps
from cnnviz_desktop.engine.aims import layers_of, objective_of
from cnnviz_desktop.engine.objectives import ClassObjective, UnitObjective
from cnnviz_desktop.engine.outputs import activated
from cnnviz_desktop.engine.passes import ForwardPass, Wanted
from tests.engine.methods.maps_for_tests import noise
from tests.engine.networks_for_tests import Functional, bench_of, seeded, session_with

LAYER = LayerRef("join")
SIZE = Size(32, 24)


def pictures(count: int) -> list[Picture]:
    noise = np.random.default_rng(5).integers(0, 256, (count, *SIZE, 3), dtype=np.uint8)
    return [Picture(image=str(number), pixels=pixels, sha256=str(number)) for number, pixels in enumerate(noise)]


def seen(count: int = 3, *, smoothed: bool = False) -> ForwardPass:
    wanted = Wanted(frozenset({LAYER}), frozenset({LAYER}))
    return bench_of(seeded(Functional)).forward_together(pictures(count), wanted, smoothed=smoothed)


def scores(target: Target, of: ForwardPass) -> Tensor:
    outline = bench_of(seeded(Functional)).outline
    return objective_of(target, outline, of).scores(of.output, of.activations, SIZE).detach()


def test_that_the_likeliest_class_is_each_rows_own() -> None:
    of = seen()
    assert torch.equal(scores(ClassTarget(), of), of.scores.logits.max(dim=1).values)


def test_that_one_class_less_another_is_the_difference_of_their_scores() -> None:
    of = seen()
    logits = of.scores.logits.detach()
    assert torch.equal(scores(ClassTarget(1, minus=3), of), logits[:, 1] - logits[:, 3])
    chances = logits.softmax(dim=1)
    assert torch.allclose(scores(ClassTarget(1, minus=3, score="probability"), of), chances[:, 1] - chances[:, 3])


def test_that_the_objective_of_one_row_keeps_its_class_for_every_row_of_another_batch() -> None:
    of = seen()
    alone = objective_of(ClassTarget(), bench_of(seeded(Functional)).outline, of).only(2)
    likeliest = int(of.scores.logits[2].argmax())
    assert torch.equal(alone.scores(of.output, {}, SIZE).detach(), of.scores.logits.detach()[:, likeliest])


def test_that_every_copy_of_an_image_explains_the_class_of_the_image_itself() -> None:
    plain, smoothed = seen(2), seen(2, smoothed=True)
    likeliest = plain.scores.logits.argmax(dim=1)
    expected = smoothed.scores.logits.detach()[torch.arange(12), likeliest.repeat_interleave(6)]
    assert torch.equal(scores(ClassTarget(), smoothed), expected)


def test_that_a_channel_is_its_mean_and_a_unit_its_value() -> None:
    of = seen()
    maps = of.activations[LAYER].detach()
    assert torch.allclose(scores(UnitTarget("join", channel=2), of), maps[:, 2].mean(dim=(1, 2)))
    assert torch.equal(scores(UnitTarget("join", channel=2, cell=(1, 3)), of), maps[:, 2, 1, 3])


@pytest.mark.parametrize("channel", [None, 2])
def test_that_a_region_is_the_sum_over_the_cells_it_touches(channel: int | None) -> None:
    of = seen()
    maps = of.activations[LAYER].detach()
    rows, columns = maps.shape[2:]
    box = (3.0, 5.0, 20.0, 17.0)
    top, bottom = int(5 * rows / 32), -int(-17 * rows // 32)
    left, right = int(3 * columns / 24), -int(-20 * columns // 24)
    part = maps if channel is None else maps[:, channel : channel + 1]
    expected = part[:, :, top:bottom, left:right].sum(dim=(1, 2, 3))
    assert torch.allclose(scores(UnitTarget("join", channel=channel, box=box), of), expected, rtol=1e-5)


@pytest.mark.parametrize(("picture", "length", "count"), [(364, 364, 4), (1000, 364, 4), (447, 224, 7), (50, 33, 9)])
def test_that_a_region_of_whole_cells_touches_no_other(picture: int, length: int, count: int) -> None:
    transform = InputTransform.of("stretch", Size(picture, picture), Size(length, length))
    geometry = MapGeometry(transform, Size(count, count))
    values = torch.arange(count**2, dtype=torch.float32).view(1, 1, count, count) + 1
    grid = plain_maps((1, count, count))
    for row, column in np.ndindex(count, count):
        box = geometry.cell_box(row, column)
        of_cell = UnitObjective(
            LAYER, UnitTarget("join", box=(box.left, box.top, box.right, box.bottom)), (transform,), grid
        )
        assert of_cell.scores(None, {LAYER: values}, transform.input).item() == values[0, 0, row, column]
        tiny = (box.left, box.top, box.left + 1e-9, box.top + 1e-9)
        of_corner = UnitObjective(LAYER, UnitTarget("join", box=tiny), (transform,), grid)
        assert of_corner.scores(None, {LAYER: values}, transform.input).item() == values[0, 0, row, column]


def test_that_the_sum_over_a_region_is_one_in_float16_too() -> None:
    maps, size = torch.full((1, 20, 64, 64), 5.0, dtype=torch.float16), Size(64, 64)
    of_all = UnitTarget("join", box=(0.0, 0.0, 64.0, 64.0))
    objective = UnitObjective(LAYER, of_all, (InputTransform(size, size, 1, 1),), plain_maps((20, 64, 64)))
    assert objective.scores(None, {LAYER: maps}, size).item() == 5 * maps.numel()


def test_that_a_region_lies_in_the_mirror_image_where_the_copy_is_mirrored() -> None:
    of = seen(1, smoothed=True)
    maps = of.activations[LAYER].detach()
    found = scores(UnitTarget("join", box=(0.0, 0.0, 12.0, 32.0)), of)
    half = maps.shape[3] / 2
    assert torch.allclose(found[1], maps[1, :, :, : int(np.ceil(half))].sum(), rtol=1e-5)
    assert torch.allclose(found[4], maps[4, :, :, int(half) :].sum(), rtol=1e-5)


def test_that_a_unit_lies_in_the_mirror_image_where_the_copy_is_mirrored() -> None:
    of = seen(1, smoothed=True)
    maps = of.activations[LAYER].detach()
    found = scores(UnitTarget("join", channel=2, cell=(1, 0)), of)
    assert torch.equal(found, torch.cat([maps[:3, 2, 1, 0], maps[3:, 2, 1, -1]]))


def test_that_a_region_is_in_the_pixels_of_the_picture_whatever_the_input() -> None:
    of = seen(1)
    double = InputTransform.of("stretch", Size(64, 48), SIZE)
    enlarged = replace(of, transforms=(double,))
    box = UnitTarget("join", box=(4.0, 6.0, 18.0, 20.0))
    twice = UnitTarget("join", box=(8.0, 12.0, 36.0, 40.0))
    assert torch.equal(scores(twice, enlarged), scores(box, of))


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (UnitTarget("join"), "Name a channel, or draw a region"),
        (UnitTarget("join", cell=(0, 0)), "needs its channel"),
        (UnitTarget("join", channel=6), "channels 0 to 5"),
        (UnitTarget("join", channel=0, cell=(99, 0)), "none at 99, 0"),
        (UnitTarget("join", box=(100.0, 100.0, 120.0, 120.0)), "outside of what the network sees"),
        (UnitTarget("join:input", channel=0), "what a layer gives out"),
        (ClassTarget(2, minus=2), "nothing to explain"),
        (ClassTarget(2, minus=9), "classes 0 to 4"),
    ],
)
def test_that_what_cannot_be_explained_is_refused_in_words(target: Target, words: str) -> None:
    of = seen(1)
    with pytest.raises(CnnvizError, match=words):
        scores(target, of)


def test_that_what_is_explained_is_told_in_words_and_numbers() -> None:
    of = seen(1)
    outline = bench_of(seeded(Functional)).outline
    told = objective_of(ClassTarget(1, minus=3), outline, of).explained(of, 0)
    assert (told.title, told.class_index) == ("1 − 3", 1)
    assert told.score == pytest.approx(float((of.scores.logits[0, 1] - of.scores.logits[0, 3]).detach()))
    assert told.probability == pytest.approx(float(of.scores.probabilities[0, 1]))
    unit = objective_of(UnitTarget("join", channel=2, cell=(1, 3)), outline, of).explained(of, 0)
    assert (unit.title, unit.class_index, unit.probability) == ("join, channel 2, unit 1, 3", None, None)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (ClassTarget(1, minus=3), ClassTarget(1, minus=3)),
        (ClassTarget("2", score="probability"), ClassTarget(2, score="probability")),
        (UnitTarget("join", channel=2), UnitTarget("join", channel=2)),
    ],
)
def test_that_what_was_asked_for_is_told_with_its_classes_by_index(asked: Target, told: Target) -> None:
    of = seen(1)
    outline = bench_of(seeded(Functional)).outline
    assert objective_of(asked, outline, of).explained(of, 0).target == told
    likeliest = objective_of(ClassTarget(), outline, of).explained(of, 0)
    assert likeliest.target == ClassTarget(likeliest.class_index)


def test_that_a_target_error_is_raised_before_the_network_runs() -> None:
    with pytest.raises(TargetError):
        layers_of(UnitTarget("join"))


def test_that_what_is_explained_is_found_out_once_for_all_results_of_an_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    find_out = ClassObjective.explained

    def counted(self: ClassObjective, seen: ForwardPass, row: int) -> Explained:
        told.append(row)
        return find_out(self, seen, row)

    monkeypatch.setattr(ClassObjective, "explained", counted)
    request = Request(method="smoothgrad", also=("saliency",), network="test", images=noise(tmp_path, 2),
                      parameters={"samples": 8, "chunk": 2})  # fmt: skip
    found = [each for each in session_with(seeded(Functional)).run(request) if isinstance(each, GradientPicture)]
    assert len(found) == 2 * (4 + 1)
    assert sorted(told) == [0, 0, 1, 1]  # once in the pass of the quick methods, once in that of the slow ones
    for each in found:
        own = next(one for one in found if one.image == each.image)
        assert each.explained == own.explained


@pytest.mark.parametrize("activation", [None, "none", "softmax", "sigmoid"])
def test_that_an_activation_makes_probabilities_as_pytorchs_functions_do(activation: Activation | None) -> None:
    logits = torch.randn(3, 5, generator=torch.Generator().manual_seed(0))
    made = {"softmax": torch.softmax(logits, dim=1), "sigmoid": torch.sigmoid(logits)}
    assert torch.equal(activated(logits, activation), made.get(activation or "none", logits))
