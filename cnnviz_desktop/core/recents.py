"""What was opened lately, newest first."""

from pathlib import Path

import msgspec
from msgspec.structs import replace

from cnnviz_desktop.core.description import NetworkDescription, NetworkRef, as_built, paths_of
from cnnviz_desktop.core.references import file_of
from cnnviz_desktop.core.resources import image_path

RECENTS_KEPT = 10


class Recents(msgspec.Struct, frozen=True, array_like=True):
    """References of images or networks, each once, the newest first, ten at most."""

    references: tuple[NetworkRef, ...] = ()

    def with_newest(self, *references: NetworkRef) -> "Recents":
        """With these in front. Of a network that is only fed or read in another way, the newest stands for all."""
        kept: dict[NetworkRef, NetworkRef] = {}
        for reference in (*references, *self.references):
            kept.setdefault(_as_kept(reference), reference)
        return Recents(tuple(kept.values())[:RECENTS_KEPT])


def _as_kept(reference: NetworkRef) -> NetworkRef:
    return replace(as_built(reference), name=reference.name) if isinstance(reference, NetworkDescription) else reference


def is_missing(reference: NetworkRef) -> bool:
    """Whether a file or folder that a reference names is gone; a network's name that is no path is never missing."""
    if isinstance(reference, NetworkDescription):
        return not all(Path(path).exists() for path in paths_of(reference))
    named = file_of(reference)
    return named is not None and not image_path(str(named)).exists()
