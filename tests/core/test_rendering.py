import math

import numpy as np
import pytest

from cnnviz_desktop.core.rendering import (
    DIVERGING,
    PERCEPTUAL,
    Limits,
    blend,
    colour_map_names,
    colour_table,
    colourise,
    is_signed,
    quantise,
    quantise_between,
    resample,
    unit_scaled,
    upsample,
    value_range,
    why_blank,
)


def some_values(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


@pytest.mark.parametrize("name", colour_map_names())
def test_that_a_colour_table_keeps_its_first_entry_for_missing_values(name: str) -> None:
    table = colour_table(name, missing=(1, 2, 3))
    assert table.shape == (256, 3)
    assert table.dtype == np.uint8
    assert table[0].tolist() == [1, 2, 3]


def test_that_the_perceptual_map_grows_lighter_and_the_diverging_one_is_palest_in_the_middle() -> None:
    lightness = colour_table(PERCEPTUAL)[1:].astype(float) @ (0.2126, 0.7152, 0.0722)
    assert (np.diff(lightness) > -1).all()
    assert lightness[-1] - lightness[0] > 150
    spread = np.ptp(colour_table(DIVERGING)[1:].astype(int), axis=1)
    assert abs(int(spread.argmin()) - 127) <= 5


def test_that_an_unknown_colour_map_is_an_error() -> None:
    with pytest.raises(KeyError):
        colour_table("no such map")


def test_that_values_are_quantised_evenly_between_the_limits() -> None:
    values = np.linspace(-3, 3, 1001, dtype=np.float32)
    found = quantise(values, Limits(-1, 2))
    for value, index in zip(values.tolist(), found.tolist(), strict=True):
        exact = 1 + 254 * min(max((value + 1) / 3, 0), 1)
        assert abs(index - exact) <= 0.501
    assert found[0] == 1
    assert found[-1] == 255


def test_that_a_value_without_a_number_is_told_from_every_value() -> None:
    found = quantise(np.array([math.nan, math.inf, -math.inf, 0, 1], dtype=np.float32), Limits(0, 1))
    assert found.tolist() == [0, 0, 0, 1, 255]


def test_that_limits_that_meet_give_the_middle_colour() -> None:
    assert quantise(np.array([1, 2, 3, math.nan]), Limits(2, 2)).tolist() == [128, 128, 128, 0]


def test_that_zero_lies_in_the_middle_of_centred_limits() -> None:
    assert Limits(-1, 3).centred() == Limits(-3, 3)
    assert quantise(np.zeros(1), Limits(-1, 3).centred())[0] == 128


def test_that_every_tile_can_have_limits_of_its_own() -> None:
    values = some_values(4, 3, 2)
    low, high = values.min(axis=(1, 2), keepdims=True), values.max(axis=(1, 2), keepdims=True)
    together = quantise_between(values, low, high)
    for number in range(4):
        alone = quantise(values[number], Limits(float(low[number].item()), float(high[number].item())))
        np.testing.assert_array_equal(together[number], alone)


def test_that_values_of_any_magnitude_are_quantised_without_a_warning() -> None:
    huge = np.array([-3e38, 0, 3e38], dtype=np.float32)
    assert quantise(huge / 1e38 * 1e-38, Limits(-3e-38, 3e-38)).tolist() == [1, 128, 255]
    assert quantise(huge, Limits(-3e38, 3e38)).tolist() == [1, 128, 255]
    assert quantise(huge, Limits(-1, 1)).tolist() == [1, 128, 255]


def test_that_the_range_is_that_of_the_finite_values() -> None:
    values = np.array([math.nan, -math.inf, -2, 5, 1], dtype=np.float32)
    assert value_range(values) == Limits(-2, 5)
    assert value_range(np.full(3, math.nan)) == Limits(0, 0)
    assert value_range(np.arange(101.0), (10, 90)) == Limits(10, 90)


@pytest.mark.parametrize(
    ("values", "signed"),
    [([-1, 1], True), ([0, 1], False), ([-0.01, 1], False), ([-1, 0.2], True), ([math.nan], False)],
)
def test_that_values_are_signed_when_both_signs_carry_weight(values: list[float], *, signed: bool) -> None:
    assert is_signed(np.array(values)) is signed


@pytest.mark.parametrize(
    ("values", "word"),
    [
        (np.zeros((0, 4)), "empty"),
        (np.full((2, 2), math.nan), "Every value"),
        (np.full((2, 2), 3.5), "constant: every value is 3.5"),
        (np.array([1, 2, 3, math.nan]), "25%"),
    ],
)
def test_that_a_map_in_which_there_is_nothing_to_see_says_why(values: np.ndarray, word: str) -> None:
    assert word in why_blank(values)
    assert why_blank(some_values(3, 3)) == ""


def test_that_a_coloured_map_has_the_tables_colours() -> None:
    values = np.array([[-1, 1], [math.nan, 0]], dtype=np.float32)
    found = colourise(values, Limits(-1, 1), "viridis")
    table = colour_table("viridis")
    np.testing.assert_array_equal(found, [[table[1], table[255]], [table[0], table[128]]])


def bilinear(values: np.ndarray, y: float, x: float) -> float:
    """The definition, at one continuous position."""
    row = min(max(y - 0.5, 0), values.shape[0] - 1)
    column = min(max(x - 0.5, 0), values.shape[1] - 1)
    total = 0.0
    for r in range(values.shape[0]):
        for c in range(values.shape[1]):
            total += float(values[r, c]) * max(0, 1 - abs(row - r)) * max(0, 1 - abs(column - c))
    return total


@pytest.mark.parametrize(("height", "width"), [(7, 9), (3, 4), (1, 1), (20, 2)])
def test_that_upsampling_is_bilinear_between_the_cells_centres(height: int, width: int) -> None:
    values = some_values(3, 4)
    found = upsample(values, height, width)
    assert found.dtype == np.float32
    for y in range(height):
        for x in range(width):
            at = bilinear(values, (y + 0.5) * 3 / height, (x + 0.5) * 4 / width)
            assert found[y, x] == pytest.approx(at, abs=1e-5)


def test_that_resampling_takes_any_position_and_clamps_at_the_edges() -> None:
    values, rows, columns = some_values(3, 4), np.array([-1, 0.4, 2.9, 9]), np.array([0.0, 1.7, 3.99])
    found = resample(values, rows, columns)
    for (i, j), value in np.ndenumerate(found):
        assert value == pytest.approx(bilinear(values, float(rows[i]), float(columns[j])), abs=1e-5)


def test_that_a_unit_scaled_map_is_relu_then_stretched() -> None:
    raw = np.array([[-2, 0], [1, 4]], dtype=np.float32)
    np.testing.assert_allclose(unit_scaled(raw), np.array([[0, 0], [0.25, 1]]), atol=1e-6)
    assert not unit_scaled(np.full((2, 2), -1, dtype=np.float32)).any()


def test_that_blending_mixes_by_opacity() -> None:
    picture, heat = np.full((2, 2, 3), 100, np.uint8), np.full((2, 2, 3), 200, np.uint8)
    assert (blend(picture, heat, 0.0) == 100).all()
    assert (blend(picture, heat, 1.0) == 200).all()
    assert (blend(picture, heat, 0.25) == 125).all()
    mask = np.array([[0, 1], [0.5, 0]], dtype=np.float32)
    assert blend(picture, heat, mask)[..., 0].tolist() == [[100, 200], [150, 100]]
