"""The job line shows what takes long, how far it is, and how long it will take."""

import pytest
from PySide6.QtWidgets import QLabel, QProgressBar
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.jobs.events import Finished, Job, Produced, Started
from cnnviz_desktop.ui.telling.job_line import JobLine, describe, progress_of
from tests.ui.comparison.scripted import attribution
from tests.ui.toy import ToySession

JOB = Job(1, "feature_maps", Request(method="feature_maps", layers=("layer3",)))


@pytest.fixture
def line(qtbot: QtBot) -> JobLine:
    made = JobLine()
    qtbot.addWidget(made)
    made.show()
    return made


def test_that_a_quick_job_is_never_shown(line: JobLine) -> None:
    line.hear(Started(JOB), waiting=1)
    line.hear(Finished(JOB, 0.01), waiting=0)
    assert line.text == ""


def test_that_a_long_job_is_shown_until_nothing_is_waiting(qtbot: QtBot) -> None:
    now = [100.0]
    line = JobLine(clock=lambda: now[0])
    qtbot.addWidget(line)
    line.show()
    line.hear(Produced(JOB, Progress(done=0, total=1)), waiting=2)
    line.hear(Started(JOB), waiting=2)
    qtbot.waitUntil(lambda: bool(line.text))
    assert line.text == "Feature maps · layer3"
    now[0] += 10
    line.hear(Produced(JOB, Progress(done=25, total=100, text="channel 25")), waiting=2)
    assert line.text == "Feature maps · layer3: channel 25"
    bar = line.findChild(QProgressBar)
    assert isinstance(bar, QProgressBar)
    assert (bar.value(), bar.maximum()) == (25, 100)
    assert "30 s left" in [label.text() for label in line.findChildren(QLabel)]
    line.hear(Finished(JOB, 10), waiting=1)
    assert line.text
    line.hear(Finished(JOB, 10), waiting=0)
    assert line.text == ""


def test_that_a_job_that_tells_the_time_left_by_itself_is_not_outguessed(qtbot: QtBot) -> None:
    now = [0.0]
    line = JobLine(clock=lambda: now[0])
    qtbot.addWidget(line)
    line.show()
    line.hear(Started(JOB), waiting=1)
    now[0] = 10.0
    line.hear(Produced(JOB, Progress(done=60, total=100, text="9 s left", tells_time=True)), waiting=1)
    assert [label.text() for label in line.findChildren(QLabel)] == ["Feature maps · layer3: 9 s left", ""]
    line.hear(Finished(JOB, 10), waiting=0)


def test_that_its_button_asks_for_cancelling(qtbot: QtBot, line: JobLine) -> None:
    line.hear(Started(JOB), waiting=1)
    qtbot.waitUntil(lambda: bool(line.text))
    with qtbot.waitSignal(line.cancel_asked):
        line.cancel_button.click()
    line.hear(Finished(JOB, 1), waiting=0)


def share(line: JobLine) -> tuple[int, int]:
    bar = line.findChild(QProgressBar)
    assert isinstance(bar, QProgressBar)
    return bar.value(), bar.maximum()


def test_that_maps_and_filters_that_arrive_tell_how_far_the_job_is(qtbot: QtBot) -> None:
    now = [0.0]
    line = JobLine(clock=lambda: now[0])
    qtbot.addWidget(line)
    line.show()
    line.hear(Started(JOB), waiting=1)
    now[0] = 4.0
    first, *_ = ToySession().run(Request(method="feature_maps", images=("a",), layers=("stage",)))
    line.hear(Produced(JOB, first), waiting=1)
    assert share(line) == (4, 8)
    assert [label.text() for label in line.findChildren(QLabel)] == ["Feature maps · layer3: 4 of 8 maps", "4 s left"]
    (kernels,) = ToySession().run(Request(method="kernels", layers=("stage.conv",)))
    line.hear(Produced(JOB, kernels), waiting=1)
    assert share(line) == (8, 8)
    line.hear(Finished(JOB, 4.0), waiting=0)


def test_that_waiting_for_pytorch_is_told_once(qtbot: QtBot, line: JobLine) -> None:
    line.expect()
    qtbot.waitUntil(lambda: line.text == "Starting PyTorch …")
    line.hear(Started(Job(1, "picture", Request(method="picture"))), waiting=2)
    assert line.text == "Picture"
    line.hear(Started(JOB), waiting=1)
    assert line.text == "Starting PyTorch …"
    line.hear(Produced(JOB, Progress(done=0, total=1)), waiting=1)
    assert line.text == "Feature maps · layer3"
    line.hear(Finished(JOB, 1), waiting=0)
    line.expect()
    assert line.text == ""


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (Request(method="gradcam", layers=("a",)), "Grad-CAM · a"),
        (Request(method="gradcam", also=("gradcam", "saliency"), layers=("a", "b")), "Grad-CAM and 1 more · a, b"),
        (Request(method="gradcam", also=("layercam", "fem"), layers=("a", "b", "c")), "Grad-CAM and 2 more · 3 layers"),
        (Request(method="outline"), "Opening the network"),
    ],
)
def test_that_a_job_of_several_methods_is_not_called_by_the_first_alone(request_: Request, words: str) -> None:
    assert describe(request_) == words


def test_that_a_map_that_sharpens_tells_how_far_its_job_is_unless_it_is_one_of_several() -> None:
    sharper = attribution("scorecam", done=0.375)
    told = progress_of(sharper, Request(method="scorecam", images=("a",)))
    assert told is not None
    assert (told.done, told.total) == (37, 100)
    assert progress_of(sharper, Request(method="scorecam", also=("gradcam",), images=("a",))) is None
    assert progress_of(sharper, Request(method="scorecam", images=("a", "b"))) is None
