"""Options that say how an image becomes the network's input, in place of what its weights or its description say."""

import argparse
import re
from typing import TYPE_CHECKING, Any, get_args

from msgspec.structs import replace

from cnnviz_desktop.core.description import ChannelOrder, Interpolation, Preprocessing
from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.geometry import Resize
from cnnviz_desktop.core.references import described
from cnnviz_desktop.core.requests import Request

if TYPE_CHECKING:
    from cnnviz_desktop.commands.engine import Engine

_SIZE = re.compile(r"(?P<height>\d+)(?:\s*[x×]\s*(?P<width>\d+))?", re.IGNORECASE)
_GREY = 1
_COLOUR = 3


def add_preprocessing(parser: argparse.ArgumentParser) -> None:
    """``--resize``, ``--size``, ``--short-side``, ``--interpolation``, ``--pad``, ``--order`` and the values' range."""
    group = parser.add_argument_group(
        "how images are fed", "What is not given stays as the weights or the network's description say."
    )
    group.add_argument(
        "--resize", choices=[each.replace("_", "-") for each in get_args(Resize)],
        help="how an image is fitted to the size; none feeds every pixel",
    )  # fmt: skip
    group.add_argument("--size", metavar="HxW", help="of the input in pixels, height first; one number for a square")
    group.add_argument("--short-side", type=int, metavar="N", help="to which it is scaled before a crop")
    group.add_argument("--interpolation", choices=get_args(Interpolation), help="how it is resized")
    group.add_argument("--pad", metavar="R,G,B", help="the colour beside a letterbox, 0-255 each; “mean” for the mean")
    group.add_argument("--order", choices=get_args(ChannelOrder), help="of the channels; --mean and --std follow it")
    group.add_argument("--scale", type=float, metavar="S", help="what the brightest pixel becomes: 1 or 255")
    group.add_argument("--mean", metavar="A,B,C", help="taken off after scaling; one number for a grey input")
    group.add_argument("--std", metavar="A,B,C", help="divided by after that; as many numbers as --mean")


def changes_of(options: argparse.Namespace) -> dict[str, Any]:
    """The fields of `Preprocessing` that `add_preprocessing`'s options give.

    Raises:
        RequestError: A value cannot be read.
    """
    changes: dict[str, Any] = {
        "resize": None if options.resize is None else options.resize.replace("-", "_"),
        "size": None if options.size is None else _size(options.size),
        "mean": None if options.mean is None else _numbers("--mean", options.mean),
        "std": None if options.std is None else _numbers("--std", options.std),
    }
    for key in ("short_side", "interpolation", "order", "scale"):
        changes[key] = getattr(options, key)
    given = {key: value for key, value in changes.items() if value is not None}
    return given if options.pad is None else {**given, "pad": _colour(options.pad)}


def prepared(request: Request, options: argparse.Namespace, engine: "Engine") -> Request:
    """The request with a network that is fed as the options say; as it is where they say nothing.

    Where its description does not say how it is fed, the network is opened to learn what its weights say; the session
    keeps it open.

    Raises:
        RequestError: The options give no preprocessing.
        CnnvizError: The network cannot be opened.
    """
    changes = changes_of(options)
    if not changes:
        return request
    description = described(request.network)
    recipe = changed(description.preprocessing or _learnt(request, engine), changes)
    return replace(request, network=replace(description, preprocessing=recipe))


def changed(recipe: Preprocessing, changes: dict[str, Any]) -> Preprocessing:
    """A recipe with some fields changed. Another order of channels takes the means along where they are not given.

    Raises:
        RequestError: That is no recipe; the sentence says why.
    """
    wanted = dict(changes)
    if wanted.get("order", recipe.order) != recipe.order:
        wanted = {"mean": recipe.mean[::-1], "std": recipe.std[::-1], **wanted}
    if len(wanted.get("mean", recipe.mean)) != len(wanted.get("std", recipe.std)):
        raise RequestError("--mean and --std have as many numbers each: three, or one for a grey input. Give both.")
    try:
        return replace(recipe, **wanted)
    except ValueError as error:
        raise RequestError(f"Images cannot be fed so: {error}.") from error


def _learnt(request: Request, engine: "Engine") -> Preprocessing:
    """What the network's weights say; where it refuses an input made so, what is assumed of any network."""
    from cnnviz_desktop.engine.running import InputRefused  # late: torch

    try:
        return engine.outline(request).preprocessing
    except InputRefused:
        return Preprocessing()


def _size(text: str) -> tuple[int, int]:
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise RequestError(f"--size: “{text}” is no size. Write HEIGHTxWIDTH, as in 224x224, or one number.")
    return int(match["height"]), int(match["width"] or match["height"])


def _numbers(option: str, text: str) -> tuple[float, ...]:
    try:
        numbers = tuple(float(word) for word in text.replace(",", " ").split())
    except ValueError:
        numbers = ()
    if len(numbers) not in (_GREY, _COLOUR):
        raise RequestError(f"{option}: “{text}” is neither three numbers, as in 0.485,0.456,0.406, nor one for grey.")
    return numbers


def _colour(text: str) -> tuple[int, ...] | None:
    if text == "mean":
        return None
    words = text.replace(",", " ").split()
    if len(words) != _COLOUR or not all(word.isdecimal() for word in words):
        raise RequestError(f"--pad: “{text}” is no colour. Write red, green and blue, as in 114,114,114, or mean.")
    return tuple(int(word) for word in words)
