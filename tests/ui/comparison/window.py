"""The program's own window over the scripted session."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtGui import QAction, QGuiApplication

from cnnviz_desktop.core.geometry import Box
from cnnviz_desktop.core.requests import ParameterValue
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.comparison.centre import Centre
from cnnviz_desktop.ui.comparison.comparison import Place
from cnnviz_desktop.ui.comparison.page import ComparisonPage
from cnnviz_desktop.ui.main_window import MainWindow
from cnnviz_desktop.ui.methods.target_line import TargetLine
from cnnviz_desktop.ui.strip.thumbnail_reader import THUMBNAIL
from tests.ui.comparison.scripted import ComparingSession

SCENES = ("sample:one", "sample:ball")


@dataclass
class Window:
    """A window over a scripted session."""

    main: MainWindow
    centre: Centre
    page: ComparisonPage
    runner: JobRunner
    session: ComparingSession
    wait_until: Callable[[Callable[[], bool]], None]

    def wait(self) -> None:
        """Wait until nothing is under way."""
        self.wait_until(lambda: all(job.view == THUMBNAIL for job in self.runner.live) and not self.page.is_filling)

    def fill(self) -> None:
        self.page.fill()
        self.wait()

    def enlarge(self, row: int, column: int) -> None:
        self.page.view.enlarged.emit(Place(row, column))

    def done(self, row: int, column: int) -> float:
        """Share of the work that is in a cell; 0 where nothing has come."""
        result = self.page.scene.answers.cell(Place(row, column)).result if self.page.scene is not None else None
        return result.done if result is not None else 0.0

    def set_parameters(self, method: str, **values: ParameterValue) -> None:
        """Set the parameters of a method in the window."""
        subject = self.main.examiner.subject
        self.main.examiner.explain(replace(subject, parameters={**subject.parameters, method: values}))
        self.wait()

    @property
    def title(self) -> str:
        """What the canvas says it shows."""
        return self.main.canvas.caption.title

    def copied(self, text: str) -> str:
        """What an action of the menus copies."""
        (action,) = [each for each in self.main.findChildren(QAction) if each.text().replace("&", "") == text]
        assert action.isEnabled()
        action.trigger()
        return QGuiApplication.clipboard().text()

    def region(self) -> Box | None:
        """The rectangle that is drawn over the image."""
        return self.main.canvas.scene.region if self.main.canvas.scene is not None else None

    @property
    def tab(self) -> str:
        """What stands on the tab in front."""
        return self.centre.tabText(self.centre.currentIndex())

    @property
    def explained(self) -> str:
        (line,) = self.main.findChildren(TargetLine)
        return line.words
