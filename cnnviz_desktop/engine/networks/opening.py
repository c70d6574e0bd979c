"""Builds the network that a reference means, and gives it its weights."""

from collections.abc import Generator, Set
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path

from torch import nn

from cnnviz_desktop.core.description import NetworkDescription, NetworkRef, Preprocessing
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.references import described
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.checkpoints.weights import load_weights, nan_note, state_sha256
from cnnviz_desktop.engine.networks.checkpoints.with_checkpoint import with_checkpoint
from cnnviz_desktop.engine.networks.class_names import class_names_of
from cnnviz_desktop.engine.networks.loaded import LoadedNetwork
from cnnviz_desktop.engine.networks.official.pretrained import Pretrained, pretrained_of
from cnnviz_desktop.engine.networks.official.weights_store import make_sure
from cnnviz_desktop.engine.networks.programs.prober import Prober
from cnnviz_desktop.engine.networks.source import Consent, Source
from cnnviz_desktop.engine.networks.untrained import zeros_note

_SOURCES = {
    "file": "python_programs",
    "module": "python_programs",
    "torchvision": "torchvision_models",
    "timm": "timm_models",
    "exported": "exported_program",
    "torchscript": "torchscript_program",
    "huggingface": "huggingface_folder",
}
"""Module beside this one with the function `build_source`, by what a description's architecture names."""

_RANDOM_NOTE = "The weights are random: what the network shows is its architecture, not anything it has learnt."


def open_network(
    reference: NetworkRef, trusted: Set[str], allowed_keys: Set[str], prober: Prober | None = None
) -> Generator[Progress, None, LoadedNetwork]:
    """Build a network and load its weights. Closing the generator cancels it.

    The global random state, the module search path and torch's defaults are afterwards what they were.

    Args:
        reference: Which network; see `core.references`.
        trusted: SHA-256 of the Python files that may run.
        allowed_keys: Keys of weights that need not fit.
        prober: Tries Python files in a process of their own; keep one as long as its memory of them shall last.

    Raises:
        ConsentNeeded: A Python file whose hash is not among `trusted`; nothing of it has run.
        WeightsMismatch: Weights that do not fit and are not allowed.
        NetworkError: Anything else that keeps the network from being opened; the sentence says what to do.
    """
    description = described(reference)
    weights = _existing(description)  # missed before anybody is asked for consent
    pretrained = None if description.pretrained is None else pretrained_of(description)
    names = class_names_of(description)
    module = import_module(f"cnnviz_desktop.engine.networks.{_SOURCES[description.architecture.kind]}")
    build = partial(module.build_source, consent=Consent(trusted, prober or Prober()))
    source: Source = yield from build(description)
    if weights is not None:
        source = yield from with_checkpoint(source, description, allowed_keys, build)
    sha256, notes = source.weights_sha256, source.notes
    if pretrained is not None and not sha256:
        sha256, found = yield from load_weights(source.module, pretrained.file, allowed_keys)
        notes += found
    elif not sha256:
        sha256 = state_sha256(source.module)
        notes += (_RANDOM_NOTE, *zeros_note(source.module))
    if pretrained is not None:
        make_sure(pretrained.file, sha256, pretrained.trained.official.digits)
    recipe, own_names = _brought(source, pretrained)
    return LoadedNetwork(
        reference=reference,
        description=description,
        module=source.module,
        preprocessing=description.preprocessing or recipe or assumed_preprocessing(source.module),
        class_names=own_names if names is None else names,
        recipe=recipe,
        own_class_names=own_names,
        hidden=source.hidden,
        weights_sha256=sha256,
        weights_parts=source.weights_parts,
        building_notes=(*notes, *nan_note(source.module)),
    )


def _brought(source: Source, pretrained: Pretrained | None) -> tuple[Preprocessing | None, tuple[str, ...]]:
    """Recipe and class names of the weights, or where they have none of the architecture."""
    if pretrained is not None:
        return pretrained.preprocessing, pretrained.class_names
    return source.preprocessing, source.class_names


def assumed_preprocessing(module: nn.Module) -> Preprocessing:
    """What is assumed where nothing says how pictures are prepared: ImageNet's way, in grey for one channel."""
    first = next((part for part in module.modules() if isinstance(part, nn.Conv2d)), None)
    if first is not None and first.in_channels == 1:
        return Preprocessing(mean=(0.449,), std=(0.226,))
    return Preprocessing()


def opened_anew(network: LoadedNetwork, reference: NetworkRef) -> LoadedNetwork:
    """A network that is open, called, fed and read as another description of it says.

    Args:
        network: What is open.
        reference: Another reference, whose description `as_built` is the same.

    Raises:
        NetworkError: Its class names cannot be read.
    """
    description = described(reference)
    names = class_names_of(description)
    return replace(
        network,
        reference=reference,
        description=description,
        preprocessing=description.preprocessing or network.recipe or assumed_preprocessing(network.module),
        class_names=network.own_class_names if names is None else names,
    )


def _existing(description: NetworkDescription) -> Path | None:
    if description.weights is None:
        return None
    weights = Path(description.weights)
    if not weights.is_file():
        raise NetworkError(
            f"The weights file {weights} {'is a folder' if weights.is_dir() else 'does not exist'}. "
            "A path in a description file is relative to that file."
        )
    return weights
