"""Smooth noise from which textures and backgrounds are made."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from cnnviz_desktop.samples.planes import Plane


@cache
def _spline(cells: int, size: int) -> tuple[NDArray[np.intp], tuple[Plane, ...]]:
    """Return, for each of `size` points, its cell, and the weights (size, 1) of that cell's four control points."""
    position = (np.arange(size) + 0.5) / size * cells
    cell = np.minimum(position.astype(np.intp), cells - 1)
    t = position - cell
    weights = (
        (1 - t) ** 3 / 6,
        (3 * t**3 - 6 * t**2 + 4) / 6,
        (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6,
        t**3 / 6,
    )
    return cell, tuple(weight[:, None].astype(np.float32) for weight in weights)


def _drawn_out(controls: Plane, cells: int, size: int) -> Plane:
    """Take (cells + 3, n) control points down the uniform cubic B-spline to (size, n).

    Sums in a fixed order: a matrix product would be rounded in another way for another number of threads.
    """
    cell, weights = _spline(cells, size)
    total = controls[cell] * weights[0]
    for place in range(1, 4):
        total += controls[cell + place] * weights[place]
    return total


def smooth(rng: np.random.Generator, cells: tuple[int, int], shape: tuple[int, int]) -> Plane:
    """Return smooth noise with features of about one cell.

    Args:
        rng: source of randomness.
        cells: number of cells down and across.
        shape: height and width in pixels.

    Returns:
        (height, width) float32, mean 0, standard deviation about 1.
    """
    # A cubic B-spline shrinks white noise to about 0.48 of its deviation along both axes together.
    controls = rng.standard_normal((cells[0] + 3, cells[1] + 3), np.float32) * np.float32(2.1)
    down = _drawn_out(controls, cells[0], shape[0])
    across = _drawn_out(np.ascontiguousarray(down.T), cells[1], shape[1])
    return np.ascontiguousarray(across.T)


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
