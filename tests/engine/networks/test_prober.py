"""Each trial starts Python and imports torch, so that there are few of them."""

import time
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import psutil
import pytest

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks import prober as prober_module
from cnnviz_desktop.engine.networks.prober import Prober
from cnnviz_desktop.engine.networks.program import Program, program_of_file
from tests.engine.networks.finishing import finish

MakeProgram = Callable[[str], Program]


@pytest.fixture
def program(tmp_path: Path) -> MakeProgram:
    def make(source: str) -> Program:
        path = tmp_path / "net.py"
        path.write_text(dedent(source))
        return program_of_file(path, "build", {})

    return make


def _children() -> list[psutil.Process]:
    children: list[psutil.Process] = psutil.Process().children(recursive=True)
    return children


def test_that_a_program_that_builds_a_network_is_tried_once(program: MakeProgram, tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("")
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
    assert not list(tmp_path.rglob("__pycache__"))


def test_that_a_program_that_waits_for_input_is_refused(program: MakeProgram) -> None:
    with pytest.raises(NetworkError, match=r"EOFError: .*\(line 1 of net.py"):
        finish(Prober().probe(program("name = input('Which network? ')")))


def test_that_a_program_that_hangs_is_stopped_with_all_it_started_and_the_line_is_told(program: MakeProgram) -> None:
    made = program("""
        import subprocess, time
        def build():
            subprocess.Popen(["sleep", "1000"])
            while True:
                time.sleep(1)
    """)
    with pytest.raises(NetworkError, match="after 1 s and was stopped in line 6, in build"):
        finish(Prober(timeout=1).probe(made))
    assert not [each for each in psutil.process_iter(["cmdline"]) if each.info["cmdline"] == ["sleep", "1000"]]


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
    program: MakeProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prober_module, "_OUTPUT_LIMIT", 100_000)
    with pytest.raises(NetworkError, match="prints without end"):
        finish(Prober().probe(program("import sys\nwhile True:\n    print('x' * 1000, file=sys.stderr)")))
    assert not _children()


def test_that_cancelling_ends_the_trial_at_once_and_progress_comes_often(program: MakeProgram) -> None:
    trial = Prober().probe(program("while True: pass"))
    start = time.monotonic()
    for _ in range(4):
        next(trial)
    assert (time.monotonic() - start) / 4 < 0.3  # 0.05 s on a machine at rest
    assert len(_children()) == 1
    start = time.monotonic()
    trial.close()
    assert not _children()
    assert time.monotonic() - start < 1
