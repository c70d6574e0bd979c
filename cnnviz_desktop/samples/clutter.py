"""Things without a label: twigs, pebbles, blobs, boards, grass and lines, shaped unlike every class."""

import math
from collections.abc import Callable

import numpy as np

from cnnviz_desktop.samples import distances
from cnnviz_desktop.samples.colours import Palette, scaled
from cnnviz_desktop.samples.pen import Light, Pen, Pose


def _twig(pen: Pen) -> None:
    rng = pen.rng
    bend = rng.uniform(-0.25, 0.25)
    colour, thin = scaled(pen.palette.main, 0.7), rng.uniform(0.03, 0.06)
    stem = np.minimum(
        distances.capsule(pen.x, pen.y, (-0.95, 0.0), (0.0, bend), thin * 1.4, thin),
        distances.capsule(pen.x, pen.y, (0.0, bend), (0.95, bend * 0.3), thin, thin * 0.4),
    )
    for _ in range(int(rng.integers(0, 4))):
        start = rng.uniform(-0.6, 0.5)
        end = (start + rng.uniform(0.15, 0.35), bend + rng.uniform(0.2, 0.4) * (1 if rng.random() < 0.5 else -1))
        side = distances.capsule(pen.x, pen.y, (start, bend * (1 - abs(start))), end, thin * 0.8, thin * 0.3)
        np.minimum(stem, side, out=stem)
    pen.part(stem, colour, relief=thin, gloss=0.05)


def _uneven(pen: Pen, strength: float) -> None:
    """Draw a lump whose outline swings in and out."""
    rng = pen.rng
    angle = np.arctan2(pen.y, pen.x)
    swing = np.zeros_like(angle)
    for k in range(2, 6):
        swing += np.sin(angle * k + rng.uniform(0, 6)) * (strength * rng.uniform(0.3, 1.0) / k)
    reach = 0.95 / (1 + 0.9 * strength)
    squash = rng.uniform(0.5, 1.0)
    radius = np.sqrt(pen.x**2 + (pen.y * (1 / squash)) ** 2)
    distance = (radius - reach * (1 + swing)) * (0.8 * squash)
    pen.part(distance, pen.pattern(), relief=rng.uniform(0.2, 0.5), gloss=rng.uniform(0.0, 0.4))


def _pebble(pen: Pen) -> None:
    _uneven(pen, 0.25)


def _blob(pen: Pen) -> None:
    _uneven(pen, 0.85)


def _board(pen: Pen) -> None:
    thin = pen.rng.uniform(0.08, 0.2)
    pen.part(distances.box(pen.x, pen.y, 0.93, thin, 0.02), pen.pattern(), relief=0.04, gloss=0.1)


def _grass(pen: Pen) -> None:
    rng = pen.rng
    tuft = np.full_like(pen.x, 9.0)
    for _ in range(int(rng.integers(3, 7))):
        root = (rng.uniform(-0.3, 0.3), -0.8)
        tip = (root[0] + rng.uniform(-0.6, 0.6), rng.uniform(0.0, 0.85))
        np.minimum(tuft, distances.capsule(pen.x, pen.y, root, tip, 0.07, 0.01), out=tuft)
    pen.part(tuft, pen.palette.main, relief=0.05, gloss=0.0)


def _line(pen: Pen) -> None:
    rng = pen.rng
    wave = np.sin(pen.x * rng.uniform(2, 7) + rng.uniform(0, 6)) * rng.uniform(0.05, 0.3)
    distance = np.maximum(np.abs(pen.y - wave) * 0.7 - rng.uniform(0.015, 0.035), np.abs(pen.x) - 0.95)
    pen.part(distance, pen.palette.main, gloss=0.0)


_KINDS: tuple[tuple[Callable[[Pen], None], float, float], ...] = (
    (_twig, 12.0, 30.0),
    (_pebble, 3.0, 8.0),
    (_pebble, 3.0, 8.0),
    (_blob, 7.0, 20.0),
    (_board, 12.0, 30.0),
    (_grass, 7.0, 16.0),
    (_line, 20.0, 50.0),
)


def draw_clutter(rng: np.random.Generator, palette: Palette, light: Light) -> Pen:
    """Return one drawn piece of clutter of a random kind, size and turn."""
    draw, small, large = _KINDS[int(rng.integers(len(_KINDS)))]
    turn = rng.uniform(-0.3, 0.3) if draw is _grass else rng.uniform(-math.pi, math.pi)
    pen = Pen(rng, Pose(rng.uniform(small, large), turn), palette, light)
    draw(pen)
    return pen
