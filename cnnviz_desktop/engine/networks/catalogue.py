"""Lists what torchvision and timm can build, without building it; remembered on disk until their versions change."""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec
import platformdirs

from cnnviz_desktop.core.atomic_files import replacing
from cnnviz_desktop.core.errors import OutputError
from cnnviz_desktop.core.network_catalogue import Library, LibraryNetwork, NetworkCatalogue
from cnnviz_desktop.core.official_weights import OfficialWeights
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.core.weights_folder import find_weights, huggingface_folder, torch_folder

LIBRARIES: tuple[Library, ...] = ("torchvision", "timm")

_HOW_TO_GET: dict[Library, str] = {
    "torchvision": "torchvision is not installed: “pip install torchvision”.",
    "timm": "timm is not installed. It has a thousand networks more: “uv sync --extra timm” or “pip install timm”.",
}

_FORMAT = 1
"""Of what is remembered; counted up where the same libraries give another list."""


def list_networks(request: Request) -> Generator[Progress | NetworkCatalogue, None, None]:
    """The networks of the installed libraries; an errand that asks for nothing more."""
    del request
    yield from catalogue(Path(platformdirs.user_cache_dir("cnnviz-desktop", appauthor=False)))


def catalogue(folder: Path) -> Generator[Progress | NetworkCatalogue, None, None]:
    """The networks of the installed libraries.

    Args:
        folder: Where the list is remembered. One that cannot be written there is made anew each time.
    """
    networks, missing = list[LibraryNetwork](), list[str]()
    for library in LIBRARIES:
        installed = _version(library)
        if installed is None:
            missing.append(_HOW_TO_GET[library])
            continue
        yield Progress(done=LIBRARIES.index(library), total=len(LIBRARIES), text=f"listing the networks of {library}")
        file = folder / f"networks-{_FORMAT}-{library}-{installed}.json"
        found = _remembered(file)
        if found is None:
            found = tuple(_of_torchvision() if library == "torchvision" else _of_timm())
            _remember(found, file)
        networks += found
    yield NetworkCatalogue(networks=_with_those_here(networks), missing=tuple(missing))


def _version(library: Library) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def _of_torchvision() -> Iterator[LibraryNetwork]:
    from cnnviz_desktop.engine.networks import torchvision_models
    from cnnviz_desktop.engine.networks.official import torchvision_weights

    for task in torchvision_models.KINDS:
        for name in torchvision_models.torchvision_names(task):
            recommended = torchvision_weights.recommended_entry(name)
            entries = sorted(torchvision_weights.entries_of(name), key=lambda entry: entry is not recommended)
            meta = {} if recommended is None else recommended.meta
            operations = meta.get("_ops")
            yield LibraryNetwork(
                library="torchvision",
                name=name,
                family=torchvision_models.family_of(name).__name__,
                task=task,
                parameters=meta.get("num_params"),
                macs=None if operations is None else round(float(operations) * 1e9),
                weights=tuple(torchvision_weights.official(name, entry) for entry in entries),
            )


def _of_timm() -> Iterator[LibraryNetwork]:
    import timm

    from cnnviz_desktop.engine.networks.official import timm_weights

    for name in timm.list_models():
        configurations = timm_weights.configurations_of(name)
        yield LibraryNetwork(
            library="timm",
            name=name,
            family=timm.models.model_entrypoint(name).__module__.rpartition(".")[2],
            task="classification",
            weights=tuple(timm_weights.official(name, each) for each in configurations.values()),
        )


def _remembered(file: Path) -> tuple[LibraryNetwork, ...] | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=tuple[LibraryNetwork, ...])
    except (OSError, msgspec.MsgspecError):  # never written, or by a later version: it is made anew
        return None


def _remember(networks: tuple[LibraryNetwork, ...], file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as opened:
            opened.write(msgspec.json.encode(networks))
    except (OSError, OutputError):  # it only takes longer the next time
        return


def _with_those_here(networks: Iterable[LibraryNetwork]) -> tuple[LibraryNetwork, ...]:
    """The networks with the names of their weights on this machine; each folder is listed once."""
    files, repositories = _names_in(torch_folder()), _names_in(huggingface_folder())

    def is_here(weights: OfficialWeights) -> bool:
        if weights.file_name in files:
            return True
        folder = f"models--{weights.repository.replace('/', '--')}"
        return folder in repositories and find_weights(weights) is not None

    found = ((network, frozenset(each.name for each in network.weights if is_here(each))) for network in networks)
    return tuple(replace(network, here=here) if here else network for network, here in found)


def _names_in(folder: Path) -> frozenset[str]:
    try:
        return frozenset(path.name for path in folder.iterdir())
    except OSError:
        return frozenset()
