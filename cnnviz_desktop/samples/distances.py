"""Signed distances to simple outlines: negative inside, positive outside, in the unit of `x` and `y`."""

import math
from collections.abc import Sequence

import numpy as np

from cnnviz_desktop.samples.planes import Plane

Point = tuple[float, float]


def circle(x: Plane, y: Plane, radius: float) -> Plane:
    """Return the distance to a circle about the origin."""
    return np.sqrt(x * x + y * y) - radius


def ellipse(x: Plane, y: Plane, across: float, up: float) -> Plane:
    """Return the distance, to first order, to an ellipse with these half axes about the origin."""
    u, v = x / across, y / up
    radius = np.sqrt(u * u + v * v) + 1e-4
    u, v = u / across, v / up
    distance: Plane = radius * (radius - 1.0) / (np.sqrt(u * u + v * v) + 1e-4)
    return distance


def box(x: Plane, y: Plane, across: float, up: float, rounding: float = 0.0) -> Plane:
    """Return the distance to a box with these half sides about the origin."""
    u = np.abs(x) - (across - rounding)
    v = np.abs(y) - (up - rounding)
    outside = np.sqrt(np.maximum(u, 0) ** 2 + np.maximum(v, 0) ** 2)
    distance: Plane = outside + np.minimum(np.maximum(u, v), 0) - rounding
    return distance


def capsule(x: Plane, y: Plane, start: Point, end: Point, radius: float, end_radius: float | None = None) -> Plane:
    """Return the distance to a thick line, which may taper to `end_radius`."""
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    u, v = x - start[0], y - start[1]
    t = np.clip((u * along_x + v * along_y) / (along_x * along_x + along_y * along_y + 1e-9), 0, 1)
    thickness: Plane | float = radius if end_radius is None else radius + (end_radius - radius) * t
    return np.sqrt((u - t * along_x) ** 2 + (v - t * along_y) ** 2) - thickness


def convex(x: Plane, y: Plane, corners: Sequence[Point]) -> Plane:
    """Return the distance (a lower bound beyond the corners) to a convex polygon, corners in either direction."""
    area = sum(a[0] * b[1] - a[1] * b[0] for a, b in zip(corners, [*corners[1:], corners[0]], strict=True))
    sign = 1.0 if area > 0 else -1.0
    distance: Plane | None = None
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        length = math.hypot(bx - ax, by - ay) + 1e-9
        nx, ny = sign * (by - ay) / length, -sign * (bx - ax) / length
        side = x * nx + (y * ny - (ax * nx + ay * ny))
        distance = side if distance is None else np.maximum(distance, side, out=distance)
    if distance is None:
        raise ValueError(corners)
    return distance


def star(x: Plane, y: Plane, points: int, outer: float, inner: float) -> tuple[Plane, Plane]:
    """Return the distance to a star with a point at the top, and each pixel's side (-1 or 1) of its nearest ridge."""
    sector = math.pi / points
    angle = np.arctan2(x, y)
    turned = angle / (2 * sector)
    offset = (turned - np.round(turned)) * (2 * sector)
    radius = np.sqrt(x * x + y * y)
    u, v = radius * np.cos(offset), radius * np.abs(np.sin(offset))
    # The edge runs from the tip (outer, 0) to the notch at half a sector.
    notch = (inner * math.cos(sector), inner * math.sin(sector))
    edge_x, edge_y = notch[0] - outer, notch[1]
    length = math.hypot(edge_x, edge_y)
    return ((u - outer) * edge_y - v * edge_x) / length, np.sign(offset)
