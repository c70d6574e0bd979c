"""Keys of weights that may be one and the same under two names."""

from collections import Counter, defaultdict, deque
from collections.abc import Sequence

KeyRow = tuple[str, str, str, str]
"""A row of `WeightsMismatch.table`: key, problem, shape in the file, shape in the network."""


_ByShape = defaultdict[str, dict[str, list[str]]]
"""The words of each key, by the shape it has."""


def near_pairs(table: Sequence[KeyRow]) -> dict[str, str]:
    """Missing keys and the unexpected ones that may be meant by them: of the same shape, with names that end alike.

    Those that end most alike are paired first; of equals, those that come first on both sides.

    Args:
        table: What does not fit.

    Returns:
        Key in the file by key in the network.
    """
    missing: _ByShape = defaultdict(dict)
    unexpected: _ByShape = defaultdict(dict)
    for key, problem, in_file, in_network in table:
        if problem == "missing":
            missing[in_network][key] = key.split(".")
        elif problem == "unexpected":
            unexpected[in_file][key] = key.split(".")
    pairs: dict[str, str] = {}
    for shape in missing.keys() & unexpected.keys():
        _pair(missing[shape], unexpected[shape], pairs)
    return pairs


def _pair(missing: dict[str, list[str]], unexpected: dict[str, list[str]], pairs: dict[str, str]) -> None:
    """Pair keys of one shape, longest ending first; both sides lose what is paired."""
    for length in range(max(map(len, missing.values())), 0, -1):
        offered: defaultdict[str, deque[str]] = defaultdict(deque)
        for key, words in unexpected.items():
            if len(words) >= length:
                offered[".".join(words[-length:])].append(key)
        for key, words in [*missing.items()] if offered else []:
            if len(words) >= length and (found := offered.get(".".join(words[-length:]))):
                pairs[key] = found.popleft()
                del missing[key], unexpected[pairs[key]]
        if not missing or not unexpected:
            return


def commonest_renaming(pairs: dict[str, str]) -> tuple[str, str, int]:
    """The beginning that most pairs differ in: (in the network, in the file, how many); empty and 0 without pairs."""
    counts = Counter(_beginnings(own, theirs) for own, theirs in pairs.items())
    ((own, theirs), count) = next(iter(counts.most_common(1)), (("", ""), 0))
    return own, theirs, count


def _beginnings(own: str, theirs: str) -> tuple[str, str]:
    """What is left of two keys without the words that both end with."""
    left, right = own.split("."), theirs.split(".")
    while left and right and left[-1] == right[-1]:
        left.pop()
        right.pop()
    return ".".join(left), ".".join(right)
