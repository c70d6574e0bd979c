"""What a Python file could build a network by, as rows for its arguments."""

from dataclasses import dataclass
from pathlib import Path

from cnnviz_desktop.core import python_outline
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.ui.opening.picker.arguments_model import Argument

LARGEST_READ = 1 << 18
"""Bytes of a program up to which it is looked through while the window waits: more than twice the longest of timm's."""


@dataclass(frozen=True, slots=True)
class Factory:
    """Something in a program that gives a network, or is one.

    Attributes:
        name: Its name, dotted where it lies in a class.
        arguments: What it takes.
        told: What it says of itself, in a line.
    """

    name: str
    arguments: tuple[Argument, ...] = ()
    told: str = ""


def factories_in(path: Path) -> tuple[Factory, ...]:
    """What a file offers, the likeliest first; see `python_outline.factories_in`.

    Raises:
        NetworkError: The file cannot be read, is no Python program, or is larger than the window can look through.
    """
    try:
        if path.stat().st_size > LARGEST_READ:
            raise NetworkError(
                f"{path.name} is too long to be looked through. Type the name of what builds the network."
            )
        found = python_outline.factories_in(path.read_bytes())
    except OSError as error:
        raise NetworkError(f"{path} cannot be read: {error.strerror or error}.") from error
    except python_outline.NotPython as error:
        raise NetworkError(f"{path} is not a Python program: {error}.") from error
    return tuple(Factory(each.name, tuple(map(_argument, each.parameters)), each.summary) for each in found)


def _argument(taken: python_outline.Parameter) -> Argument:
    return Argument(taken.name, default=taken.default or "", is_needed=taken.default is None, is_offered=True)
