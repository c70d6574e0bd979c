"""What a network reference means."""

import json
from collections.abc import Generator, Set
from pathlib import Path

from cnnviz_desktop.core.description import SUFFIX
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.resources import resource_path
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.described import open_described
from cnnviz_desktop.engine.networks.loaded import LoadedNetwork
from cnnviz_desktop.engine.networks.prober import Prober
from cnnviz_desktop.engine.networks.surroundings import seeded
from cnnviz_desktop.engine.networks.torchvision_models import build_torchvision, imagenet_preprocessing
from cnnviz_desktop.engine.networks.weights import state_sha256

SAMPLE = "sample"

_TORCHVISION = "torchvision:"
_RANDOM = "random"
_WEIGHTS_SUFFIXES = (".pth", ".pt", ".th", ".safetensors", ".ckpt", ".bin")


def open_network(
    reference: str, trusted: Set[str], allowed_keys: Set[str], prober: Prober | None = None
) -> Generator[Progress, None, LoadedNetwork]:
    """Build a network and load its weights. Closing the generator cancels it.

    The global random state, the module search path and torch's defaults are afterwards what they were.

    Args:
        reference: ``sample``, ``torchvision:NAME@random`` or the path of a ``*.cnnviz-network.json``.
        trusted: SHA-256 of the Python files that may run.
        allowed_keys: Keys of weights that need not fit.
        prober: Tries Python files in a process of their own; keep one as long as its memory of them shall last.

    Raises:
        ConsentNeeded: A Python file whose hash is not among `trusted`; nothing of it has run.
        WeightsMismatch: Weights that do not fit and are not allowed.
        NetworkError: Anything else that keeps the network from being opened; the sentence says what to do.
    """
    if reference == SAMPLE:
        path = resource_path("sample", f"{SAMPLE}{SUFFIX}")
    elif reference.startswith(_TORCHVISION):
        return (yield from _open_torchvision(reference))
    elif reference.endswith(SUFFIX):
        path = Path(reference)
    else:
        raise NetworkError(_advice(reference))
    return (yield from open_described(path, reference, trusted, allowed_keys, prober or Prober()))


def _open_torchvision(reference: str) -> Generator[Progress, None, LoadedNetwork]:
    name, _, weights = reference.removeprefix(_TORCHVISION).partition("@")
    if weights != _RANDOM:
        raise NetworkError(
            f"“{reference}” asks for {'trained weights' if not weights else f'the weights “{weights}”'}, which this "
            f"version does not download. Use {_TORCHVISION}{name}@{_RANDOM} for random weights, or name the weights "
            f"file you have in a network description (*{SUFFIX}) with "
            f"{json.dumps({'architecture': {'torchvision': name}})[1:-1]}."
        )
    yield Progress(done=0, total=1, text=f"building {name}")
    with seeded():
        module = build_torchvision(name, {}).eval()
    return LoadedNetwork(
        reference=reference,
        name=f"{name} (random weights)",
        module=module,
        preprocessing=imagenet_preprocessing(name),
        class_names=(),
        weights_sha256=state_sha256(module),
        notes=("The weights are random: what the network shows is its architecture, not anything it has learnt.",),
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
            f"“{reference}” is not a network. Give {SAMPLE}, {_TORCHVISION}resnet50@{_RANDOM} or a network "
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
