"""What an open network was opened from, so that one that is built from the same need not be built again."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cnnviz_desktop.core.description import NetworkDescription, as_built, paths_of
from cnnviz_desktop.engine.networks.programs.program import program_of

if TYPE_CHECKING:
    from cnnviz_desktop.engine.networks.loaded import LoadedNetwork

Stamp = tuple[int, int] | str
"""Of a file when it was written and how many bytes it has; of a program the hash of all its files."""


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A network as it was loaded, and the state of its files before that.

    Attributes:
        network: The network.
        stamps: See `stamps_of`.
    """

    network: "LoadedNetwork"
    stamps: tuple[Stamp, ...]

    def serves(self, description: NetworkDescription, stamps: tuple[Stamp, ...]) -> bool:
        """Whether a description means the same network, unchanged, called, fed or read in another way.

        The very same description is no such one: who asks for it again wants it opened again.
        """
        known = self.network.description
        return known != description and as_built(known) == as_built(description) and self.stamps == stamps


def stamps_of(description: NetworkDescription) -> tuple[Stamp, ...]:
    """What changes when a file of those that a network is built from is written again.

    Raises:
        NetworkError: Its program cannot be found or read.
    """
    built = as_built(description)
    files = (file for path in paths_of(built) for file in _files(Path(path)))
    of_program = (program_of(built.architecture).sha256,) if built.architecture.kind in ("file", "module") else ()
    return *map(stamp, files), *of_program


def _files(path: Path) -> list[Path]:
    """A file, or a folder and what lies in it."""
    try:
        return [path, *(sorted(path.iterdir()) if path.is_dir() else ())]
    except OSError:  # reading it will say why
        return [path]


def stamp(path: Path) -> tuple[int, int]:
    """What changes when a file is written again; zeros where it cannot be asked (reading it will say why)."""
    try:
        status = path.stat()
    except (OSError, ValueError):  # ValueError: a NUL character in the path
        return 0, 0
    return status.st_mtime_ns, status.st_size
