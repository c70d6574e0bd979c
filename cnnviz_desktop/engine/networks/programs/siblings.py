"""Reads import statements, and finds the files they mean; nothing of them runs. No torch."""

import ast
import warnings
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import NamedTuple


class Imported(NamedTuple):
    """One import statement.

    Attributes:
        module: What is imported, or imported from; empty in ``from . import name``.
        names: What is taken out of it, which may be modules too; empty in ``import module``.
        level: Number of dots in front: 0 for an absolute import.
    """

    module: str
    names: tuple[str, ...]
    level: int

    def modules(self, package: str) -> Iterator[str]:
        """Names of the modules that it may mean, with the packages on the way: rather more than fewer.

        Args:
            package: Where a relative import starts from; one that leads out of it means nothing.
        """
        start = self.module
        if self.level:
            parts = package.split(".") if package else []
            if self.level > len(parts):
                return
            start = ".".join((*parts[: len(parts) - self.level + 1], *filter(None, (self.module,))))
        yield from with_packages(start)
        yield from (f"{start}.{name}" for name in self.names)

    def leads_up_to(self, folder: Path) -> Path | None:
        """The folder that a relative import in a file of `folder` starts from, if what it names is there."""
        if not self.level or self.level > len(folder.parents):
            return None
        base = (folder, *folder.parents)[self.level - 1]
        wanted = (self.module.partition(".")[0],) if self.module else self.names
        there = (base / "__init__.py").is_file() or any(is_module_in(base, name) for name in wanted)
        return base if there else None


def imports_of(source: bytes) -> tuple[Imported, ...]:
    """Every import statement of a file, also one in a function or a branch; what is no Python has none."""
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()  # running it says what is wrong
    found: list[Imported] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.extend(Imported(alias.name, (), 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = tuple(alias.name for alias in node.names if alias.name != "*")
            found.append(Imported(node.module or "", names, node.level))
    return tuple(found)


def with_packages(name: str) -> Iterator[str]:
    """A dotted name, after every package on the way to it."""
    parts = name.split(".")
    return (".".join(parts[: end + 1]) for end in range(len(parts)))


def is_module_in(folder: Path, name: str) -> bool:
    """Whether a folder has a module or a package of that name, or a folder of Python files."""
    package = folder / name
    if (folder / f"{name}.py").is_file() or (package / "__init__.py").is_file():
        return True
    return package.is_dir() and any(package.glob("*.py"))


def find_module(name: str, places: Sequence[str]) -> ModuleSpec | None:
    """The module as Python would find it in these folders; what runs packages on the way is not asked."""
    spec: ModuleSpec | None = None
    for part in name.split("."):
        # The last part alone: below a full name, PathFinder would look for the package in sys.modules.
        spec = PathFinder.find_spec(part, places) if places else None
        if spec is None:
            return None
        places = list(spec.submodule_search_locations or ())
    return spec
