"""From raw gradient pictures (C, H, W) to what is drawn. numpy only."""

import numpy as np

from cnnviz_desktop.core.rendering import cam_input
from cnnviz_desktop.core.results import ByteArray, FloatArray, GradientPicture, HeatMap


def strongest(raw: FloatArray) -> FloatArray:
    """(H, W) float32: the greatest absolute value over the channels (Simonyan et al. 2014)."""
    found: FloatArray = np.abs(raw).max(axis=0)
    return found


def gradient_rgb(raw: FloatArray) -> ByteArray:
    """(H, W, 3) uint8: signed values as colours, 0 in grey, one standard deviation a tenth of the range.

    What pytorch-grad-cam's ``deprocess_image`` draws, with the mean taken off. One channel gives grey; NaN and infinite
    values are drawn as the mean.
    """
    finite = np.isfinite(raw)
    values = raw[finite] if finite.any() else np.zeros(1, dtype=np.float32)
    scaled = (np.where(finite, raw, values.mean()) - values.mean()) / (values.std() + 1e-5)
    pixels = np.clip(scaled * 0.1 + 0.5, 0, 1) * 255
    channels = pixels if len(raw) == 3 else np.repeat(pixels.mean(axis=0, keepdims=True), 3, axis=0)
    return np.ascontiguousarray(channels.transpose(1, 2, 0).astype(np.uint8))


def guided_map(heat: HeatMap, gradient: GradientPicture) -> FloatArray:
    """(C, H, W) float32: a gradient picture where a class activation map points; that is scaled to 0–1 first."""
    height, width = gradient.raw.shape[1:]
    extent = heat.geometry.transform.extent_over(gradient.transform)
    product: FloatArray = cam_input(heat.raw, *extent)[:height, :width] * gradient.raw
    return product
