"""Names of the files that belong to an image, distinct also where letter case does not count."""

import re
from collections.abc import Callable, Collection, Iterable

from cnnviz_desktop.core.resources import image_path

_LONGEST_PART = 60  # two of them, in letters of three bytes, leave room in a file name's 255 for the image


class Names:
    """Gives every name once.

    Args:
        reserved: Names that are given only to those who ask for exactly them.
    """

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._reserved = {name.casefold() for name in reserved}
        self._given: set[str] = set()

    def take(
        self,
        wanted: str,
        endings: Collection[str] = ("",),
        forbidden: Callable[[Collection[str]], bool] = lambda _: False,
    ) -> str:
        """The name wanted, or it with the first free number after it: with none of the endings was it given before.

        Args:
            wanted: The name without an ending.
            endings: What it is given with.
            forbidden: Says of a name with all its endings whether it must not be given.
        """
        name, number = wanted, 1
        while (
            any(f"{name}{ending}".casefold() in self._given for ending in endings)
            or (number > 1 and name.casefold() in self._reserved)
            or forbidden([f"{name}{ending}" for ending in endings])
        ):
            number += 1
            name = f"{wanted}_{number}"
        self._given |= {f"{name}{ending}".casefold() for ending in endings}
        return name


def distinct_stems(references: Iterable[str]) -> dict[str, str]:
    """A stem for every image reference: its file's own, numbered where files of several folders share one."""
    wanted = {reference: image_path(reference).stem for reference in references}
    names = Names(reserved=wanted.values())
    return {reference: names.take(stem) for reference, stem in wanted.items()}


def name_part(text: str) -> str:
    """A layer's or a target's name as part of a file name: letters, digits, ``.``, ``-`` and ``_``; not too many."""
    words = text.replace("−", "minus")
    return re.sub(r"[^\w.-]+", "-", words).strip("-.")[:_LONGEST_PART].rstrip("-.") or "unnamed"
