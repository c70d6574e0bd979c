"""What is registered in a network, and where more than once: modules under two names, parameters that are shared."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Registered:
    """The modules of a network, each under the first of its names.

    Attributes:
        modules: By name, parents before children; the network itself under the empty name.
        other_names: Further names of a module, by its first one; modules with one name are left out.
        shares: By a module's name, the names of parameters elsewhere that are the very same as one of its own.
        parameters: Number of parameters of each module, those of its children included, each counted once.
    """

    modules: dict[str, nn.Module]
    other_names: dict[str, tuple[str, ...]]
    shares: dict[str, tuple[str, ...]]
    parameters: dict[str, int]


def registered_in(network: nn.Module) -> Registered:
    """Find out what a network consists of, in time that grows with its number of modules."""
    modules = dict(network.named_modules())
    other_names = _other_names(modules)
    shares = _shares(modules)
    tree_is_plain = not other_names and not shares
    parameters = (
        _summed(modules) if tree_is_plain else {name: _count(part.parameters()) for name, part in modules.items()}
    )
    return Registered(modules, other_names, shares, parameters)


def parent_of(name: str) -> str:
    """Name of the module that a module belongs to; empty for the network itself."""
    return name.rpartition(".")[0]


def _other_names(modules: dict[str, nn.Module]) -> dict[str, tuple[str, ...]]:
    # Only the names below a module's own first name: all of them would be endless where a module holds its parent.
    first_names = {id(part): name for name, part in modules.items()}
    others: dict[str, list[str]] = {}
    for name, part in modules.items():
        for own_name, child in part._modules.items():  # noqa: SLF001 - named_children() leaves repeated ones out
            full_name = f"{name}.{own_name}" if name else own_name
            if child is not None and first_names[id(child)] != full_name:
                others.setdefault(first_names[id(child)], []).append(full_name)
    return {name: tuple(names) for name, names in others.items()}


def _shares(modules: dict[str, nn.Module]) -> dict[str, tuple[str, ...]]:
    places: dict[int, list[tuple[str, str]]] = {}
    for name, part in modules.items():
        for own_name, parameter in part._parameters.items():  # noqa: SLF001 - named_parameters() leaves shared ones out
            if parameter is not None:
                places.setdefault(id(parameter), []).append((name, f"{name}.{own_name}" if name else own_name))
    shares: dict[str, tuple[str, ...]] = {}
    for found in places.values():
        for owner, full_name in found if len(found) > 1 else ():
            shares[owner] = shares.get(owner, ()) + tuple(other for _, other in found if other != full_name)
    return shares


def _count(parameters: Iterable[nn.Parameter]) -> int:
    return sum(map(_size, parameters))


def _size(parameter: Tensor) -> int:
    """Number of values; 0 for a lazy parameter, which has no shape before its module has run."""
    return 0 if nn.parameter.is_lazy(parameter) else parameter.numel()


def _summed(modules: dict[str, nn.Module]) -> dict[str, int]:
    """By adding up from the leaves: asking every module anew for all that is below it would walk deep trees often."""
    return with_children({name: _count(part.parameters(recurse=False)) for name, part in modules.items()})


def with_children(own: dict[str, int]) -> dict[str, int]:
    """Sums over each module and what is below it, from every module's own; parents stand before children."""
    sums = Counter(own)
    for name in reversed(own):
        if name:
            sums[parent_of(name)] += sums[name]
    return dict(sums)
