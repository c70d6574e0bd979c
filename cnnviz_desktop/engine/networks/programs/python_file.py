"""Runs the Python code that builds a network, and tells in a sentence what is wrong with it."""

import functools
import importlib
import inspect
import linecache
import sys
import traceback
from collections.abc import Callable, Set
from types import ModuleType
from typing import NamedTuple

import torch
from torch import nn

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.programs.own_modules import OwnModules
from cnnviz_desktop.engine.networks.programs.program import Program
from cnnviz_desktop.engine.networks.programs.surroundings import visiting
from cnnviz_desktop.engine.tracebacks import user_line

_PRINTED_SHOWN = 200  # characters


class Built(NamedTuple):
    """A network as its factory made it, on the CPU in evaluation mode, and sentences about its making."""

    module: nn.Module
    notes: tuple[str, ...]


def build(program: Program) -> Built:
    """Run a program and call its factory. Whoever calls this has the user's consent.

    The surroundings are put back afterwards (see `visiting`); only a script's own module stays in ``sys.modules``,
    under a name made of its hash, because classes look their module up there.

    Raises:
        NetworkError: It raises, ends the process, has no such factory, or the factory gives no network; the sentence
            names the line.
    """
    own = OwnModules(program)
    with visiting(program) as printed, own.in_sight() as imported:
        try:
            made = _call(_factory(_run(program, own), program, imported), program)
            module, notes = _unwrapped(made, program)
            module.cpu()
            module.eval()
        except (NetworkError, KeyboardInterrupt, MemoryError, torch.OutOfMemoryError):
            raise
        except BaseException as error:  # SystemExit among them: a program of the user's must not end ours
            raise NetworkError(_failure(error, program)) from error
    text = " ".join(printed.getvalue().split())
    if text:
        notes += (f"{program.name} printed: {text[:_PRINTED_SHOWN]}{'…' if len(text) > _PRINTED_SHOWN else ''}",)
    return Built(module, notes)


def _run(program: Program, own: OwnModules) -> ModuleType:
    linecache.checkcache(program.path)
    if program.module_name:
        return _imported(program)
    module = ModuleType(f"_cnnviz_program_{program.sha256}")
    module.__file__ = program.path
    module.__package__ = program.package
    vars(module)["__builtins__"] = own.builtins
    code = compile(program.source, program.path, "exec", dont_inherit=True)
    sys.modules[module.__name__] = module
    try:
        exec(code, module.__dict__)
    except BaseException:
        del sys.modules[module.__name__]
        raise
    return module


def _imported(program: Program) -> ModuleType:
    """A module of the user's package, imported as that: there is one of it, also where the package imports it first."""
    top = program.module_name.partition(".")[0]
    if top in sys.modules:  # all that can be moved out of the way has been
        raise NetworkError(
            f"{program.name} belongs to a package called “{top}”, as one is that this program itself is made of. "
            "Rename it."
        )
    return importlib.import_module(program.module_name)


def _factory(module: ModuleType, program: Program, imported: Set[str]) -> Callable[..., object]:
    factory = _found(module, program.factory)
    if callable(factory):
        if not isinstance(factory, nn.Module):  # a network is taken as it is, nothing of it is called
            _check_own(factory, module, program, imported)
        return factory
    if factory is not None:
        raise NetworkError(f"“{program.factory}” in {program.name} is {_kind(factory)} and cannot be called.")
    own = sorted(
        name
        for name, value in vars(module).items()
        if callable(value) and not name.startswith("_") and _home(value) == module.__name__
    )
    there_are = f"It has {', '.join(own)}." if own else "It has no functions or classes at all."
    raise NetworkError(f"{program.name} has no “{program.factory}”. {there_are}")


def _found(module: ModuleType, name: str) -> object:
    """What a name means in a module, also a dotted one as ``nets.Small``; None where it means nothing."""
    found: object = module
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def _check_own(factory: Callable[..., object], module: ModuleType, program: Program, imported: Set[str]) -> None:
    """Refuse what comes from elsewhere: consent to a file that imports os.system is no consent to call that.

    Args:
        factory: What would be called.
        module: The program's module.
        program: The program.
        imported: Modules that the consent covers, too.
    """
    home = _home(factory)
    if home == module.__name__ or home in imported or f"{home}.".startswith(f"{program.package or module.__name__}."):
        return
    raise NetworkError(
        f"“{program.factory}” in {program.name} comes from {f'the module “{home}”' if home else 'elsewhere'}: only "
        "what the file or one beside it defines may be called. Define a function there that returns the network."
    )


def _home(value: object) -> str:
    """Name of the module that defines a callable, or what a functools.partial calls; empty where nobody knows."""
    while isinstance(value, functools.partial):
        value = value.func
    home: object = getattr(value, "__module__", None)
    return home if isinstance(home, str) else ""


def _call(factory: Callable[..., object], program: Program) -> object:
    if isinstance(factory, nn.Module):  # a network the file has built by itself, as in “model = Net()”
        if program.arguments:
            raise NetworkError(f"“{program.factory}” in {program.name} is a built network and takes no arguments.")
        return factory
    try:
        signature = inspect.signature(factory)
    except (TypeError, ValueError):  # written in C: it can only be tried
        return factory(**program.arguments)
    try:
        signature.bind(**program.arguments)
    except TypeError as error:
        raise NetworkError(
            f"“{program.factory}” in {program.name} does not take the arguments of the network description: {error}. "
            f"It is {program.factory}{signature}."
        ) from error
    return factory(**program.arguments)


def _unwrapped(made: object, program: Program) -> tuple[nn.Module, tuple[str, ...]]:
    """The network itself, without what spreads it over devices or compiles it: hooks do not work on those."""
    if isinstance(made, torch.jit.ScriptModule):
        raise NetworkError(
            f"“{program.factory}” in {program.name} gives a TorchScript program, whose layers cannot be watched. "
            "Let it give the network before torch.jit."
        )
    if not isinstance(made, nn.Module):
        raise NetworkError(f"“{program.factory}” in {program.name} gives {_kind(made)}, not a torch.nn.Module.")
    notes: tuple[str, ...] = ()
    while (inner := _inner(made)) is not None:
        notes += (f"{type(made).__name__} around the network was taken off.",)
        made = inner
    if any(parameter.is_meta for parameter in made.parameters()):
        raise NetworkError(
            f"“{program.factory}” in {program.name} makes parameters without values (device “meta”). "
            "Let it make them on the CPU."
        )
    return made, notes


def _inner(module: nn.Module) -> nn.Module | None:
    inner: object = None
    if isinstance(module, nn.DataParallel | nn.parallel.DistributedDataParallel):
        inner = module.module
    elif type(module).__name__ == "OptimizedModule":  # torch.compile's, whose class takes seconds to import
        inner = getattr(module, "_orig_mod", None)
    return inner if isinstance(inner, nn.Module) else None


def _kind(value: object) -> str:
    if value is None:
        return "nothing (None)"
    if isinstance(value, type):
        return f"the class {value.__name__} itself"
    return f"an object of type {type(value).__name__}"


def _failure(error: BaseException, program: Program) -> str:
    line = user_line(error)
    where = f" ({line})" if line else ""
    if isinstance(error, SystemExit):
        return (
            f"{program.name} ends the program (sys.exit){where} instead of building a network. "
            'Put what it runs as a script under “if __name__ == "__main__":”.'
        )
    if isinstance(error, ModuleNotFoundError) and error.name:
        return (
            f"{program.name} needs the module “{error.name}”{where}, which is neither beside it nor installed with "
            f"cnnviz ({sys.executable})."
        )
    said = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
    advice = ""
    if isinstance(error, ImportError) and "relative import" in said and not program.package:
        advice = " It belongs to a package whose files are not beside it. Put it back in its place there."
    return f"{program.name} could not build the network: {said}{where}.{advice}"
