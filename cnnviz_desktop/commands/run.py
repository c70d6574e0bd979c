"""``cnnviz run``: answer a request, or the requests of a manifest again."""

from pathlib import Path

import msgspec

from cnnviz_desktop.commands.answering import carry_out
from cnnviz_desktop.commands.comparing import Asked, differences
from cnnviz_desktop.commands.console import Console
from cnnviz_desktop.commands.engine import Engine
from cnnviz_desktop.commands.options import add_output, add_trust, command_parser
from cnnviz_desktop.commands.orders import Order
from cnnviz_desktop.commands.parser import CommandParser
from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.requests import Request

_EXAMPLES = """\
  cnnviz run maps/manifest.json --output again
  cnnviz run request.json --output kernels"""


def run_command(arguments: list[str], console: Console) -> int:
    """Answer the requests of a file; the exit code is 2 where an image failed."""
    options = _parser().read(arguments)
    asked = read_asked(options.file)
    order = Order(requests=asked.requests, output=options.output, read=(options.file,))
    manifest = carry_out(order, Engine(console, trust=options.trust), console)
    for difference in differences(asked, manifest):
        console.say(difference)
    if options.json:
        console.answer(manifest.to_json().decode().rstrip())
    return 2 if manifest.problems else 0


def read_asked(path: Path) -> Asked:
    """What a file asks for that holds one request, or is a manifest; at least one request.

    Raises:
        RequestError: The file cannot be read, is neither, or has no requests.
    """
    try:
        content = path.read_bytes()
        if "requests" not in msgspec.json.decode(content, type=dict[str, msgspec.Raw]):
            return Asked((msgspec.json.decode(content, type=Request),))
        asked = msgspec.json.decode(content, type=Asked)
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RequestError(f"{path} is neither a request nor a manifest of cnnviz: {error}.") from error
    if not asked.requests:
        raise RequestError(f"The manifest {path} has no requests.")
    return asked


def _parser() -> CommandParser:
    parser = command_parser("run", "Answer a request of cnnviz, or the requests of a manifest again.", _EXAMPLES)
    parser.add_argument("file", type=Path, metavar="REQUEST.json|MANIFEST.json", help="what to answer")
    add_trust(parser)
    add_output(parser)
    return parser
