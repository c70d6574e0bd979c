"""``manifest.json``, beside every set of files the program writes. Fields may be added, not renamed."""

import sys
from importlib import metadata
from itertools import count
from pathlib import Path
from typing import Literal

import msgspec

from cnnviz_desktop.core.atomic_files import replacing
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import ParameterValue, Request

NAME = "manifest.json"
MANIFESTS = "manifest*.json"
"""Of all runs into a folder."""
_PACKAGES = {"cnnviz": "cnnviz-desktop", "torch": "torch", "numpy": "numpy"}
_WHERE_USED = ("torchvision",)


class NetworkEntry(msgspec.Struct, frozen=True):
    """The network that answered: its name, and the SHA-256 of its weights."""

    name: str
    weights_sha256: str


class ResultEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One result and its files. What a method does not have is left out.

    Attributes:
        image: The image as it was given.
        image_sha256: Hash of the image file's bytes.
        method: Id of the method.
        layer: The layer, as requests write it.
        target: What is explained, in words: ``dog``, ``dog − cat``, ``layer3, channel 12``.
        class_index: The class explained, or for predictions the likeliest; None where it is none.
        class_name: Its name.
        score: What is explained: the class's logit where nothing else was asked for; None where that is NaN.
        probability: The class's probability, 0–1; None where that is NaN.
        range: Least and greatest finite value of the raw array.
        completeness: |Σ of all terms − score| / |score| of a method whose terms should add up to it.
        files: File names in the manifest's folder by what they hold.
        parameters: Every parameter of the method.
        seed: Of its random choices, where the manifest's requests have several.
        notes: What to know before believing the result.
    """

    image: str = ""
    image_sha256: str = ""
    method: str
    layer: str | None = None
    target: str | None = None
    class_index: int | None = None
    class_name: str | None = None
    score: float | None = None
    probability: float | None = None
    range: tuple[float, float] | None = None
    completeness: float | None = None
    files: dict[str, str] = {}
    parameters: dict[str, ParameterValue] = {}
    seed: int | None = None
    notes: tuple[str, ...] = ()


class Problem(msgspec.Struct, frozen=True):
    """An image that gave no result, and why."""

    image: str
    method: str
    message: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What lies in a folder, and what it takes to make it again.

    Attributes:
        format: Version of the format.
        requests: What was asked; enough to run it again.
        network: Who answered.
        results: Each result with its files.
        problems: Images that gave none.
        sheets: Files that show several results together.
        versions: Of this program and of what its numbers depend on.
        device: Where it was computed.
        seed: Of every random choice; the first request's where they have several, and then each result has its own.
    """

    format: Literal[1] = 1
    requests: tuple[Request, ...]
    network: NetworkEntry
    results: tuple[ResultEntry, ...]
    problems: tuple[Problem, ...] = ()
    sheets: tuple[str, ...] = ()
    versions: dict[str, str]
    device: str
    seed: int

    def to_json(self) -> bytes:
        """The manifest as indented JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def manifest_of(
    requests: tuple[Request, ...],
    outline: Outline,
    results: tuple[ResultEntry, ...],
    problems: tuple[Problem, ...] = (),
) -> Manifest:
    """The manifest of what the requests, at least one, gave on the network of that outline."""
    return Manifest(
        requests=requests,
        network=NetworkEntry(outline.name, outline.weights_sha256),
        results=results,
        problems=problems,
        versions=versions(),
        device=outline.device,
        seed=requests[0].seed,
    )


def versions() -> dict[str, str]:
    """Versions of this program and of what its numbers depend on; asked without importing anything."""
    used = {name: name for name in _WHERE_USED if name in sys.modules}
    return {name: metadata.version(package) for name, package in (_PACKAGES | used).items()}


def write_manifest(folder: Path, manifest: Manifest, *, in_place_of_last: bool = False) -> None:
    """Write ``manifest.json`` into the folder; one of an earlier call stays beside it as ``manifest-1.json`` and so on.

    Args:
        folder: An existing folder.
        manifest: What lies in it.
        in_place_of_last: Whether the one that lies there is of the same call and is replaced.

    Raises:
        OutputError: The file cannot be written.
    """
    path, content = folder / NAME, manifest.to_json()
    if not in_place_of_last and path.is_file() and path.read_bytes() != content:
        places = (path.with_stem(f"{path.stem}-{number}") for number in count(1))
        path.rename(next(place for place in places if not place.exists()))
    with replacing(path) as file:
        file.write(content)
