"""Mirrors of official weights: addresses that stand in for the scheme and host of the publisher's."""

import os
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from cnnviz_desktop.core.errors import NetworkError

MIRRORS_VARIABLE = "CNNVIZ_WEIGHTS_MIRROR"
"""Names mirrors, separated by spaces or commas; the first is tried first."""


def split_mirrors(text: str) -> tuple[str, ...]:
    """The addresses in a text that separates them by spaces, commas or line breaks, each once."""
    return tuple(dict.fromkeys(filter(None, re.split(r"[\s,]+", text))))


def mirrors_of_environment() -> tuple[str, ...]:
    """The mirrors that the environment names."""
    return split_mirrors(os.environ.get(MIRRORS_VARIABLE, ""))


def check_mirror(mirror: str) -> None:
    """Make sure that something is the address of a mirror.

    Raises:
        NetworkError: It is not; the sentence says how one is written.
    """
    try:
        given = urlsplit(mirror)
        is_address = given.scheme in ("http", "https") and bool(given.hostname) and (given.port or 1) > 0
    except ValueError:  # a port that is no number, a bracket that is not closed
        is_address = False
    if not is_address:
        raise NetworkError(f"“{mirror}” is not the address of a mirror: write it as https://mirror.example/folder.")


def addresses_of(url: str, mirrors: Sequence[str]) -> tuple[str, ...]:
    """Where to look for a file: on each mirror, then where its publisher offers it.

    Raises:
        NetworkError: A mirror is no address.
    """
    parts = urlsplit(url)
    rest = f"{parts.path}?{parts.query}" if parts.query else parts.path
    for mirror in mirrors:
        check_mirror(mirror)
    return tuple(dict.fromkeys((*(f"{mirror.rstrip('/')}{rest}" for mirror in mirrors), url)))
