"""What consent to a Python program covers: one hash over every file of it."""

import hashlib
from collections.abc import Mapping

CALLED_AS = "called as "
"""Begins what consent covers besides files: how an installed module is called, as its arguments decide what it does."""


def covered_sha256(source: bytes, beside: Mapping[str, bytes]) -> str:
    """Hash of a program, 64 hexadecimal digits; of a file that stands alone it is the file's own SHA-256.

    Args:
        source: The main file.
        beside: The files that run with it, by their path relative to its folder with forward slashes; how it is called
            (`CALLED_AS`) has no bytes.
    """
    own = hashlib.sha256(source).hexdigest()
    if not beside:
        return own
    lines = [own, *(f"{hashlib.sha256(beside[name]).hexdigest()} {name}" for name in sorted(beside))]
    # Zero bytes between, which no Python file may have: a lone file never has the hash of several.
    return hashlib.sha256("\0".join(lines).encode()).hexdigest()
