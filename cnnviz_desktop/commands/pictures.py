"""The pictures under the results of a request, each read once."""

from cnnviz_desktop.commands.engine import Engine
from cnnviz_desktop.core.results import Picture

MOST_BYTES = 1 << 30
"""Pixels that are kept: eight photos of 24 million pixels take half of it."""


class Pictures:
    """Pictures that results are drawn over, read when one is needed and kept for the next result of the same image.

    Args:
        engine: Reads them.
        most_bytes: Of pixels that are kept; beyond it the pictures that were not needed for longest are let go.
    """

    def __init__(self, engine: Engine, most_bytes: int = MOST_BYTES) -> None:
        self._engine = engine
        self._most_bytes = most_bytes
        self._kept: dict[str, Picture] = {}  # the one needed last comes last

    def of(self, image: str) -> Picture:
        """The picture of an image reference.

        Raises:
            ImageError: It cannot be read.
        """
        picture = self._kept.pop(image, None) or self._engine.picture(image)
        self._kept[image] = picture
        while len(self._kept) > 1 and sum(each.pixels.nbytes for each in self._kept.values()) > self._most_bytes:
            del self._kept[next(iter(self._kept))]
        return picture
