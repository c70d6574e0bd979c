"""The modules of a program's folders: there for its own code, and out of everybody else's way."""

import builtins
import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from cnnviz_desktop.engine.networks.programs.covering import covering
from cnnviz_desktop.engine.networks.programs.program import Program

_KEPT = frozenset({*sys.stdlib_module_names, "torch", "torchvision", "numpy", "cnnviz_desktop"})
"""Modules that this program itself is made of: a user's file of such a name is never found in their place."""


class OwnModules:
    """What a program imports from its folders, while it builds the network and when the network runs.

    Between the two the modules are in no one's sight, so that another network's modules of the same name are not
    mistaken for them. A ``forward`` that imports one finds it again: the program's code has an ``__import__`` of its
    own.

    Args:
        program: The code.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._modules: dict[str, ModuleType] = {}
        self._in_sight = False
        self.builtins: dict[str, object] = {**vars(builtins), "__import__": self._import}
        """What the program's modules have as their ``__builtins__``."""

    @contextmanager
    def in_sight(self) -> Iterator[Set[str]]:
        """Imports inside find the program's modules, first those in the folders before the installed ones.

        Modules of ours that have such a name are out of the way inside, but for Python's own, torch and numpy.

        Yields:
            Names of those that consent covers, as they are imported.

        Raises:
            NetworkError: Inside, as `covering`.
        """
        program = self._program
        if not program.folders:
            yield set()
            return
        hidden, path = _taken_out(program.tops - _KEPT), sys.path.copy()
        before = set(sys.modules)
        sys.path[:0] = program.folders
        sys.path.extend(program.fallbacks)
        importlib.invalidate_caches()
        self._in_sight = True
        try:
            with covering(program, self.builtins) as imported:
                sys.modules.update(self._modules)  # late: what is there before is not taken for the program's
                yield imported
        finally:
            self._in_sight = False
            sys.path[:] = path
            self._modules |= _taken_out(self._new(before))
            sys.modules.update(hidden)

    def _new(self, before: Set[str]) -> set[str]:
        """Names of the modules and packages in the program's folders that are there now."""
        folders = {Path(folder) for folder in (*self._program.folders, *self._program.fallbacks)}
        known = {name.partition(".")[0] for name in before}
        new = {name.partition(".")[0] for name in set(sys.modules) - before} - known
        return {name for name in new if _lies_in(sys.modules.get(name), folders)}

    def _import(
        self,
        name: str,
        namespace: Mapping[str, object] | None = None,
        local: Mapping[str, object] | None = None,
        wanted: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """As Python's ``__import__``."""
        if self._in_sight or not (level or name.partition(".")[0] in self._program.tops - _KEPT):
            return builtins.__import__(name, namespace, local, wanted, level)
        with self.in_sight():
            return builtins.__import__(name, namespace, local, wanted, level)


def _taken_out(tops: Set[str]) -> dict[str, ModuleType]:
    """Take these modules and packages, with all that is in them, out of ``sys.modules``; what was taken out."""
    return {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in tops}


def _lies_in(module: ModuleType | None, folders: Set[Path]) -> bool:
    """Whether a top-level module is a file or a package of the folders themselves, not of a folder deeper down."""
    if module is None:
        return False
    places = list(getattr(module, "__path__", ())) or [getattr(module, "__file__", None) or ""]
    return any(place and Path(place).parent in folders for place in places)
