"""Options that say which network: a reference, or an architecture with a weights file of the user's own."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from cnnviz_desktop.commands.console import Console
from cnnviz_desktop.core.description import IMAGENET, SUFFIX, NetworkDescription, NetworkRef
from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.references import described, parse_architecture, parse_network

_CLASSES = "num_classes"


def add_network_source(parser: argparse.ArgumentParser) -> None:
    """``--network``; or ``--arch``, ``--ckpt``, ``--num-classes``, ``--arch-set``; and ``--class-names``."""
    group = parser.add_argument_group("which network", "A reference, or an architecture and its weights.")
    group.add_argument(
        "--network", "-n", metavar="REF",
        help="sample; torchvision:NAME or timm:NAME, with @random or @WEIGHTS; a file "
        f"*{SUFFIX}, .pt2 or of TorchScript; or a folder of Hugging Face (default: sample)",
    )  # fmt: skip
    group.add_argument(
        "--arch", metavar="ARCH",
        help="what builds it: resnet50 of torchvision, timm:NAME, FILE.py:FACTORY or package.module:FACTORY",
    )  # fmt: skip
    group.add_argument(
        "--ckpt", type=Path, metavar="FILE", help="its weights; cnnviz list checkpoint FILE looks inside"
    )
    group.add_argument(
        "--num-classes", type=int, metavar="N", help="how many classes it tells apart (default: as many as the weights)"
    )
    group.add_argument(
        "--arch-set", action="append", default=[], metavar="KEY=VALUE",
        help="an argument of what builds it; once for each",
    )  # fmt: skip
    group.add_argument(
        "--weights-part",
        metavar="PART",
        help="which dictionary of the file, as model_ema (default: the one that fits best)",
    )
    group.add_argument(
        "--class-names", metavar="FILE",
        help=f"the classes' names: a text, JSON or CSV file, a folder with a folder for each class, or {IMAGENET}",
    )  # fmt: skip


def network_of(options: argparse.Namespace) -> NetworkRef | None:
    """The network that `add_network_source`'s options name; None where they name none.

    Raises:
        RequestError: They do not go together.
        NetworkError: The reference means no network.
    """
    if options.arch is None:
        _check_nothing_hangs(options)
        network = None if options.network is None else parse_network(options.network)
        return _with_class_names(network, options.class_names)
    if options.network is not None:
        raise RequestError("--arch and --network both say what the network is: give one of them.")
    if options.weights_part is not None and options.ckpt is None:
        raise RequestError("--weights-part says which part of the weights to take: give the file with --ckpt.")
    return _with_class_names(checkpoint_network(options.arch, options.ckpt, _arguments(options), options.weights_part),
                             options.class_names)  # fmt: skip


def checkpoint_network(
    arch: str, weights: Path | None, arguments: dict[str, object], part: str | None = None
) -> NetworkDescription:
    """The description of an architecture with a weights file, or with random weights.

    Args:
        arch: As ``--arch`` names it.
        weights: The file.
        arguments: Keyword arguments of what builds it.
        part: Which dictionary of the file.

    Raises:
        NetworkError: `arch` names nothing.
    """
    architecture = parse_architecture(arch, arguments)
    built = architecture.given if architecture.factory is None else architecture.factory
    return NetworkDescription(
        format=1,
        name=f"{built} (random weights)" if weights is None else f"{built} · {weights.name}",
        architecture=architecture,
        weights=None if weights is None else str(weights.absolute()),
        weights_part=part,
    )


def _check_nothing_hangs(options: argparse.Namespace) -> None:
    """Refuse what says nothing without an architecture."""
    if options.ckpt is not None:
        beside = "" if options.network is None else "--network says what the network is, with its weights. "
        raise RequestError(f"{beside}{_what_builds(options.ckpt)}")
    given = {
        "--num-classes": options.num_classes,
        "--arch-set": options.arch_set,
        "--weights-part": options.weights_part,
    }
    lone = [option for option, value in given.items() if value]
    if lone:
        raise RequestError(f"{lone[0]} says something of --arch or --ckpt: give that too.")


def _what_builds(weights: Path) -> str:
    """What to say of a weights file without an architecture: which ones it fits.

    Raises:
        NetworkError: It cannot be read, or is no weights file.
    """
    from cnnviz_desktop.commands.checkpoints import looked_into  # late: only who forgot something waits for the engine

    fitting = looked_into(weights, Console()).fitting
    said = f"{weights} holds weights, but not what builds the network they belong to"
    if not fitting:
        return f"{said}: give --arch too. “cnnviz list checkpoint {weights}” tells more."
    return f"{said}. It fits {', '.join(guess.arch for guess in fitting)}: add --arch {fitting[0].arch}."


def _arguments(options: argparse.Namespace) -> dict[str, object]:
    arguments = _read_arguments(options.arch_set)
    if options.num_classes is None:
        return arguments
    if options.num_classes < 1:
        raise RequestError(f"--num-classes {options.num_classes}: a network has 1 class or more.")
    if arguments.get(_CLASSES, options.num_classes) != options.num_classes:
        raise RequestError(f"--num-classes and --arch-set {_CLASSES} say different numbers: give one of them.")
    return {**arguments, _CLASSES: options.num_classes}


def _read_arguments(texts: Sequence[str]) -> dict[str, object]:
    """Values as JSON writes them; anything else is text."""
    arguments: dict[str, object] = {}
    for text in texts:
        key, separator, value = text.partition("=")
        if not separator or not key.strip().isidentifier():
            raise RequestError(f"“{text}” sets nothing: write KEY=VALUE, as in --arch-set width_mult=0.5.")
        try:
            arguments[key.strip()] = json.loads(value)
        except ValueError:
            arguments[key.strip()] = value
    return arguments


def _with_class_names(network: NetworkRef | None, names: str | None) -> NetworkRef | None:
    if names is None:
        return network
    if network is None:
        raise RequestError("--class-names names the classes of --network or --arch: give one of them too.")
    return replace(described(network), class_names=names if names == IMAGENET else str(Path(names).absolute()))
