"""Finding a class by its number or by what people remember of its name."""

import difflib
import re
import unicodedata
from collections.abc import Sequence

LIKENESS = 0.75


def find_classes(text: str, names: Sequence[str], limit: int = 50) -> tuple[int, ...]:
    """Indices of the classes that `text` can mean, best first.

    A number finds the class of that number first. Words are found anywhere in a name, in any order, whatever their
    case, accents, hyphens and underscores; where no name has them all, names with words spelt alike are found.

    Args:
        text: What was typed.
        names: One name a class.
        limit: The most that are wanted.
    """
    wanted = _plain(text)
    if not wanted:
        return ()
    plain = [_plain(name) for name in names]
    numbered = [int(wanted)] if re.fullmatch(r"[0-9]{1,9}", wanted) and int(wanted) < len(names) else []
    words = wanted.split()
    ranked = sorted((_rank(wanted, name), index) for index, name in enumerate(plain) if _holds(name, words))
    found = [index for _, index in ranked] or ([] if numbered else _spelt_alike(words, plain))
    return tuple(dict.fromkeys(numbered + found))[:limit]


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", letters.replace("_", " ").replace("'", "")))


def _holds(name: str, words: list[str]) -> bool:
    return all(word in name for word in words)


def _rank(wanted: str, name: str) -> tuple[int, int]:
    """Exact name, start of the name, start of a word, anywhere; shorter names first."""
    tests = (name == wanted, name.startswith(wanted), f" {wanted}" in name, wanted in name)
    return next((place for place, passed in enumerate(tests) if passed), len(tests)), len(name)


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
            scored.append((-sum(likeness), index))
    return [index for _, index in sorted(scored)]


def _alike(word: str, known: set[str]) -> dict[str, float]:
    close = difflib.get_close_matches(word, known, n=5, cutoff=LIKENESS)
    return {other: difflib.SequenceMatcher(None, other, word).ratio() for other in close}
