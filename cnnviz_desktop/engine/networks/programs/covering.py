"""Sees to it that of a program's files only those run that its hash covers, and exactly the bytes that were hashed."""

import contextlib
import importlib.abc
import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.machinery import FrozenImporter, ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.programs.program import Program


@contextlib.contextmanager
def covering(program: Program, builtins: Mapping[str, object]) -> Iterator[set[str]]:
    """Imports inside give what the program's hash covers, what is installed, and nothing else.

    What code reads and runs by itself, as with ``exec``, is out of reach.

    Args:
        program: The program.
        builtins: What its modules have as their ``__builtins__``.

    Yields:
        Names of the covered modules as they are imported.

    Raises:
        NetworkError: Inside, where the program imports a file that is neither; the file does not run.
    """
    if not program.folders:
        yield set()
        return
    finder = _CoveredFinder(program, builtins)
    place = next((index for index, other in enumerate(sys.meta_path) if other is PathFinder), 0)
    sys.meta_path.insert(place, finder)
    try:
        yield finder.imported
    finally:
        with contextlib.suppress(ValueError):  # the program may have taken it out itself
            sys.meta_path.remove(finder)


class _CoveredFinder(importlib.abc.MetaPathFinder):
    """Stands before Python's own finder of files, and finds as that does."""

    def __init__(self, program: Program, builtins: Mapping[str, object]) -> None:
        self.imported: set[str] = set()
        self._program = program
        self._builtins = builtins
        self._folders = tuple(Path(folder) for folder in (*program.folders, *program.fallbacks))
        beside = Path(program.path).parent
        self._sources = {(beside / name).resolve(): source for name, source in program.beside.items()}
        self._sources[Path(program.path)] = program.source
        self._known = frozenset(name for name in sys.modules if "." not in name)
        self._roots = {Path(entry or ".").resolve() for entry in sys.path} - {*self._folders, beside}

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name in sys.builtin_module_names or FrozenImporter.find_spec(name) is not None:
            return None
        package, _, inner = name.partition(".")
        if inner and package in self._known:  # imported without the program, and perhaps going on in another thread
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.origin is None or not spec.has_location:
            return None
        file = Path(spec.origin).resolve()
        source = self._sources.get(file)
        if source is None:
            if self._is_installed(name, file):
                return None
            raise NetworkError(self._refusal(name, file))
        self.imported.add(name)
        return importlib.util.spec_from_file_location(
            name,
            spec.origin,
            loader=_CoveredLoader(spec.origin, source, self._builtins),
            submodule_search_locations=spec.submodule_search_locations,
        )

    def _is_installed(self, name: str, file: Path) -> bool:
        """Whether it can be imported without the program, as a virtual environment inside its folder can."""
        roots = [root for root in self._roots if file.is_relative_to(root)]
        own = [folder for folder in self._folders if file.is_relative_to(folder)]
        if own:
            return any(root.is_relative_to(folder) for root in roots for folder in own)
        package = sys.modules.get(name.rpartition(".")[0])
        return bool(roots) or getattr(package, "__file__", None) is not None  # a package that some other finder found

    def _refusal(self, name: str, file: Path) -> str:
        shown = next((file.relative_to(each) for each in self._folders if file.is_relative_to(each)), file)
        main = self._program.name
        if file.suffix != ".py":
            return (
                f"{main} imports {shown}, which is no text that can be shown for consent, and was not run. Install it."
            )
        return (
            f"{main} imports “{name}” ({shown}) in a way that could not be seen beforehand, so that nobody was asked "
            f"about it and it was not run. Put it beside {main} and use a plain import statement, or install it."
        )


class _CoveredLoader(importlib.abc.SourceLoader):
    """Runs bytes that are at hand, never a compiled file that lies beside them."""

    def __init__(self, path: str, source: bytes, builtins: Mapping[str, object]) -> None:
        self._path = path
        self._source = source
        self._builtins = builtins

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__builtins__"] = self._builtins
        super().exec_module(module)

    def get_filename(self, fullname: str) -> str:
        return self._path

    def get_data(self, path: str | bytes) -> bytes:
        return self._source if path == self._path else Path(str(path)).read_bytes()
