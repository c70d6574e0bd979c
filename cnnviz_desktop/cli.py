"""The command line: opens the window, or hands over to a command that needs no Qt."""

import os
import sys
from importlib import import_module
from pathlib import Path

from cnnviz_desktop.commands.console import Console, table
from cnnviz_desktop.commands.network_options import add_network_source, network_of
from cnnviz_desktop.commands.parser import CommandParser
from cnnviz_desktop.core.errors import CnnvizError, ConsentNeeded, RequestError, WeightsMismatch
from cnnviz_desktop.core.near_names import nearest
from cnnviz_desktop.core.references import written

COMMANDS = {
    "demo": ("demo", "the main job on the bundled sample, written to a folder, without a screen"),
    "cam": ("cam", "heat maps of images, written to a folder"),
    "run": ("run", "answer a request, or the requests of a manifest again"),
    "list": ("listing", "methods, networks, or a network's layers or classes"),
    "weights": ("weights", "official weights on this machine: list, download, import, delete"),
    "doctor": ("doctor", "versions, devices, what is missing and how to get it"),
}
"""Module under `commands` and what it does, by the command's name."""

_KEYS_SHOWN = 40
"""Of those that do not fit: more of them are another network's, and nobody allows them one by one."""

_EPILOG = f"""\
commands (cnnviz COMMAND --help tells more):
{table([(f"  {name}", words) for name, (_, words) in COMMANDS.items()])}

examples:
  cnnviz
  cnnviz cat.jpg photos/ --network net.cnnviz-network.json
  cnnviz --arch resnet50 --ckpt best.pth
  cnnviz demo --output pictures
  cnnviz cam sample:scene_01 --target-class star --output maps"""


def main(arguments: list[str]) -> int:
    """Run a command line without its program name, and return the exit code: 0, or 2 after a failure that was told."""
    console = Console()
    try:
        if arguments and arguments[0] in COMMANDS:
            module = import_module(f"cnnviz_desktop.commands.{COMMANDS[arguments[0]][0]}")
            code: int = module.run_command(arguments[1:], console)
        else:
            code = _open_window(arguments, console)
    except CnnvizError as error:
        console.say(f"cnnviz: {_told(error)}")
        return 2
    except KeyboardInterrupt:
        console.say("cnnviz: stopped.")
        return 130
    except BrokenPipeError:  # whoever read the answer, such as head, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _told(error: CnnvizError) -> str:
    """The error's sentence, and what only a command line can add to it."""
    if isinstance(error, ConsentNeeded):
        return f"{error} If you do, add --trust."
    if isinstance(error, WeightsMismatch):
        rows = [("key", "problem", "in the file", "in the network"), *error.table[:_KEYS_SHOWN]]
        more = len(error.table) - _KEYS_SHOWN
        rest = f"\nand {more:,} more" if more > 0 else ""
        return f"{error}\n\n{table(rows)}{rest}\n\nAllow a key that need not fit with --allow-key KEY."
    return str(error)


def _open_window(arguments: list[str], console: Console) -> int:
    options = _window_parser().read(arguments)
    if options.version:
        from importlib import metadata  # late: it takes longer than all else before the window

        console.answer(f"cnnviz {metadata.version('cnnviz-desktop')}")
        return 0
    for word in options.images[:1]:
        _check_not_a_misspelt_command(word)
    network = network_of(options)
    from cnnviz_desktop import app

    return app.run(tuple(options.images), None if network is None else written(network))


def _check_not_a_misspelt_command(word: str) -> None:
    near = nearest(word, COMMANDS)
    if near and not Path(word).exists():
        raise RequestError(f"There is no file and no command “{word}”. Did you mean cnnviz {near}?")


def _window_parser() -> CommandParser:
    parser = CommandParser(
        prog="cnnviz",
        usage="cnnviz [IMAGE ...] [--network REF | --arch ARCH --ckpt FILE]\n       cnnviz COMMAND ...",
        description="See what a PyTorch convolutional network has learnt and where it looks. "
        "Without a command, the window opens; with no image, it shows the sample.",
        epilog=_EPILOG,
    )
    parser.add_argument("images", nargs="*", metavar="IMAGE", help="an image or a folder of images to open")
    add_network_source(parser)
    parser.add_argument("--version", action="store_true", help="show the program's version number and exit")
    return parser
