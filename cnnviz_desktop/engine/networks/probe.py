"""Tries a program in a process of its own, so that a crash or a hang ends that process: run by `Prober`.

Standard input is a `Trial` as JSON; standard output is a `Verdict` as JSON; standard error is whatever is printed. No
verdict means that the process has not survived the program.
"""

import faulthandler
import os
import sys
from typing import BinaryIO

import msgspec

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.program import Program


class Trial(msgspec.Struct, frozen=True):
    """What to try, and how many seconds it may take once torch is imported."""

    program: Program
    timeout: float


class Verdict(msgspec.Struct, frozen=True):
    """What came of it: the sentence of a `NetworkError`, or nothing where a network was built."""

    problem: str = ""


def main() -> None:
    """Try the program and end the process, whatever threads the program has left running."""
    trial = msgspec.json.decode(sys.stdin.buffer.read(), type=Trial)
    with _standard_output_alone() as report:
        faulthandler.enable()
        from cnnviz_desktop.engine.networks.python_file import build  # torch: seconds that are not the program's

        faulthandler.dump_traceback_later(trial.timeout, exit=True)
        try:
            build(trial.program)
        except NetworkError as error:
            verdict = Verdict(str(error))
        else:
            verdict = Verdict()
        faulthandler.cancel_dump_traceback_later()
        report.write(msgspec.json.encode(verdict))
    os._exit(0)


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
