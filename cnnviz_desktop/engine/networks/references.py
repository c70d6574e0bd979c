"""Network references, as far as they can be told without building anything: importing this costs no torch."""

import json
from pathlib import Path

from cnnviz_desktop.core.description import SUFFIX, read_description
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.resources import resource_path

SAMPLE = "sample"
TORCHVISION = "torchvision:"
RANDOM = "random"

_WEIGHTS_SUFFIXES = (".pth", ".pt", ".th", ".safetensors", ".ckpt", ".bin")


def check_reference(reference: str) -> None:
    """Find what is wrong with a reference, or with the description file that it names, before anything is loaded.

    Raises:
        NetworkError: It means no network; the sentence says what to do.
    """
    path = description_path(reference)
    if path is not None:
        read_description(path)


def description_path(reference: str) -> Path | None:
    """Path of the description file that a reference names; None where it names a model of torchvision.

    Args:
        reference: ``sample``, ``torchvision:NAME@random`` or the path of a ``*.cnnviz-network.json``.

    Raises:
        NetworkError: It is none of them; the sentence says what to do.
    """
    if reference == SAMPLE:
        return resource_path("sample", f"{SAMPLE}{SUFFIX}")
    if reference.startswith(TORCHVISION):
        _check_weights(reference)
        return None
    if reference.endswith(SUFFIX):
        return Path(reference)
    raise NetworkError(_advice(reference))


def _check_weights(reference: str) -> None:
    name, _, weights = reference.removeprefix(TORCHVISION).partition("@")
    if weights != RANDOM:
        raise NetworkError(
            f"“{reference}” asks for {'trained weights' if not weights else f'the weights “{weights}”'}, which this "
            f"version does not download. Use {TORCHVISION}{name}@{RANDOM} for random weights, or name the weights "
            f"file you have in a network description (*{SUFFIX}) with "
            f"{json.dumps({'architecture': {'torchvision': name}})[1:-1]}."
        )


def _advice(reference: str) -> str:
    """What to give instead of something that is no network reference."""
    suffix = Path(reference).suffix.lower()
    if suffix in _WEIGHTS_SUFFIXES:
        said = f"{reference} holds weights, but not the network they belong to."
    elif suffix == ".py":
        said = f"{reference} is a Python file; which network to build from it is still to be said."
    elif suffix == ".json" and not Path(reference).exists():
        return f"There is no file {reference}."
    else:
        return (
            f"“{reference}” is not a network. Give {SAMPLE}, {TORCHVISION}resnet50@{RANDOM} or a network "
            f"description: {_example('network.py', 'weights.pth')}"
        )
    name = Path(reference).name
    file, weights = (name, "weights.pth") if suffix == ".py" else ("network.py", name)
    return f"{said} Write a network description beside it: {_example(file, weights)}"


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
