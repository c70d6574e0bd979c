"""Errors cross the threads as text and never end the worker."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.errors import ConsentNeeded, NetworkError, WeightsMismatch
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Result
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.jobs.worker import Session
from tests.jobs.conftest import Start
from tests.jobs.ear import Ear, step
from tests.jobs.scripted import Script


def failing(error: BaseException) -> Script:
    def script(_: Request) -> Iterator[Result]:
        yield step("first")
        raise error

    return script


def test_that_an_error_of_the_users_arrives_as_its_sentence(qtbot: QtBot, start: Start, ear: Ear) -> None:
    job = start(failing(NetworkError("Nothing lies there."))).submit("view", Request(method="a"))
    qtbot.waitUntil(lambda: ear.ended(job))
    failure = ear.failure_of(job).failure
    assert (failure.message, failure.details, failure.kind) == ("Nothing lies there.", "", "NetworkError")
    assert not failure.is_bug


def test_that_needed_consent_and_key_tables_cross_the_threads(qtbot: QtBot, start: Start, ear: Ear) -> None:
    rows = (("fc.weight", "missing", "", "10×64"),)

    def script(request: Request) -> Iterator[Result]:
        yield step("first")
        if request.method == "consent":
            raise ConsentNeeded("/nets/mine.py", "ab" * 32, ("layers.py",))
        raise WeightsMismatch("They do not fit.", rows)

    runner = start(script)
    consent, keys = runner.submit("a", Request(method="consent")), runner.submit("b", Request(method="keys"))
    qtbot.waitUntil(lambda: ear.ended(keys))
    assert ear.failure_of(consent).failure.consent == ("/nets/mine.py", "ab" * 32, ("layers.py",))
    assert ear.failure_of(keys).failure.key_table == rows


@pytest.mark.parametrize("error", [ZeroDivisionError("by zero"), SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_that_any_other_error_is_a_bug_with_its_traceback_and_the_worker_lives_on(
    qtbot: QtBot, start: Start, ear: Ear, expected_logs: list[str], error: BaseException
) -> None:
    expected_logs.append("A job failed")
    runner = start(failing(error))
    job = runner.submit("view", Request(method="a"))
    qtbot.waitUntil(lambda: ear.ended(job))
    failure = ear.failure_of(job).failure
    assert failure.is_bug
    assert type(error).__name__ in failure.message
    assert "in script" in failure.details
    again = runner.submit("view", Request(method="a"))
    qtbot.waitUntil(lambda: ear.ended(again))


def test_that_a_session_that_cannot_be_made_fails_every_job_with_the_reason(qtbot: QtBot, ear: Ear) -> None:
    def make_session() -> Session:
        raise NetworkError("PyTorch is not installed.")

    runner = JobRunner(make_session)
    runner.happened.connect(ear.hear)
    runner.start()
    jobs = [runner.submit(view, Request(method="a")) for view in ("one", "two")]
    runner.trust("ab" * 32)
    qtbot.waitUntil(lambda: ear.ended(jobs[1]))
    assert [ear.failure_of(job).failure.message for job in jobs] == ["PyTorch is not installed."] * 2
    assert runner.shutdown()
