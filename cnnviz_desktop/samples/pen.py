"""Drawing of one object: shaded parts laid over each other in the object's own coordinates."""

import math
from dataclasses import dataclass

import numpy as np

from cnnviz_desktop.samples.colours import Colour, Palette, flat, mix
from cnnviz_desktop.samples.patterns import random_pattern
from cnnviz_desktop.samples.planes import Plane, Planes

Normal = tuple[Plane | float, Plane | float, Plane | float]

# Parts reach to 1 from the object's centre; the rest is room for a soft edge.
_REACH = 1.08


@dataclass(frozen=True)
class Light:
    """Where the light of a scene comes from: a unit vector to the right, up and towards the viewer."""

    right: float
    up: float
    front: float
    ambient: float


@dataclass(frozen=True)
class Pose:
    """Size and attitude of an object.

    Attributes:
        radius: pixels from the centre to the farthest part.
        turn: anticlockwise turn in radians.
        mirrored: left and right exchanged.
    """

    radius: float
    turn: float = 0.0
    mirrored: bool = False


class Pen:
    """Collects the parts of one object.

    Attributes:
        x: (h, w) coordinate to the object's right; the object fits into a circle of radius 1.
        y: (h, w) coordinate to the object's top.
        paint: (3, h, w) light that the object sends, times its opacity.
        opacity: (h, w) from 0 to 1.
        outline: (h, w) signed distance to the object's edge in its own unit.
    """

    def __init__(self, rng: np.random.Generator, pose: Pose, palette: Palette, light: Light) -> None:
        self.rng = rng
        self.palette = palette
        self.radius = pose.radius
        self._light = light
        half = math.ceil(pose.radius * _REACH + 1)
        steps = (np.arange(-half, half + 1, dtype=np.float32)) / np.float32(pose.radius)
        self._cosine, self._sine = math.cos(pose.turn), math.sin(pose.turn)
        self._flip = -1.0 if pose.mirrored else 1.0
        right, up = steps[None, :], -steps[:, None]
        self.x: Plane = (right * self._cosine + up * self._sine) * self._flip
        self.y: Plane = up * self._cosine - right * self._sine
        side = 2 * half + 1
        self.paint: Planes = np.zeros((3, side, side), np.float32)
        self.opacity: Plane = np.zeros((side, side), np.float32)
        self.outline: Plane = np.full((side, side), 9.0, np.float32)

    def pattern(self, u: Plane | None = None, v: Plane | None = None) -> Planes:
        """Return the main colour with a random pattern of the second colour on it, (3, h, w) or (3, 1, 1)."""
        amount = random_pattern(self.rng, self.x if u is None else u, self.y if v is None else v)
        return mix(self.palette.main, self.palette.second, amount)

    def part(
        self,
        distance: Plane,
        colour: Colour | Planes,
        *,
        relief: float = 0.0,
        normal: Normal | None = None,
        gloss: float = 0.15,
    ) -> None:
        """Lay a part over what is drawn so far.

        Args:
            distance: (h, w) signed distance to the part's edge.
            colour: one colour, or (3, h, w).
            relief: width of the rounded rim in the object's unit; 0 is a flat part.
            normal: surface direction in the object's coordinates, instead of relief.
            gloss: strength of the highlight, 0 to 1.
        """
        coverage = np.clip(0.5 - distance * self.radius, 0, 1)
        base = flat(colour) if isinstance(colour, tuple) else colour
        shade, highlight = self._shading(distance, relief, normal)
        lit = base * shade
        if gloss:
            lit = lit + highlight * gloss
        self.paint += (lit - self.paint) * coverage
        self.opacity += (1 - self.opacity) * coverage
        np.minimum(self.outline, distance, out=self.outline)

    def _shading(self, distance: Plane, relief: float, normal: Normal | None) -> tuple[Plane | float, Plane | float]:
        """Return the factor on the colour and the highlight, for a surface facing `normal` or rounded by `relief`."""
        right: Plane | float
        up: Plane | float
        if normal is not None:
            across = normal[0] * self._flip
            right = across * self._cosine - normal[1] * self._sine
            up = across * self._sine + normal[1] * self._cosine
            front: Plane | float = normal[2]
        elif relief > 0:
            slope = np.clip(1 + distance * (1 / relief), 0, 1) * (self.radius / 2)
            right, up = np.zeros_like(distance), np.zeros_like(distance)
            np.subtract(distance[:, 2:], distance[:, :-2], out=right[:, 1:-1])
            np.subtract(distance[:-2], distance[2:], out=up[1:-1])
            right *= slope
            up *= slope
            front = np.sqrt(np.clip(1 - right * right - up * up, 0, 1))
        else:
            right, up, front = 0.0, 0.0, 1.0
        light = self._light
        facing = right * light.right + up * light.up + front * light.front
        shade = light.ambient + (1.15 - light.ambient) * np.clip(facing, 0, 1)
        # Halfway between light and viewer, to the power 16.
        length = math.sqrt(2 + 2 * light.front)
        half = np.clip((facing + front) * (1 / length), 0, 1)
        half = half * half
        half = half * half
        half = half * half
        return shade, half * half
