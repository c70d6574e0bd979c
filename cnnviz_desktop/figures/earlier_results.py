"""What the manifests of earlier runs say of the files in a folder: no later run may make that untrue."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from cnnviz_desktop.figures.manifest import MANIFESTS, Manifest, NetworkEntry, ResultEntry


class _Run(msgspec.Struct, frozen=True):
    """What a manifest says of all its results."""

    network: NetworkEntry
    versions: dict[str, str]
    device: str
    seed: int
    results: tuple[ResultEntry, ...] = ()


class EarlierResults:
    """The results of earlier runs by the names of their files.

    Args:
        folder: Where their manifests lie; one that cannot be read says nothing.
    """

    def __init__(self, folder: Path) -> None:
        self._said: defaultdict[str, set[bytes]] = defaultdict(set)
        for run in _runs(folder):
            for entry in run.results:
                for name in entry.files.values():
                    self._said[name.casefold()].add(_statement(run, entry))

    def forbid(self, names: Iterable[str], manifest: Manifest | None, entry: ResultEntry) -> bool:
        """Whether a file of one of these names would no longer be what an earlier manifest says it is.

        Args:
            names: Of the files of a result.
            manifest: What is said of the run that the result is of; None where nothing is known of it.
            entry: What is said of the result; its `files` count by what they hold, whatever they are called.
        """
        said = set().union(*(self._said.get(name.casefold(), set[bytes]()) for name in names))
        if not said or manifest is None:
            return bool(said)
        run = _Run(manifest.network, manifest.versions, manifest.device, manifest.seed)
        return said != {_statement(run, entry)}


def _runs(folder: Path) -> Iterator[_Run]:
    for path in sorted(folder.glob(MANIFESTS)):
        try:
            yield msgspec.json.decode(path.read_bytes(), type=_Run)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            continue


def _statement(run: _Run, entry: ResultEntry) -> bytes:
    """All that is said of a result but what it and its image are called; as JSON, in which a NaN equals another."""
    seed = run.seed if entry.seed is None else entry.seed
    nameless = msgspec.structs.replace(entry, image="", seed=seed, files=dict.fromkeys(entry.files, ""))
    versions = {name: version for name, version in run.versions.items() if name != "torchvision"}  # not by every run
    return msgspec.json.encode((run.network, versions, run.device, nameless), order="deterministic")
