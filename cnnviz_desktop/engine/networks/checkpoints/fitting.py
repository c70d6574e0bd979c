"""A checkpoint compared with the network it is for: which keys fit, and what is told about the others."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from torch import Tensor, nn

from cnnviz_desktop.core.errors import NetworkError, WeightsMismatch
from cnnviz_desktop.engine.networks.checkpoints.key_fitting import Fit, Shape, best_fits
from cnnviz_desktop.engine.networks.checkpoints.older_keys import with_present_names

COUNTER = "num_batches_tracked"
"""A buffer of batch normalisation that files from before PyTorch 0.4.1 lack; evaluation does not use it."""

_KEYS_SHOWN = 4

Row = tuple[str, str, str, str]


@dataclass(frozen=True, eq=False)
class Fitting:
    """The dictionaries of a file that fit a network best, and how the one that is taken fits.

    Attributes:
        path: The file.
        fits: The dictionaries, all fitting equally well; the first is taken.
        shapes: Shape of each of the network's parameters and buffers.
        notes: Sentences about what was done to the file's keys.
    """

    path: Path
    fits: tuple[Fit, ...]
    shapes: Mapping[str, Shape]
    notes: tuple[str, ...] = ()

    @property
    def fit(self) -> Fit:
        """The dictionary that is taken."""
        return self.fits[0]

    @property
    def parts(self) -> tuple[str, ...]:
        """Where the dictionaries are in the file, the one that is taken first; its top level is the empty string."""
        return tuple(fit.part for fit in self.fits)

    @cached_property
    def table(self) -> tuple[Row, ...]:
        """Rows of `WeightsMismatch.table`: mis-shaped and missing keys in the network's order, then unexpected ones."""
        return tuple(_misfits(self.fit, self.shapes))

    @property
    def _related(self) -> bool:
        """Whether anything of the file fits, or at least all its names."""
        return self.fit.score[0] > 0 or len(self.fit.names) == len(self.fit.tensors)

    def refused(self, allowed_keys: Set[str]) -> list[Row]:
        """Rows of the table that are not allowed."""
        return [row for row in self.table if row[0] not in allowed_keys]

    def check(self, allowed_keys: Set[str], reason: str = "") -> None:
        """Make sure that all keys fit but those that are allowed.

        Args:
            allowed_keys: Keys that need not fit.
            reason: A sentence that says why some do not, or what they fit, where that is known.

        Raises:
            WeightsMismatch: Others do not.
        """
        refused = self.refused(allowed_keys)
        if refused:
            told = _refusal(self.path, refused, related=self._related, reason=reason)
            raise WeightsMismatch(told, self.table, self.parts)


def compared(module: nn.Module, content: object, path: Path, part: str | None = None) -> Fitting:
    """Compare what a file holds with a network.

    Args:
        module: The network.
        content: What the file holds.
        path: The file, for sentences.
        part: The dictionary to take where several fit equally well, as `Fit.part` names it; None for the likeliest.

    Raises:
        NetworkError: There are no weights in it, or that part does not fit as well as another one.
    """
    content, notes = with_present_names(module, content)
    own = module.state_dict()
    shapes = {key: shape_of(value) for key, value in own.items() if isinstance(value, Tensor)}
    fits = best_fits(content, shapes, part)
    if not fits:
        raise NetworkError(f"{path} holds no tensors under names, so that there are no weights in it.")
    if part is not None and fits[0].part != part:
        others = ", ".join(f"“{fit.part}”" if fit.part else "its top level" for fit in fits)
        raise NetworkError(f"Under “{part}” of {path} there are no weights that fit the network as well as {others}.")
    return Fitting(path, tuple(fits), shapes, notes)


def shape_of(tensor: Tensor) -> Shape:
    """A tensor's shape; (−1,) for a lazy parameter, which takes its shape from the file."""
    return (-1,) if nn.parameter.is_lazy(tensor) else tuple(tensor.shape)


def _misfits(fit: Fit, shapes: Mapping[str, Shape]) -> list[Row]:
    """Rows of `WeightsMismatch.table`: mis-shaped and missing keys in the network's order, then unexpected ones."""
    rows = []
    for name, shape in shapes.items():
        found = fit.tensors.get(fit.names.get(name, ""))
        if found is None:
            if name.rpartition(".")[2] != COUNTER:
                rows.append((name, "missing", "", written(shape)))
        elif shape not in (tuple(found.shape), (-1,)):
            rows.append((name, "shape", written(tuple(found.shape)), written(shape)))
    known, plain = set(fit.names.values()), fit.unwrapped
    return rows + [
        (plain.get(key, key), "unexpected", written(tuple(tensor.shape)), "")
        for key, tensor in fit.tensors.items()
        if key not in known
    ]


def written(shape: Shape) -> str:
    """A shape for people."""
    return "×".join(map(str, shape)) or "scalar"


def _refusal(path: Path, rows: list[Row], *, related: bool, reason: str) -> str:
    if not related:
        look = f"cnnviz list checkpoint {path.name} tells which may fit"
        advice = reason or f"Check the architecture and its arguments; {look}."
        return f"The weights of {path} belong to another network: none of the file's values fits it. {advice}"
    kinds = {
        "missing": "missing from the file",
        "shape": "of another shape",
        "unexpected": "unknown to the network",
    }
    found = {kind: [key for key, problem, *_ in rows if problem == kind] for kind in kinds}
    said = "; ".join(f"{len(keys)} {kinds[kind]} ({list_keys(keys)})" for kind, keys in found.items() if keys)
    advice = reason or "Check the architecture and its arguments, or allow these keys by name to load without them."
    return f"The weights of {path} do not fit the network: {said}. {advice}"


def list_keys(keys: list[str]) -> str:
    """The first few keys, and how many more there are."""
    more = len(keys) - _KEYS_SHOWN
    return ", ".join(keys[:_KEYS_SHOWN]) + (f" and {more} more" if more > 0 else "")
