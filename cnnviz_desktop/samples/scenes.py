"""Scenes of labelled objects over natural-looking backgrounds, each fixed by its seed."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnviz_desktop.samples import solids, things
from cnnviz_desktop.samples.backgrounds import random_background
from cnnviz_desktop.samples.clutter import draw_clutter
from cnnviz_desktop.samples.colours import Colour, flat, random_palette
from cnnviz_desktop.samples.pen import Light, Pen, Pose
from cnnviz_desktop.samples.planes import Planes

SIDE = 128
MAX_OBJECTS = 3
MIN_VISIBLE = 0.6

# How far each class may lean, in radians either way; pi is any attitude.
_CLASSES: tuple[tuple[Callable[[Pen], None], float], ...] = (
    (solids.ball, math.pi),
    (solids.cone, 0.5),
    (solids.cube, 0.25),
    (things.fish, 0.6),
    (things.house, 0.12),
    (things.key, math.pi),
    (solids.mug, 0.3),
    (things.mushroom, 0.35),
    (solids.star, math.pi),
    (things.tree, 0.15),
    (things.umbrella, 0.6),
    (solids.wheel, math.pi),
)

CLASS_NAMES: tuple[str, ...] = tuple(draw.__name__ for draw, _ in _CLASSES)

# Radius in pixels, from and to, by the number of objects in the scene.
_RADII = {1: (18.0, 44.0), 2: (17.0, 33.0), 3: (15.0, 26.0)}


class SceneError(ValueError):
    """A scene was asked for that cannot be drawn."""


@dataclass(frozen=True, eq=False)
class SceneObject:
    """One labelled object.

    Attributes:
        class_index: place in `CLASS_NAMES`.
        class_name: everyday English noun.
        mask: (128, 128) bool, true where the object is seen.
    """

    class_index: int
    class_name: str
    mask: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture and what is in it.

    Attributes:
        seed: the number that fixes the scene, together with the objects asked for.
        image: (128, 128, 3) uint8, RGB.
        objects: the labelled objects in the order asked for; their masks share no pixel.
    """

    seed: int
    image: NDArray[np.uint8]
    objects: tuple[SceneObject, ...]


@dataclass(frozen=True)
class _Placed:
    """A drawn object and the picture coordinates of its patch's top left corner."""

    class_index: int
    pen: Pen
    top: int
    left: int


def render(seed: int, objects: int | tuple[int, ...] = 1) -> Scene:
    """Draw a scene.

    Args:
        seed: any whole number from 0; the same seed and objects give the same bytes.
        objects: how many objects of random, distinct classes (1 to 3), or the class indices themselves.

    Returns:
        The scene; of every object at least 60 % is seen.

    Raises:
        SceneError: on a wrong number of objects, an unknown class or a class that is asked for twice.
    """
    rng = np.random.default_rng(seed)
    classes = _chosen_classes(rng, objects)
    canvas = random_background(rng, (SIDE, SIDE))
    behind = _mean_colour(canvas)
    light = _random_light(rng)
    for _ in range(int(rng.integers(0, 6))):
        _paste_clutter(rng, canvas, behind, light)
    placed, masks = _placed_objects(rng, classes, behind, light)
    for item in placed:
        _paste(canvas, item.pen, item.top, item.left, shadow=rng.uniform(0.15, 0.45), light=light)
    found = tuple(SceneObject(index, CLASS_NAMES[index], masks[index]) for index in classes)
    return Scene(seed, _developed(rng, canvas), found)


def _chosen_classes(rng: np.random.Generator, objects: int | tuple[int, ...]) -> tuple[int, ...]:
    if isinstance(objects, int):
        if not 1 <= objects <= MAX_OBJECTS:
            raise SceneError(f"A scene holds 1 to {MAX_OBJECTS} objects, not {objects}.")
        return tuple(int(k) for k in rng.permutation(len(CLASS_NAMES))[:objects])
    if not 1 <= len(objects) <= MAX_OBJECTS or len(set(objects)) != len(objects):
        raise SceneError(f"A scene holds 1 to {MAX_OBJECTS} objects of distinct classes, not {objects}.")
    if not all(0 <= index < len(CLASS_NAMES) for index in objects):
        raise SceneError(f"Classes are numbered 0 to {len(CLASS_NAMES) - 1}, not {objects}.")
    return objects


def _random_light(rng: np.random.Generator) -> Light:
    right, up = rng.uniform(-0.6, 0.6), rng.uniform(0.25, 0.7)
    front = math.sqrt(1 - min(0.9, right * right + up * up))
    length = math.sqrt(right * right + up * up + front * front)
    return Light(right / length, up / length, front / length, rng.uniform(0.35, 0.55))


def _mean_colour(picture: Planes) -> Colour:
    red, green, blue = (float(plane.mean()) for plane in picture)
    return red, green, blue


def _paste_clutter(rng: np.random.Generator, canvas: Planes, behind: Colour, light: Light) -> None:
    pen = draw_clutter(rng, random_palette(rng, behind), light)
    side = pen.opacity.shape[0]
    top, left = (int(rng.integers(-side // 3, SIDE - side // 2)) for _ in range(2))
    _paste(canvas, pen, top, left, shadow=rng.uniform(0.1, 0.4), light=light)


def _placed_objects(
    rng: np.random.Generator, classes: tuple[int, ...], behind: Colour, light: Light
) -> tuple[list[_Placed], dict[int, NDArray[np.bool_]]]:
    """Draw the objects and find places where each is seen well; return them from back to front, and their masks."""
    while True:
        pens = [(index, _drawn_object(rng, index, len(classes), behind, light)) for index in classes]
        for _ in range(30):
            placed = [_at_random_place(rng, index, pen) for index, pen in pens]
            placed.sort(key=lambda item: item.top + item.pen.opacity.shape[0])
            masks = _visible(placed)
            if masks is not None:
                return placed, masks


def _drawn_object(rng: np.random.Generator, index: int, count: int, behind: Colour, light: Light) -> Pen:
    draw, lean = _CLASSES[index]
    small, large = _RADII[count]
    pose = Pose(rng.uniform(small, large), rng.uniform(-lean, lean), bool(rng.random() < 0.5))
    pen = Pen(rng, pose, random_palette(rng, behind), light)
    draw(pen)
    return pen


def _at_random_place(rng: np.random.Generator, index: int, pen: Pen) -> _Placed:
    side = pen.opacity.shape[0]
    margin = int(pen.radius * 0.85)
    row, column = (int(rng.integers(margin, SIDE - margin)) for _ in range(2))
    return _Placed(index, pen, row - side // 2, column - side // 2)


def _visible(placed: list[_Placed]) -> dict[int, NDArray[np.bool_]] | None:
    """Return what is seen of each object, or None when something hides more than is allowed."""
    masks: dict[int, NDArray[np.bool_]] = {}
    taken = np.zeros((SIDE, SIDE), np.bool_)
    for item in reversed(placed):
        solid = item.pen.opacity > 0.5
        mask = np.zeros((SIDE, SIDE), np.bool_)
        picture, patch = _overlap(item.top, item.left, solid.shape[0])
        mask[picture] = solid[patch]
        mask &= ~taken
        if np.count_nonzero(mask) < (MIN_VISIBLE + 0.05) * np.count_nonzero(solid):
            return None
        taken |= mask
        masks[item.class_index] = mask
    return masks


def _overlap(top: int, left: int, side: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Return the part of the picture, and of a square patch laid at (top, left), that cover each other."""
    first_row, last_row = max(top, 0), max(min(top + side, SIDE), 0)
    first_column, last_column = max(left, 0), max(min(left + side, SIDE), 0)
    picture = slice(first_row, last_row), slice(first_column, last_column)
    patch = slice(first_row - top, last_row - top), slice(first_column - left, last_column - left)
    return picture, patch


def _paste(canvas: Planes, pen: Pen, top: int, left: int, *, shadow: float, light: Light) -> None:
    """Lay an object and its soft shadow on the canvas, in place."""
    side = pen.opacity.shape[0]
    away = pen.radius * 0.16
    picture, patch = _overlap(top + round(away * light.up), left - round(away * light.right * 2), side)
    depth = np.clip(0.5 - pen.outline[patch] * 5, 0, 1)
    canvas[:, picture[0], picture[1]] *= 1 - shadow * depth
    picture, patch = _overlap(top, left, side)
    view = canvas[:, picture[0], picture[1]]
    view *= 1 - pen.opacity[patch]
    view += pen.paint[:, patch[0], patch[1]]


def _developed(rng: np.random.Generator, canvas: Planes) -> NDArray[np.uint8]:
    """Return the canvas as bytes, with a tint, a vignette, an exposure and a little grain."""
    tint: Colour = (rng.uniform(0.93, 1.07), rng.uniform(0.95, 1.05), rng.uniform(0.93, 1.07))
    axis = np.linspace(-1, 1, SIDE, dtype=np.float32) ** 2
    vignette = 1 - (axis[None, :] + axis[:, None]) * np.float32(rng.uniform(0.0, 0.1))
    grain = rng.random((SIDE, SIDE), np.float32) - np.float32(0.5)
    exposure, noise = np.float32(rng.uniform(0.95, 1.2)), np.float32(rng.uniform(0.0, 0.06))
    picture = canvas * flat(tint) * (vignette * exposure) + grain * noise
    levels = np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(levels.transpose(1, 2, 0))
