"""A runner whose thread is ended with the test."""

from collections.abc import Callable, Iterator

import pytest

from cnnviz_desktop.jobs.runner import JobRunner
from tests.jobs.ear import Ear
from tests.jobs.scripted import Script, ScriptedSession

Start = Callable[[Script], JobRunner]


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def start(qapp: object, ear: Ear) -> Iterator[Start]:
    """Starts a runner on a script; `ear` listens to it."""
    runners: list[JobRunner] = []

    def started(script: Script) -> JobRunner:
        runner = JobRunner(lambda: ScriptedSession(script))
        runner.happened.connect(ear.hear)
        runner.start()
        runners.append(runner)
        return runner

    yield started
    for runner in runners:
        assert runner.shutdown()
