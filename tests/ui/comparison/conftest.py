"""A page of the comparison table over a scripted session."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.comparison.answers import Cell
from cnnviz_desktop.ui.comparison.centre import Centre
from cnnviz_desktop.ui.comparison.comparison import Layout, Place
from cnnviz_desktop.ui.comparison.page import ComparisonPage
from cnnviz_desktop.ui.comparison.subject_controls import SubjectControls
from cnnviz_desktop.ui.comparison.table_scene import TableScene
from cnnviz_desktop.ui.main_window import MainWindow
from cnnviz_desktop.ui.subject import Subject
from tests.ui.comparison.scripted import ComparingSession
from tests.ui.comparison.window import SCENES, Window
from tests.ui.toy import outline_of

IMAGES = ("a", "bb", "ccc")


def lay_out(controls: SubjectControls, layout: Layout) -> None:
    """Choose a layout, as the user does."""
    controls.layouts.setCurrentIndex(controls.layouts.findData(layout))


@dataclass
class Bench:
    """A shown page with an open network and three images."""

    page: ComparisonPage
    session: ComparingSession
    runner: JobRunner
    qtbot: QtBot

    @property
    def scene(self) -> TableScene:
        assert self.page.scene is not None
        return self.page.scene

    def cell(self, row: int, column: int) -> Cell:
        return self.scene.answers.cell(Place(row, column))

    def choose(self, layout: Layout, **axes: tuple[str, ...]) -> None:
        """Lay the table out, and choose what stands on its axes."""
        lay_out(self.page.subject, layout)
        for name, keys in axes.items():
            self.page.subject.editors[name].choose(keys)

    def fill(self) -> None:
        """Fill the table, and wait until it is."""
        self.page.fill()
        self.wait()

    def wait(self) -> None:
        self.qtbot.waitUntil(lambda: not self.page.is_filling)


@pytest.fixture
def session() -> ComparingSession:
    return ComparingSession()


@pytest.fixture
def bench(qtbot: QtBot, session: ComparingSession) -> Iterator[Bench]:
    runner = JobRunner(lambda: session)
    page = ComparisonPage(runner)
    qtbot.addWidget(page)
    page.subject.show_network(outline_of(Request(method="outline")))
    page.subject.show_subject(Subject(network="sample", image="a", layer="stem"))
    page.subject.show_images(IMAGES)
    page.resize(700, 700)
    page.show()
    runner.start()
    yield Bench(page, session, runner, qtbot)
    session.released.set()
    assert runner.shutdown()


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, session: ComparingSession) -> Iterator[Window]:
    runner = JobRunner(lambda: session)
    main = MainWindow(runner, SettingsFile(tmp_path / "settings.json"))
    qtbot.addWidget(main)
    main.open_first(SCENES, None)
    main.show()
    runner.start()
    (centre,), (page,) = main.findChildren(Centre), main.findChildren(ComparisonPage)
    made = Window(main, centre, page, runner, session, qtbot.waitUntil)
    made.wait()
    yield made
    session.released.set()
    assert runner.shutdown()


Wait = Callable[[], None]
