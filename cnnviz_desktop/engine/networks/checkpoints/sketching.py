"""Which networks of torchvision and timm a checkpoint may belong to: a few numbers for each, to look it up quickly.

A network's sketch is the smallest few of the hashes of its parameters' names and shapes. Two networks that share most
of them share most of the smallest ones (Broder 1997, On the resemblance and containment of documents), so that a head
that was replaced hardly changes it. The sketches ship with the program, since building 1,500 networks takes minutes;
``python -m cnnviz_desktop.engine.networks.checkpoints.sketching`` writes them anew for the versions that are installed.
"""

import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from cnnviz_desktop.core.description import Architecture
from cnnviz_desktop.core.resources import resource_path
from cnnviz_desktop.engine.networks.checkpoints.blueprint import shapes_of
from cnnviz_desktop.engine.networks.checkpoints.fitting import COUNTER
from cnnviz_desktop.engine.networks.checkpoints.key_fitting import Shape

_NUMBERS = 12
_DIGITS = 8

_LIKE = 0.6
_CLEARLY = 0.05
"""Less than one number of a sketch, so that only networks with the same sketch are as like."""

Sketch = frozenset[int]


class Alike(NamedTuple):
    """A network, and the share of parameters that it has in common with a checkpoint, about, 0–1."""

    architecture: Architecture
    share: float


def sketch_of(shapes: Mapping[str, Shape]) -> Sketch:
    """The sketch of a network or checkpoint, from the names and shapes of its tensors."""
    hashes = {_hash(name, shape) for name, shape in shapes.items() if name.rpartition(".")[2] != COUNTER}
    return frozenset(sorted(hashes)[:_NUMBERS])


def alike(shapes: Mapping[str, Shape], least: float) -> list[Alike]:
    """Networks that a checkpoint resembles, the likest first.

    Args:
        shapes: Shape of each of the checkpoint's tensors.
        least: The share that they have in common at least, 0–1.
    """
    wanted = sketch_of(shapes)
    found = [Alike(architecture, _resemblance(wanted, known)) for architecture, known in _known()]
    return sorted((each for each in found if each.share >= least), key=lambda each: -each.share)


def likelier(shapes: Mapping[str, Shape], given: Architecture) -> Architecture | None:
    """The network that a checkpoint clearly resembles more than the one it was given for.

    Args:
        shapes: Shape of each of the checkpoint's tensors.
        given: A network of torchvision or timm, whose own library is looked through first.

    Returns:
        None where none is clearly the likest of a library, or none more like than `given`.
    """
    asked = replace(given, arguments={})
    found = alike(shapes, 0)
    of_given = [each.share for each in found if each.architecture == asked]
    for is_own in (True, False):
        first, second, *_ = [each for each in found if (each.architecture.kind == given.kind) == is_own]
        if first.share >= _LIKE and first.share - max(second.share, *of_given, 0) > _CLEARLY:
            return first.architecture
    return None


def _hash(name: str, shape: Shape) -> int:
    return int.from_bytes(hashlib.blake2s(f"{name} {shape}".encode(), digest_size=_DIGITS // 2).digest())


def _resemblance(one: Sketch, other: Sketch) -> float:
    smallest = sorted(one | other)[: max(len(one), len(other))]
    shared = one & other
    return sum(number in shared for number in smallest) / max(1, len(smallest))


@cache
def _known() -> tuple[tuple[Architecture, Sketch], ...]:
    lines = _path().read_text(encoding="ascii").splitlines()
    return tuple(_read(*line.split()) for line in lines)


def _read(library: str, name: str, digits: str) -> tuple[Architecture, Sketch]:
    numbers = frozenset(int(digits[at : at + _DIGITS], 16) for at in range(0, len(digits), _DIGITS))
    return (Architecture(timm=name) if library == "timm" else Architecture(torchvision=name)), numbers


def _path() -> Path:
    return resource_path("network_sketches.txt")


def _installed() -> Iterator[Architecture]:
    import timm

    from cnnviz_desktop.engine.networks.torchvision_models import KINDS, torchvision_names

    yield from (Architecture(torchvision=name) for kind in KINDS for name in torchvision_names(kind))
    yield from (Architecture(timm=name) for name in timm.list_models())


def lines_of(architectures: Iterable[Architecture]) -> Iterator[str]:
    """A line for each network that can be built here: library, name, and its sketch in hexadecimal digits."""
    for architecture in architectures:
        shapes = shapes_of(architecture)
        if shapes:
            digits = "".join(f"{number:0{_DIGITS}x}" for number in sorted(sketch_of(shapes)))
            yield f"{architecture.kind} {architecture.given} {digits}"


if __name__ == "__main__":
    written = [*lines_of(_installed())]
    _path().write_text("\n".join(written) + "\n", encoding="ascii")
    sys.stderr.write(f"{len(written)} networks\n")
