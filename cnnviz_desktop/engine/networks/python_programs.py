"""Networks that a user's own Python code builds: a file, or an importable module."""

import importlib
from collections.abc import Generator

from torch import nn

from cnnviz_desktop.core.description import NetworkDescription
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.programs.program import program_of
from cnnviz_desktop.engine.networks.programs.python_file import build
from cnnviz_desktop.engine.networks.programs.surroundings import seeded
from cnnviz_desktop.engine.networks.source import Consent, Source

_OWN_MODULE = "cnnviz_desktop.samples.network"
"""The one module that may build a network without consent, by functions that it defines itself."""


def build_source(description: NetworkDescription, consent: Consent) -> Generator[Progress, None, Source]:
    """Run the program that the description names, once it may run and has come through its trial.

    Raises:
        ConsentNeeded: Nobody has agreed to it yet; nothing of it has run.
        NetworkError: It builds no network.
    """
    architecture = description.architecture
    if architecture.module == _OWN_MODULE:
        return Source(module=_build_own(architecture.factory or "", architecture.arguments))
    program = program_of(architecture)
    yield from consent.admit(program)
    built = build(program)
    return Source(module=built.module, notes=built.notes)


def _build_own(factory: str, arguments: dict[str, object]) -> nn.Module:
    module = importlib.import_module(_OWN_MODULE)
    builder = getattr(module, factory, None)
    if getattr(builder, "__module__", "") != _OWN_MODULE or not callable(builder):
        raise NetworkError(f"The module {_OWN_MODULE} has no “{factory}”.")
    with seeded():
        try:
            built = builder(**arguments)
        except (TypeError, ValueError, RuntimeError) as error:
            raise NetworkError(f"“{factory}” of {_OWN_MODULE} does not take its arguments: {error}.") from error
    if not isinstance(built, nn.Module):
        raise NetworkError(f"“{factory}” of {_OWN_MODULE} does not give a network.")
    return built.eval()
