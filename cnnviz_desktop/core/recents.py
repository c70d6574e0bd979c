"""What was opened lately, newest first."""

import msgspec

from cnnviz_desktop.core.resources import SAMPLE_PREFIX, image_path

RECENTS_KEPT = 10


class Recents(msgspec.Struct, frozen=True, array_like=True):
    """References of images or networks, each once, the newest first, ten at most."""

    references: tuple[str, ...] = ()

    def with_newest(self, *references: str) -> "Recents":
        """With these in front."""
        return Recents(tuple(dict.fromkeys((*references, *self.references)))[:RECENTS_KEPT])


def is_missing(reference: str) -> bool:
    """Whether the file that a reference names is gone; a network's name that is no path is never missing."""
    if reference.startswith("torchvision:") or reference == SAMPLE_PREFIX.removesuffix(":"):
        return False
    return not image_path(reference).is_file()
