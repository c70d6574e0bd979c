"""``cnnviz list``: what methods, networks, layers and classes there are."""

from itertools import groupby
from pathlib import Path

import msgspec

from cnnviz_desktop.commands.console import Console, table
from cnnviz_desktop.commands.list_layers import layer_table
from cnnviz_desktop.commands.options import add_network, command_parser, network_request
from cnnviz_desktop.commands.parser import CommandParser
from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.class_search import find_classes
from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.parameters import ChoiceParameter, NumberParameter, Parameter, TextParameter

_EXAMPLES = """\
  cnnviz list methods
  cnnviz list methods smoothgrad
  cnnviz list layers --network torchvision:resnet18@random --functional
  cnnviz list layers --arch resnet50 --ckpt best.pth
  cnnviz list classes --network net.cnnviz-network.json --trust
  cnnviz list classes --find "golden retriever" --network torchvision:resnet18
  cnnviz list networks
  cnnviz list networks "resnet segmentation" --json
  cnnviz list checkpoint best.pth"""

_LISTED = ("methods", "networks", "layers", "classes", "checkpoint")


def run_command(arguments: list[str], console: Console) -> int:
    """Write a list to stdout, as a table or as JSON."""
    parser = _parser()
    options = parser.read(arguments)
    if options.what == "checkpoint":
        return _checkpoint(options.method, console, as_json=options.json)
    if options.method and options.what not in ("methods", "networks"):
        parser.error(f"{options.what}: there is nothing more to say about “{options.method}”")
    if options.find is not None and options.what != "classes":
        parser.error(f"--find: {options.what} cannot be searched; “classes” can")
    if options.functional and options.what != "layers":
        parser.error(f"--functional: {options.what} have no operations; “layers” have")
    if options.what == "methods":
        content, text = _methods(options.method)
    elif options.what == "networks":
        from cnnviz_desktop.commands.list_networks import networks

        content, text = networks(options.method, console)
    else:
        from cnnviz_desktop.commands.engine import Engine
        from cnnviz_desktop.commands.preprocessing_options import prepared

        engine = Engine(console, trust=options.trust)
        outline = engine.outline(prepared(network_request("outline", options), options, engine))
        content, text = (
            (outline, layer_table(outline, operations=options.functional))
            if options.what == "layers"
            else _classes(outline, options.find)
        )
    console.answer(msgspec.json.format(msgspec.json.encode(content), indent=2).decode() if options.json else text)
    return 0


def _checkpoint(file: str | None, console: Console, *, as_json: bool) -> int:
    if file is None:
        raise RequestError("FILE is missing: the weights file to look into, as in cnnviz list checkpoint best.pth.")
    from cnnviz_desktop.commands.checkpoints import looked_into, report_text

    report = looked_into(Path(file), console)
    console.answer(
        msgspec.json.format(msgspec.json.encode(report), indent=2).decode() if as_json else report_text(report)
    )
    return 0


def _methods(method_id: str | None) -> tuple[object, str]:
    """Every method under the heading of its family, by the command that computes it; or all about one."""
    if method_id is not None:
        method = catalog.method(method_id)
        return method, _all_about(method)
    lines = table([(f"  {method.id}", method.title, method.summary) for method in catalog.METHODS]).splitlines()
    families = groupby(zip(catalog.METHODS, lines, strict=True), key=lambda each: _heading(each[0]))
    blocks = ("\n".join([heading, *(line for _, line in members)]) for heading, members in families)
    return catalog.METHODS, "\n\n".join(blocks)


def _heading(method: catalog.Method) -> str:
    taken = "cnnviz cam --method" if method.needs_target else "cnnviz run, in a request"
    return f"{method.family} ({taken})"


def _all_about(method: catalog.Method) -> str:
    told = [f"{method.title} ({method.id}): {method.summary}"]
    told += [f"  {words}" for words in (method.formula, method.paper) if words]
    if method.parameters:
        rows = [(f"  {each.key}", _value(each.default), _values(each), each.help) for each in method.parameters]
        told += ["", table([("  parameter", "default", "values", ""), *rows])]
    return "\n".join(told)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _values(parameter: Parameter) -> str:
    """What a parameter can be, in a few words."""
    if isinstance(parameter, ChoiceParameter):
        return ", ".join(dict(parameter.choices))
    if isinstance(parameter, NumberParameter):
        return f"{parameter.minimum:g} to {parameter.maximum:g} {parameter.unit}".rstrip()
    return "text" if isinstance(parameter, TextParameter) else "true, false"


def _classes(outline: Outline, wanted: str | None) -> tuple[list[dict[str, int | str]], str]:
    """Every class with its number, as ``--target-class`` takes both; of those `wanted`, the nearest first."""
    names = {index: outline.class_name(index) for index in range(outline.classes)}
    if wanted is not None:
        names = {index: names[index] for index in find_classes(wanted, list(names.values()))}
    if wanted is not None and outline.classes and not names:
        text = f"{outline.name} has no class “{wanted}”."
    elif not outline.classes:
        text = f"{outline.name} gives no class scores."
    elif not outline.class_names and wanted is None:
        text = f"{outline.name} has no class names: its classes are 0 to {outline.classes - 1}."
    else:
        width = len(str(outline.classes - 1))
        text = "\n".join(f"{index:>{width}}  {name}" for index, name in names.items())
    return [{"index": index, "name": name} for index, name in names.items()], text


def _parser() -> CommandParser:
    parser = command_parser(
        "list", "List the methods, the networks, a network's layers or classes, or what a checkpoint holds.", _EXAMPLES
    )
    parser.add_argument("what", choices=_LISTED, help="what to list")
    parser.add_argument(
        "method",
        nargs="?",
        metavar="METHOD|WORDS|FILE",
        help="with methods: all about this one; with networks: those found by these words; with checkpoint: the file",
    )
    add_network(parser)
    parser.add_argument("--find", metavar="WORD", help="with classes: only those of a number, or of a name like it")
    parser.add_argument(
        "--functional",
        action="store_true",
        help="with layers: also the functions and operators that the layers' code calls (JSON always has them)",
    )
    parser.add_argument("--json", action="store_true", help="write JSON instead of a table")
    return parser
