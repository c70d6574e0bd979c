"""``cnnviz cam``: class activation maps of images, as overlays, arrays and a manifest."""

import argparse
from collections.abc import Iterable
from pathlib import Path

import msgspec

from cnnviz_desktop.commands.answering import Order, carry_out
from cnnviz_desktop.commands.console import Console
from cnnviz_desktop.commands.engine import Engine
from cnnviz_desktop.commands.options import absolute_image, add_network, add_output, command_parser, network_request
from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.errors import ImageError
from cnnviz_desktop.core.requests import ClassTarget
from cnnviz_desktop.core.resources import SAMPLE_PREFIX
from cnnviz_desktop.engine.images import images_in
from cnnviz_desktop.figures.manifest import Problem

METHODS = tuple(method.id for method in catalog.METHODS if method.needs_target)
DEFAULT_METHOD = "gradcam"

_EXAMPLES = """\
  cnnviz cam cat.jpg --output maps
  cnnviz cam photos/ --network net.cnnviz-network.json --trust --output maps
  cnnviz cam sample:scene_01 --target-class star --target-class 10 --target-layer stage3 --output maps"""


def run_command(arguments: list[str], console: Console) -> int:
    """Write heat maps of images; the exit code is 2 where an image failed."""
    options = _parser().parse_intermixed_args(arguments)
    methods = tuple(dict.fromkeys(options.method or [DEFAULT_METHOD]))
    given, problems = _found(options.images, methods[0])
    for problem in problems:
        console.say(problem.message)
    if not given:
        return 2
    images = {absolute_image(image): image for image in given}
    requests = tuple(
        msgspec.structs.replace(
            network_request(method, options),
            images=tuple(images),
            layers=tuple(dict.fromkeys(options.target_layer)),
            targets=tuple(map(_target, dict.fromkeys(options.target_class))) or (ClassTarget(),),
        )
        for method in methods
    )
    order = Order(requests=requests, output=options.output, given=images, problems=problems)
    manifest = carry_out(order, Engine(console, trust=options.trust), console)
    if options.json:
        console.answer(manifest.to_json().decode().rstrip())
    return 2 if manifest.problems else 0


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("cam", "Draw where a network looks when it decides for a class.", _EXAMPLES)
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="an image, a folder of images, or sample:scene_01")
    add_network(parser)
    parser.add_argument(
        "--method", action="append", choices=METHODS, help=f"how to compute the map (default: {DEFAULT_METHOD})"
    )
    parser.add_argument(
        "--target-layer", action="append", default=[], metavar="LAYER",
        help="a layer, see cnnviz list layers; several for several maps (default: the one that suits best)",
    )  # fmt: skip
    parser.add_argument(
        "--target-class", action="append", default=[], metavar="ID|NAME",
        help="a class by number or name; several for several maps (default: the likeliest)",
    )  # fmt: skip
    add_output(parser)
    return parser


def _target(text: str) -> ClassTarget:
    """A class as written: a number where it reads as one, else a name."""
    try:
        return ClassTarget(int(text))
    except ValueError:
        return ClassTarget(text)


def _found(references: Iterable[str], method: str) -> tuple[list[str], tuple[Problem, ...]]:
    """The images named, folders replaced by the images in them; and those that cannot be named in a request."""
    found: list[str] = []
    problems: list[Problem] = []
    for reference in references:
        is_folder = not reference.startswith(SAMPLE_PREFIX) and Path(reference).is_dir()
        try:
            images = list(map(str, images_in(Path(reference)))) if is_folder else [reference]
        except ImageError as error:
            problems.append(Problem(reference, method, str(error)))
            continue
        for image in images:
            if _is_unicode(image):
                found.append(image)
            else:
                said = "its name is not Unicode and cannot be written into a manifest. Rename it first."
                problems.append(Problem(ascii(image), method, f"{image!a}: {said}"))
    return found, tuple(problems)


def _is_unicode(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
