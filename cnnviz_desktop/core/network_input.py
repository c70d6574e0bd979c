"""What a network gets of a picture, and how that is drawn."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.geometry import InputTransform

_COLOURS = ("red", "green", "blue")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkInput:
    """The exact input that a network gets of one image.

    Attributes:
        image: The image's reference.
        raw: (C, H, W) float32: the numbers themselves, C = 1 where the input is grey.
        transform: Where the picture lies in it.
        preprocessing: How it was made.
        pixels: (H, W, 3) uint8, RGB: the numbers with the normalisation undone, so that people know the picture.
        ranges: (minimum, maximum) of each channel.
    """

    image: str
    raw: npt.NDArray[np.float32]
    transform: InputTransform
    preprocessing: Preprocessing
    pixels: npt.NDArray[np.uint8]
    ranges: tuple[tuple[float, float], ...]

    @classmethod
    def of(
        cls, image: str, raw: npt.NDArray[np.float32], transform: InputTransform, preprocessing: Preprocessing
    ) -> Self:
        """What a network gets, with its picture and the range of its numbers."""
        return cls(
            image=image,
            raw=raw,
            transform=transform,
            preprocessing=preprocessing,
            pixels=_pixels(raw, preprocessing),
            ranges=tuple((float(channel.min()), float(channel.max())) for channel in raw),
        )

    @property
    def channel_names(self) -> tuple[str, ...]:
        """What each channel holds, in the input's order: ``red``, ``green``, ``blue``, or ``grey``."""
        if len(self.raw) == 1:
            return ("grey",)
        return _COLOURS[::-1] if self.preprocessing.order == "bgr" else _COLOURS


def _pixels(raw: npt.NDArray[np.float32], recipe: Preprocessing) -> npt.NDArray[np.uint8]:
    """(H, W, 3) uint8, RGB, of (C, H, W) numbers; a channel at a time, since an input can be a whole photograph."""
    pixels = np.empty((*raw.shape[1:], len(_COLOURS)), dtype=np.uint8)
    for place, (channel, mean, std) in enumerate(zip(raw, recipe.mean, recipe.std, strict=True)):
        levels = (channel * np.float32(std) + np.float32(mean)) * np.float32(255 / recipe.scale)
        np.clip(np.rint(levels, out=levels), 0, 255, out=levels)
        if len(raw) == 1:
            pixels[:] = levels[:, :, None]
        else:
            pixels[:, :, len(raw) - 1 - place if recipe.order == "bgr" else place] = levels
    pixels.flags.writeable = False
    return pixels
