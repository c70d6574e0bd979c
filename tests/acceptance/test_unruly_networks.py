"""Networks whose code hangs, raises, crashes or takes everything: the window's worker lives on and answers the next."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Progress, Result
from cnnviz_desktop.engine.networks.programs.prober import Prober
from cnnviz_desktop.engine.networks.programs.program import program_of_file
from cnnviz_desktop.engine.session import EngineSession
from cnnviz_desktop.jobs.events import Cancelled, Event, Failed, Finished, Job, Produced
from cnnviz_desktop.jobs.runner import JobRunner
from tests.jobs.ear import Ear

PATIENCE_MS = 120_000
GOOD = "from torch import nn\ndef build(): return nn.Sequential(nn.Conv2d(3, 4, 3))\n"
SLEEPER = """\
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", {mark!r}])
"""


@pytest.fixture
def prober() -> Prober:
    return Prober(timeout=5, memory=512 << 20)


@pytest.fixture
def runner(qapp: object, ear: Ear, prober: Prober) -> Iterator[JobRunner]:
    def make_session() -> EngineSession:
        session = EngineSession()
        session._prober = prober
        return session

    made = JobRunner(make_session)
    made.happened.connect(ear.hear)
    made.start()
    yield made
    assert made.shutdown(timeout_s=30)


@pytest.fixture
def ear() -> Ear:
    return Ear()


Submit = Callable[[str], Job]


@pytest.fixture
def submit(runner: JobRunner, tmp_path: Path) -> Submit:
    """Opens a network of that Python code, which the user has agreed to."""

    def submitted(source: str) -> Job:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        (folder / "net.py").write_text(source)
        description = folder / "net.cnnviz-network.json"
        architecture = {"file": "net.py", "factory": "build"}
        fields = {"format": 1, "name": "Mine", "architecture": architecture, "preprocessing": {"size": [16, 16]}}
        description.write_text(json.dumps(fields))
        runner.trust(program_of_file(folder / "net.py", "build", {}).sha256)
        return runner.submit("opening", Request(method="outline", network=str(description)))

    return submitted


def end_of(qtbot: QtBot, ear: Ear, job: Job) -> Event:
    def last() -> Event | None:
        ends = (event for event in ear.events if event.job is job and isinstance(event, Finished | Failed | Cancelled))
        return next(ends, None)

    qtbot.waitUntil(lambda: last() is not None, timeout=PATIENCE_MS)
    found = last()
    assert found is not None
    return found


def results_of(ear: Ear, job: Job) -> list[Result]:
    return [event.result for event in ear.events if isinstance(event, Produced) and event.job is job]


def running(mark: str) -> list[psutil.Process]:
    return [each for each in psutil.process_iter(["cmdline"]) if mark in (each.info["cmdline"] or ())]


UNRULY = {
    "hangs": (GOOD + "while True: pass", "had not built the network after 5 s and was stopped"),
    "raises": ("def build(): raise ValueError('no')", "could not build the network: ValueError: no (line 1"),
    "exits": ("import os\nos._exit(3)", "ended the process it was tried in (exit code 3)"),
    "allocates": ("x = []\nwhile True: x.append(bytearray(1 << 22))", "wants more memory than the 512 MiB"),
    "allocates tensors": (
        "import torch\ndef build(): return [torch.ones(1 << 24) for _ in iter(int, 1)]",
        "wants more memory than the 512 MiB",
    ),
    "recurses": ("def build(): return build()", "RecursionError"),
}


def test_that_the_worker_outlives_whatever_a_factory_does(qtbot: QtBot, submit: Submit, ear: Ear) -> None:
    for what, (source, sentence) in UNRULY.items():
        ended = end_of(qtbot, ear, submit(source))
        assert isinstance(ended, Failed), what
        assert sentence in ended.failure.message, what
        assert not ended.failure.is_bug, what
    good = submit(GOOD)
    assert isinstance(end_of(qtbot, ear, good), Finished)
    assert isinstance(results_of(ear, good)[-1], Outline)


def test_that_cancelling_ends_the_trial_and_what_it_has_started(
    qtbot: QtBot, submit: Submit, ear: Ear, runner: JobRunner, tmp_path: Path
) -> None:
    mark = f"cnnviz-{tmp_path.name}"
    job = submit(SLEEPER.format(mark=mark) + "while True: pass")
    qtbot.waitUntil(lambda: bool(running(mark)), timeout=PATIENCE_MS)
    runner.cancel("opening")
    assert isinstance(end_of(qtbot, ear, job), Cancelled)
    qtbot.waitUntil(lambda: not running(mark), timeout=PATIENCE_MS)
    good = submit(GOOD)
    assert isinstance(end_of(qtbot, ear, good), Finished)


def test_that_revoked_consent_holds_for_a_network_that_is_open(
    qtbot: QtBot, submit: Submit, ear: Ear, runner: JobRunner
) -> None:
    opened = submit(GOOD)
    assert isinstance(end_of(qtbot, ear, opened), Finished)
    asked = Request(method="kernels", network=opened.request.network)
    before = runner.submit("kernels", asked)
    assert isinstance(end_of(qtbot, ear, before), Finished)
    runner.distrust(program_of_file(Path(str(opened.request.network)).with_name("net.py"), "build", {}).sha256)
    after = runner.submit("kernels", asked)
    ended = end_of(qtbot, ear, after)
    assert isinstance(ended, Failed)
    assert ended.failure.consent is not None
    assert all(isinstance(each, Progress) for each in results_of(ear, after))
