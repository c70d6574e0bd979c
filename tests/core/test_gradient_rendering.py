"""Gradient pictures are drawn as the tutorials' own functions draw them."""

import numpy as np
from pytorch_grad_cam.utils.image import deprocess_image

from cnnviz_desktop.core.gradient_rendering import gradient_rgb, guided_map, strongest
from cnnviz_desktop.core.rendering import cam_input
from cnnviz_desktop.core.results import FloatArray


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
    raw, heat = gradient(), np.arange(6, dtype=np.float32).reshape(3, 2)
    assert np.allclose(guided_map(heat, raw), cam_input(heat, 8, 6)[None] * raw)
