"""From a picture to the tensor a network takes, to the pixel as torchvision's own transforms on PIL images make it."""

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.geometry import InputTransform, Size
from cnnviz_desktop.core.results import FloatArray, Picture

MAX_SCALED_PIXELS = 64_000_000


@dataclass(frozen=True, slots=True, eq=False)
class PreparedInput:
    """A network's input made of one picture.

    Attributes:
        tensor: (1, C, h, w) float32 on the CPU, scaled to 0–1, then (value − mean) / std per channel.
        transform: Where the picture lies in it.
    """

    tensor: Tensor
    transform: InputTransform


def prepare(picture: Picture, preprocessing: Preprocessing) -> PreparedInput:
    """The input that a network with that preprocessing expects.

    Resizing is Pillow's bilinear with antialiasing. ``stretch`` equals torchvision's ``Resize((h, w))``,
    ``short_side_crop`` equals ``Resize(short_side), CenterCrop((h, w))`` with its black padding where the crop is the
    larger; ``letterbox`` pads with the mean, which is 0 after normalising. A `mean` with one entry makes a grey input:
    ITU-R 601 luma, taken before resizing as ``Grayscale()`` does.
    """
    height, width, _ = picture.pixels.shape
    transform = InputTransform.of(
        preprocessing.resize, Size(height, width), Size(*preprocessing.size), preprocessing.short_side
    )
    grey = len(preprocessing.mean) == 1
    image = Image.fromarray(picture.pixels)
    values = _placed(image.convert("L") if grey else image, transform)  # (h, w, C), 0–1
    if preprocessing.resize == "letterbox":
        values = np.where(covered(transform)[:, :, None], values, np.array(preprocessing.mean, dtype=np.float32))
    pixels = torch.from_numpy(values).permute(2, 0, 1)[None].contiguous()
    mean, std = (torch.tensor(entries).view(1, -1, 1, 1) for entries in (preprocessing.mean, preprocessing.std))
    return PreparedInput(pixels.sub_(mean).div_(std), transform)


def covered(transform: InputTransform) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """(h, w) bool array: where the picture lies in the input."""
    left, top = int(transform.offset_x), int(transform.offset_y)
    covered = np.zeros(transform.input, dtype=np.bool_)
    covered[max(0, top) : top + transform.scaled.height, max(0, left) : left + transform.scaled.width] = True
    return covered


def _placed(image: Image.Image, transform: InputTransform) -> FloatArray:
    """(h, w, C) float32 in 0–1: the picture scaled, cropped and padded with black to the input's size."""
    left, top = int(transform.offset_x), int(transform.offset_y)
    scaled, size = transform.scaled, transform.input
    if scaled.height * scaled.width > MAX_SCALED_PIXELS:
        image, left, top = _scaled_part(image, transform)
    elif scaled != transform.original:
        image = image.resize((scaled.width, scaled.height), Image.Resampling.BILINEAR)
    if (left, top) != (0, 0) or image.size != (size.width, size.height):
        image = image.crop((-left, -top, size.width - left, size.height - top))
    pixels = np.asarray(image, dtype=np.float32) / np.float32(255)
    return pixels if pixels.ndim == 3 else pixels[:, :, None]


def _scaled_part(image: Image.Image, transform: InputTransform) -> tuple[Image.Image, int, int]:
    """Only what the input shows of a picture so long and thin that the whole of it, scaled, would fill the memory."""
    left, top = max(0, int(transform.offset_x)), max(0, int(transform.offset_y))
    seen, scaled, size = transform.seen, transform.scaled, transform.input
    shown = (min(size.width, scaled.width), min(size.height, scaled.height))
    return image.resize(shown, Image.Resampling.BILINEAR, box=(seen.left, seen.top, seen.right, seen.bottom)), left, top
