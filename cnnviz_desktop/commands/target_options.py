"""Options that say what to explain: classes, one class less another, a unit or a region of a layer."""

import argparse
import re
from typing import Literal

from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.requests import ClassTarget, LayerRef, Target, UnitTarget

_NUMBER = r"-?\d+(?:\.\d+)?"
_UNIT = re.compile(r"(?P<layer>[^#@]+)#(?P<channel>\d+)(?:@(?P<row>\d+),(?P<column>\d+))?")
_REGION = re.compile(rf"(?P<layer>[^#@]+)(?:#(?P<channel>\d+))?@(?P<box>{_NUMBER}(?:,{_NUMBER}){{3}})")


def add_targets(parser: argparse.ArgumentParser) -> None:
    """``--target-class``, ``--minus-class``, ``--probability``, ``--target-unit`` and ``--target-region``."""
    group = parser.add_argument_group(
        "what to explain", "A class, unit or region can be given several times, for several maps."
    )
    group.add_argument(
        "--target-class", action="append", default=[], metavar="ID|NAME",
        help="a class by number or name, see cnnviz list classes (default: the likeliest)",
    )  # fmt: skip
    group.add_argument(
        "--minus-class", metavar="ID|NAME", help="a class to take off: what speaks for each of those rather than for it"
    )
    group.add_argument("--probability", action="store_true", help="the classes' probability in place of their logit")
    group.add_argument(
        "--target-unit", action="append", default=[], metavar="LAYER#CHANNEL[@ROW,COLUMN]",
        help="the mean of a channel, or one unit of it",
    )  # fmt: skip
    group.add_argument(
        "--target-region", action="append", default=[], metavar="LAYER[#CHANNEL]@LEFT,TOP,RIGHT,BOTTOM",
        help="the sum of a layer, or of one channel, over a rectangle of the image in pixels",
    )  # fmt: skip


def targets_of(options: argparse.Namespace) -> tuple[Target, ...]:
    """What `add_targets`'s options ask to explain, in the order: classes, units, regions; the likeliest class if none.

    Raises:
        RequestError: A target that cannot be read.
    """
    score: Literal["logit", "probability"] = "probability" if options.probability else "logit"
    minus = None if options.minus_class is None else _label(options.minus_class)
    classes = [ClassTarget(_label(text), minus, score) for text in dict.fromkeys(options.target_class)]
    units = [_unit(text) for text in dict.fromkeys(options.target_unit)]
    regions = [_region(text) for text in dict.fromkeys(options.target_region)]
    if not classes and (minus is not None or options.probability or not (units or regions)):
        classes = [ClassTarget(None, minus, score)]
    return (*classes, *units, *regions)


def _label(text: str) -> int | str:
    """A class as written: a number where it reads as one, else a name."""
    try:
        index = int(text)
    except ValueError:
        if text.strip():
            return text
        raise RequestError("A class has no name: give its number or its name.") from None
    if index < 0:
        raise RequestError(f"Class {index}: the classes are counted from 0.")
    return index


def _unit(text: str) -> UnitTarget:
    match = _UNIT.fullmatch(text)
    if match is None:
        raise RequestError(f"“{text}” is no unit. Write LAYER#CHANNEL, or LAYER#CHANNEL@ROW,COLUMN for one cell.")
    cell = None if match["row"] is None else (int(match["row"]), int(match["column"]))
    return UnitTarget(_layer(match["layer"]), int(match["channel"]), cell=cell)


def _region(text: str) -> UnitTarget:
    match = _REGION.fullmatch(text)
    if match is None:
        raise RequestError(f"“{text}” is no region. Write LAYER@LEFT,TOP,RIGHT,BOTTOM or LAYER#CHANNEL@… in pixels.")
    left, top, right, bottom = map(float, match["box"].split(","))
    if right <= left or bottom <= top:
        raise RequestError(f"“{text}” is an empty region: right has to be above left, and bottom above top.")
    channel = None if match["channel"] is None else int(match["channel"])
    return UnitTarget(_layer(match["layer"]), channel, box=(left, top, right, bottom))


def _layer(text: str) -> str:
    return str(LayerRef.parse(text))
