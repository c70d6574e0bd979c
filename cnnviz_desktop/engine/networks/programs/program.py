"""Python code that builds a network: read once, hashed, and known before anything of it runs. No torch."""

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

import msgspec

from cnnviz_desktop.core.covered import CALLED_AS, covered_sha256
from cnnviz_desktop.core.description import Architecture
from cnnviz_desktop.core.errors import ConsentNeeded, NetworkError
from cnnviz_desktop.engine.networks.programs.project import Project, project_of, project_of_module, read_source
from cnnviz_desktop.engine.networks.programs.siblings import find_module


class Program(msgspec.Struct, frozen=True, kw_only=True, tag="python"):
    """The code of one file with what it imports beside it, and what to call in it; as JSON it goes to its trial.

    Attributes:
        path: The file, absolute.
        source: Its bytes: exactly what is compiled and run.
        factory: Name of the callable that returns the network.
        arguments: Keyword arguments of the factory.
        package: Package that its relative imports start from; empty for a file that belongs to none.
        folders: Where its imports are looked for before the installed modules; none for an installed module.
        fallbacks: Where they are looked for after those.
        beside: Bytes of the files that run with it, by their path relative to its folder: exactly what is run.
    """

    path: str
    source: bytes
    factory: str
    arguments: dict[str, Any]
    package: str = ""
    folders: tuple[str, ...] = ()
    fallbacks: tuple[str, ...] = ()
    beside: dict[str, bytes] = {}

    @property
    def name(self) -> str:
        """The file's name, for sentences."""
        return Path(self.path).name

    @property
    def request(self) -> bytes:
        """What is asked of it besides its bytes: trials of one program differ in this."""
        return msgspec.json.encode((self.path, self.factory, self.arguments), order="sorted")

    @property
    def module_name(self) -> str:
        """What it is imported as by the other modules of its package; empty where it belongs to none of the user's."""
        if not self.folders or not self.package:
            return ""
        stem = Path(self.path).stem
        return self.package if stem == "__init__" else f"{self.package}.{stem}"

    @property
    def tops(self) -> frozenset[str]:
        """Names under which modules and packages of the user's folders are imported, without what is inside them."""
        places = [Path(folder) for folder in (*self.folders, *self.fallbacks)]
        files = [Path(self.path), *(Path(os.path.normpath(Path(self.path).parent / name)) for name in self.beside)]
        inside = (file.relative_to(place).parts[0] for file in files for place in places if file.is_relative_to(place))
        return frozenset(name.removesuffix(".py") for name in inside)

    def needs_consent(self) -> ConsentNeeded:
        """The error that asks for it."""
        return ConsentNeeded(self.path, self.sha256, tuple(sorted(self.covered)))

    @property
    def covered(self) -> dict[str, bytes]:
        """What consent covers besides the file: those beside it, or how an installed module is called."""
        if self.folders:
            return self.beside
        given = ", ".join(f"{name}={value!r}" for name, value in sorted(self.arguments.items()))
        return {f"{CALLED_AS}{self.factory}({given})": b""}

    @property
    def sha256(self) -> str:
        """Hash that a consent is given to, of `source` and what else is `covered`; 64 hexadecimal digits."""
        return covered_sha256(self.source, self.covered)


def program_of(architecture: Architecture) -> Program:
    """The program that an architecture names.

    Args:
        architecture: It names a file or a module.

    Raises:
        NetworkError: It cannot be found or read.
    """
    factory, arguments = architecture.factory or "", architecture.arguments
    if architecture.module is None:
        return program_of_file(Path(architecture.given), factory, arguments)
    folder = None if architecture.folder is None else Path(architecture.folder)
    return program_of_module(architecture.module, factory, arguments, folder)


def program_of_file(path: Path, factory: str, arguments: dict[str, Any]) -> Program:
    """The program in a user's own file, with what it imports from the package or the folder it belongs to.

    Raises:
        NetworkError: The file, or one that it imports from there, cannot be read.
    """
    path = path.resolve()
    source = read_source(path)
    return _program(path, source, factory, arguments, project_of(source, path))


def program_of_module(module: str, factory: str, arguments: dict[str, Any], folder: Path | None = None) -> Program:
    """The program in an importable module, found without running the packages around it.

    Args:
        module: Its dotted name.
        factory: Name of the callable in it.
        arguments: Keyword arguments of the callable.
        folder: The user's folder that it is looked for in first; None for nowhere but the installed modules.

    Raises:
        NetworkError: There is no such module, or it is not written in Python.
    """
    named = all(name.isidentifier() for name in module.split("."))
    if folder is not None and named:
        root = folder.resolve()
        own = find_module(module, [str(root)])
        if own is not None and own.origin is not None and own.origin.endswith(".py"):
            return _program_of_own_module(own, module, factory, arguments, root)
    if module.partition(".")[0] in sys.stdlib_module_names:
        raise NetworkError(f"The module “{module}” is Python's own, and there are no networks in it.")
    spec = _find(module) if named else None
    if spec is None:
        where = "" if folder is None else f" neither in {folder} nor"
        raise NetworkError(
            f"There is no module “{module}”{where} among those installed beside cnnviz ({sys.executable}). "
            "Install it there, or give the file it is in as “file”."
        )
    if not spec.has_location or spec.origin is None or Path(spec.origin).suffix != ".py":
        raise NetworkError(f"The module “{module}” is not one Python file, so that it cannot be shown for consent.")
    path = Path(spec.origin).resolve()
    package = _package_of(spec, module)
    return Program(path=str(path), source=read_source(path), factory=factory, arguments=arguments, package=package)


def _program_of_own_module(
    spec: ModuleSpec, module: str, factory: str, arguments: dict[str, Any], root: Path
) -> Program:
    path = Path(spec.origin or "")
    source = read_source(path)
    return _program(path, source, factory, arguments, project_of_module(source, path, _package_of(spec, module), root))


def _package_of(spec: ModuleSpec, module: str) -> str:
    return module if spec.submodule_search_locations is not None else module.rpartition(".")[0]


def _program(path: Path, source: bytes, factory: str, arguments: dict[str, Any], project: Project) -> Program:
    return Program(
        path=str(path),
        source=source,
        factory=factory,
        arguments=arguments,
        package=project.package,
        folders=project.folders,
        fallbacks=project.fallbacks,
        beside=project.beside,
    )


def _find(module: str) -> ModuleSpec | None:
    """As importlib.util.find_spec, which however imports the packages on the way."""
    places: Sequence[str] | None = None
    spec: ModuleSpec | None = None
    names = module.split(".")
    for end in range(1, len(names) + 1):
        if end > 1 and not places:
            return None
        spec = _find_in(".".join(names[:end]), places)
        if spec is None:
            return None
        places = None if spec.submodule_search_locations is None else list(spec.submodule_search_locations)
    return spec


def _find_in(name: str, places: Sequence[str] | None) -> ModuleSpec | None:
    for finder in sys.meta_path:
        # Below a full name, PathFinder would look for the package in sys.modules, where it need not be.
        asked = name.rpartition(".")[2] if finder is PathFinder else name
        spec = finder.find_spec(asked, places)
        if spec is not None:
            return spec
    return None
