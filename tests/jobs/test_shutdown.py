"""Shutting down: in mid-job, from a step that never ends, and before anything started."""

import sys
import threading
import time
from collections.abc import Iterator

from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Result
from cnnviz_desktop.jobs.runner import JobRunner
from tests.jobs.conftest import Start
from tests.jobs.ear import Ear, method_then_end, step
from tests.jobs.scripted import ScriptedSession


def test_that_shutting_down_in_mid_job_cleans_up_and_says_that_the_job_was_cancelled(
    qtbot: QtBot, start: Start, ear: Ear
) -> None:
    cleaned = threading.Event()

    def endless(_: Request) -> Iterator[Result]:
        try:
            while True:
                yield step("again")
        finally:
            cleaned.set()

    runner = start(endless)
    job, queued = runner.submit("view", Request(method="a")), runner.submit("queued", Request(method="b"))
    qtbot.waitUntil(lambda: "again" in ear.of(job))
    assert runner.shutdown()
    assert cleaned.is_set()
    assert ear.of(job)[-1] == "Cancelled"
    assert ear.of(queued) == ["Cancelled"]
    assert runner.shutdown(), "a second time is harmless"
    assert ear.of(runner.submit("late", Request(method="c"))) == ["Cancelled"]


def test_that_shutting_down_returns_in_bounded_time_from_a_step_that_cannot_be_interrupted(
    qtbot: QtBot, start: Start, ear: Ear
) -> None:
    released = threading.Event()

    def script(_: Request) -> Iterator[Result]:
        yield step("stuck")
        released.wait(30)

    runner = start(script)
    job = runner.submit("view", Request(method="a"))
    qtbot.waitUntil(lambda: "stuck" in ear.of(job))
    begun = time.monotonic()
    assert not runner.shutdown(timeout_s=0.2)
    assert time.monotonic() - begun < 2
    released.set()
    assert runner.shutdown()


def test_that_python_switches_threads_afterwards_as_often_as_before(qapp: object) -> None:
    before = sys.getswitchinterval()
    runner = JobRunner(lambda: ScriptedSession(method_then_end))
    runner.start()
    assert sys.getswitchinterval() < before
    assert runner.shutdown()
    assert sys.getswitchinterval() == before


def test_that_a_runner_that_never_started_shuts_down_at_once(qapp: object) -> None:
    runner = JobRunner(lambda: ScriptedSession(method_then_end))
    runner.submit("view", Request(method="a"))
    assert runner.shutdown()
    runner.start()


def test_that_a_session_that_fails_to_close_is_logged_and_the_thread_ends(
    qtbot: QtBot, ear: Ear, expected_logs: list[str]
) -> None:
    expected_logs.append("could not be closed")

    class Stubborn(ScriptedSession):
        def close(self) -> None:
            raise OSError("disk full")

    runner = JobRunner(lambda: Stubborn(method_then_end))
    runner.happened.connect(ear.hear)
    runner.start()
    job = runner.submit("view", Request(method="a"))
    qtbot.waitUntil(lambda: ear.ended(job))
    assert runner.shutdown()
