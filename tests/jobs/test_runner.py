"""The worker thread: order, replacement, cancelling, back-pressure, errors, shutting down."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QObject, Slot
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.errors import ConsentNeeded, NetworkError, WeightsMismatch
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Progress, Result
from cnnviz_desktop.jobs.events import Cancelled, Event, Failed, Finished, Job, Produced
from cnnviz_desktop.jobs.runner import RESULTS_UNDER_WAY, JobRunner
from cnnviz_desktop.jobs.worker import Session
from tests.jobs.scripted import Script, ScriptedSession

Start = Callable[[Script], JobRunner]


class Ear(QObject):
    """Keeps the events it hears and the threads it heard them in."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []
        self.threads: set[int] = set()

    @Slot(object)
    def hear(self, event: Event) -> None:
        self.events.append(event)
        self.threads.add(threading.get_ident())

    def of(self, job: Job) -> list[str]:
        return [_word(event) for event in self.events if event.job is job]

    def ended(self, job: Job) -> bool:
        return any(event.job is job and isinstance(event, Finished | Failed | Cancelled) for event in self.events)

    def failure_of(self, job: Job) -> Failed:
        return next(event for event in self.events if event.job is job and isinstance(event, Failed))


def _word(event: Event) -> str:
    if isinstance(event, Produced) and isinstance(event.result, Progress):
        return event.result.text
    return type(event).__name__


def step(text: str, done: int = 0) -> Progress:
    return Progress(done=done, total=1, text=text)


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def start(qapp: object, ear: Ear) -> Iterator[Start]:
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


def method_then_end(request: Request) -> Iterator[Result]:
    yield step(f"{request.method} 1")
    yield step(f"{request.method} 2")


def test_that_jobs_stream_their_results_in_the_order_of_submission(qtbot: QtBot, start: Start, ear: Ear) -> None:
    runner = start(method_then_end)
    first, second = runner.submit("one", Request(method="a")), runner.submit("two", Request(method="b"))
    assert runner.live == (first, second)
    qtbot.waitUntil(lambda: ear.ended(second))
    assert [_word(event) for event in ear.events] == [
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
            raise ConsentNeeded("/nets/mine.py", "ab" * 32)
        raise WeightsMismatch("They do not fit.", rows)

    runner = start(script)
    consent, keys = runner.submit("a", Request(method="consent")), runner.submit("b", Request(method="keys"))
    qtbot.waitUntil(lambda: ear.ended(keys))
    assert ear.failure_of(consent).failure.consent == ("/nets/mine.py", "ab" * 32)
    assert ear.failure_of(keys).failure.key_table == rows


@pytest.mark.parametrize("error", [ZeroDivisionError("by zero"), SystemExit(3)])
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


def test_that_consent_reaches_the_session_before_the_jobs_submitted_after_it(
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
    runner.start()
    qtbot.waitUntil(lambda: ear.ended(after))
    assert ear.of(before)[1:-1] == [""]
    assert ear.of(after)[1:-1] == ["ab"]
    assert runner.shutdown()


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
