"""Finds the weights in a checkpoint: which of its dictionaries, and which prefix, fit the network's own keys best."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor

Shape = tuple[int, ...]

_DEPTH = 3  # dictionaries within dictionaries
_PREFIXES_TRIED = 4
_WRAPPERS = frozenset({"module", "_orig_mod"})
"""What DataParallel and torch.compile put into the keys of the part of a network that they wrap."""

_PREFERRED = ("", "state_dict", "model", "model_state_dict", "net", "network", "params", "weights")
"""Places taken first where several fit equally well: averages such as ``ema`` only where nothing else does."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """One of a checkpoint's dictionaries, with the network's name for each of its keys that has one.

    Attributes:
        place: Keys that lead to the dictionary.
        tensors: The dictionary's tensors by their key in the file.
        names: Key in the file by name in the network.
        renamed: Key in the file by the name it would have in the network, whether or not the network has that.
        renaming: What was done to the keys, in words; empty where nothing was.
        score: (matching in name and shape, matching in name, fewest left over); larger is better.
    """

    place: tuple[str, ...]
    tensors: Mapping[str, Tensor]
    names: Mapping[str, str]
    renamed: Mapping[str, str]
    renaming: str
    score: tuple[int, int, int]

    @property
    def part(self) -> str:
        """Where the dictionary is in the file, as in ``model_ema.module``; empty for the file's top level."""
        return ".".join(self.place)

    @property
    def unwrapped(self) -> dict[str, str]:
        """Each key of the file without the prefix or wrapper that was taken off all of them; empty where not of all."""
        names = {key: name for name, key in self.renamed.items()}
        is_off_all = all(len(names.get(key, key)) < len(key) for key in self.tensors)
        return names if is_off_all else {}


class _Renaming(NamedTuple):
    """Leave out wrappers' segments anywhere in a key (`collapse`), take `strip` off its front, put `add` there."""

    collapse: bool = False
    strip: str = ""
    add: str = ""

    def name(self, key: str) -> str:
        """The name in the network that a key of the file may stand for."""
        plain = without_wrappers(key) if self.collapse else key
        return self.add + plain.removeprefix(self.strip)

    def __str__(self) -> str:
        said = ["“module” and “_orig_mod” were left out of the keys"] if self.collapse else []
        said += [f"the prefix “{self.strip}” was taken off the keys"] if self.strip else []
        said += [f"the prefix “{self.add}” was put in front of the keys"] if self.add else []
        return " and ".join(said)


def best_fits(content: object, own: Mapping[str, Shape], part: str | None = None) -> list[Fit]:
    """The dictionaries of a checkpoint that fit a network best, all equally well; the one to take comes first.

    Args:
        content: What the checkpoint holds. Without named tensors in it the list is empty.
        own: Shape of each of the network's parameters and buffers.
        part: The dictionary to take, as `Fit.part` names it, where it is among those that fit best.
    """
    fits = [_best_renamed(place, tensors, own) for place, tensors in dictionaries(content)]
    best = max((fit.score for fit in fits), default=None)
    return sorted((fit for fit in fits if fit.score == best), key=lambda fit: (fit.part != part, preference(fit.place)))


def preference(place: tuple[str, ...]) -> int:
    """Where a dictionary stands among those that fit as well; the smallest is taken.

    Args:
        place: Keys that lead to it.
    """
    last = place[-1] if place else ""
    return _PREFERRED.index(last) if last in _PREFERRED else len(_PREFERRED)


def dictionaries(content: object) -> list[tuple[tuple[str, ...], dict[str, Tensor]]]:
    """Every dictionary in a checkpoint that has tensors under names, once, and the keys that lead to it."""
    found: list[tuple[tuple[str, ...], dict[str, Tensor]]] = []
    seen = set[int]()  # a file may lead back to itself
    inside: list[tuple[tuple[str, ...], object]] = [((), content)]
    while inside:
        place, part = inside.pop(0)
        if not isinstance(part, Mapping) or id(part) in seen:
            continue
        seen.add(id(part))
        tensors = {key: value for key, value in part.items() if isinstance(key, str) and isinstance(value, Tensor)}
        if tensors:
            found.append((place, tensors))
        if len(place) < _DEPTH:
            inside += [((*place, key), value) for key, value in part.items() if isinstance(key, str)]
    return found


def _best_renamed(place: tuple[str, ...], tensors: dict[str, Tensor], own: Mapping[str, Shape]) -> Fit:
    fits = [_fit(place, tensors, own, renaming) for renaming in _renamings(tensors, own)]
    return max(fits, key=lambda fit: fit.score)  # of equals the first, which changes the keys least


def _renamings(tensors: Collection[str], own: Collection[str]) -> Iterator[_Renaming]:
    yield from _plain_renamings(tensors, own, collapse=False)
    collapsed = {without_wrappers(key) for key in tensors}
    if collapsed != set(tensors):
        yield from _plain_renamings(collapsed, own, collapse=True)


def _plain_renamings(keys: Collection[str], own: Collection[str], *, collapse: bool) -> Iterator[_Renaming]:
    yield _Renaming(collapse)
    yield from (_Renaming(collapse, strip=prefix) for prefix in _prefixes(keys, own))
    yield from (_Renaming(collapse, add=prefix) for prefix in _prefixes(own, keys))


def _prefixes(long: Collection[str], short: Collection[str]) -> list[str]:
    """The commonest “a.b.” that leave one of the `short` keys when they are taken off one of the `long` ones."""
    counts: Counter[str] = Counter()
    for key in long:
        parts = key.split(".")
        for cut in range(1, len(parts)):
            if ".".join(parts[cut:]) in short:
                counts[".".join(parts[:cut]) + "."] += 1
    return [prefix for prefix, _ in counts.most_common(_PREFIXES_TRIED)]


def without_wrappers(key: str) -> str:
    """A key without what DataParallel and torch.compile put into it."""
    return ".".join(part for part in key.split(".") if part not in _WRAPPERS)


def _fit(place: tuple[str, ...], tensors: dict[str, Tensor], own: Mapping[str, Shape], renaming: _Renaming) -> Fit:
    renamed: dict[str, str] = {}
    for key in tensors:
        renamed.setdefault(renaming.name(key), key)
    names = {name: key for name, key in renamed.items() if name in own}
    alike = sum(tuple(tensors[key].shape) == own[name] for name, key in names.items())
    # Where nothing matches, the largest dictionary is likeliest meant to be the weights.
    left_over = len(names) - len(tensors) if names else len(tensors)
    return Fit(place, tensors, names, renamed, str(renaming), (alike, len(names), left_over))
