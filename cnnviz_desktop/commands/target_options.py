"""Options that say what to explain: classes, objects, likenesses, and units or regions of layers."""

import argparse
import re
from typing import Literal

from cnnviz_desktop.commands.options import absolute_image
from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.requests import ClassTarget, DetectionTarget, LayerRef, SimilarityTarget, Target, UnitTarget

_Rectangle = tuple[float, float, float, float]
_NUMBER = r"-?\d+(?:\.\d+)?"
_UNIT = re.compile(r"(?P<layer>[^#@]+)#(?P<channel>\d+)(?:@(?P<row>\d+),(?P<column>\d+))?")
_RECTANGLE = re.compile(rf"{_NUMBER}(?:,{_NUMBER}){{3}}")
_REGION = re.compile(rf"(?P<layer>[^#@]+)(?:#(?P<channel>\d+))?@(?P<box>{_NUMBER}(?:,{_NUMBER}){{3}})")


def add_targets(parser: argparse.ArgumentParser) -> None:
    """The options that `targets_of` reads."""
    group = parser.add_argument_group(
        "what to explain", "A class, box, image, unit or region can be given several times, for several maps."
    )
    group.add_argument(
        "--target-class", action="append", default=[], metavar="ID|NAME",
        help="a class by number or name, see cnnviz list classes (default: the likeliest); of a detection network the "
        "surest object of it",
    )  # fmt: skip
    group.add_argument(
        "--minus-class", metavar="ID|NAME", help="a class to take off: what speaks for each of those rather than for it"
    )
    group.add_argument("--probability", action="store_true", help="the classes' probability in place of their logit")
    group.add_argument(
        "--target-box", action="append", default=[], metavar="N|LEFT,TOP,RIGHT,BOTTOM",
        help="of a detection network: an object by its number in cnnviz run's table of predictions, or the one at a "
        "rectangle of the image in pixels, of --target-class where that is given",
    )  # fmt: skip
    group.add_argument(
        "--similar-to", action="append", default=[], metavar="IMAGE",
        help="how like another image the network finds each: the cosine of their two vectors",
    )  # fmt: skip
    group.add_argument(
        "--target-unit", action="append", default=[], metavar="LAYER#CHANNEL[@ROW,COLUMN]",
        help="the mean of a channel, or one unit of it",
    )  # fmt: skip
    group.add_argument(
        "--target-region", action="append", default=[], metavar="[LAYER[#CHANNEL]@]LEFT,TOP,RIGHT,BOTTOM",
        help="the sum of a layer, or of one channel, over a rectangle of the image in pixels; without a layer, where a "
        "segmentation network is asked about the classes",
    )  # fmt: skip


def targets_of(options: argparse.Namespace) -> tuple[Target, ...]:
    """What the options ask to explain, in the order: classes, objects, likenesses, units, regions of layers.

    The likeliest class where they ask for nothing.

    Raises:
        RequestError: A target that cannot be read.
    """
    score: Literal["logit", "probability"] = "probability" if options.probability else "logit"
    minus = None if options.minus_class is None else _label(options.minus_class)
    labels: list[int | str | None] = [_label(text) for text in dict.fromkeys(options.target_class)]
    texts = dict.fromkeys(options.target_region)
    places: list[_Rectangle | None] = [_box(text, "region") for text in texts if _RECTANGLE.fullmatch(text)]
    asked_of = labels or [None]
    boxes = dict.fromkeys(_box_target(text, label) for text in options.target_box for label in asked_of)
    others: list[Target] = [
        *boxes,
        *(SimilarityTarget(_image(text)) for text in dict.fromkeys(options.similar_to)),
        *(_unit(text) for text in dict.fromkeys(options.target_unit)),
        *(_region(text) for text in texts if not _RECTANGLE.fullmatch(text)),
    ]
    asks_for_class = bool(places) or minus is not None or options.probability
    if boxes and asks_for_class:
        raise RequestError(
            "--target-box names an object, which has one class and one score: leave --minus-class, --probability and "
            "a --target-region without a layer out."
        )
    if boxes:
        return tuple(others)
    if not labels and (asks_for_class or not others):
        labels = [None]
    places = places or [None]
    classes = [ClassTarget(label, minus, score, box) for label in labels for box in places]
    return (*classes, *others)


def _box_target(text: str, label: int | str | None) -> DetectionTarget:
    """An object by its number, or by where it is."""
    if not _RECTANGLE.fullmatch(text):
        if not text.isdecimal():
            raise RequestError(f"“{text}” is no box. Write its number, or LEFT,TOP,RIGHT,BOTTOM in pixels.")
        return DetectionTarget(int(text))
    return DetectionTarget(box=_box(text, "box"), label=label)


def _image(text: str) -> str:
    """The image to compare with, a file's path made absolute so that the request can be run again from anywhere."""
    if not text:
        raise RequestError("--similar-to needs an image to compare with.")
    return absolute_image(text)


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
    channel = None if match["channel"] is None else int(match["channel"])
    return UnitTarget(_layer(match["layer"]), channel, box=_box(match["box"], "region"))


def _box(text: str, what: str) -> _Rectangle:
    left, top, right, bottom = map(float, text.split(","))
    if right <= left or bottom <= top:
        raise RequestError(f"“{text}” is an empty {what}: right has to be above left, and bottom above top.")
    return left, top, right, bottom


def _layer(text: str) -> str:
    return str(LayerRef.parse(text))
