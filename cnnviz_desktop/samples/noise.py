"""Smooth noise from which textures and backgrounds are made."""

from functools import cache

import numpy as np

from cnnviz_desktop.samples.planes import Plane


@cache
def _spline_weights(cells: int, size: int) -> Plane:
    """Return the (size, cells + 3) matrix that takes control points to a uniform cubic B-spline."""
    position = (np.arange(size) + 0.5) / size * cells
    cell = np.minimum(position.astype(np.int64), cells - 1)
    t = position - cell
    weights = np.zeros((size, cells + 3), np.float32)
    rows = np.arange(size)
    weights[rows, cell] = (1 - t) ** 3 / 6
    weights[rows, cell + 1] = (3 * t**3 - 6 * t**2 + 4) / 6
    weights[rows, cell + 2] = (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6
    weights[rows, cell + 3] = t**3 / 6
    return weights


def smooth(rng: np.random.Generator, cells: tuple[int, int], shape: tuple[int, int]) -> Plane:
    """Return smooth noise with features of about one cell.

    Args:
        rng: source of randomness.
        cells: number of cells down and across.
        shape: height and width in pixels.

    Returns:
        (height, width) float32, mean 0, standard deviation about 1.
    """
    controls = rng.standard_normal((cells[0] + 3, cells[1] + 3), np.float32)
    down = _spline_weights(cells[0], shape[0])
    across = _spline_weights(cells[1], shape[1])
    # A cubic B-spline shrinks white noise to about 0.48 of its deviation.
    return np.asarray(down @ (controls * np.float32(2.1)) @ across.T, np.float32)


def fractal(
    rng: np.random.Generator,
    cells: tuple[int, int],
    shape: tuple[int, int],
    octaves: int = 3,
    roughness: float = 0.5,
) -> Plane:
    """Return a sum of noises, each twice as fine as the one before.

    Args:
        rng: source of randomness.
        cells: cells of the coarsest noise, down and across.
        shape: height and width in pixels.
        octaves: how many noises are added.
        roughness: strength of each noise relative to the coarser one.

    Returns:
        (height, width) float32, mean 0, standard deviation about 1.
    """
    total = smooth(rng, cells, shape)
    strength, power = 1.0, 1.0
    for octave in range(1, octaves):
        strength *= roughness
        power += strength * strength
        finer = (cells[0] << octave, cells[1] << octave)
        total += smooth(rng, finer, shape) * strength
    total *= power**-0.5
    return total
