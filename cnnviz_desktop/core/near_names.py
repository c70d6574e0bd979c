"""What somebody may have meant who wrote a name that there is not."""

from collections.abc import Iterable

_NEAR = 0.7
"""Of two spellings, 0–1: ``metod`` is near ``method``, and ``gpu`` is not near ``cpu``."""


def nearest(name: str, names: Iterable[str]) -> str:
    """The name that is spelt most nearly so, whatever the case; empty where none is near."""
    from difflib import get_close_matches  # late: few runs need it

    spelt = {each.casefold(): each for each in names}
    return next((spelt[near] for near in get_close_matches(name.casefold(), spelt, n=1, cutoff=_NEAR)), "")


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A question to follow a sentence that says there is no such name, with a space before it; empty where none is."""
    meant = nearest(name, names)
    return f" Did you mean {meant}?" if meant else ""
