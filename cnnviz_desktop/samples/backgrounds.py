"""Backgrounds: places in which the objects stand."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from cnnviz_desktop.samples.colours import hsv, mix, scaled
from cnnviz_desktop.samples.noise import fractal, smooth
from cnnviz_desktop.samples.planes import Plane, Planes

if TYPE_CHECKING:
    from cnnviz_desktop.samples.colours import Colour

Size = tuple[int, int]


def _grid(shape: Size) -> tuple[Plane, Plane]:
    """Return x from 0 to 1 as (1, w) and y from 0 (top) to 1 as (h, 1)."""
    height, width = shape
    x = (np.arange(width, dtype=np.float32) + np.float32(0.5)) / np.float32(width)
    y = (np.arange(height, dtype=np.float32) + np.float32(0.5)) / np.float32(height)
    return x[None, :], y[:, None]


def _sky(rng: np.random.Generator, shape: Size) -> Planes:
    _, y = _grid(shape)
    hue = rng.uniform(0.52, 0.64) if rng.random() < 0.7 else rng.uniform(0.9, 1.12)
    high = hsv(hue, rng.uniform(0.25, 0.65), rng.uniform(0.55, 0.95))
    low = hsv(hue + rng.uniform(-0.05, 0.05), rng.uniform(0.05, 0.25), rng.uniform(0.8, 1.0))
    sky = mix(high, low, y * 1.3)
    clouds = fractal(rng, (4, 2), shape, 4)
    return mix(sky, (0.97, 0.97, 0.98), np.clip(clouds * 0.8 - rng.uniform(-0.1, 0.5), 0, 0.8))


def _meadow(rng: np.random.Generator, shape: Size) -> Planes:
    """Return sky over grass, with hills between."""
    picture = _sky(rng, shape)
    _, y = _grid(shape)
    horizon = rng.uniform(0.25, 0.6)
    hue = rng.uniform(0.2, 0.36) if rng.random() < 0.75 else rng.uniform(0.08, 0.16)
    for k in range(int(rng.integers(0, 3))):
        ridge = smooth(rng, (1, 4), shape)[:1] * 0.05 + (horizon - 0.12 + 0.05 * k)
        colour = hsv(hue + 0.12 - 0.05 * k, 0.25 + 0.1 * k, 0.7 - 0.1 * k)
        picture = mix(picture, colour, np.clip((y - ridge) * 64, 0, 1))
    edge = smooth(rng, (1, 3), shape)[:1] * 0.015 + horizon
    blades = fractal(rng, (20, 40), shape, 2, 0.9) * 0.25 + smooth(rng, (3, 3), shape) * 0.2
    saturation, value = rng.uniform(0.35, 0.7), rng.uniform(0.55, 0.9)
    ground = mix(hsv(hue, saturation, value * 0.7), hsv(hue - 0.02, saturation * 0.9, value), y * 0.5 + blades + 0.2)
    return mix(picture, ground, np.clip((y - edge) * 100, 0, 1))


def _beach(rng: np.random.Generator, shape: Size) -> Planes:
    """Return sand, at times under water and sky."""
    x, y = _grid(shape)
    ripples = np.sin(y * rng.uniform(40, 90) + smooth(rng, (4, 4), shape) * 3.5 + x * rng.uniform(-8, 8)) * 0.15
    grain = fractal(rng, (40, 40), shape, 2, 1.0) * 0.12
    hue = rng.uniform(0.07, 0.13)
    sand = mix(hsv(hue, 0.45, 0.62), hsv(hue, 0.28, 0.93), ripples + grain + 0.55)
    if rng.random() < 0.5:
        return sand
    shore = smooth(rng, (1, 3), shape)[:1] * 0.02 + rng.uniform(0.3, 0.5)
    picture = mix(_water_surface(rng, shape, 0.18), sand, np.clip((y - shore) * 60, 0, 1))
    foam = np.clip(1 - np.abs(y - shore) * 70, 0, 1)
    picture = mix(picture, (0.97, 0.98, 0.98), foam * 0.8)
    return mix(_sky(rng, shape), picture, np.clip((y - 0.18) * 128, 0, 1))


def _water_surface(rng: np.random.Generator, shape: Size, horizon: float) -> Planes:
    _, y = _grid(shape)
    hue = rng.uniform(0.46, 0.62)
    near = 1 / (np.maximum(y - horizon, 0) + 0.12)
    waves = np.sin(near * rng.uniform(14, 22) + smooth(rng, (12, 4), shape) * 2.0) * 0.2
    glitter = smooth(rng, (40, 10), shape) * 0.1
    deep, shallow = hsv(hue, rng.uniform(0.5, 0.8), rng.uniform(0.45, 0.7)), hsv(hue, 0.3, rng.uniform(0.8, 1.0))
    return mix(deep, shallow, waves + glitter + 0.45)


def _water(rng: np.random.Generator, shape: Size) -> Planes:
    """Return water to the top, or under sky."""
    horizon = 0.0 if rng.random() < 0.5 else rng.uniform(0.2, 0.45)
    _, y = _grid(shape)
    surface = _water_surface(rng, shape, horizon - 0.02)
    if not horizon:
        return surface
    return mix(_sky(rng, shape), surface, np.clip((y - horizon) * 128, 0, 1))


def _bricks(rng: np.random.Generator, shape: Size) -> Planes:
    """Return a brick wall, each brick of its own tone."""
    x, y = _grid(shape)
    rows, columns = int(rng.integers(6, 12)), int(rng.integers(3, 6))
    v = y * rows + rng.random()
    row = np.floor(v)
    u = x * columns + (row % 2) * 0.5 + rng.random()
    column = np.floor(u)
    tones = rng.random((rows + 2, columns + 3), np.float32)
    tone = tones[row.astype(np.int64), column.astype(np.int64)]
    joint = np.minimum(np.minimum(u - column, column + 1 - u) * (rows / columns), np.minimum(v - row, row + 1 - v))
    hue = rng.uniform(0.0, 0.08) if rng.random() < 0.6 else rng.random()
    saturation, value = rng.uniform(0.15, 0.5), rng.uniform(0.55, 0.9)
    rough = fractal(rng, (24, 24), shape, 2, 0.9) * 0.12
    wall = mix(hsv(hue, saturation, value * 0.6), hsv(hue + 0.03, saturation * 0.8, value), tone + rough)
    mortar = hsv(hue + 0.05, 0.08, rng.uniform(0.35, 0.85))
    return mix(mortar, wall, np.clip((joint - 0.06) * 18, 0, 1))


def _planks(rng: np.random.Generator, shape: Size) -> Planes:
    """Return wooden boards, lying or upright."""
    x, y = _grid(shape)
    hue, value = rng.uniform(0.05, 0.11), rng.uniform(0.5, 0.85)
    boards = int(rng.integers(3, 8))
    v = y * boards + rng.random()
    board = np.floor(v)
    tone = rng.random((boards + 2, 1), np.float32)[board[:, 0].astype(np.int64)] * 0.5
    warp = fractal(rng, (boards * 2, 2), shape, 2) * 2
    grain = np.sin(v * rng.uniform(9, 18) + warp * 2.2 + tone * 40) * 0.16 + smooth(rng, (64, 6), shape) * 0.07
    wood = mix(hsv(hue, 0.6, value * 0.55), hsv(hue, rng.uniform(0.3, 0.5), value), grain + tone + 0.3 + x * 0.05)
    gap = np.minimum(v - board, board + 1 - v)
    picture = wood * np.clip(gap * 14 + 0.35, 0, 1)
    return picture if rng.random() < 0.6 else np.ascontiguousarray(picture.transpose(0, 2, 1))


def _room(rng: np.random.Generator, shape: Size) -> Planes:
    """Return a wall, plain or striped, over a table or a floor."""
    x, y = _grid(shape)
    hue = rng.random()
    saturation, value = rng.uniform(0.05, 0.35), rng.uniform(0.5, 0.95)
    stripes = np.sin(x * rng.uniform(20, 70)) * (0.5 if rng.random() < 0.4 else 0.0)
    wall = mix(hsv(hue, saturation, value), hsv(hue, saturation + 0.08, value * 0.85), stripes + y * 0.6)
    edge = rng.uniform(0.45, 0.75)
    grain = smooth(rng, (24, 5), shape) * 0.2 + smooth(rng, (2, 3), shape) * 0.2
    base = hsv(rng.uniform(0.04, 0.12) if rng.random() < 0.6 else rng.random(), rng.uniform(0.1, 0.5), value * 0.8)
    table = mix(scaled(base, 0.75), scaled(base, 1.1), grain + y - 0.1)
    below = np.clip((y - edge) * 128, 0, 1)
    shade = 1 - 0.25 * np.clip(1 - np.abs(y - edge) * 12, 0, 1)
    picture: Planes = mix(wall, table, below) * shade
    return picture


def _cloth(rng: np.random.Generator, shape: Size) -> Planes:
    """Return cloth with a tartan of crossing bands and a weave."""
    x, y = _grid(shape)
    hue, value = rng.random(), rng.uniform(0.55, 0.95)
    bands = [np.sin(axis * rng.uniform(12, 40) + rng.uniform(0, 6)) > rng.uniform(-0.2, 0.7) for axis in (x, y)]
    amount = bands[0] * np.float32(0.35) + bands[1] * np.float32(0.35)
    weave = smooth(rng, (60, 60), shape) * 0.06 + smooth(rng, (3, 3), shape) * 0.12
    other = hsv(hue + rng.uniform(0.0, 0.6), rng.uniform(0.1, 0.6), value * rng.uniform(0.5, 1.1))
    return mix(hsv(hue, rng.uniform(0.1, 0.45), value), other, amount + weave + 0.1)


def _stone(rng: np.random.Generator, shape: Size) -> Planes:
    """Return mottled stone, earth, snow or moss."""
    cells = int(rng.integers(2, 7))
    rough = fractal(rng, (cells, cells), shape, 5, rng.uniform(0.5, 0.85))
    hue, saturation, value = rng.random(), rng.uniform(0.02, 0.4), rng.uniform(0.45, 0.95)
    dark: Colour = hsv(hue + rng.uniform(-0.06, 0.06), saturation, value * rng.uniform(0.4, 0.75))
    return mix(dark, hsv(hue, saturation * 0.7, value), rough * 0.22 + 0.5)


def _tiles(rng: np.random.Generator, shape: Size) -> Planes:
    """Return a tiled floor running away from the viewer, or a tiled wall."""
    x, y = _grid(shape)
    depth = 1.0 if rng.random() < 0.4 else 1 / (y + rng.uniform(0.3, 0.6))
    count, turn = rng.uniform(3, 6), rng.uniform(-0.5, 0.5)
    across, along = (x - 0.5) * depth * count, (depth if isinstance(depth, np.ndarray) else y) * count
    u, v = across * math.cos(turn) + along * math.sin(turn), along * math.cos(turn) - across * math.sin(turn)
    checker = np.clip(np.sin(u * math.pi) * np.sin(v * math.pi) * 12 + 0.5, 0, 1)
    hue, value = rng.random(), rng.uniform(0.6, 0.95)
    first, second = hsv(hue, rng.uniform(0.03, 0.3), value), hsv(hue + 0.05, rng.uniform(0.05, 0.4), value * 0.65)
    return mix(first, second, checker * rng.uniform(0.3, 1.0) + smooth(rng, (10, 10), shape) * 0.06)


_PLACES: tuple[Callable[[np.random.Generator, Size], Planes], ...] = (
    _meadow,
    _meadow,
    _beach,
    _water,
    _bricks,
    _planks,
    _room,
    _cloth,
    _stone,
    _tiles,
)


def random_background(rng: np.random.Generator, shape: Size) -> Planes:
    """Return a background picture.

    Args:
        rng: source of randomness.
        shape: height and width in pixels.

    Returns:
        (3, height, width) float32, mostly 0 to 1.
    """
    return _PLACES[int(rng.integers(len(_PLACES)))](rng, shape)
