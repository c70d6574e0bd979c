import math
from itertools import pairwise

import numpy as np
import pytest

from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.rendering import Limits, quantise
from cnnviz_desktop.core.results import FloatArray
from cnnviz_desktop.ui.colours.colour_controls import ColourChoice
from cnnviz_desktop.ui.tiles.layout import TileLayout, Zoom
from cnnviz_desktop.ui.tiles.scale import TileScale
from cnnviz_desktop.ui.tiles.sheet import compose
from cnnviz_desktop.ui.tiles.stack import SortKey, TileStack, tile_statistics


def some_maps(count: int = 12, height: int = 6, width: int = 5) -> FloatArray:
    """Signed maps; number 2 is constant, 3 all NaN, 4 has one NaN and one infinite value."""
    maps = np.random.default_rng(0).standard_normal((max(count, 5), height, width), dtype=np.float32)
    maps[1] = np.maximum(maps[1], 0)
    maps[2], maps[3], maps[4, 0, 0], maps[4, 1, 1] = 0.5, np.nan, np.nan, np.inf
    return maps[:count]


def a_stack(maps: FloatArray, part: int = 5) -> TileStack:
    stack = TileStack(len(maps), maps.shape[1:])
    for first in range(0, len(maps), part):
        stack.add(first, maps[first : first + part])
    return stack


def test_that_statistics_are_those_of_the_finite_values() -> None:
    maps = some_maps()
    found = tile_statistics(maps)
    for number, values in enumerate(maps):
        finite = [float(value) for value in values.reshape(-1) if math.isfinite(value)]
        assert found.finite[number] == pytest.approx(len(finite) / values.size)
        if finite:
            assert found.mean[number] == pytest.approx(sum(finite) / len(finite), abs=1e-6)
            assert found.minimum[number] == min(finite)
            assert found.maximum[number] == max(finite)
            assert found.energy[number] == pytest.approx(math.sqrt(sum(v * v for v in finite) / len(finite)), rel=1e-5)
            assert found.zeros[number] == pytest.approx(finite.count(0.0) / len(finite))


def test_that_parts_make_the_same_stack_as_the_whole() -> None:
    maps = some_maps()
    parts, whole = a_stack(maps, 5), a_stack(maps, len(maps))
    tiles = np.array([11, 0, 7, 7, 4])
    np.testing.assert_array_equal(parts.pixels(tiles, TileScale()), whole.pixels(tiles, TileScale()))
    np.testing.assert_array_equal(parts.statistics.mean, whole.statistics.mean)
    for tile in range(len(maps)):
        np.testing.assert_array_equal(parts.map(tile), maps[tile])


def test_that_what_has_not_arrived_is_known_to_be_missing() -> None:
    stack = TileStack(8, (6, 5))
    stack.add(2, some_maps(3))
    assert stack.arrived.tolist() == [False, False, True, True, True, False, False, False]
    assert stack.map(5) is None
    assert not stack.pixels(np.array([0, 7]), TileScale()).any()


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize(
    "choice",
    [
        ColourChoice(),
        ColourChoice("viridis"),
        ColourChoice("viridis", "percentiles", (5, 95)),
        ColourChoice("magma", "fixed", limits=Limits(-0.5, 0.25)),
    ],
)
def test_that_every_tile_is_quantised_between_the_limits_of_its_scale(choice: ColourChoice, *, shared: bool) -> None:
    maps = some_maps()
    stack, scale = a_stack(maps), TileScale(choice, shared)
    pixels = stack.pixels(np.arange(len(maps)), scale)
    finite = maps[np.isfinite(maps)]
    for number, values in enumerate(maps):
        own = values[np.isfinite(values)]
        reach = finite if shared else own if own.size else np.zeros(1)
        low, high = np.percentile(reach, choice.percentiles if choice.limits_mode == "percentiles" else (0, 100))
        if choice.name == "":
            low, high = -max(abs(low), abs(high)), max(abs(low), abs(high))
        limits = choice.limits if choice.limits_mode == "fixed" else Limits(low, high)
        difference = np.abs(pixels[number].astype(int) - quantise(values, limits))
        assert difference.max() <= 1, number  # percentiles are computed in another precision
        assert scale.limits_of(stack, number) == pytest.approx(limits, abs=1e-6)


def test_that_one_colour_map_serves_all_tiles_and_follows_the_sign() -> None:
    assert TileScale().map_name(a_stack(some_maps())) == "coolwarm"
    assert TileScale().map_name(a_stack(np.abs(some_maps()))) == "viridis"


def test_that_percentiles_of_many_values_come_close_to_those_of_all() -> None:
    maps = np.random.default_rng(1).standard_normal((200, 128, 128), dtype=np.float32)
    low, high = a_stack(maps, 64).percentiles((1, 99))
    np.testing.assert_allclose((low, high), np.percentile(maps, (1, 99)), atol=0.02)


@pytest.mark.parametrize("key", ["index", "mean", "energy", "maximum", "sparsity"])
def test_that_tiles_are_ordered_by_a_statistic_with_the_empty_ones_last(key: SortKey) -> None:
    stack = a_stack(some_maps())
    order = stack.order(key).tolist()
    assert sorted(order) == list(range(12))
    if key == "index":
        assert order == list(range(12))
        return
    assert order[-1] == 3
    values = stack.statistics.zeros if key == "sparsity" else getattr(stack.statistics, key)
    assert all(values[a] >= values[b] for a, b in pairwise(order[:-1]))


def test_that_a_reduced_tile_shows_the_means_of_its_blocks() -> None:
    maps = np.random.default_rng(3).standard_normal((3, 7, 5), dtype=np.float32)
    maps[2, 6, 4] = np.nan
    stack = a_stack(maps)
    stack.set_reduction(3)
    scale = TileScale(ColourChoice("viridis", "fixed", limits=Limits(-1, 1)))
    pixels = stack.pixels(np.arange(3), scale)
    assert pixels.shape == (3, 3, 2)
    for number in range(3):
        for row in range(3):
            for column in range(2):
                mean = maps[number, 3 * row : 3 * row + 3, 3 * column : 3 * column + 3].mean()
                assert abs(int(pixels[number, row, column]) - int(quantise(np.array([mean]), Limits(-1, 1))[0])) <= 1
    assert pixels[2, 2, 1] == 0


def test_that_reduced_tiles_that_arrive_later_or_with_other_limits_are_right_too() -> None:
    maps = some_maps(8, 9, 9)
    stack, narrow = TileStack(8, (9, 9)), TileScale(ColourChoice("viridis", "fixed", limits=Limits(0, 0.1)))
    stack.set_reduction(2)
    for first in (0, 4):
        stack.add(first, maps[first : first + 4])
        stack.pixels(np.arange(8), TileScale())
        stack.forget_pixels()
    whole = a_stack(maps, 8)
    whole.set_reduction(2)
    np.testing.assert_array_equal(stack.pixels(np.arange(8), narrow), whole.pixels(np.arange(8), narrow))


def test_that_percentiles_of_a_large_tile_come_close_to_those_of_all_its_cells() -> None:
    maps = np.random.default_rng(1).standard_normal((3, 300, 300), dtype=np.float32)
    low, high = a_stack(maps).tile_percentiles(np.arange(3), (5, 95))
    np.testing.assert_allclose((low, high), np.percentile(maps.reshape(3, -1), (5, 95), axis=1), atol=0.06)


def test_that_limits_are_applied_anew_when_pixels_are_forgotten() -> None:
    stack, tiles = a_stack(some_maps()), np.arange(12)
    stack.pixels(tiles, TileScale())
    stack.forget_pixels()
    narrow = TileScale(ColourChoice("viridis", "fixed", limits=Limits(0, 0.1)))
    np.testing.assert_array_equal(stack.pixels(tiles, narrow), quantise(some_maps(), Limits(0, 0.1)))


def test_that_constant_and_empty_tiles_are_told_apart() -> None:
    stack = a_stack(some_maps())
    assert np.flatnonzero(stack.constant).tolist() == [2]
    assert np.flatnonzero(~stack.known).tolist() == [3]
    assert not a_stack(np.ones((4, 1, 1), dtype=np.float32)).constant.any()
    assert a_stack(np.full((2, 3, 3), np.nan, dtype=np.float32)).overall == Limits(0, 0)


def test_that_a_sheet_holds_every_tile_at_its_place() -> None:
    maps = some_maps()
    stack, scale = a_stack(maps), TileScale()
    layout = TileLayout(12, Size(6, 5), Zoom(magnify=3), columns=4, gap=2, caption=5)
    tiles = np.array([[8, 1, 11], [0, -1, 7]])
    sheet = compose(stack, scale, tiles, layout, (0, 0, 0))
    assert sheet.shape == (2 * layout.pitch.height, 3 * layout.pitch.width)
    expected = np.zeros_like(sheet)
    for (row, column), tile in np.ndenumerate(tiles):
        if tile >= 0:
            top, left = row * layout.pitch.height, column * layout.pitch.width
            large = np.kron(stack.pixels(np.array([tile]), scale)[0], np.ones((3, 3), np.uint8))
            expected[top : top + 18, left : left + 15] = large
    np.testing.assert_array_equal(sheet, expected)


def test_that_a_constant_tile_is_hatched() -> None:
    stack = a_stack(some_maps())
    layout = TileLayout(12, Size(6, 5), Zoom(magnify=3), columns=4, gap=2)
    tile = compose(stack, TileScale(), np.array([[2]]), layout, (0, 0, 0))[:18, :15]
    assert set(np.unique(tile).tolist()) == {0, int(quantise(np.array([0.5]), TileScale().shared_limits(stack))[0])}
    assert 0.1 < (tile == 0).mean() < 0.5


def test_that_colour_tiles_keep_their_three_channels() -> None:
    maps = np.random.default_rng(2).uniform(-1, 1, (3, 2, 2, 3)).astype(np.float32)
    layout = TileLayout(3, Size(2, 2), Zoom(magnify=2), columns=3, gap=1)
    scale = TileScale(ColourChoice("", "fixed", limits=Limits(-1, 1)))
    sheet = compose(a_stack(maps), scale, np.array([[0, 2, -1]]), layout, (9, 8, 7))
    np.testing.assert_array_equal(sheet[0, 5], quantise(maps[2, 0, 0], Limits(-1, 1)))
    assert (sheet[:, 4] == (9, 8, 7)).all()
    assert (sheet[:, 10:] == (9, 8, 7)).all()
