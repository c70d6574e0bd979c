import numpy as np
import pytest

from cnnviz_desktop.core.rendering import Limits
from cnnviz_desktop.core.results import FloatArray, Kernels
from cnnviz_desktop.ui.results.kernel_store import MOST_INPUTS, MOST_TILES, KernelPage, KernelStore


def some_weights(*shape: int) -> FloatArray:
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


def norms_of(weights: FloatArray) -> FloatArray:
    return np.array([np.sqrt(sum(float(value) ** 2 for value in each.flat)) for each in weights], dtype=np.float32)


def a_part(weights: FloatArray, first: int, last: int, *, bias: bool = False) -> Kernels:
    part = weights[first:last]
    return Kernels(
        layer="conv1",
        first=first,
        total=len(weights),
        weights=part,
        norms=np.linalg.norm(part.reshape(len(part), -1), axis=1),
        bias=part[:, 0, 0, 0] if bias else None,
        kind="convolution 3×3",
    )


def a_store(weights: FloatArray, step: int = 7) -> KernelStore:
    store = KernelStore(a_part(weights, 0, step))
    for first in range(0, len(weights), step):
        store.add(a_part(weights, first, first + step, bias=True))
    return store


def test_that_parts_add_up_to_the_whole_weight() -> None:
    weights = some_weights(20, 4, 3, 2)
    weights[3, 1] = 0
    weights[5, 0, 0, 0] = np.nan
    store = a_store(weights)
    finite = weights[np.isfinite(weights)].astype(np.float64)
    assert store.complete
    assert store.overall == Limits(finite.min(), finite.max())
    assert store.mean == pytest.approx(finite.mean(), abs=1e-9)
    assert store.deviation == pytest.approx(finite.std(), rel=1e-6)
    assert store.zeros == pytest.approx((finite == 0).mean())
    assert np.concatenate(store.biases).shape == (20,)
    chosen = np.array([19, 0, 7, 6])
    np.testing.assert_array_equal(store.filters(chosen), weights[chosen])
    np.testing.assert_array_equal(np.sort(store.sample()), np.sort(weights.reshape(-1)))


def test_that_a_part_of_the_filters_is_known_to_be_a_part() -> None:
    weights = some_weights(20, 4, 3, 2)
    store = KernelStore(a_part(weights, 0, 7))
    store.add(a_part(weights, 0, 7))
    assert not store.complete
    assert store.order("index").tolist() == list(range(7))
    assert sorted(store.order("norm").tolist()) == list(range(7))


def test_that_filters_are_ordered_by_their_norm() -> None:
    weights = some_weights(20, 2, 3, 3)
    expected = sorted(range(20), key=lambda number: -norms_of(weights)[number])
    assert a_store(weights).order("norm").tolist() == expected


def test_that_a_large_weight_is_sampled_evenly() -> None:
    weights = some_weights(64, 64, 16, 16)
    store = a_store(weights)
    assert store.is_sampled
    assert 200_000 < store.sample().size < 300_000
    np.testing.assert_allclose(
        np.percentile(store.sample(), [5, 50, 95]), np.percentile(weights, [5, 50, 95]), atol=0.02
    )


@pytest.mark.parametrize(
    ("shape", "views"),
    [
        ((8, 3, 7, 7), ("colour", "slices")),
        ((8, 5, 3, 3), ("slices",)),
        ((8, 1, 3, 3), ("filters",)),
        ((8, 5, 1, 1), ("rows",)),
        ((8, 3, 1, 1), ("rows",)),
        ((8, 1, 1, 50), ("rows",)),
        ((8, 5, 1, 3), ("slices",)),
    ],
)
def test_that_a_weight_is_laid_out_as_suits_its_shape(shape: tuple[int, ...], views: tuple[str, ...]) -> None:
    assert a_store(some_weights(*shape)).views == views


def test_that_tiles_are_the_filters_own_values() -> None:
    weights = some_weights(6, 3, 2, 4)
    store, filters = a_store(weights), np.array([5, 2])
    slices = KernelPage("slices").tiles(store, filters)
    colour = KernelPage("colour").tiles(store, filters)
    for place, number in enumerate((5, 2)):
        for channel in range(3):
            np.testing.assert_array_equal(slices[place * 3 + channel], weights[number, channel])
            np.testing.assert_array_equal(colour[place, :, :, channel], weights[number, channel])


def test_that_a_linear_layer_is_one_row_of_cells_a_filter() -> None:
    weights = some_weights(5, 1, 1, 3000)
    store = a_store(weights)
    page = KernelPage("rows", input_number=1)
    assert page.input_pages(store) == 2
    found = page.tiles(store, np.array([4, 1]))
    np.testing.assert_array_equal(found[:, 0], weights[[4, 1], 0, 0, MOST_INPUTS:])


def test_that_pages_hold_every_filter_once_and_never_too_many_tiles() -> None:
    store = a_store(some_weights(50, 500, 2, 2))
    page = KernelPage("slices")
    seen = [
        number
        for turn in range(page.pages(store))
        for number in KernelPage("slices", turn).filters(store, "index").tolist()
    ]
    assert seen == list(range(50))
    assert page.filters_a_page(store) * 500 <= MOST_TILES


def test_that_a_stretch_of_rows_is_taken_from_every_part_they_came_in() -> None:
    weights = np.random.default_rng(3).standard_normal((9, 1, 1, 50), dtype=np.float32)
    store = a_store(weights, step=4)
    numbers = np.array([7, 0, 8, 3])
    np.testing.assert_array_equal(store.rows(numbers, 40, 60), weights[numbers, 0, :, 40:50])
    assert store.rows(numbers, 10, 20).shape == (4, 1, 10)
