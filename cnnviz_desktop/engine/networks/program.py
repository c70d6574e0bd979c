"""Python code that builds a network: read once, hashed, and known before anything of it runs. No torch."""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

import msgspec

from cnnviz_desktop.core.covered import covered_sha256
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.siblings import siblings


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """The code of one file with what it imports beside it, and what to call in it; as JSON it goes to its trial.

    Attributes:
        path: The file, absolute.
        source: Its bytes: exactly what is compiled and run.
        factory: Name of the callable that returns the network.
        arguments: Keyword arguments of the factory.
        package: Package that its relative imports start from; empty for a file that belongs to none.
        folder: Where its imports are looked for first; None for nowhere but the installed modules.
        beside: Bytes of the files it imports from `folder`, by their path relative to it: exactly what is run.
    """

    path: str
    source: bytes
    factory: str
    arguments: dict[str, Any]
    package: str = ""
    folder: str | None = None
    beside: dict[str, bytes] = {}

    @property
    def name(self) -> str:
        """The file's name, for sentences."""
        return Path(self.path).name

    @property
    def sha256(self) -> str:
        """Hash of `source` and `beside` that a consent is given to, 64 hexadecimal digits; see `covered_sha256`."""
        return covered_sha256(self.source, self.beside)


def program_of_file(path: Path, factory: str, arguments: dict[str, Any]) -> Program:
    """The program in a user's own file. Its folder is where its imports are looked for first, as Python does.

    Raises:
        NetworkError: The file, or one that it imports from there, cannot be read.
    """
    path = path.resolve()
    source = _read(path)
    return Program(
        path=str(path),
        source=source,
        factory=factory,
        arguments=arguments,
        folder=str(path.parent),
        beside=siblings(source, path),
    )


def program_of_module(module: str, factory: str, arguments: dict[str, Any]) -> Program:
    """The program in an installed module, found without running the packages around it.

    Raises:
        NetworkError: There is no such module, or it is not written in Python.
    """
    spec = _find(module)
    if spec is None:
        raise NetworkError(
            f"There is no module “{module}” among those installed beside cnnviz ({sys.executable}). "
            "Install it there, or give the file it is in as “file”."
        )
    if not spec.has_location or spec.origin is None or Path(spec.origin).suffix != ".py":
        raise NetworkError(f"The module “{module}” is not one Python file, so that it cannot be shown for consent.")
    path = Path(spec.origin).resolve()
    package = module if spec.submodule_search_locations is not None else module.rpartition(".")[0]
    return Program(path=str(path), source=_read(path), factory=factory, arguments=arguments, package=package)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NetworkError(f"The Python file {path} cannot be read: {error.strerror or error}.") from error


def _find(module: str) -> ModuleSpec | None:
    """As importlib.util.find_spec, which however imports the packages on the way."""
    places: Sequence[str] | None = None
    spec: ModuleSpec | None = None
    names = module.split(".")
    if not all(name.isidentifier() for name in names):
        return None
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
