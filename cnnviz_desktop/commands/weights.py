"""``cnnviz weights``: official weights on this machine, and getting them there."""

from pathlib import Path

import msgspec

from cnnviz_desktop.commands.console import Console, table
from cnnviz_desktop.commands.options import command_parser
from cnnviz_desktop.commands.parser import CommandParser
from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.near_names import did_you_mean
from cnnviz_desktop.core.official_weights import HashState, StoredWeights, in_mebibytes
from cnnviz_desktop.core.references import parse_network
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.weights_folder import delete_weights, huggingface_folder, stored_weights, torch_folder

_EXAMPLES = """\
  cnnviz weights list
  cnnviz weights download torchvision:resnet50@IMAGENET1K_V2
  cnnviz weights import ~/resnet50-11ad3fa6.pth torchvision:resnet50@IMAGENET1K_V2
  cnnviz weights delete resnet50-11ad3fa6.pth

A download that was interrupted goes on where it ended. Mirrors are addresses that stand in for the scheme and host
of the publisher's; those of CNNVIZ_WEIGHTS_MIRROR are tried before those of --mirror."""

_TAKES = {"list": (), "download": ("REF",), "import": ("FILE", "REF"), "delete": ("NAME",)}
"""What comes after each action."""

_STATES: dict[HashState, str] = {
    "checked": "hash checked",
    "unchecked": "hash not checked yet",
    "changed": "changed since its hash was checked",
    "unfinished": "unfinished download",
}


def run_command(arguments: list[str], console: Console) -> int:
    """List, fetch, import or delete official weights; the answer goes to stdout."""
    parser = _parser()
    options = parser.read(arguments)
    takes = _TAKES[options.action]
    if len(options.words) != len(takes):
        wanted = " ".join(("cnnviz weights", options.action, *takes))
        parser.error(f"“{options.action}” takes {' and '.join(takes) or 'nothing more'}, as in {wanted}")
    if options.action == "list":
        found = stored_weights()
        _answer(console, found, _listed(found), as_json=options.json)
    elif options.action == "delete":
        deleted = _named(options.words[0])
        for each in deleted:
            delete_weights(each)
        freed = in_mebibytes(sum(each.bytes for each in deleted))
        _answer(console, deleted, f"{options.words[0]} was deleted; {freed} are free again.", as_json=options.json)
    else:
        stored = _fetched(options.action, options.words, tuple(options.mirror), console)
        _answer(console, stored, f"{stored.path}\nSHA-256 {stored.sha256}", as_json=options.json)
    return 0


def _answer(console: Console, content: object, text: str, *, as_json: bool) -> None:
    if as_json:
        text = msgspec.json.format(msgspec.json.encode(content, enc_hook=str), indent=2).decode()
    console.answer(text)


def _listed(found: tuple[StoredWeights, ...]) -> str:
    folders = f"Weights are kept in {torch_folder()} and {huggingface_folder()}."
    if not found:
        return f"There are no official weights on this machine. {folders}"
    rows = [(each.name, in_mebibytes(each.bytes), _STATES[each.state], each.sha256[:16]) for each in found]
    total = in_mebibytes(sum(each.bytes for each in found))
    return f"{table([('name', 'size', 'hash', 'SHA-256 begins'), *rows])}\n\n{total} in all. {folders}"


def _named(name: str) -> tuple[StoredWeights, ...]:
    """All that lies here under a name: a file, an unfinished download of it, or both."""
    found = stored_weights()
    named = tuple(each for each in found if each.name == name)
    if not named:
        near = did_you_mean(name, {each.name for each in found})
        raise RequestError(f"There are no weights “{name}” on this machine.{near} “cnnviz weights list” shows them.")
    return named


def _fetched(action: str, words: list[str], mirrors: tuple[str, ...], console: Console) -> StoredWeights:
    from cnnviz_desktop.commands.engine import Engine

    network = parse_network(words[-1])
    if action == "import":
        file = str(Path(words[0]).absolute())
        request = Request(method="import_weights", network=network, parameters={"file": file})
    else:
        request = Request(method="download", network=network, parameters={"mirrors": " ".join(mirrors)})
    return next(result for result in Engine(console).answers(request) if isinstance(result, StoredWeights))


def _parser() -> CommandParser:
    parser = command_parser("weights", "Official weights on this machine: list, download, import, delete.", _EXAMPLES)
    parser.add_argument("action", choices=tuple(_TAKES), help="what to do")
    parser.add_argument(
        "words",
        nargs="*",
        metavar="REF | FILE REF | NAME",
        help="the network with its weights; for import a file before it; for delete a name that “list” shows",
    )
    parser.add_argument(
        "--mirror", action="append", default=[], metavar="URL", help="for download: a mirror to try; once for each"
    )
    parser.add_argument("--json", action="store_true", help="write JSON instead of text")
    return parser
