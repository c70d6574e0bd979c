"""Jobs that are submitted by whoever hears that another was cancelled."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Slot
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Result
from cnnviz_desktop.jobs.events import Cancelled, Event, Job
from cnnviz_desktop.jobs.runner import JobRunner
from tests.jobs.conftest import Start
from tests.jobs.ear import Ear, step


class Again(QObject):
    """Submits a job in place of the first that is cancelled."""

    job: Job | None = None

    def __init__(self, runner: JobRunner, view: str) -> None:
        super().__init__()
        self._asked = False
        self._runner, self._view = runner, view
        runner.happened.connect(self._on_event)

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        if isinstance(event, Cancelled) and not self._asked:
            self._asked = True
            self.job = self._runner.submit(self._view, Request(method="again"))


@pytest.fixture
def gate() -> threading.Event:
    return threading.Event()


@pytest.fixture
def runner(start: Start, gate: threading.Event) -> JobRunner:
    """Its jobs wait for the gate."""

    def script(request: Request) -> Iterator[Result]:
        gate.wait(10)
        yield step(request.method)

    return start(script)


@pytest.mark.parametrize("view", ["one", "two"])
def test_that_cancelling_all_spares_what_is_submitted_meanwhile(
    qtbot: QtBot, runner: JobRunner, gate: threading.Event, ear: Ear, view: str
) -> None:
    jobs = [runner.submit(each, Request(method="old")) for each in ("one", "two")]
    again = Again(runner, view)
    runner.cancel()
    gate.set()
    assert again.job
    assert runner.live == (again.job,)
    qtbot.waitUntil(lambda: again.job is not None and ear.ended(again.job))
    assert ear.of(again.job) == ["Started", "again", "Finished"]
    assert [ear.of(job).count("Cancelled") for job in jobs] == [1, 1]


def test_that_every_job_of_a_view_ends_once_when_its_replacement_is_replaced_at_once(
    qtbot: QtBot, runner: JobRunner, gate: threading.Event, ear: Ear
) -> None:
    first = runner.submit("view", Request(method="first"))
    again = Again(runner, "view")
    second = runner.submit("view", Request(method="second"))
    gate.set()
    qtbot.waitUntil(lambda: again.job is not None and ear.ended(again.job))
    assert ear.of(first)[-1] == "Cancelled"
    assert ear.of(second) == ["Cancelled"]
    assert again.job
    assert ear.of(again.job) == ["Started", "again", "Finished"]
    assert not runner.live


def test_that_shutting_down_cancels_what_is_submitted_meanwhile(
    runner: JobRunner, gate: threading.Event, ear: Ear
) -> None:
    runner.submit("view", Request(method="first"))
    again = Again(runner, "view")
    gate.set()
    assert runner.shutdown()
    assert again.job
    assert ear.of(again.job) == ["Cancelled"]
