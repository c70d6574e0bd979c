"""What a network gets of a picture, and how that is drawn."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.geometry import InputTransform


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkInput:
    """The exact input that a network gets of one image.

    Attributes:
        image: The image's reference.
        raw: (C, H, W) float32: the numbers themselves, C = 1 where the input is grey.
        transform: Where the picture lies in it.
        preprocessing: How it was made.
    """

    image: str
    raw: npt.NDArray[np.float32]
    transform: InputTransform
    preprocessing: Preprocessing

    @property
    def channel_names(self) -> tuple[str, ...]:
        """What each channel holds, in the input's order: ``red``, ``green``, ``blue``, or ``grey``."""
        if len(self.raw) == 1:
            return ("grey",)
        names = ("red", "green", "blue")
        return names[::-1] if self.preprocessing.order == "bgr" else names

    @property
    def ranges(self) -> tuple[tuple[float, float], ...]:
        """(minimum, maximum) of each channel."""
        lows, highs = self.raw.min(axis=(1, 2)), self.raw.max(axis=(1, 2))
        return tuple((float(low), float(high)) for low, high in zip(lows, highs, strict=True))

    def pixels(self) -> npt.NDArray[np.uint8]:
        """(H, W, 3) uint8, RGB: the numbers with the normalisation undone, so that the picture is as people know it."""
        recipe = self.preprocessing
        mean, std = (np.array(entries, dtype=np.float32)[:, None, None] for entries in (recipe.mean, recipe.std))
        levels = (self.raw * std + mean) * np.float32(255 / recipe.scale)
        if recipe.order == "bgr":
            levels = levels[::-1]
        rounded = np.clip(np.rint(levels), 0, 255).astype(np.uint8).transpose(1, 2, 0)
        return np.ascontiguousarray(np.broadcast_to(rounded, (*rounded.shape[:2], 3)))
