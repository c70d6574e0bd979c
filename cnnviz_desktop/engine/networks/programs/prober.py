"""Tries programs in a process of their own before they run in ours. No torch."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from typing import IO

import msgspec
import psutil

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.programs.probe import Trial, Verdict
from cnnviz_desktop.engine.networks.programs.program import Program
from cnnviz_desktop.engine.networks.programs.saved_program import SavedProgram

_POLL = 0.05  # seconds
_STARTUP = 120.0  # seconds for Python to start and import torch on a busy machine
_OUTPUT_LIMIT = 1 << 26  # bytes that a program may print
_TAIL = 1 << 14  # bytes
_LINES_SHOWN = 3
_SHARE_OF_MEMORY = 0.75  # of what is free

_AnyProgram = Program | SavedProgram


class Prober:
    """Knows which programs came through their trial, so that each is tried once.

    Args:
        timeout: Seconds that a program may take.
        memory: Bytes that a program may hold; None for most of what is free when it is tried.
    """

    def __init__(self, timeout: float = 60.0, memory: int | None = None) -> None:
        self._timeout = timeout
        self._memory = memory
        self._passed: set[tuple[str, bytes]] = set()

    def probe(self, program: _AnyProgram) -> Generator[Progress, None, None]:
        """Try a program in a process of its own, unless it has come through before. Whoever calls has consent.

        Closing the generator kills that process.

        Raises:
            NetworkError: The program fails, crashes, ends the process, prints without end, takes too long or too much
                memory.
        """
        key = (program.sha256, program.request)
        if key in self._passed:
            return
        with contextlib.ExitStack() as files:
            request, report, output = (files.enter_context(tempfile.TemporaryFile()) for _ in range(3))
            free = round(_SHARE_OF_MEMORY * psutil.virtual_memory().available)
            request.write(msgspec.json.encode(Trial(program, self._timeout, self._memory or free)))
            request.seek(0)
            code = yield from self._watch(program, request, report, output)
            report.seek(0)
            said = report.read()
            if not said:
                raise NetworkError(self._death(program, code, _tail(output)))
            problem = msgspec.json.decode(said, type=Verdict).problem
        if problem:
            raise NetworkError(problem)
        self._passed.add(key)

    def _watch(
        self, program: _AnyProgram, request: IO[bytes], report: IO[bytes], output: IO[bytes]
    ) -> Generator[Progress, None, int]:
        """The exit code of the process that tries the program."""
        process = _start(request, report, output)
        start = time.monotonic()
        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    return process.wait(_POLL)
                seconds = time.monotonic() - start
                if seconds > _STARTUP + self._timeout:
                    raise NetworkError(self._too_long(program, ""))
                if os.fstat(output.fileno()).st_size > _OUTPUT_LIMIT:
                    raise NetworkError(f"{program.name} prints without end and was stopped.")
                yield Progress(done=0, total=1, text=f"trying {program.name} in a process of its own, {seconds:.0f} s")
        finally:
            _kill(process)

    def _death(self, program: _AnyProgram, code: int, output: str) -> str:
        line = re.search(rf'File "{re.escape(program.path)}", line (\d+)(?: in (\S+))?', output)
        where = f" in line {line[1]}" + (f", in {line[2]}" if line[2] else "") if line else ""
        if re.search(r"^Timeout \(", output, re.MULTILINE):
            return self._too_long(program, where)
        if _out_of_memory(code, output):
            return (
                f"{program.name} ran out of memory{where} and was stopped. Close other programs, or build a smaller "
                "network."
            )
        if code < 0:
            with contextlib.suppress(ValueError):
                how = f"crashed ({signal.Signals(-code).name})"
                return f"{program.name} {how}{where} when it was tried in a process of its own, and does not run here."
        last = " | ".join(output.strip().splitlines()[-_LINES_SHOWN:])
        return (
            f"{program.name} ended the process it was tried in (exit code {code}){where} instead of building a network."
            + (f" Its last words: {last}" if last else "")
        )

    def _too_long(self, program: _AnyProgram, where: str) -> str:
        return (
            f"{program.name} had not built the network after {self._timeout:g} s and was stopped{where}. "
            "A file that trains, downloads or waits should do so only when run as a script."
        )


def _start(request: IO[bytes], report: IO[bytes], output: IO[bytes]) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(entry for entry in sys.path if entry)
    environment = os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}
    # -P: a torch.py that happens to lie in the working folder must not be taken for torch.
    command = [sys.executable, "-P", "-m", "cnnviz_desktop.engine.networks.programs.probe"]
    try:
        return subprocess.Popen(
            command, stdin=request, stdout=report, stderr=output, env=environment, start_new_session=True
        )
    except OSError as error:
        raise NetworkError(f"Python could not be started to try the network's file: {error}.") from error


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and whatever it has started, on POSIX also what has lost its parent since."""
    children: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        children = psutil.Process(process.pid).children(recursive=True)
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    for child in children:  # one that has left the group
        with contextlib.suppress(psutil.Error):
            child.kill()
    process.kill()
    process.wait()


def _out_of_memory(code: int, output: str) -> bool:
    """Whether a process has ended as those do that the system, or C++, has no memory for."""
    killed = code < 0 and signal.Signals(-code).name == "SIGKILL"
    return killed or "std::bad_alloc" in output


def _tail(output: IO[bytes]) -> str:
    output.seek(max(0, output.seek(0, os.SEEK_END) - _TAIL))
    return output.read().decode(errors="replace")
