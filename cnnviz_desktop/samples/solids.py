"""Classes with simple geometric bodies: ball, cube, cone, wheel, star, mug."""

import math

import numpy as np
from numpy.typing import NDArray

from cnnviz_desktop.samples import distances
from cnnviz_desktop.samples.colours import flat, hsv, mix, scaled
from cnnviz_desktop.samples.patterns import random_pattern
from cnnviz_desktop.samples.pen import Pen
from cnnviz_desktop.samples.planes import Plane, Planes


def _random_turn(rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a random rotation matrix (3, 3)."""
    matrix, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    return np.asarray(matrix, np.float32)


def ball(pen: Pen) -> None:
    """Draw a sphere with sectors, a belt or a pattern, turned any way."""
    rng, size = pen.rng, 0.95
    distance = distances.circle(pen.x, pen.y, size)
    x, y = pen.x * (1 / size), pen.y * (1 / size)
    front = np.sqrt(np.clip(1 - x * x - y * y, 0, 1))
    turn = _random_turn(rng)
    u, v, w = (x * float(row[0]) + y * float(row[1]) + front * float(row[2]) for row in turn)
    style = rng.random()
    if style < 0.35:
        sectors = int(rng.integers(2, 5))
        amount = np.clip(np.sin(np.arctan2(u, v) * sectors) * 6 + 0.5, 0, 1)
        colour = mix(pen.palette.main, pen.palette.second, amount)
        colour = mix(colour, pen.palette.accent, np.clip((np.abs(w) - 0.93) * 40, 0, 1))
    elif style < 0.55:
        belt = np.clip((rng.uniform(0.15, 0.4) - np.abs(w)) * 20, 0, 1)
        colour = mix(pen.palette.main, pen.palette.second, belt)
    else:
        colour = pen.pattern(u * 1.3, v * 1.3)
    pen.part(distance, colour, normal=(x, y, front), gloss=rng.uniform(0.0, 0.7))


def cube(pen: Pen) -> None:
    """Draw a box of nearly equal sides, seen from above at a corner."""
    rng = pen.rng
    yaw, pitch = rng.uniform(0.25, math.pi / 2 - 0.25), rng.uniform(0.3, 0.8)
    sides = [0.57 * rng.uniform(0.85, 1.0) for _ in range(3)]
    across = (math.cos(yaw), math.sin(yaw) * math.sin(pitch), -math.sin(yaw) * math.cos(pitch))
    along = (-math.sin(yaw), math.cos(yaw) * math.sin(pitch), -math.cos(yaw) * math.cos(pitch))
    up = (0.0, math.cos(pitch), math.sin(pitch))
    # Each face: its outward axis, and the two axes within it. The two sides look towards the viewer.
    minus_across = (-across[0], -across[1], -across[2])
    minus_along = (-along[0], -along[1], -along[2])
    faces = (
        (up, sides[2], across, sides[0], along, sides[1]),
        (minus_along, sides[1], across, sides[0], up, sides[2]),
        (minus_across, sides[0], along, sides[1], up, sides[2]),
    )
    decoration = ("plain", "frame", "dice", "pattern", "pattern")[int(rng.integers(5))]
    for axis, reach, first, first_side, second, second_side in faces:
        u, v, distance = _face(pen, axis, reach, first, first_side, second, second_side)
        colour = flat(pen.palette.main)
        if decoration == "frame":
            edge = np.maximum(np.abs(u), np.abs(v))
            colour = mix(pen.palette.main, pen.palette.second, np.clip((edge - 0.75) * 20, 0, 1))
        elif decoration == "dice":
            colour = _pips(pen, u, v)
        elif decoration == "pattern":
            amount = random_pattern(rng, u, v)
            colour = mix(pen.palette.main, pen.palette.second, amount)
        pen.part(distance - 0.03, colour, normal=axis, gloss=0.1)


def _face(
    pen: Pen,
    axis: tuple[float, float, float],
    reach: float,
    first: tuple[float, float, float],
    first_side: float,
    second: tuple[float, float, float],
    second_side: float,
) -> tuple[Plane, Plane, Plane]:
    """Return coordinates -1 to 1 within a face of a box, and the distance to its edge."""
    ax, ay = first[0] * first_side, first[1] * first_side
    bx, by = second[0] * second_side, second[1] * second_side
    determinant = ax * by - ay * bx
    x, y = pen.x - axis[0] * reach, pen.y - axis[1] * reach
    u = (x * by - y * bx) * (1 / determinant)
    v = (y * ax - x * ay) * (1 / determinant)
    height_u = abs(determinant) / math.hypot(bx, by)
    height_v = abs(determinant) / math.hypot(ax, ay)
    return u, v, np.maximum((np.abs(u) - 1) * height_u, (np.abs(v) - 1) * height_v)


def _pips(pen: Pen, u: Plane, v: Plane) -> Planes:
    """Return the colour of a face with one to five pips."""
    layouts = (((0.0, 0.0),), ((-0.45, -0.45), (0.45, 0.45)), ((-0.5, -0.5), (0.0, 0.0), (0.5, 0.5)))
    spots = layouts[int(pen.rng.integers(3))]
    if pen.rng.random() < 0.5:
        spots = (*spots, (0.5, -0.5), (-0.5, 0.5)) if len(spots) != 1 else spots
    nearest = np.minimum.reduce([(u - a) ** 2 + (v - b) ** 2 for a, b in spots])
    return mix(pen.palette.main, pen.palette.second, np.clip((0.07 - nearest) * 25, 0, 1))


def cone(pen: Pen) -> None:
    """Draw a cone that stands on its base: plain, banded, spiralled or patterned."""
    rng = pen.rng
    tip, foot, half = 0.95, -0.68, rng.uniform(0.42, 0.62)
    flatness = half * rng.uniform(0.18, 0.35)
    if rng.random() < 0.3:
        plate = distances.ellipse(pen.x, pen.y - foot + 0.03, half * 1.3, flatness * 1.3)
        pen.part(plate, pen.palette.accent, gloss=0.0)
        pen.part(plate + 0.05, scaled(pen.palette.accent, 1.25), gloss=0.0)
    side = distances.convex(pen.x, pen.y, ((0.0, tip), (-half, foot), (half, foot)))
    distance = np.minimum(side, distances.ellipse(pen.x, pen.y - foot, half, flatness))
    width = np.maximum((tip - pen.y) * (half / (tip - foot)), 0.03)
    right = np.clip(pen.x / width, -1, 1)
    curve = pen.y + np.sqrt(np.clip(1 - right * right, 0, 1)) * width * (flatness / half)
    style = rng.random()
    if style < 0.3:
        bands = np.clip(np.sin(curve * rng.uniform(6, 12) + rng.uniform(0, 6)) * 6 + 0.3, 0, 1)
        colour = mix(pen.palette.main, pen.palette.second, bands)
    elif style < 0.5:
        spiral = np.sin(curve * rng.uniform(8, 14) + np.arcsin(right) * rng.uniform(1, 2))
        colour = mix(pen.palette.main, pen.palette.second, np.clip(spiral * 6 + 0.5, 0, 1))
    else:
        colour = pen.pattern(np.arcsin(right) * 0.7, curve)
    rise = half / math.hypot(half, tip - foot)
    level = math.sqrt(1 - rise * rise)
    normal = (right * level, rise, np.sqrt(np.clip(1 - right * right, 0, 1)) * level)
    pen.part(distance, colour, normal=normal, gloss=rng.uniform(0.0, 0.4))


def wheel(pen: Pen) -> None:
    """Draw a wheel seen at a slant: tyre, rim, spokes over a disc, hub."""
    rng = pen.rng
    up = rng.uniform(0.62, 1.0)
    x, y = pen.x, pen.y / up
    away, angle = np.sqrt(x * x + y * y), np.arctan2(y, x)
    tread, rim = rng.uniform(0.14, 0.26), rng.uniform(0.05, 0.1)
    rubber = hsv(rng.random(), rng.uniform(0.0, 0.25), rng.uniform(0.1, 0.32))
    disc = 0.95 - tread
    pen.part((away - 0.95) * up, rubber, relief=tread * 0.7, gloss=0.15)
    pen.part((away - disc) * up, pen.palette.second, relief=rim, gloss=0.3)
    pen.part((away - disc + rim) * up, scaled(pen.palette.second, 0.45), gloss=0.0)
    spokes, width = int(rng.integers(4, 10)), rng.uniform(0.05, 0.1)
    turn = (angle * spokes / (2 * math.pi)) % 1.0 - 0.5
    side = np.abs(turn) * (2 * math.pi / spokes) * away - width
    pen.part(np.maximum(side, away - disc + rim * 0.5), pen.palette.main, relief=width * 0.8, gloss=0.4)
    hub = rng.uniform(0.16, 0.28)
    pen.part((away - hub) * up, pen.palette.main, relief=hub * 0.6, gloss=rng.uniform(0.3, 0.8))


def star(pen: Pen) -> None:
    """Draw a star of five points (seldom four or six), faceted or puffy."""
    rng = pen.rng
    points = (5, 5, 5, 5, 4, 6)[int(rng.integers(6))]
    inner = rng.uniform(0.38, 0.52) if points > 4 else rng.uniform(0.3, 0.4)
    distance, side = distances.star(pen.x, pen.y, points, 0.97, inner)
    colour = pen.pattern()
    if rng.random() < 0.5:
        angle = np.arctan2(pen.y, pen.x)
        tilt = 0.45
        facing = angle - side * 0.9
        normal = (np.cos(facing) * tilt, np.sin(facing) * tilt, math.sqrt(1 - tilt * tilt))
        pen.part(distance, colour, normal=normal, gloss=0.3)
    else:
        pen.part(distance - 0.02, colour, relief=rng.uniform(0.12, 0.3), gloss=rng.uniform(0.1, 0.6))


def mug(pen: Pen) -> None:
    """Draw a mug with a handle, seen from slightly above."""
    rng = pen.rng
    half, height, tilt = rng.uniform(0.46, 0.56), rng.uniform(0.5, 0.7), rng.uniform(0.2, 0.38)
    shift, rim = -0.18, half * tilt
    x = pen.x - shift
    handle = distances.ellipse(x - half, pen.y + 0.02, 0.3, height * rng.uniform(0.5, 0.68))
    thickness = rng.uniform(0.06, 0.1)
    pen.part(np.abs(handle) - thickness, pen.palette.main, relief=thickness, gloss=0.3)
    body = distances.box(x, pen.y, half, height)
    body = np.minimum(body, distances.ellipse(x, pen.y + height, half, rim))
    right = np.clip(x * (1 / half), -1, 1)
    front = np.sqrt(np.clip(1 - right * right, 0, 1))
    curve = pen.y + front * rim
    style = rng.random()
    if style < 0.3:
        belt = np.clip((rng.uniform(0.1, 0.3) - np.abs(curve - rng.uniform(-0.2, 0.3))) * 25, 0, 1)
        colour = mix(pen.palette.main, pen.palette.second, belt)
    else:
        colour = pen.pattern(np.arcsin(right) * 0.7, curve)
    pen.part(body, colour, normal=(right, 0.0, front), gloss=rng.uniform(0.1, 0.5))
    mouth = distances.ellipse(x, pen.y - height, half, rim)
    pen.part(mouth, scaled(pen.palette.main, 1.15), gloss=0.0)
    inside = distances.ellipse(x, pen.y - height, half - 0.06, rim - 0.035)
    pen.part(inside, scaled(pen.palette.main, 0.5), gloss=0.0)
    drink = np.maximum(inside, distances.ellipse(x, pen.y - height + rim * 0.45, half, rim))
    pen.part(drink, scaled(pen.palette.accent, 0.55), gloss=0.0)
