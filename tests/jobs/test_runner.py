"""The worker thread: order, replacement, cancelling, back-pressure, consent."""

import threading
import time
from collections.abc import Iterator

from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Result
from cnnviz_desktop.jobs.runner import RESULTS_UNDER_WAY, JobRunner
from cnnviz_desktop.jobs.worker import Session
from tests.jobs.conftest import Start
from tests.jobs.ear import Ear, method_then_end, step, word
from tests.jobs.scripted import ScriptedSession


def test_that_jobs_stream_their_results_in_the_order_of_submission(qtbot: QtBot, start: Start, ear: Ear) -> None:
    runner = start(method_then_end)
    first, second = runner.submit("one", Request(method="a")), runner.submit("two", Request(method="b"))
    assert runner.live == (first, second)
    qtbot.waitUntil(lambda: ear.ended(second))
    assert [word(event) for event in ear.events] == [
        *("Started", "a 1", "a 2", "Finished"),
        *("Started", "b 1", "b 2", "Finished"),
    ]
    assert ear.threads == {threading.get_ident()}
    assert not runner.live


def test_that_the_session_is_made_used_and_closed_in_one_thread_that_is_not_the_windows(qtbot: QtBot, ear: Ear) -> None:
    sessions: list[ScriptedSession] = []
    ran_in: list[int] = []

    def script(_: Request) -> Iterator[Result]:
        ran_in.append(threading.get_ident())
        yield step("done")

    def make_session() -> Session:
        sessions.append(ScriptedSession(script))
        return sessions[0]

    runner = JobRunner(make_session)
    runner.happened.connect(ear.hear)
    runner.submit("view", Request(method="a"))
    assert not sessions, "made before start"
    runner.start()
    qtbot.waitUntil(lambda: len(ear.events) == 3)
    assert runner.shutdown()
    assert ran_in[0] != threading.get_ident()
    assert {sessions[0].made_in, sessions[0].closed_in} == set(ran_in)


def test_that_a_newer_job_replaces_a_queued_one_which_never_runs(qtbot: QtBot, start: Start, ear: Ear) -> None:
    gate, ran = threading.Event(), []

    def script(request: Request) -> Iterator[Result]:
        ran.append(request.method)
        gate.wait(10)
        yield step(request.method)

    runner = start(script)
    first = runner.submit("other", Request(method="first"))
    old = runner.submit("view", Request(method="old"))
    new = runner.submit("view", Request(method="new"))
    assert ear.of(old) == ["Cancelled"]
    gate.set()
    qtbot.waitUntil(lambda: ear.ended(new))
    assert ran == ["first", "new"]
    assert ear.of(first) == ["Started", "first", "Finished"]
    assert ear.of(old) == ["Cancelled"]


def test_that_no_result_of_a_replaced_running_job_arrives(qtbot: QtBot, start: Start, ear: Ear) -> None:
    on_its_way = threading.Event()

    def script(request: Request) -> Iterator[Result]:
        yield step("early")
        if request.method == "old":
            on_its_way.set()
        yield step(f"late {request.method}")

    runner = start(script)
    old = runner.submit("view", Request(method="old"))
    assert on_its_way.wait(10), "its first result lies in the queue of this thread, unheard"
    new = runner.submit("view", Request(method="new"))
    qtbot.waitUntil(lambda: ear.ended(new))
    assert ear.of(old) == ["Cancelled"]
    assert ear.of(new) == ["Started", "early", "late new", "Finished"]


def test_that_cancelling_between_two_results_cleans_up_in_the_worker_thread(
    qtbot: QtBot, start: Start, ear: Ear
) -> None:
    threads: dict[str, int] = {}

    def script(request: Request) -> Iterator[Result]:
        threads["ran"] = threading.get_ident()
        try:
            while request.method == "endless":
                yield step("again")
        finally:
            threads["cleaned up"] = threading.get_ident()

    runner = start(script)
    job = runner.submit("view", Request(method="endless"))
    qtbot.waitUntil(lambda: "again" in ear.of(job))
    runner.cancel("view")
    heard = len(ear.of(job))
    assert ear.of(job)[-1] == "Cancelled"
    qtbot.waitUntil(lambda: "cleaned up" in threads)
    assert threads["cleaned up"] == threads["ran"] != threading.get_ident()
    follower = runner.submit("view", Request(method="short"))
    qtbot.waitUntil(lambda: ear.ended(follower))
    assert len(ear.of(job)) == heard


def test_that_the_worker_waits_for_a_window_that_does_not_take_its_results(
    qtbot: QtBot, start: Start, ear: Ear
) -> None:
    made: list[int] = []
    stuck = threading.Event()

    def script(_: Request) -> Iterator[Result]:
        for number in range(50):
            made.append(number)
            if number == RESULTS_UNDER_WAY:
                stuck.set()
            yield step(str(number))

    runner = start(script)
    job = runner.submit("view", Request(method="many"))
    assert stuck.wait(10)
    time.sleep(0.1)  # this thread does nothing at all: no event loop gives a credit back
    assert len(made) == RESULTS_UNDER_WAY + 1
    qtbot.waitUntil(lambda: ear.ended(job))
    assert ear.of(job) == ["Started", *map(str, range(50)), "Finished"]


def test_that_consent_and_its_end_reach_the_session_before_the_jobs_submitted_after_them(
    qtbot: QtBot, start: Start, ear: Ear
) -> None:
    sessions: list[ScriptedSession] = []

    def script(_: Request) -> Iterator[Result]:
        yield step(",".join(sessions[0].trusted))

    def make_session() -> Session:
        sessions.append(ScriptedSession(script))
        return sessions[0]

    runner = JobRunner(make_session)
    runner.happened.connect(ear.hear)
    before = runner.submit("one", Request(method="a"))
    runner.trust("ab")
    after = runner.submit("two", Request(method="a"))
    runner.distrust("ab")
    revoked = runner.submit("three", Request(method="a"))
    runner.start()
    qtbot.waitUntil(lambda: ear.ended(revoked))
    assert ear.of(before)[1:-1] == [""]
    assert ear.of(after)[1:-1] == ["ab"]
    assert ear.of(revoked)[1:-1] == [""]
    assert runner.shutdown()
