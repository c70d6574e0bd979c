"""Network references in short, and the descriptions they stand for: told without building anything.

In short a network is ``sample``, ``torchvision:NAME`` or ``timm:NAME`` with ``@random`` or ``@WEIGHTS`` after it
(official weights, the recommended ones where it says nothing), ``FILE.py:FACTORY``, or the path of a description file,
of a program that torch.export or torch.jit wrote, or of a folder of Hugging Face.
"""

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from cnnviz_desktop.core.description import (
    SUFFIX,
    Architecture,
    NetworkDescription,
    NetworkRef,
    anchored,
    read_description,
)
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.home import from_home
from cnnviz_desktop.core.resources import resource_path

SAMPLE = "sample"
TORCHVISION = "torchvision:"
TIMM = "timm:"
RANDOM = "random"
DEFAULT = "DEFAULT"

_PYTHON = ".py:"
_HUGGINGFACE_CONFIGURATION = "config.json"
_TORCHSCRIPT_MEMBER = "constants.pkl"
_EXPORTED = ".pt2"
_WEIGHTS_SUFFIXES = (".pth", ".pt", ".th", ".safetensors", ".ckpt", ".bin")


def described(reference: NetworkRef) -> NetworkDescription:
    """The description that a reference stands for, its paths absolute.

    Raises:
        NetworkError: It means no network; the sentence says what to do.
    """
    if isinstance(reference, NetworkDescription):
        return reference
    if reference == SAMPLE:
        path = resource_path("sample", f"{SAMPLE}{SUFFIX}")
        return anchored(read_description(path), path.parent)
    if reference.startswith((TORCHVISION, TIMM)):
        return _of_library(reference)
    if reference.endswith(SUFFIX):
        return anchored(read_description(Path(reference)), Path(reference).parent)
    return NetworkDescription(format=1, name=_title(reference), architecture=_architecture(reference))


def parse_network(text: str) -> NetworkRef:
    """A reference as it stands on the command line, in short or as the JSON of a description.

    Paths are made absolute, so that a request can be run again from anywhere.

    Raises:
        NetworkError: The JSON is no description.
    """
    if text.lstrip().startswith("{"):
        try:
            return anchored(msgspec.json.decode(text, type=NetworkDescription), Path.cwd())
        except msgspec.MsgspecError as error:
            raise NetworkError(f"This is not a network description: {error}. The README shows an example.") from error
    return str(_path(text)) if _is_path(text) else text


def file_of(reference: str) -> Path | None:
    """The file or folder that a reference in short names; None for the sample and the networks of libraries."""
    if reference == SAMPLE or reference.startswith((TORCHVISION, TIMM)):
        return None
    return Path(reference.rpartition(":")[0] if _PYTHON in reference else reference)


def written(reference: NetworkRef) -> str:
    """A reference as the command line takes it: what `parse_network` reads."""
    return reference if isinstance(reference, str) else msgspec.json.encode(reference).decode()


def network_title(reference: NetworkRef) -> str:
    """What people call a network that is not open, in a few words: ``resnet50``, ``cifar``."""
    return reference.name if isinstance(reference, NetworkDescription) else _title(reference)


def parse_architecture(text: str, arguments: Mapping[str, object] | None = None) -> Architecture:
    """What builds a network, as ``--arch`` names it.

    Args:
        text: ``resnet50`` of torchvision, ``timm:NAME``, ``FILE.py:FACTORY`` or ``package.module:FACTORY``.
        arguments: Keyword arguments of what builds it.

    Raises:
        NetworkError: It is none of these.
    """
    given = dict(arguments or {})
    if text.startswith(TIMM):
        return Architecture(timm=text.removeprefix(TIMM), arguments=given)
    name = text.removeprefix(TORCHVISION)
    program, separator, factory = name.rpartition(":")
    if (separator and not factory) or name.endswith(".py"):
        asked = program or name
        raise NetworkError(f"What of {asked} builds the network is still to be said: write {asked}:FACTORY.")
    if name.endswith((SUFFIX, _EXPORTED)):
        raise NetworkError(f"{text} says by itself what the network is: give it with --network.")
    if _PYTHON in name:
        return Architecture(file=str(_path(program)), factory=factory, arguments=given)
    if separator:
        return Architecture(module=program, folder=str(Path.cwd()), factory=factory, arguments=given)
    return Architecture(torchvision=name, arguments=given)


def _of_library(reference: str) -> NetworkDescription:
    library: Literal["torchvision", "timm"] = "timm" if reference.startswith(TIMM) else "torchvision"
    name, _, weights = reference.partition(":")[2].partition("@")
    return NetworkDescription(
        format=1,
        name=f"{name} (random weights)" if weights == RANDOM else name,
        architecture=Architecture(timm=name) if library == "timm" else Architecture(torchvision=name),
        pretrained=None if weights == RANDOM else weights or DEFAULT,
    )


def _architecture(reference: str) -> Architecture:
    """What is behind a path."""
    if _PYTHON in reference:
        return parse_architecture(reference)
    path = Path(reference)
    if (path / _HUGGINGFACE_CONFIGURATION).is_file():
        return Architecture(huggingface=str(path.absolute()))
    if path.suffix.lower() == _EXPORTED and path.is_file():
        return Architecture(exported=str(path.absolute()))
    if _is_torchscript(path):
        return Architecture(torchscript=str(path.absolute()))
    raise NetworkError(_advice(reference))


def _is_torchscript(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.partition("/")[2] == _TORCHSCRIPT_MEMBER for name in archive.namelist())
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):  # no archive that zipfile can read
        return False


def _path(text: str) -> Path:
    """A path as it stands on the command line, where a shell leaves ``--network=~/net.py:build`` as it is."""
    return Path(from_home(text)).absolute()


def _is_path(text: str) -> bool:
    if not text or text == SAMPLE or text.startswith((TORCHVISION, TIMM)):
        return False
    return _PYTHON in text or Path(text).suffix != "" or len(Path(text).parts) > 1 or Path(text).is_dir()


def _title(reference: str) -> str:
    if reference.startswith((TORCHVISION, TIMM)):
        return reference.partition(":")[2].replace(f"@{RANDOM}", " (random weights)")
    name = Path(reference).name
    return name.removesuffix(SUFFIX) if name.endswith(SUFFIX) else name or reference


def _advice(reference: str) -> str:
    """What to give instead of something that is no network reference."""
    path = Path(reference)
    suffix = path.suffix.lower()
    if suffix in _WEIGHTS_SUFFIXES:
        if not path.is_file():
            return f"There is no weights file {reference}."
        said = (
            f"{reference} holds weights, but not the network they belong to; "
            f"“cnnviz list checkpoint {reference}” tells which ones they fit."
        )
    elif suffix == ".py":
        said = f"{reference} is a Python file; which network to build from it is still to be said."
    elif reference and path.is_dir():
        return (
            f"The folder {reference} holds no network of Hugging Face: there is no {_HUGGINGFACE_CONFIGURATION} in it."
        )
    elif suffix in (".json", _EXPORTED) and not path.exists():
        return f"There is no file {reference}."
    else:
        return (
            f"“{path.name}” is not a network. Give {SAMPLE}, {TORCHVISION}resnet50@{RANDOM} or a network "
            f"description: {_example('network.py', 'weights.pth')}"
        )
    file, weights = (path.name, "weights.pth") if suffix == ".py" else ("network.py", path.name)
    return f"{said} Say so with --arch and --ckpt, or write a network description beside it: {_example(file, weights)}"


def _example(file: str, weights: str) -> str:
    description = {
        "format": 1,
        "name": "My network",
        "architecture": {"file": file, "factory": "build", "arguments": {"num_classes": 10}},
        "weights": weights,
        "preprocessing": {
            "resize": "stretch",
            "size": [224, 224],
            "mean": [0.485, 0.456, 0.406],
            "std": [0.229, 0.224, 0.225],
        },
        "class_names": "classes.txt",
    }
    return f"a file NAME{SUFFIX} such as {json.dumps(description, ensure_ascii=False)}"
