"""Gradient pictures are drawn as the tutorials' own functions draw them."""

import numpy as np
from pytorch_grad_cam.utils.image import deprocess_image

from cnnviz_desktop.core.geometry import InputTransform, MapGeometry, Size
from cnnviz_desktop.core.gradient_rendering import gradient_rgb, guided_map, strongest
from cnnviz_desktop.core.rendering import cam_input
from cnnviz_desktop.core.results import Explained, FloatArray, GradientPicture, HeatMap

EXPLAINED = Explained(title="dog", score=1.0)


def gradient() -> FloatArray:
    return np.random.default_rng(2).normal(size=(3, 8, 6)).astype(np.float32)


def test_that_colours_are_those_of_deprocess_image() -> None:
    raw = gradient()
    difference = gradient_rgb(raw).astype(int) - deprocess_image(raw.transpose(1, 2, 0)).astype(int)
    assert np.abs(difference).max() <= 1


def test_that_nan_is_drawn_as_the_mean_and_one_channel_as_grey() -> None:
    raw = gradient()
    raw[0, 2, 3] = np.nan
    assert abs(int(gradient_rgb(raw)[2, 3, 0]) - 127) <= 1
    grey = gradient_rgb(gradient()[:1])
    assert grey.shape == (8, 6, 3)
    assert (grey[..., 0] == grey[..., 2]).all()


def test_that_the_strongest_channel_counts_whatever_its_sign() -> None:
    raw = gradient()
    assert (strongest(raw) == np.maximum(raw.max(axis=0), -raw.min(axis=0))).all()


def test_that_a_guided_map_is_the_product_at_the_inputs_size() -> None:
    raw, cells = gradient(), np.arange(6, dtype=np.float32).reshape(3, 2)
    transform = InputTransform.of("stretch", Size(16, 12), Size(8, 6))
    heat, picture = heat_of(cells, transform), picture_of(raw, transform)
    assert np.allclose(guided_map(heat, picture), cam_input(cells, 8, 6)[None] * raw)


def test_that_what_a_network_pads_below_and_beside_its_input_is_left_out_of_a_guided_map() -> None:
    """Cells over 16 × 12 pixels of which the picture fills the upper left 8 × 6."""
    raw, cells = gradient(), np.zeros((4, 4), dtype=np.float32)
    cells[0, 0], cells[3, 3] = 1, 2
    outer = InputTransform(Size(8, 6), Size(8, 6), 1, 1)
    padded = InputTransform(Size(8, 6), Size(16, 12), 1, 1)
    drawn = guided_map(heat_of(cells, padded), picture_of(raw, outer))
    assert np.allclose(drawn, cam_input(cells, 16, 12)[None, :8, :6] * raw)
    assert np.abs(drawn[:, :4, :3]).max() > 0


def heat_of(raw: FloatArray, transform: InputTransform) -> HeatMap:
    geometry = MapGeometry(transform, Size(*raw.shape))
    return HeatMap(image="a", method="gradcam", layer="x", explained=EXPLAINED, raw=raw, geometry=geometry)


def picture_of(raw: FloatArray, transform: InputTransform) -> GradientPicture:
    return GradientPicture(
        image="a", method="guided_backprop", layer="", explained=EXPLAINED, raw=raw, transform=transform
    )
