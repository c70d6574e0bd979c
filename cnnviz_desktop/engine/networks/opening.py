"""Builds the network that a reference means."""

from collections.abc import Generator, Set

from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.described import open_described
from cnnviz_desktop.engine.networks.loaded import LoadedNetwork
from cnnviz_desktop.engine.networks.prober import Prober
from cnnviz_desktop.engine.networks.references import RANDOM, TORCHVISION, description_path
from cnnviz_desktop.engine.networks.surroundings import seeded
from cnnviz_desktop.engine.networks.torchvision_models import build_torchvision, imagenet_preprocessing
from cnnviz_desktop.engine.networks.weights import state_sha256


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
    path = description_path(reference)
    if path is None:
        return (yield from _open_torchvision(reference))
    return (yield from open_described(path, reference, trusted, allowed_keys, prober or Prober()))


def _open_torchvision(reference: str) -> Generator[Progress, None, LoadedNetwork]:
    name = reference.removeprefix(TORCHVISION).removesuffix(f"@{RANDOM}")
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
