"""Finds out which package of a user's folder a Python file belongs to, and which files of it run with it. No torch.

A file that uses relative imports is a module of a package: its folders up to where those lead, or up to the last one
with an ``__init__.py``. Any other file is a script: what it imports is looked for beside it first, as Python does.
Whatever is neither there nor installed is looked for in the folders above, as far as the project reaches.
"""

import importlib
import os
import sys
from collections import deque
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from cnnviz_desktop.core.bounded_files import read_whole
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.programs.siblings import find_module, imports_of, is_module_in, with_packages

_LARGEST = 1 << 26
"""Bytes of a Python file."""

_MOST = 300
_LEVELS = 3
"""How many folders above a file are looked through for what it imports."""

_MARKERS = (".git", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "environment.yml")
"""What lies in the topmost folder of a project."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Where a file's imports are found, and what of it runs with the file.

    Attributes:
        package: Package of the folder that the file belongs to, dotted; empty for a script.
        folders: Where its imports are looked for before the installed modules.
        fallbacks: Where they are looked for after those.
        beside: Bytes of the files that it imports from all these, directly or through each other, by their path
            relative to its folder with forward slashes: ``blocks.py``, ``../common.py``.
    """

    package: str
    folders: tuple[str, ...]
    fallbacks: tuple[str, ...]
    beside: dict[str, bytes]


def project_of(source: bytes, path: Path) -> Project:
    """The project of a Python file.

    Args:
        source: The file's bytes.
        path: Where it is, absolute.

    Raises:
        NetworkError: More files run with it than anybody could look at, or one cannot be read.
    """
    package, root = _package(source, path)
    while True:
        project, above = _collected(source, path, package, root)
        if above is None or above == root or not root.is_relative_to(above):
            return project
        outer = root.relative_to(above).parts
        if not _can_be_named(outer):
            return project
        package, root = ".".join((*outer, package)), above


def project_of_module(source: bytes, path: Path, package: str, root: Path) -> Project:
    """The project of a file that was found as a module of `package` below the folder `root`; see `project_of`."""
    return _collected(source, path, package, root)[0]


def _package(source: bytes, path: Path) -> tuple[str, Path]:
    """The package that a file belongs to, and the folder that this lies in."""
    folder = path.parent
    tops = [top for each in imports_of(source) if (top := each.leads_up_to(folder)) is not None]
    if not tops:
        return "", folder
    root = min(tops, key=lambda top: len(top.parts))
    while (root.parent / "__init__.py").is_file():
        root = root.parent
    root = root.parent
    parts = folder.relative_to(root).parts
    return (".".join(parts), root) if _can_be_named(parts) else ("", folder)


def _can_be_named(parts: tuple[str, ...]) -> bool:
    return bool(parts) and not any("." in part for part in parts)


def _collected(source: bytes, path: Path, package: str, root: Path) -> tuple[Project, Path | None]:
    """The project, and a folder further up that a relative import of one of its files needs; None where there is none.

    Args:
        source: The file's bytes.
        path: Where it is.
        package: Its package; empty for a script.
        root: The folder that the package, or the script, lies in.
    """
    importlib.invalidate_caches()
    search = _Search(path, root, [str(path.parent)] if package else [])
    above: Path | None = None
    found: dict[str, bytes] = {}
    names, seen = deque([*with_packages(package)] if package else []), set[str]()
    names.extend(name for each in imports_of(source) for name in each.modules(package))
    while names:
        name = names.popleft()
        if name in seen:
            continue
        seen.add(name)
        spec = search.find(name)
        if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
            continue
        file = Path(spec.origin)
        key = Path(os.path.relpath(file, path.parent)).as_posix()
        if file == path or key in found:
            continue
        found[key] = read_source(file)
        if len(found) > _MOST:
            raise NetworkError(
                f"{path} imports more than {_MOST} files of its project, too many to be asked about. Move it to a "
                "folder with only what it needs, or install the package it belongs to and name it as “module”."
            )
        inner = name if spec.submodule_search_locations is not None else name.rpartition(".")[0]
        for each in imports_of(found[key]):
            names.extend(each.modules(inner))
            if package and name.startswith(f"{package.partition('.')[0]}.") and each.level > len(inner.split(".")):
                above = _further(each.leads_up_to(file.parent), above)
    folders, fallbacks = (str(root),), tuple(search.fallbacks)
    return Project(package=package, folders=folders, fallbacks=fallbacks, beside=found), above


def _further(top: Path | None, above: Path | None) -> Path | None:
    """The folder above `top`, or what is known already, whichever lies further up."""
    if top is None:
        return above
    return top.parent if above is None or above.is_relative_to(top.parent) else above


@dataclass(slots=True)
class _Search:
    """Finds modules in the order in which Python will: the root, what is installed, then the fallbacks."""

    path: Path
    root: Path
    fallbacks: list[str]

    def find(self, name: str) -> ModuleSpec | None:
        """The module, if it is the project's own."""
        spec = find_module(name, [str(self.root)])
        top = name.partition(".")[0]
        if spec is not None or is_module_in(self.root, top) or self._is_installed(top):
            return spec
        if not any(is_module_in(Path(folder), top) for folder in self.fallbacks):
            self.fallbacks.extend(str(folder) for folder in self._above() if is_module_in(folder, top))
        return find_module(name, self.fallbacks)

    def _is_installed(self, top: str) -> bool:
        if top in sys.stdlib_module_names or top in sys.builtin_module_names:
            return True
        own = {self.root, *map(Path, self.fallbacks), *self._above()}
        entries = [entry for entry in sys.path if Path(entry or ".").resolve() not in own]
        return any(
            finder.find_spec(top, entries if finder is PathFinder else None) is not None for finder in sys.meta_path
        )

    def _above(self) -> list[Path]:
        """The folders above the file, as far as its project reaches; never the home folder or what is above it."""
        found: list[Path] = []
        home = Path.home()
        for folder in (self.path.parent, *self.path.parents[1 : _LEVELS + 1]):
            if home.is_relative_to(folder) or len(folder.parts) == 1:
                break
            found.append(folder)
            if any((folder / marker).exists() for marker in _MARKERS):
                break
        return found


def read_source(file: Path) -> bytes:
    """A Python file's bytes.

    Raises:
        NetworkError: It cannot be read.
    """
    try:
        return read_whole(file, _LARGEST)
    except OSError as error:
        raise NetworkError(f"The Python file {file} cannot be read: {error.strerror or error}.") from error
