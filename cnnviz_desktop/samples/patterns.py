"""Patterns that any object may wear, so that no pattern gives a class away."""

import math
from collections.abc import Callable

import numpy as np

from cnnviz_desktop.samples.noise import fractal
from cnnviz_desktop.samples.planes import Plane


def _stripes(rng: np.random.Generator, u: Plane, v: Plane) -> Plane:
    angle, frequency = rng.uniform(0, math.pi), rng.uniform(5, 12)
    wave = np.sin(u * (frequency * math.cos(angle)) + v * (frequency * math.sin(angle)) + rng.uniform(0, 6))
    amount: Plane = np.clip(wave * rng.uniform(1.5, 4.0) + 0.5, 0, 1)
    return amount


def _checks(rng: np.random.Generator, u: Plane, v: Plane) -> Plane:
    frequency = rng.uniform(5, 9)
    wave = np.sin(u * frequency + rng.uniform(0, 6)) * np.sin(v * frequency + rng.uniform(0, 6))
    amount: Plane = np.clip(wave * 5 + 0.5, 0, 1)
    return amount


def _dots(rng: np.random.Generator, u: Plane, v: Plane) -> Plane:
    frequency = rng.uniform(6, 10)
    wave = np.cos(u * frequency + rng.uniform(0, 6)) + np.cos(v * frequency + rng.uniform(0, 6))
    amount: Plane = np.clip((wave - rng.uniform(0.6, 1.1)) * 4, 0, 1)
    return amount


def _waves(rng: np.random.Generator, u: Plane, v: Plane) -> Plane:
    frequency = rng.uniform(5, 10)
    bend = np.sin(u * rng.uniform(3, 6)) * rng.uniform(0.5, 1.5)
    amount: Plane = np.clip(np.sin(v * frequency + bend) * 2.5 + 0.5, 0, 1)
    return amount


def _marble(rng: np.random.Generator, u: Plane, v: Plane) -> Plane:
    height, width = u.shape
    warp = fractal(rng, (3, 3), (height, width), 3)
    amount: Plane = np.abs(np.sin((u + v) * 2 + warp * rng.uniform(1.2, 2.4)))
    return amount


def _mottle(rng: np.random.Generator, u: Plane, v: Plane) -> Plane:
    height, width = u.shape
    coarse = int(rng.integers(3, 8))
    amount: Plane = np.clip(fractal(rng, (coarse, coarse), (height, width), 2) * 0.8 + 0.4, 0, 1)
    return amount


_PATTERNS: tuple[Callable[[np.random.Generator, Plane, Plane], Plane], ...] = (
    _stripes,
    _checks,
    _dots,
    _waves,
    _marble,
    _mottle,
)


def random_pattern(rng: np.random.Generator, u: Plane, v: Plane) -> Plane | float:
    """Return how much of the second colour shows at each surface point, from 0 to 1; one time in three none.

    Args:
        rng: source of randomness.
        u: (h, w) first surface coordinate, about -1 to 1 over the object.
        v: (h, w) second surface coordinate.
    """
    if rng.random() < 0.33:
        return 0.0
    return _PATTERNS[int(rng.integers(len(_PATTERNS)))](rng, u, v)
