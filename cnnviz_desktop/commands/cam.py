"""``cnnviz cam``: class activation maps and gradient pictures of images, as pictures, arrays and a manifest."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from msgspec.structs import replace

from cnnviz_desktop.commands.answering import carry_out
from cnnviz_desktop.commands.console import Console
from cnnviz_desktop.commands.engine import Engine
from cnnviz_desktop.commands.guided import GUIDED, is_companion
from cnnviz_desktop.commands.options import absolute_image, add_network, add_output, command_parser, network_request
from cnnviz_desktop.commands.orders import Order
from cnnviz_desktop.commands.parameter_options import add_parameters, parameters_of
from cnnviz_desktop.commands.parser import CommandParser
from cnnviz_desktop.commands.preprocessing_options import prepared
from cnnviz_desktop.commands.target_options import add_targets, targets_of
from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.errors import ImageError, RequestError
from cnnviz_desktop.core.references import described
from cnnviz_desktop.core.requests import LayerRef, Request
from cnnviz_desktop.core.resources import SAMPLE_PREFIX
from cnnviz_desktop.engine.images import images_in
from cnnviz_desktop.figures.manifest import Problem

METHODS = tuple(method.id for method in catalog.METHODS if method.needs_target)
DEFAULT_METHOD = "gradcam"
LAYERLESS_METHOD = "saliency"
"""In place of the default, of networks whose layers cannot be watched."""

_EXAMPLES = """\
  cnnviz cam cat.jpg --output maps
  cnnviz cam photos/ --network net.cnnviz-network.json --trust --method gradcam++ --method layercam --output maps
  cnnviz cam sample:scene_01 --target-class star --target-class 10 --target-layer stage3 --output maps
  cnnviz cam photos/ --arch resnet50 --ckpt best.pth --class-names classes.txt --output maps
  cnnviz cam photo.jpg --network torchvision:resnet50@random --resize none --output maps
  cnnviz cam sample:scene_01 --target-class star --minus-class umbrella --method hirescam --output maps
  cnnviz cam sample:scene_02 --target-unit 'stage2.1#5' --method smoothgrad --set samples=25 --output maps"""


def run_command(arguments: list[str], console: Console) -> int:
    """Write maps and gradient pictures of images; the exit code is 2 where an image or a method failed."""
    options = _parser().read(arguments)
    asked = _asked(options)
    given, problems = _found(options.images, asked.method)
    for problem in problems:
        console.say(problem.message)
    if not given:
        return 2
    engine = Engine(console, trust=options.trust)
    asked = prepared(_suited(asked, options, console), options, engine)
    images = {absolute_image(image): image for image in given}
    requests = tuple(replace(request, images=tuple(images)) for request in _companied(asked, guided=not options.no_gb))
    order = Order(requests=requests, output=options.output, given=images, problems=problems)
    manifest = carry_out(order, engine, console)
    if options.json:
        console.answer(manifest.to_json().decode().rstrip())
    return 2 if manifest.problems else 0


def _parser() -> CommandParser:
    parser = command_parser("cam", "Draw where a network looks when it decides for a class.", _EXAMPLES)
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="an image, a folder of images, or sample:scene_01")
    add_network(parser)
    parser.add_argument(
        "--method", action="append", type=_explaining, metavar="METHOD",
        help="a class activation map or gradient picture of cnnviz list methods; several share what they need "
        f"(default: {DEFAULT_METHOD}; of TorchScript {LAYERLESS_METHOD})",
    )  # fmt: skip
    parser.add_argument(
        "--target-layer", action="append", default=[], metavar="LAYER",
        help="a layer, see cnnviz list layers; several for several maps (default: the one that suits best)",
    )  # fmt: skip
    add_targets(parser)
    add_parameters(parser)
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of every random choice (default: 0)")
    parser.add_argument("--no-gb", action="store_true", help="no guided backpropagation beside the heat maps")
    add_output(parser)
    return parser


def _explaining(text: str) -> str:
    """The id of a method that explains a target.

    Raises:
        RequestError: The text is none.
    """
    if text in METHODS:
        return text
    near = catalog.nearest_method(text)
    if near in METHODS:
        hint = f"Did you mean {near}?"
    elif near:
        hint = f"Ask cnnviz run for {near}: that is for looking, and explains nothing."
    else:
        hint = "There are the class activation maps and gradient pictures of cnnviz list methods."
    raise RequestError(f"“{text}” is no method to explain with. {hint}")


def _asked(options: argparse.Namespace) -> Request:
    """What the options ask for, of no image yet.

    Raises:
        RequestError: A layer, target or parameter cannot be read, or no method has the parameter.
    """
    methods = tuple(dict.fromkeys(options.method or [DEFAULT_METHOD]))
    return replace(
        network_request(methods[0], options),
        also=methods[1:],
        layers=tuple(str(LayerRef.parse(layer)) for layer in dict.fromkeys(options.target_layer)),
        targets=targets_of(options),
        parameters=parameters_of(options, methods),
        seed=options.seed,
    )


def _suited(asked: Request, options: argparse.Namespace, console: Console) -> Request:
    """The request by another method where the user left it to the program, and the network shows no layers for it."""
    if options.method or asked.layers or asked.parameters or not described(asked.network).architecture.torchscript:
        return asked
    console.say(
        f"{catalog.method(DEFAULT_METHOD).title} needs a layer, and a TorchScript program shows none: "
        f"{catalog.method(LAYERLESS_METHOD).title} explains it in its place."
    )
    return replace(asked, method=LAYERLESS_METHOD)


def _companied(asked: Request, *, guided: bool) -> tuple[Request, ...]:
    """The requests that give the files: guided backpropagation goes with maps, and for its own files by itself."""
    if not is_companion(asked):
        gives_maps = any(catalog.method(method).gives == "map" for method in asked.methods)
        return (replace(asked, also=(GUIDED, *asked.also)) if guided and gives_maps else asked,)
    others = tuple(method for method in asked.methods if method != GUIDED)
    alone = replace(asked, method=GUIDED, also=(), parameters=catalog.method(GUIDED).known(asked.parameters))
    return *_companied(replace(asked, method=others[0], also=others[1:]), guided=guided), alone


def _found(references: Iterable[str], method: str) -> tuple[list[str], tuple[Problem, ...]]:
    """The images named, folders replaced by the images in them; and those that cannot be named in a request."""
    found: list[str] = []
    problems: list[Problem] = []
    for reference in references:
        if not reference:  # as of an empty variable of a shell; as a path it would be the working folder
            problems.append(Problem(reference, method, "The name of an image is empty."))
            continue
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
