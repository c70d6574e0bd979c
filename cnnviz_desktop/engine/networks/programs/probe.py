"""Tries a program in a process of its own, so that a crash or a hang ends that process: run by `Prober`.

Standard input is a `Trial` as JSON; standard output is a `Verdict` as JSON; standard error is whatever is printed. No
verdict means that the process has not survived the program.
"""

import contextlib
import faulthandler
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.programs.program import Program
from cnnviz_desktop.engine.networks.programs.saved_program import Archive, SavedProgram


class Trial(msgspec.Struct, frozen=True):
    """What to try, how many seconds it may take and how many bytes it may hold once torch is imported."""

    program: Program | SavedProgram
    timeout: float
    memory: int


class Verdict(msgspec.Struct, frozen=True):
    """What came of it: the sentence of a `NetworkError`, or nothing where a network was built."""

    problem: str = ""


def main() -> None:
    """Try the program and end the process, whatever threads the program has left running."""
    trial = msgspec.json.decode(sys.stdin.buffer.read(), type=Trial)
    with _standard_output_alone() as report:
        faulthandler.enable()
        import torch  # noqa: F401 - seconds and bytes that are not the program's

        faulthandler.dump_traceback_later(trial.timeout, exit=True)
        report.write(msgspec.json.encode(_verdict(trial)))
        faulthandler.cancel_dump_traceback_later()
    os._exit(0)


def _verdict(trial: Trial) -> Verdict:
    from cnnviz_desktop.engine.running import is_out_of_memory

    program = trial.program
    with _limited(trial.memory):
        try:
            if isinstance(program, Program):
                from cnnviz_desktop.engine.networks.programs.python_file import build

                build(program)
            else:
                _load(program)
        except NetworkError as error:
            # Where it ran out of memory, the sentence would tell of what the program made of that.
            if not (error.__cause__ is not None and is_out_of_memory(error.__cause__)):
                return Verdict(str(error))
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        else:
            return Verdict()
    return Verdict(
        f"{program.name} wants more memory than the {trial.memory >> 20} MiB that are free for it, and was stopped. "
        "Close other programs, or build a smaller network."
    )


def _load(program: SavedProgram) -> None:
    archive = Archive(program, program.content())
    if program.kind == "exported":
        from cnnviz_desktop.engine.networks import exported_program

        exported_program.load(archive)
    else:
        from cnnviz_desktop.engine.networks import torchscript_program

        torchscript_program.load(archive)


@contextlib.contextmanager
def _limited(memory: int) -> Iterator[None]:
    """So many bytes more than now may be held inside, where the system can be told so."""
    try:
        import resource
    except ImportError:  # Windows
        yield
        return
    held = _held()
    before = resource.getrlimit(resource.RLIMIT_DATA)
    most = held + memory if before[1] == resource.RLIM_INFINITY else min(held + memory, before[1])
    with contextlib.suppress(ValueError, OSError):  # a system that does not know this limit
        resource.setrlimit(resource.RLIMIT_DATA, (most, before[1]))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, before)


def _held() -> int:
    """Bytes that this process may write to now, as the limit counts them; 0 where the system does not say."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmData:"):
                return int(line.split()[1]) << 10
    return 0


def _standard_output_alone() -> BinaryIO:
    """Standard output for ourselves: the program's goes to standard error, and its standard input is empty."""
    report = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return report


if __name__ == "__main__":
    main()
