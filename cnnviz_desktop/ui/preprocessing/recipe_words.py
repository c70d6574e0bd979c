"""Recipes of preprocessing in words, and those that are known by name."""

from dataclasses import dataclass

from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication

from cnnviz_desktop.core.description import ChannelOrder, Preprocessing
from cnnviz_desktop.core.geometry import Resize

RGB_CHANNELS = 3


def _translated(text: str) -> str:
    return QCoreApplication.translate("Preprocessing", text)


@dataclass(frozen=True, slots=True)
class Normalisation:
    """What is done to the values, whatever the size: a part of a recipe that has a name.

    Attributes:
        mean: As `Preprocessing` has it, red, green and blue or blue, green and red by `order`.
        std: The same.
        scale: What the brightest pixel becomes.
        order: Of the channels.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    scale: float = 1.0
    order: ChannelOrder = "rgb"

    @classmethod
    def of(cls, recipe: Preprocessing) -> "Normalisation":
        """That of a recipe."""
        return cls(recipe.mean, recipe.std, recipe.scale, recipe.order)

    def put_into(self, recipe: Preprocessing) -> Preprocessing:
        """The recipe with these values."""
        return replace(recipe, mean=self.mean, std=self.std, scale=self.scale, order=self.order)


def known_normalisations() -> dict[str, Normalisation]:
    """Those that people call by a name."""
    half = (0.5,) * RGB_CHANNELS
    return {
        _translated("ImageNet"): Normalisation((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        _translated("CIFAR-10"): Normalisation((0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616)),
        _translated("−1 to 1"): Normalisation(half, half),
        _translated("0 to 1"): Normalisation((0.0,) * RGB_CHANNELS, (1.0,) * RGB_CHANNELS),
        _translated("Caffe: blue first, 0 to 255"): Normalisation(
            (103.939, 116.779, 123.68), (1.0,) * RGB_CHANNELS, 255.0, "bgr"
        ),
    }


def resize_words() -> dict[Resize, tuple[str, str]]:
    """(name, explanation) of each way of resizing."""
    return {
        "short_side_crop": (
            _translated("Short side, then centre crop"),
            _translated("Keeps the proportions; what lies beyond the crop is not seen by the network."),
        ),
        "short_side": (
            _translated("Short side, no crop"),
            _translated(
                "Keeps the proportions and all of the picture; the input's size differs from picture to picture."
            ),
        ),
        "stretch": (_translated("Stretch"), _translated("Shows all of the picture, out of proportion.")),
        "letterbox": (
            _translated("Letterbox"),
            _translated("Shows all of the picture in proportion, with a border beside it."),
        ),
        "none": (
            _translated("As it is"),
            _translated("Feeds every pixel of the picture; a large one takes long, and not every network allows it."),
        ),
    }


def in_grey(recipe: Preprocessing) -> Preprocessing:
    """The recipe with one channel: the mean of its means, and of its standard deviations."""
    return replace(
        recipe,
        mean=(round(sum(recipe.mean) / len(recipe.mean), 4),),
        std=(round(sum(recipe.std) / len(recipe.std), 4),),
        order="rgb",
    )


def in_colour(recipe: Preprocessing, order: ChannelOrder) -> Preprocessing:
    """The recipe with three channels in that order; the means go with their channels."""
    mean, std = recipe.mean, recipe.std
    if recipe.channels == 1:
        mean, std = mean * RGB_CHANNELS, std * RGB_CHANNELS
    elif order != recipe.order:
        mean, std = mean[::-1], std[::-1]
    return replace(recipe, mean=mean, std=std, order=order)
