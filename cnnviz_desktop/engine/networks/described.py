"""Networks told by a description file."""

import importlib
from collections.abc import Generator, Set
from pathlib import Path

from torch import nn

from cnnviz_desktop.core.description import Architecture, NetworkDescription, read_description
from cnnviz_desktop.core.errors import ConsentNeeded, NetworkError
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.class_names import read_class_names
from cnnviz_desktop.engine.networks.loaded import LoadedNetwork
from cnnviz_desktop.engine.networks.prober import Prober
from cnnviz_desktop.engine.networks.program import program_of_file, program_of_module
from cnnviz_desktop.engine.networks.python_file import Built, build
from cnnviz_desktop.engine.networks.surroundings import seeded
from cnnviz_desktop.engine.networks.torchvision_models import build_torchvision
from cnnviz_desktop.engine.networks.weights import load_weights, nan_note, state_sha256

_OWN_MODULE = "cnnviz_desktop.samples.network"
"""The one module that may build a network without consent, by functions that it defines itself."""


def open_described(
    path: Path, reference: str, trusted: Set[str], allowed_keys: Set[str], prober: Prober
) -> Generator[Progress, None, LoadedNetwork]:
    """Open the network of a description file; see `open_network`."""
    description = read_description(path)
    folder = path.parent
    class_names = () if description.class_names is None else read_class_names(folder / description.class_names)
    weights = None if description.weights is None else _existing(folder / description.weights)
    module, notes = yield from _built(description.architecture, folder, trusted, prober)
    if weights is None:
        sha256 = state_sha256(module)
        notes += ("The network description names no weights: they are random.",)
    else:
        sha256, found = yield from load_weights(module, weights, allowed_keys)
        notes += found
    return _loaded(description, reference, module, class_names, sha256, notes)


def _loaded(
    description: NetworkDescription,
    reference: str,
    module: nn.Module,
    class_names: tuple[str, ...],
    weights_sha256: str,
    notes: tuple[str, ...],
) -> LoadedNetwork:
    return LoadedNetwork(
        reference=reference,
        name=description.name,
        module=module,
        preprocessing=description.preprocessing,
        class_names=class_names,
        weights_sha256=weights_sha256,
        notes=(*notes, *nan_note(module)),
    )


def _existing(weights: Path) -> Path:
    """A weights file, missed before anybody is asked for consent."""
    if not weights.is_file():
        raise NetworkError(
            f"The weights file {weights} {'is a folder' if weights.is_dir() else 'does not exist'}. "
            "Its path is relative to the network description."
        )
    return weights


def _built(
    architecture: Architecture, folder: Path, trusted: Set[str], prober: Prober
) -> Generator[Progress, None, Built]:
    if architecture.torchvision is not None:
        yield Progress(done=0, total=1, text=f"building {architecture.torchvision}")
        with seeded():
            return Built(build_torchvision(architecture.torchvision, architecture.arguments).eval(), ())
    factory, arguments = architecture.factory or "", architecture.arguments
    if architecture.module == _OWN_MODULE:
        return Built(_build_own(factory, arguments), ())
    if architecture.module is not None:
        program = program_of_module(architecture.module, factory, arguments)
    else:
        program = program_of_file(folder / (architecture.file or ""), factory, arguments)
    if program.sha256 not in trusted:
        raise ConsentNeeded(program.path, program.sha256, tuple(sorted(program.beside)))
    yield from prober.probe(program)
    yield Progress(done=0, total=1, text=f"running {program.name}")
    return build(program)


def _build_own(factory: str, arguments: dict[str, object]) -> nn.Module:
    module = importlib.import_module(_OWN_MODULE)
    builder = getattr(module, factory, None)
    if getattr(builder, "__module__", "") != _OWN_MODULE or not callable(builder):
        raise NetworkError(f"The module {_OWN_MODULE} has no “{factory}”.")
    with seeded():
        try:
            built = builder(**arguments)
        except (TypeError, ValueError, RuntimeError) as error:
            raise NetworkError(f"“{factory}” of {_OWN_MODULE} does not take its arguments: {error}.") from error
    if not isinstance(built, nn.Module):
        raise NetworkError(f"“{factory}” of {_OWN_MODULE} does not give a network.")
    return built.eval()
