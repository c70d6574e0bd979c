"""What was opened lately, newest first."""

from pathlib import Path

import msgspec

from cnnviz_desktop.core.description import NetworkDescription, NetworkRef, paths_of
from cnnviz_desktop.core.references import SAMPLE, TIMM, TORCHVISION
from cnnviz_desktop.core.resources import image_path

RECENTS_KEPT = 10


class Recents(msgspec.Struct, frozen=True, array_like=True):
    """References of images or networks, each once, the newest first, ten at most."""

    references: tuple[NetworkRef, ...] = ()

    def with_newest(self, *references: NetworkRef) -> "Recents":
        """With these in front."""
        return Recents(tuple(dict.fromkeys((*references, *self.references)))[:RECENTS_KEPT])


def is_missing(reference: NetworkRef) -> bool:
    """Whether a file or folder that a reference names is gone; a network's name that is no path is never missing."""
    if isinstance(reference, NetworkDescription):
        return not all(Path(path).exists() for path in paths_of(reference))
    if reference.startswith((TORCHVISION, TIMM)) or reference == SAMPLE:
        return False
    return not image_path(reference).exists()
