"""Paths as people write them, with ``~`` for home."""

import os


def from_home(path: str) -> str:
    """The path with ``~`` or ``~name`` at its beginning spelt out; as it is where nobody of that name has a home.

    So a file that is really called ``~old.pt`` keeps its name, where `Path.expanduser` would raise.
    """
    return os.path.expanduser(path)  # noqa: PTH111 - Path.expanduser raises where there is no such user
