"""From a picture to the tensor a network takes, to the pixel as torchvision's own transforms on PIL images make it."""

from dataclasses import dataclass
from math import prod

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from cnnviz_desktop.core.description import Interpolation, Preprocessing
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.geometry import InputTransform, Size
from cnnviz_desktop.core.results import FloatArray, Picture

MAX_SCALED_PIXELS = 64_000_000


_RESAMPLING: dict[Interpolation, Image.Resampling] = {
    "nearest": Image.Resampling.NEAREST,
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "hamming": Image.Resampling.HAMMING,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


@dataclass(frozen=True, slots=True, eq=False)
class PreparedInput:
    """A network's input made of one picture.

    Attributes:
        tensor: (1, C, h, w) float32 on the CPU: (value − mean) / std per channel, values 0–`Preprocessing.scale`.
        transform: Where the picture lies in it.
    """

    tensor: Tensor
    transform: InputTransform


def prepare(picture: Picture, preprocessing: Preprocessing) -> PreparedInput:
    """The input that a network with that preprocessing expects.

    Pillow resizes, with antialiasing. ``stretch`` equals torchvision's ``Resize((h, w))``, with ``CenterCrop`` after it
    where a short side is given, ``short_side`` its
    ``Resize(short_side)``, and ``short_side_crop`` that with ``CenterCrop((h, w))`` and its black padding where the
    crop is the larger; ``letterbox`` pads with the given colour or the mean, which is 0 after normalising. A `mean`
    with one entry makes a grey input: ITU-R 601 luma, taken before resizing as ``Grayscale()`` does.

    Raises:
        NetworkError: The input would be larger than any network can be given.
    """
    transform = preprocessing.transform(Size(*picture.pixels.shape[:2]))
    if prod(transform.input) > MAX_SCALED_PIXELS:
        raise NetworkError(_too_large(transform.input, preprocessing))
    grey = preprocessing.channels == 1
    image = Image.fromarray(picture.pixels)
    values = _placed(image.convert("L") if grey else image, transform, _RESAMPLING[preprocessing.interpolation])
    if preprocessing.order == "bgr":
        values = values[:, :, ::-1]
    values = values * np.float32(preprocessing.scale) / np.float32(255)
    if preprocessing.resize == "letterbox":
        values = np.where(covered(transform)[:, :, None], values, _padding(preprocessing))
    pixels = torch.from_numpy(values.transpose(2, 0, 1)[None].copy())
    mean, std = (torch.tensor(entries).view(1, -1, 1, 1) for entries in (preprocessing.mean, preprocessing.std))
    return PreparedInput(pixels.sub_(mean).div_(std), transform)


def _padding(preprocessing: Preprocessing) -> FloatArray:
    """(C,) float32: what a letterbox is padded with, before the mean is taken off."""
    if preprocessing.pad is None:
        return np.array(preprocessing.mean, dtype=np.float32)
    colour = Image.new("RGB", (1, 1), preprocessing.pad)
    pad = np.asarray(colour.convert("L") if preprocessing.channels == 1 else colour, dtype=np.float32).reshape(-1)
    return (pad[::-1] if preprocessing.order == "bgr" else pad) * np.float32(preprocessing.scale) / np.float32(255)


def _too_large(size: Size, preprocessing: Preprocessing) -> str:
    smaller = "a size to resize to" if preprocessing.resize == "none" else "a smaller one"
    return (
        f"The network's input would be {size.width} × {size.height} pixels, "
        f"and {MAX_SCALED_PIXELS // 1_000_000} million are the most it can have. "
        f"Choose {smaller} in the preprocessing."
    )


def covered(transform: InputTransform) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """(h, w) bool array: where the picture lies in the input."""
    left, top = int(transform.offset_x), int(transform.offset_y)
    covered = np.zeros(transform.input, dtype=np.bool_)
    covered[max(0, top) : top + transform.scaled.height, max(0, left) : left + transform.scaled.width] = True
    return covered


def _placed(image: Image.Image, transform: InputTransform, resampling: Image.Resampling) -> FloatArray:
    """(h, w, C) float32 in 0–255: the picture scaled, cropped and padded with black to the input's size."""
    left, top = int(transform.offset_x), int(transform.offset_y)
    scaled, size = transform.scaled, transform.input
    if scaled.height * scaled.width > MAX_SCALED_PIXELS:
        image, left, top = _scaled_part(image, transform, resampling)
    elif scaled != transform.original:
        image = image.resize((scaled.width, scaled.height), resampling)
    if (left, top) != (0, 0) or image.size != (size.width, size.height):
        image = image.crop((-left, -top, size.width - left, size.height - top))
    pixels = np.array(image, dtype=np.float32)
    return pixels if pixels.ndim == 3 else pixels[:, :, None]


def _scaled_part(
    image: Image.Image, transform: InputTransform, resampling: Image.Resampling
) -> tuple[Image.Image, int, int]:
    """Only what the input shows of a picture so long and thin that the whole of it, scaled, would fill the memory."""
    left, top = max(0, int(transform.offset_x)), max(0, int(transform.offset_y))
    seen, scaled, size = transform.seen, transform.scaled, transform.input
    shown = (min(size.width, scaled.width), min(size.height, scaled.height))
    return image.resize(shown, resampling, box=(seen.left, seen.top, seen.right, seen.bottom)), left, top
