"""Finding a class by its number or by what people remember of its name."""

import difflib
import re
import unicodedata
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

LIKENESS = 0.75
"""Of two words, 0–1, from which on one may be a slip for the other."""


class Closeness(IntEnum):
    """How near a class comes to what was written, the nearest first."""

    NUMBER = 0
    EXACT = 1
    BEGINNING = 2
    WORD = 3
    PART = 4
    WORDS = 5
    ALIKE = 6


class Match(NamedTuple):
    """A class that was found, and how near it comes."""

    closeness: Closeness
    class_index: int


def find_classes(text: str, names: Sequence[str], limit: int = 50) -> tuple[int, ...]:
    """Indices of the classes that `text` can mean, best first; see `matches`.

    Args:
        text: What was typed.
        names: One name a class.
        limit: The most that are wanted.
    """
    return tuple(match.class_index for match in matches(text, names)[:limit])


def matches(text: str, names: Sequence[str]) -> list[Match]:
    """The classes that `text` can mean, best first, each once.

    A number finds the class of that number first. Then come exact names, of which several may stand with commas
    between, the beginnings of names, the beginnings of words, pieces of words, and the same words in another order,
    whatever their case, accents, hyphens and underscores; shorter names before longer ones. Where no name has all the
    words, names with words spelt alike are found.

    Args:
        text: What was written.
        names: One name a class.
    """
    wanted = _plain(text)
    if not wanted:
        return []
    numbered = [Match(Closeness.NUMBER, int(wanted))] if _is_number(text.strip(), len(names)) else []
    plain = [_plain(name) for name in names]
    words = wanted.split()
    ranked = sorted(
        (_closeness(wanted, plain[index], name), len(plain[index]), index)
        for index, name in enumerate(names)
        if all(word in plain[index] for word in words)
    )
    found = [Match(closeness, index) for closeness, _, index in ranked]
    if not found and not numbered:
        found = [Match(Closeness.ALIKE, index) for index in _spelt_alike(words, plain)]
    taken = {match.class_index for match in numbered}
    return numbered + [match for match in found if match.class_index not in taken]


def _is_number(wanted: str, count: int) -> bool:
    return re.fullmatch(r"[0-9]{1,9}", wanted) is not None and int(wanted) < count


@lru_cache(maxsize=1 << 16)  # at every letter that is typed, all names are looked through, of which there may be 21,000
def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", letters.replace("_", " ").replace("'", "")))


def _closeness(wanted: str, plain: str, name: str) -> Closeness:
    if wanted == plain or wanted in map(_plain, name.split(",")):
        return Closeness.EXACT
    if plain.startswith(wanted):
        return Closeness.BEGINNING
    if f" {wanted}" in plain:
        return Closeness.WORD
    return Closeness.PART if wanted in plain else Closeness.WORDS


def _spelt_alike(words: list[str], names: list[str]) -> list[int]:
    """Names in which every word of `words` has a word spelt much like it, likest first."""
    known = {part for name in names for part in name.split()}
    alike = [_alike(word, known) for word in words]
    if not all(alike):
        return []
    scored = []
    for index, name in enumerate(names):
        parts = name.split()
        likeness = [max((found[part] for part in parts if part in found), default=0.0) for found in alike]
        if min(likeness) > 0:
            scored.append((-sum(likeness), len(parts), index))
    return [index for *_, index in sorted(scored)]


def _alike(word: str, known: set[str]) -> dict[str, float]:
    """Words spelt much like one that may not be written to its end, each with its likeness."""
    compared = difflib.SequenceMatcher(b=word)
    found: dict[str, float] = {}
    for other in known:
        for length in {len(other), len(word)}:
            compared.set_seq1(other[:length])
            if compared.real_quick_ratio() >= LIKENESS and compared.quick_ratio() >= LIKENESS:
                likeness = compared.ratio() * (1.0 if length >= len(other) else 0.95)
                if likeness >= LIKENESS:
                    found[other] = max(found.get(other, 0.0), likeness)
    return found
