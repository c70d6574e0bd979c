"""Each trial starts Python and imports torch, so that there are few of them."""

import contextlib
import signal
import subprocess
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import IO

import psutil
import pytest

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.programs import prober as prober_module
from cnnviz_desktop.engine.networks.programs.prober import Prober
from cnnviz_desktop.engine.networks.programs.program import Program, program_of_file
from tests.engine.networks.official.finishing import finish

MakeProgram = Callable[[str], Program]

_GENEROUS = 10.0  # seconds, on a machine that does much else


@pytest.fixture
def program(tmp_path: Path) -> MakeProgram:
    def make(source: str) -> Program:
        path = tmp_path / "net.py"
        path.write_text(dedent(source))
        return program_of_file(path, "build", {})

    return make


@pytest.fixture
def trials(monkeypatch: pytest.MonkeyPatch) -> list[psutil.Process]:
    """The processes that trials of this test run in, as they are started."""
    started: list[psutil.Process] = []
    start = prober_module._start

    def remember(*files: IO[bytes]) -> subprocess.Popen[bytes]:
        process = start(*files)
        started.append(psutil.Process(process.pid))
        return process

    monkeypatch.setattr(prober_module, "_start", remember)
    return started


def _running(argument: str) -> list[psutil.Process]:
    return [each for each in psutil.process_iter(["cmdline"]) if argument in (each.info["cmdline"] or ())]


def test_that_a_program_is_tried_once_until_a_file_of_it_changes(program: MakeProgram, tmp_path: Path) -> None:
    beside = tmp_path / "beside.py"
    beside.write_text("")
    made = program("""
        import pathlib, threading, time
        import beside
        from torch import nn
        print("not a verdict")
        with pathlib.Path(__file__).with_name("runs").open("a") as runs:
            runs.write("ran ")
        threading.Thread(target=time.sleep, args=(1000,)).start()
        def build():
            return nn.Linear(2, 2)
    """)
    prober = Prober()
    for _ in range(2):
        finish(prober.probe(made))
    assert (tmp_path / "runs").read_text() == "ran "
    beside.write_text("changed = True")
    with contextlib.closing(prober.probe(program_of_file(tmp_path / "net.py", "build", {}))) as again:
        assert next(again).text.startswith("trying net.py")
    assert not list(tmp_path.rglob("__pycache__"))


def test_that_a_program_that_waits_for_input_is_refused(program: MakeProgram) -> None:
    with pytest.raises(NetworkError, match=r"EOFError: .*\(line 1 of net.py"):
        finish(Prober().probe(program("name = input('Which network? ')")))


def test_that_a_program_that_hangs_is_stopped_with_all_it_started_and_the_line_is_told(program: MakeProgram) -> None:
    mark = f"cnnviz-test-{uuid.uuid4()}"
    made = program(f"""
        import subprocess, sys, time
        def build():
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)", {mark!r}])
            while True:
                time.sleep(1)
    """)
    with pytest.raises(NetworkError, match="after 10 s and was stopped in line 6, in build"):
        finish(Prober(timeout=10).probe(made))
    killed = time.monotonic()
    while (left := _running(mark)) and time.monotonic() - killed < _GENEROUS:
        pass  # a killed process takes its time to go
    assert not left


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", r"net.py crashed \(SIGSEGV\) in line 2"),
        (
            "import os, sys\nprint('bye', file=sys.stderr)\nos._exit(7)",
            r"net.py ended the process .*exit code 7.*Its last words: bye",
        ),
    ],
)
def test_that_a_program_that_ends_the_process_is_told(program: MakeProgram, source: str, sentence: str) -> None:
    with pytest.raises(NetworkError, match=sentence):
        finish(Prober().probe(program(source)))


def test_that_a_program_that_prints_without_end_is_stopped(
    program: MakeProgram, trials: list[psutil.Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prober_module, "_OUTPUT_LIMIT", 100_000)
    with pytest.raises(NetworkError, match="prints without end"):
        finish(Prober().probe(program("import sys\nwhile True:\n    print('x' * 1000, file=sys.stderr)")))
    (trial,) = trials
    assert not trial.is_running()


def test_that_cancelling_ends_the_trial_and_progress_comes_while_it_runs(
    program: MakeProgram, trials: list[psutil.Process]
) -> None:
    progress = Prober().probe(program("while True: pass"))
    start = time.monotonic()
    for _ in range(4):
        assert next(progress).text.startswith("trying net.py in a process of its own")
    (trial,) = trials
    assert trial.is_running()
    progress.close()
    assert not trial.is_running()
    assert time.monotonic() - start < _GENEROUS  # far below what the trial may take by itself


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows knows no such limit")
@pytest.mark.parametrize(
    "source",
    [
        "held = []\nwhile True:\n    held.append(bytearray(1 << 20))",
        "import torch\nheld = []\nwhile True:\n    held.append(torch.ones(1 << 18))",
    ],
)
def test_that_a_program_that_takes_memory_without_end_is_told(program: MakeProgram, source: str) -> None:
    with pytest.raises(NetworkError, match=r"net\.py wants more memory than the 256 MiB that are free"):
        finish(Prober(memory=256 << 20).probe(program(source)))


def test_that_a_process_that_left_the_group_ends_with_the_trial(
    program: MakeProgram, trials: list[psutil.Process]
) -> None:
    mark = f"cnnviz-test-{uuid.uuid4()}"
    sleeper = f"[sys.executable, '-c', 'import time; time.sleep(1000)', {mark!r}]"
    source = f"import subprocess, sys\nsubprocess.Popen({sleeper}, start_new_session=True)\nwhile True: pass"
    progress = Prober().probe(program(source))
    while not _running(mark):
        next(progress)
    progress.close()
    killed = time.monotonic()
    while (left := _running(mark)) and time.monotonic() - killed < _GENEROUS:
        pass  # a killed process takes its time to go
    assert not left
