"""Options that several commands share, and what they mean."""

import argparse
from pathlib import Path
from typing import get_args

from cnnviz_desktop.commands.network_options import add_network_source, network_of
from cnnviz_desktop.commands.parser import CommandParser
from cnnviz_desktop.commands.preprocessing_options import add_preprocessing
from cnnviz_desktop.core.references import SAMPLE
from cnnviz_desktop.core.requests import Device, Request
from cnnviz_desktop.core.resources import SAMPLE_PREFIX


def command_parser(name: str, description: str, examples: str) -> CommandParser:
    """A parser for one command, whose help ends with examples."""
    return CommandParser(prog=f"cnnviz {name}", description=description, epilog=f"examples:\n{examples}")


def add_output(parser: argparse.ArgumentParser) -> None:
    """``--output`` and ``--json`` of a command that writes files."""
    parser.add_argument(
        "--output", "-o", type=Path, required=True, metavar="DIR", help="folder for the files; made if missing"
    )
    parser.add_argument("--json", action="store_true", help="write the manifest to stdout as well")


def add_network(parser: argparse.ArgumentParser) -> None:
    """Which network, and what opening it may need."""
    add_network_source(parser)
    add_preprocessing(parser)
    parser.add_argument(
        "--device", choices=get_args(Device), default="auto", help="where to compute (default: auto, CUDA if there is)"
    )
    parser.add_argument(
        "--allow-key",
        action="append",
        default=[],
        metavar="KEY",
        help="a key of the weights that need not fit the network; once for each",
    )
    add_trust(parser)


def add_trust(parser: argparse.ArgumentParser) -> None:
    """``--trust``."""
    parser.add_argument(
        "--trust", action="store_true", help="let the network's own program run: Python, torch.export or TorchScript"
    )


def network_request(method: str, arguments: argparse.Namespace) -> Request:
    """A request for the network that `add_network`'s options name; for the sample where they name none.

    Raises:
        RequestError: The options do not go together.
        NetworkError: They mean no network.
    """
    return Request(
        method=method,
        network=network_of(arguments) or SAMPLE,
        device=arguments.device,
        allowed_keys=tuple(arguments.allow_key),
    )


def absolute_image(reference: str) -> str:
    """The reference, a file's made absolute so that the request can be run again from anywhere."""
    return reference if reference.startswith(SAMPLE_PREFIX) else str(Path(reference).absolute())
