"""A map's drawn form: computed once, recoloured by its table alone."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from cnnviz_desktop.core.geometry import Box, InputTransform, MapGeometry, Size
from cnnviz_desktop.core.rendering import Limits, colour_table, quantise, upsample
from cnnviz_desktop.core.results import FloatArray
from cnnviz_desktop.ui.canvas import overlay as overlay_module
from cnnviz_desktop.ui.canvas.overlay import SCREEN_SIDE, Overlay
from cnnviz_desktop.ui.qt_images import rgb_pixels

pytestmark = pytest.mark.usefixtures("qapp")


def geometry(rows: int, columns: int) -> MapGeometry:
    transform = InputTransform.of("stretch", Size(300, 600), Size(224, 224))
    return MapGeometry(transform, Size(rows, columns))


def signed_map() -> FloatArray:
    return np.random.default_rng(3).normal(size=(7, 9)).astype(np.float32)


def test_that_cells_are_the_raw_values_quantised() -> None:
    raw, limits = signed_map(), Limits(-1, 2)
    overlay = Overlay(raw, geometry(7, 9), relu=False)
    assert_array_equal(overlay.indices(limits, smooth=False), quantise(raw, limits))
    drawn = rgb_pixels(overlay.image(limits, colour_table("viridis"), smooth=False))
    assert_array_equal(drawn, colour_table("viridis")[quantise(raw, limits)])


def test_that_the_smooth_form_is_bilinear_at_the_pictures_proportions() -> None:
    raw, limits = signed_map(), Limits(-1, 2)
    smooth = Overlay(raw, geometry(7, 9), relu=False).indices(limits, smooth=True)
    assert smooth.shape == (SCREEN_SIDE // 2, SCREEN_SIDE)
    assert_array_equal(smooth, quantise(upsample(raw, *smooth.shape), limits))


def test_that_relu_draws_the_positive_part_and_keeps_the_raw_values() -> None:
    raw = signed_map()
    overlay = Overlay(raw, geometry(7, 9), relu=True)
    assert_array_equal(overlay.values, np.where(raw > 0, raw, 0))
    assert overlay.raw is raw


@pytest.mark.parametrize("smooth", [True, False])
def test_that_recolouring_computes_no_index_anew(smooth: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    overlay, limits = Overlay(signed_map(), geometry(7, 9), relu=False), Limits(-1, 2)
    calls: list[str] = []
    for name in ("quantise", "upsample", "indexed_image"):
        original = getattr(overlay_module, name)

        def counted(*arguments: object, name: str = name, original: object = original) -> object:
            calls.append(name)
            assert callable(original)
            return original(*arguments)

        monkeypatch.setattr(overlay_module, name, counted)
    first = rgb_pixels(overlay.image(limits, colour_table("viridis"), smooth=smooth))
    indices = overlay.indices(limits, smooth=smooth)
    before = list(calls)
    second = rgb_pixels(overlay.image(limits, colour_table("magma"), smooth=smooth))
    assert calls == before
    assert overlay.indices(limits, smooth=smooth) is indices
    assert_array_equal(first, colour_table("viridis")[indices])
    assert_array_equal(second, colour_table("magma")[indices])


def test_that_other_limits_upsample_nothing_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    overlay = Overlay(signed_map(), geometry(7, 9), relu=False)
    overlay.indices(Limits(-1, 2), smooth=True)

    def forbidden(*arguments: object) -> None:
        raise AssertionError("upsampled again")

    monkeypatch.setattr(overlay_module, "upsample", forbidden)
    assert overlay.indices(Limits(0, 1), smooth=True).max() == 255


def test_that_infinite_values_are_missing_and_warn_of_nothing() -> None:
    raw = signed_map()
    raw[2, 3], raw[4, 5], raw[0, 0] = np.inf, -np.inf, np.nan
    overlay = Overlay(raw, geometry(7, 9), relu=False)
    cells = overlay.indices(Limits(-1, 2), smooth=False)
    assert cells[2, 3] == cells[4, 5] == cells[0, 0] == 0
    assert np.count_nonzero(cells == 0) == 3
    assert (overlay.indices(Limits(-1, 2), smooth=True) == 0).any()


def test_that_a_padded_input_reaches_beyond_the_picture() -> None:
    transform = InputTransform.of("letterbox", Size(100, 200), Size(64, 64))
    box = Overlay(signed_map(), MapGeometry(transform, Size(7, 9)), relu=False).box
    assert box == pytest.approx(Box(0, -50, 200, 150))


def test_that_a_finer_overlay_draws_the_same_values() -> None:
    coarse = Overlay(signed_map(), geometry(7, 9), relu=True)
    fine = coarse.finer(2000)
    assert_array_equal(fine.values, coarse.values)
    assert fine.indices(Limits(0, 1), smooth=True).shape == (1000, 2000)
