"""Colours as three numbers from 0 to 1, and ways to choose and mix them."""

import colorsys
from dataclasses import dataclass

import numpy as np

from cnnviz_desktop.samples.planes import Planes

Colour = tuple[float, float, float]


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """Return the RGB colour of a hue (any number of turns), a saturation and a value."""
    return colorsys.hsv_to_rgb(hue % 1.0, min(max(saturation, 0.0), 1.0), min(max(value, 0.0), 1.0))


def flat(colour: Colour) -> Planes:
    """Return a colour as (3, 1, 1) float32, ready to be broadcast over a picture."""
    return np.array(colour, np.float32).reshape(3, 1, 1)


def mix(first: Colour | Planes, second: Colour | Planes, amount: Planes | float) -> Planes:
    """Return the picture (3, h, w) that is `first` where `amount` is 0 and `second` where it is 1."""
    low = flat(first) if isinstance(first, tuple) else first
    high = flat(second) if isinstance(second, tuple) else second
    return np.asarray(low + (high - low) * amount, np.float32)


def scaled(colour: Colour, factor: float) -> Colour:
    """Return a lighter (factor above 1) or darker colour."""
    red, green, blue = (min(1.0, part * factor) for part in colour)
    return red, green, blue


@dataclass(frozen=True)
class Palette:
    """The colours one object is painted with; drawn alike for objects of every class."""

    main: Colour
    second: Colour
    accent: Colour


def random_palette(rng: np.random.Generator, behind: Colour) -> Palette:
    """Choose colours that stand out from the colour `behind` the object."""
    hue, saturation, value = 0.0, 0.0, 0.0
    for _ in range(6):
        hue = rng.random()
        saturation = rng.uniform(0.1, 0.35) if rng.random() < 0.2 else rng.uniform(0.45, 0.9)
        value = rng.uniform(0.45, 1.0)
        if sum(abs(a - b) for a, b in zip(hsv(hue, saturation, value), behind, strict=True)) > 0.55:
            break
    turn = (0.08, -0.1, 0.33, 0.5, 0.0)[int(rng.integers(5))] + rng.uniform(-0.03, 0.03)
    lift = rng.uniform(0.25, 0.5)
    second_value = value - lift if value > 0.65 else value + lift
    second = hsv(hue + turn, saturation * rng.uniform(0.3, 1.0), second_value)
    accent = hsv(hue + rng.uniform(0.3, 0.7), rng.uniform(0.2, 0.9), rng.uniform(0.3, 1.0))
    return Palette(hsv(hue, saturation, value), second, accent)
