"""Finds the files beside a Python file that run with it, by their import statements; nothing of them runs. No torch."""

import ast
import importlib
import warnings
from collections import deque
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from cnnviz_desktop.core.errors import NetworkError

_MOST = 300


def siblings(source: bytes, path: Path) -> dict[str, bytes]:
    """The files of its folder that a Python file can import, directly or through each other.

    Every import statement counts, also one in a function or a branch. What a program imports by a name that it makes up
    while it runs is not found here (see `covering`).

    Args:
        source: The file's bytes.
        path: Where it is, absolute.

    Returns:
        Their bytes, by their path relative to the folder with forward slashes.

    Raises:
        NetworkError: There are more than anybody could look at, or one cannot be read.
    """
    importlib.invalidate_caches()
    folder = path.parent
    found: dict[str, bytes] = {}
    names, seen = deque(_imported(source, "")), set[str]()
    while names:
        name = names.popleft()
        if name in seen:
            continue
        seen.add(name)
        spec = _find(name, folder)
        if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
            continue
        file = Path(spec.origin)
        if file == path:
            continue
        key = file.relative_to(folder).as_posix()
        if key not in found:
            found[key] = _read(file)
            package = name if spec.submodule_search_locations is not None else name.rpartition(".")[0]
            names.extend(_imported(found[key], package))
        if len(found) > _MOST:
            raise NetworkError(
                f"{path} imports more than {_MOST} files of its folder, too many to be asked about. Move it to a "
                "folder with only what it needs, or install the package it belongs to and name it as “module”."
            )
    return found


def _imported(source: bytes, package: str) -> Iterator[str]:
    """Names of the modules that its import statements may mean, with the packages on the way: rather more than fewer.

    Args:
        source: The file's bytes; what is no Python imports nothing.
        package: Where its relative imports start from.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # running it says what is wrong
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _with_packages(alias.name)
        elif isinstance(node, ast.ImportFrom):
            start = _start(node, package)
            if start:
                yield from _with_packages(start)
                yield from (f"{start}.{alias.name}" for alias in node.names if alias.name != "*")


def _start(node: ast.ImportFrom, package: str) -> str:
    """The module of “from MODULE import …”; empty for a relative import that leads nowhere."""
    module = node.module or ""
    if not node.level:
        return module
    parts = package.split(".")
    if not package or node.level > len(parts):
        return ""
    base = ".".join(parts[: len(parts) - node.level + 1])
    return f"{base}.{module}" if module else base


def _with_packages(name: str) -> Iterator[str]:
    parts = name.split(".")
    return (".".join(parts[: end + 1]) for end in range(len(parts)))


def _find(name: str, folder: Path) -> ModuleSpec | None:
    """The module as Python would find it, if it is in the folder."""
    places = [str(folder)]
    spec: ModuleSpec | None = None
    for part in name.split("."):
        # The last part alone: below a full name, PathFinder would look for the package in sys.modules.
        spec = PathFinder.find_spec(part, places) if places else None
        if spec is None:
            return None
        places = list(spec.submodule_search_locations or ())
    return spec


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise NetworkError(f"The Python file {file} cannot be read: {error.strerror or error}.") from error
