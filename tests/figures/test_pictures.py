"""Overlays against torch's interpolation and against where the geometry says a cell lies."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cnnviz_desktop.core.geometry import Resize, Size
from cnnviz_desktop.core.rendering import Limits, colour_table, quantise
from cnnviz_desktop.figures import pictures
from cnnviz_desktop.figures.pictures import overlay, write_png
from tests.figures.made import geometry, noise, picture


def test_that_an_overlay_is_the_picture_half_covered_by_the_upsampled_map() -> None:
    shown, raw = picture(), noise(4, 6)
    drawn = overlay(shown.pixels, raw, geometry(Size(60, 90), Size(4, 6)))
    positive = torch.from_numpy(np.maximum(raw, 0))[None, None]
    values = torch.nn.functional.interpolate(positive, (60, 90), mode="bilinear")[0, 0].numpy()
    heat = colour_table("viridis")[quantise(values, Limits(0, float(raw.max())))]
    expected = (shown.pixels.astype(float) + heat) / 2
    assert drawn.shape == shown.pixels.shape
    assert np.abs(drawn - expected).max() <= 2  # a value at the border of two colours may fall to either side


@pytest.mark.parametrize("resize", ["stretch", "short_side_crop", "letterbox", "none"])
def test_that_the_hottest_place_is_where_the_geometry_draws_the_cell(resize: Resize) -> None:
    black = np.zeros((64, 96, 3), dtype=np.uint8)
    raw = np.zeros((8, 8), dtype=np.float32)
    raw[5, 3] = 2.0
    place = geometry(Size(64, 96), Size(8, 8), resize)
    drawn = overlay(black, raw, place, "gray", 1.0)[:, :, 0]
    rows, columns = np.nonzero(drawn == drawn.max())
    box = place.cell_box(5, 3)
    assert rows.mean() + 0.5 == pytest.approx((box.top + box.bottom) / 2, abs=0.51)
    assert columns.mean() + 0.5 == pytest.approx((box.left + box.right) / 2, abs=0.51)


def test_that_what_the_network_does_not_see_stays_as_it_is() -> None:
    shown = picture(40, 80)
    drawn = overlay(shown.pixels, noise(5, 5), geometry(Size(40, 80), Size(5, 5), "short_side_crop"))
    changed = (drawn != shown.pixels).any(axis=(0, 2))
    assert changed[20:60].all()
    assert not changed[:20].any()
    assert not changed[60:].any()


def test_that_strips_of_a_large_picture_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, raw, place = picture(50, 70), noise(5, 7), geometry(Size(50, 70), Size(5, 7))
    whole = overlay(shown.pixels, raw, place)
    monkeypatch.setattr(pictures, "_STRIP_PIXELS", 70 * 7)
    assert (overlay(shown.pixels, raw, place) == whole).all()


def test_that_cells_without_a_value_are_grey_and_a_negative_map_is_all_low() -> None:
    black = np.zeros((20, 20, 3), dtype=np.uint8)
    place = geometry(Size(20, 20), Size(2, 2))
    raw = np.array([[np.nan, 1], [np.inf, 0.5]], dtype=np.float32)
    drawn = overlay(black, raw, place, opacity=1.0)
    assert drawn[2, 2].tolist() == drawn[17, 2].tolist() == [128, 128, 128]
    assert drawn[2, 19].tolist() == colour_table("viridis")[-1].tolist()
    negative = overlay(black, -np.ones((2, 2), dtype=np.float32), place, opacity=1.0)
    assert (negative == colour_table("viridis")[1]).all()


def test_that_a_png_holds_exactly_the_pixels(tmp_path: Path) -> None:
    write_png(tmp_path / "picture.png", picture().pixels)
    with Image.open(tmp_path / "picture.png") as image:
        assert image.format == "PNG"
        assert (np.asarray(image) == picture().pixels).all()
