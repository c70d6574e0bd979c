"""Classes made of several parts: mushroom, fish, tree, house, key, umbrella."""

import math

import numpy as np

from cnnviz_desktop.samples import distances
from cnnviz_desktop.samples.colours import Colour, flat, hsv, mix, scaled
from cnnviz_desktop.samples.noise import fractal
from cnnviz_desktop.samples.pen import Pen
from cnnviz_desktop.samples.planes import Plane, Planes


def mushroom(pen: Pen) -> None:
    """Draw a mushroom: a tapered stem under a domed cap, often spotted."""
    rng = pen.rng
    across, dome, level = rng.uniform(0.65, 0.93), rng.uniform(0.55, 0.95), rng.uniform(-0.1, 0.15)
    pale = hsv(rng.random(), rng.uniform(0.02, 0.35), rng.uniform(0.65, 1.0))
    foot = rng.uniform(0.13, 0.28)
    stem = distances.capsule(pen.x, pen.y, (0.0, level), (rng.uniform(-0.1, 0.1), -0.72), foot * 0.8, foot)
    pen.part(stem, pale, relief=foot, gloss=0.1)
    if rng.random() < 0.4:
        skirt = distances.ellipse(pen.x, pen.y - level + 0.25, foot + 0.1, 0.07)
        pen.part(skirt, scaled(pale, 0.9), relief=0.06, gloss=0.0)
    lip = rng.uniform(0.08, 0.2)
    y = pen.y - level
    gills = distances.ellipse(pen.x, y, across, lip)
    pen.part(gills, scaled(pale, 0.65), gloss=0.0)
    top = distances.ellipse(pen.x, y, across, min(dome, 0.95 - level))
    cap = np.maximum(top, -(y + lip * 0.6 - lip * (pen.x / across) ** 2 * 0.6))
    colour = pen.pattern()
    if rng.random() < 0.5:
        colour = _spots(pen, y, across, dome)
    pen.part(cap, colour, relief=0.45, gloss=rng.uniform(0.1, 0.5))


def _spots(pen: Pen, y: Plane, across: float, dome: float) -> Planes:
    """Return the cap's colour with pale round spots."""
    rng = pen.rng
    nearest = np.full_like(y, 9.0)
    for _ in range(int(rng.integers(5, 10))):
        u, v, size = rng.uniform(-0.8, 0.8) * across, rng.uniform(0.1, 0.85) * dome, rng.uniform(0.06, 0.15)
        np.minimum(nearest, np.sqrt((pen.x - u) ** 2 + (y - v) ** 2) - size, out=nearest)
    return mix(pen.palette.main, pen.palette.second, np.clip(0.5 - nearest * pen.radius, 0, 1))


def fish(pen: Pen) -> None:
    """Draw a fish from the side: body, tail, fins and eye."""
    rng = pen.rng
    height, middle = rng.uniform(0.3, 0.5), 0.22
    fin: Planes | Colour = pen.palette.second if rng.random() < 0.6 else scaled(pen.palette.main, 0.75)
    spread, notch = rng.uniform(0.28, 0.5), rng.uniform(-0.8, -0.68)
    for sign in (1.0, -1.0):
        lobe = distances.convex(pen.x, pen.y, ((-0.4, 0.0), (-0.45, 0.06 * sign), (-0.95, spread * sign), (notch, 0.0)))
        pen.part(lobe - 0.02, fin, relief=0.1)
    back = distances.convex(pen.x, pen.y, ((0.45, height * 0.6), (-0.3, height * 0.3), (-0.15, height + 0.25)))
    pen.part(back - 0.03, fin, relief=0.1)
    belly = distances.convex(pen.x, pen.y, ((0.2, -height * 0.7), (-0.25, -height * 0.4), (-0.1, -height - 0.2)))
    pen.part(belly - 0.02, fin, relief=0.1)
    # The body is what two large circles share, rounded at the nose.
    long = 0.68
    offset = (long * long - height * height) / (2 * height)
    x = pen.x - middle
    lens = np.maximum(
        distances.circle(x, pen.y + offset, offset + height), distances.circle(x, pen.y - offset, offset + height)
    )
    colour = pen.pattern(x * 1.3, pen.y * 1.3)
    if rng.random() < 0.35:
        amount = np.clip(np.sin(x * rng.uniform(8, 14) + pen.y * pen.y * 4) * 4 + 0.3, 0, 1)
        colour = mix(pen.palette.main, pen.palette.second, amount)
    colour = mix(colour, (0.95, 0.93, 0.88), np.clip(-pen.y * (0.9 / height), 0, 0.7))
    pen.part(lens - 0.03, colour, relief=height * 0.8, gloss=rng.uniform(0.2, 0.6))
    gill = np.abs(distances.circle(x - 0.0, pen.y, 0.33)) - 0.02
    gill = np.maximum(np.maximum(gill, 0.18 - x), np.abs(pen.y) - height * 0.55)
    pen.part(gill, scaled(pen.palette.main, 0.5), gloss=0.0)
    side_fin = distances.ellipse(x + 0.02, pen.y + 0.1, 0.14, 0.07)
    pen.part(side_fin, fin, relief=0.06)
    eye = np.sqrt((x - 0.42) ** 2 + (pen.y - 0.09) ** 2)
    pen.part(eye - 0.085, (0.95, 0.95, 0.92), gloss=0.0)
    pen.part(eye - 0.05, (0.06, 0.06, 0.08), gloss=0.0)


def tree(pen: Pen) -> None:
    """Draw a tree: a trunk with branches under a leafy crown, round or tiered."""
    rng = pen.rng
    bark = hsv(rng.uniform(0.02, 0.12), rng.uniform(0.2, 0.6), rng.uniform(0.25, 0.55))
    width = rng.uniform(0.07, 0.13)
    pen.part(distances.capsule(pen.x, pen.y, (0.0, 0.3), (0.0, -0.9), width * 0.7, width), bark, relief=width)
    height, across = pen.x.shape
    leaves = fractal(rng, (9, 9), (height, across), 2, 0.7)
    if rng.random() < 0.65:
        _branches(pen, bark, width)
        crown = _round_crown(pen)
    else:
        crown = _tiered_crown(pen)
    crown = crown + leaves * 0.04
    tint = np.clip(leaves * 0.5 + 0.4, 0, 1)
    colour = mix(scaled(pen.palette.main, 0.75), scaled(pen.palette.main, 1.25), tint)
    if rng.random() < 0.3:
        fruit = np.clip((fractal(rng, (11, 11), (height, across), 1) - 1.2) * 6, 0, 1)
        colour = mix(colour, pen.palette.accent, fruit)
    pen.part(crown, colour, relief=0.4, gloss=0.0)


def _branches(pen: Pen, bark: Colour, width: float) -> None:
    for sign in (-1.0, 1.0):
        end = (sign * pen.rng.uniform(0.25, 0.45), pen.rng.uniform(0.05, 0.25))
        start = (0.0, pen.rng.uniform(-0.5, -0.25))
        pen.part(distances.capsule(pen.x, pen.y, start, end, width * 0.5, width * 0.25), bark, relief=width * 0.5)


def _round_crown(pen: Pen) -> Plane:
    """Return the distance to a crown of several leafy balls."""
    rng, level = pen.rng, pen.rng.uniform(0.22, 0.34)
    wide, high = rng.uniform(0.3, 0.48), rng.uniform(0.22, 0.36)
    crown = distances.ellipse(pen.x, pen.y - level, wide + 0.12, high + 0.12)
    count = int(rng.integers(6, 9))
    for k in range(count):
        angle = 2 * math.pi * (k + rng.uniform(-0.25, 0.25)) / count
        u, v = wide * math.cos(angle), level + high * math.sin(angle)
        puff = distances.circle(pen.x - u, pen.y - v, rng.uniform(0.2, 0.31))
        np.minimum(crown, puff, out=crown)
    return crown


def _tiered_crown(pen: Pen) -> Plane:
    """Return the distance to a conifer's crown of overlapping triangles."""
    rng = pen.rng
    tiers, half = int(rng.integers(3, 5)), rng.uniform(0.52, 0.72)
    crown = np.full_like(pen.x, 9.0)
    for k in range(tiers):
        low = -0.55 + 1.1 * k / tiers
        high = min(0.95, low + 1.9 / tiers)
        reach = half * (1 - 0.62 * k / tiers)
        corners = ((0.0, high), (-reach, low), (-reach * 0.4, low + 0.06), (reach * 0.4, low + 0.06), (reach, low))
        left = distances.convex(pen.x, pen.y, (corners[0], corners[1], corners[2], (0.0, low + 0.06)))
        right = distances.convex(pen.x, pen.y, (corners[0], (0.0, low + 0.06), corners[3], corners[4]))
        crown = np.minimum(crown, np.minimum(left, right))
    return crown


def house(pen: Pen) -> None:
    """Draw a house: front, gabled roof, door, windows, often a side wall and a chimney."""
    rng = pen.rng
    half, eaves, floor = rng.uniform(0.4, 0.52), rng.uniform(-0.05, 0.2), -0.75
    ridge = eaves + rng.uniform(0.45, 0.7)
    depth = rng.uniform(0.25, 0.45) if rng.random() < 0.7 else 0.0
    rise = depth * rng.uniform(0.1, 0.3)
    x = pen.x + depth * 0.5
    roof_colour = pen.palette.second
    if rng.random() < 0.6:
        place = rng.uniform(0.1, 0.3)
        chimney = distances.box(x - place, pen.y - ridge + 0.02, 0.08, 0.24)
        pen.part(chimney, pen.palette.accent, gloss=0.0)
    if depth:
        wall = ((half, floor), (half + depth, floor + rise), (half + depth, eaves + rise), (half, eaves))
        pen.part(distances.convex(x, pen.y, wall), scaled(pen.palette.main, 0.65), gloss=0.0)
    body = distances.convex(x, pen.y, ((-half, floor), (half, floor), (half, eaves), (0.0, ridge), (-half, eaves)))
    pen.part(body, pen.pattern(x * 1.4, pen.y * 1.4), gloss=0.0)
    _roof(pen, x, (half, eaves, ridge), (depth, rise), roof_colour)
    _openings(pen, x, half, eaves, floor)


def _roof(pen: Pen, x: Plane, gable: tuple[float, float, float], depth: tuple[float, float], colour: Colour) -> None:
    """Lay the roof: one slope going back when the house has depth, and the edge of the gable."""
    half, eaves, ridge = gable
    back, rise = depth
    slope = (ridge - eaves) / half
    over = half + 0.1
    low = ridge - slope * over
    if back:
        corners = ((0.0, ridge), (back, ridge + rise), (over + back, low + rise), (over, low))
        rows = np.clip(np.sin((pen.y + x * slope * 0.2) * 30) * 0.25 + 0.25, 0, 1)
        pen.part(distances.convex(x, pen.y, corners), mix(colour, scaled(colour, 0.7), rows), gloss=0.0)
    edge = np.minimum(
        distances.capsule(x, pen.y, (0.0, ridge), (over, low), 0.06),
        distances.capsule(x, pen.y, (0.0, ridge), (-over, low), 0.06),
    )
    pen.part(edge, scaled(colour, 0.85), relief=0.06, gloss=0.0)


def _openings(pen: Pen, x: Plane, half: float, eaves: float, floor: float) -> None:
    """Draw a door and one to three windows in the front."""
    rng = pen.rng
    door_place = rng.uniform(-0.5, 0.5) * half
    door = distances.box(x - door_place, pen.y - floor - 0.2, 0.1, 0.2)
    pen.part(door, scaled(pen.palette.accent, 0.6), gloss=0.0)
    glass = hsv(rng.uniform(0.5, 0.62), 0.35, 0.9) if rng.random() < 0.6 else hsv(0.13, 0.55, 1.0)
    spots = [(0.0, eaves + 0.12)]
    spots += [(side * half * 0.62, (floor + eaves) / 2 + 0.1) for side in (-1, 1)]
    for u, v in spots[int(rng.integers(2)) :]:
        if abs(u - door_place) < 0.22 and v < floor + 0.5:
            continue
        pane = distances.box(x - u, pen.y - v, 0.09, 0.11)
        pen.part(pane - 0.025, (0.95, 0.94, 0.9), gloss=0.0)
        cross = np.minimum(np.abs(x - u), np.abs(pen.y - v)) - 0.012
        pen.part(np.maximum(pane, -cross), glass, gloss=0.0)


def key(pen: Pen) -> None:
    """Draw a key: a bow with a hole, a shaft and a bit with teeth."""
    rng = pen.rng
    place, size, thick = 0.52, rng.uniform(0.3, 0.4), rng.uniform(0.13, 0.18)
    x = pen.x + place
    style = rng.random()
    if style < 0.5:
        bow = np.abs(distances.ellipse(x, pen.y, size * rng.uniform(0.75, 1.0), size)) - thick
    elif style < 0.75:
        lobes = [distances.circle(x - u, pen.y - v, size * 0.42) for u, v in ((0.1, size * 0.6), (0.1, -size * 0.6))]
        bow = np.abs(np.minimum.reduce([*lobes, distances.circle(x + size * 0.4, pen.y, size * 0.42)])) - thick * 0.8
    else:
        bow = np.abs(distances.box(x, pen.y, size * 0.8, size * 0.9, 0.12)) - thick
    shaft = distances.capsule(pen.x, pen.y, (size * 0.8 - place, 0.0), (0.9, 0.0), rng.uniform(0.09, 0.12))
    blade = np.minimum(bow, shaft)
    teeth = int(rng.integers(2, 5))
    pitch = rng.uniform(0.11, 0.15)
    for k in range(teeth):
        deep = rng.uniform(0.1, 0.2)
        tooth = distances.box(pen.x - (0.84 - k * pitch), pen.y + deep, pitch * 0.36, deep)
        np.minimum(blade, tooth, out=blade)
    collar = distances.box(pen.x + place - size - 0.12, pen.y, 0.04, 0.12, 0.03)
    np.minimum(blade, collar, out=blade)
    pen.part(blade, pen.pattern(), relief=0.08, gloss=rng.uniform(0.3, 0.9))


def umbrella(pen: Pen) -> None:
    """Draw an open umbrella seen from slightly below: inside, shaft and crook, a scalloped canopy in sectors."""
    rng = pen.rng
    level, high = rng.uniform(-0.05, 0.12), rng.uniform(0.6, 0.85)
    high = min(high, 0.88 - level)
    shaft_colour = scaled(pen.palette.accent, 0.7)
    foot, crook, thin = -0.78, rng.uniform(0.1, 0.15), rng.uniform(0.03, 0.045)
    shaft = distances.capsule(pen.x, pen.y, (0.0, level + high + 0.06), (0.0, foot), thin)
    arc = np.abs(distances.circle(pen.x - crook, pen.y - foot, crook)) - thin
    hook = np.maximum(arc, pen.y - foot)
    pen.part(np.minimum(shaft, hook), shaft_colour, relief=thin, gloss=0.3)
    sectors = int(rng.integers(4, 7))
    half = 0.95
    y = pen.y - level
    inside = distances.ellipse(pen.x, y, half * 0.96, rng.uniform(0.22, 0.38))
    ribs = 0.8 + 0.2 * np.cos(np.arctan2(y, pen.x) * sectors * 2)
    pen.part(np.maximum(inside, y - 0.1), flat(scaled(pen.palette.main, 0.5)) * ribs, gloss=0.0)
    pen.part(np.maximum(shaft, y), shaft_colour, relief=thin, gloss=0.3)
    dome = distances.ellipse(pen.x, y, half, high)
    # Ribs are great circles: equal steps of the angle whose sine is the place along the rim.
    rim = np.sqrt(np.clip(1 - (np.maximum(y, 0) / high) ** 2, 0.02, 1)) * half
    longitude = np.arcsin(np.clip(pen.x / rim, -1, 1)) * (sectors / math.pi) + sectors / 2
    within = longitude - np.floor(longitude)
    scallop = rng.uniform(0.08, 0.16) * 4 * within * (1 - within)
    canopy = np.maximum(dome, scallop - y)
    style = rng.random()
    if style < 0.5:
        colour = mix(pen.palette.main, pen.palette.second, np.floor(longitude) % 2)
    else:
        colour = pen.pattern(longitude * (2 / sectors) - 1, y)
    fold = 1 - 0.25 * np.abs(2 * within - 1) ** 4
    pen.part(canopy, colour * fold, relief=0.4, gloss=0.2)
