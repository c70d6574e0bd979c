"""What is said of pixels, objects and vectors is listed, drawn, and can be chosen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListView
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.description import NetworkDescription
from cnnviz_desktop.core.geometry import Box
from cnnviz_desktop.core.label_colours import label_colour
from cnnviz_desktop.core.requests import ClassTarget, DetectionTarget, SimilarityTarget, Target
from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.canvas.answer_marks import AnswerMarks
from cnnviz_desktop.ui.colours.colour_bar import ColourBar
from cnnviz_desktop.ui.main_window import MainWindow
from cnnviz_desktop.ui.strip.thumbnail_reader import THUMBNAIL
from tests.ui.answers.scripted import BOXES, OtherTasks


@dataclass
class Desk:
    """A window on a network of another task."""

    window: MainWindow
    runner: JobRunner
    session: OtherTasks
    qtbot: QtBot

    def settle(self) -> None:
        """Wait until all is there that somebody waits for."""
        self.qtbot.waitUntil(lambda: all(job.view == THUMBNAIL for job in self.runner.live))

    def target(self) -> Target:
        """What was asked to be explained last."""
        return self.session.of("gradcam")[-1].targets[0]

    def marks(self) -> AnswerMarks | None:
        """What is drawn on the picture."""
        scene = self.window.canvas.scene
        return scene.answer if scene is not None else None


Open = Callable[[str], Desk]


@pytest.fixture
def open_desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    desks: list[Desk] = []

    def opened(network: str) -> Desk:
        session = OtherTasks()
        runner = JobRunner(lambda: session)
        window = MainWindow(runner, SettingsFile(tmp_path / "settings.json"))
        desks.append(Desk(window, runner, session, qtbot))
        qtbot.addWidget(window)
        window.open_first(("sample:one", "sample:ball"), network)
        window.show()
        runner.start()
        desks[-1].settle()
        return desks[-1]

    yield opened
    for desk in desks:
        assert desk.runner.shutdown()


def words(desk: Desk) -> list[tuple[str, str]]:
    return [(row.name, row.value) for row in desk.window.results.answers.rows]


def test_that_classes_are_listed_by_area_and_a_click_explains_one(open_desk: Open) -> None:
    desk = open_desk("pixels")
    panel = desk.window.results.answers
    assert panel.isVisible()
    assert words(desk) == [("background", "50.0 %"), ("tree", "43.8 %"), ("umbrella", "6.2 %")]
    assert desk.target() == ClassTarget()

    view = panel.findChild(QListView)
    assert isinstance(view, QListView)
    view.clicked.emit(view.model().index(1, 0))
    desk.settle()

    assert desk.target() == ClassTarget(2)
    assert [row.is_target for row in panel.rows] == [False, True, False]
    assert "explained" not in view.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "the target" in view.model().index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)


def test_that_the_label_map_takes_the_heat_map_s_place_in_its_colours(open_desk: Open) -> None:
    desk = open_desk("pixels")
    assert desk.marks() is None
    desk.window.results.answers._labels.setChecked(True)

    marks = desk.marks()
    assert marks is not None
    image = marks.labels
    assert image is not None
    assert image.pixelColor(0, 10) == QColor(*label_colour(2))
    assert image.pixelColor(14, 14) == QColor(*label_colour(1))
    assert image.pixelColor(0, 0).alpha() == 0
    assert marks.labels_box == Box(0, 0, 16, 16)
    scene = desk.window.canvas.scene
    assert scene is not None
    assert scene.overlay is None

    desk.window.results.answers._labels.setChecked(False)
    assert desk.marks() is None


def test_that_caption_colours_and_readout_are_not_of_the_map_that_the_label_map_hides(open_desk: Open) -> None:
    desk = open_desk("pixels")
    canvas, labels = desk.window.canvas, desk.window.results.answers._labels
    bar = canvas.findChild(ColourBar)
    assert isinstance(bar, ColourBar)
    assert "Grad-CAM" in canvas.caption.title
    assert [bar.isVisible(), canvas.bar.isEnabled()] == [True, True]

    labels.setChecked(True)
    assert canvas.caption.title.endswith("the class of every pixel")
    assert "raw values" not in canvas.caption.spoken
    assert [bar.isVisible(), canvas.bar.isEnabled()] == [False, False]
    with desk.qtbot.waitSignal(canvas.readout_changed) as pointed:
        canvas.view.stepped.emit(0, 1)
    assert not pointed.args[0].source

    labels.setChecked(False)
    assert "Grad-CAM" in canvas.caption.title
    assert [bar.isVisible(), canvas.bar.isEnabled()] == [True, True]


def test_that_space_held_shows_the_picture_without_the_label_map(open_desk: Open) -> None:
    desk = open_desk("pixels")
    desk.window.results.answers._labels.setChecked(True)
    QTest.keyPress(desk.window.canvas.view, Qt.Key.Key_Space)
    assert desk.marks() is None
    QTest.keyRelease(desk.window.canvas.view, Qt.Key.Key_Space)
    assert desk.marks() is not None


def test_that_a_region_asks_about_the_class_there_and_stays_for_the_next(open_desk: Open) -> None:
    desk = open_desk("pixels")
    desk.window.canvas.region_drawn.emit(Box(2, 3, 9, 12))
    desk.settle()
    assert desk.target() == ClassTarget(box=(2, 3, 9, 12))
    assert desk.window.canvas.on_picture.region == Box(2, 3, 9, 12)

    desk.window.results.answers.chosen.emit(1)
    desk.settle()
    assert desk.target() == ClassTarget(1, box=(2, 3, 9, 12))
    assert "--target-class 1 --target-region 2,3,9,12" in desk.window.examiner.subject.command()


def test_that_objects_are_listed_and_drawn_above_the_least_score(open_desk: Open) -> None:
    desk = open_desk("finder")
    panel = desk.window.results.answers
    assert words(desk) == [("tree", "90.0 %"), ("umbrella", "60.0 %")]
    marks = desk.marks()
    assert marks is not None
    assert {each.box for each in marks.objects} == {Box(*BOXES[0]), Box(*BOXES[1])}
    assert [row.is_target for row in panel.rows] == [True, False], "the surest is explained at first"

    panel._threshold.setValue(0.1)
    marks = desk.marks()
    assert marks is not None
    assert len(panel.rows) == len(marks.objects) == 3
    assert "3 of 3 objects" in panel._head.text()


def test_that_a_click_on_a_box_explains_its_object_until_another_image(open_desk: Open) -> None:
    desk = open_desk("finder")
    view = desk.window.canvas.view
    assert view.viewport is not None
    box = view.viewport.box_to_widget(Box(*BOXES[0]))
    middle = QPointF((box.left + box.right) / 2, (box.top + box.bottom) / 2).toPoint()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=middle)
    desk.settle()

    assert desk.target() == DetectionTarget(box=BOXES[0], label=1)
    marks = desk.marks()
    assert marks is not None
    assert [each.index for each in marks.objects if each.is_target] == [0]
    assert "--target-class 1 --target-box 1,1,7,7" in desk.window.examiner.subject.command()

    desk.window.strip.select("sample:ball")
    desk.settle()
    assert desk.target() == ClassTarget()


def test_that_dragging_the_picture_chooses_nothing(open_desk: Open) -> None:
    desk = open_desk("finder")
    asked = len(desk.session.of("gradcam"))
    view = desk.window.canvas.view
    assert view.viewport is not None
    box = view.viewport.box_to_widget(Box(*BOXES[0]))
    start = QPointF(box.left + 9, box.top + 9).toPoint()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view, start + QPointF(30, 20).toPoint())
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + QPointF(30, 20).toPoint())
    desk.settle()
    assert len(desk.session.of("gradcam")) == asked


def test_that_images_are_compared_with_the_one_chosen_in_the_strip(open_desk: Open) -> None:
    desk = open_desk("vectors")
    window = desk.window
    assert desk.session.of("gradcam") == []
    assert "Compare with this image" in window.canvas.caption.plate
    assert "Compare with this image" in window.results.answers._head.text()

    window.strip.compare_action.trigger()
    desk.settle()
    window.strip.select("sample:ball")
    desk.settle()

    assert desk.target() == SimilarityTarget("sample:one")
    assert desk.session.of("predictions")[-1].targets == (SimilarityTarget("sample:one"),)
    assert "Cosine similarity to one: 0.7500" in window.results.answers._head.text()
    assert "--similar-to sample:one" in window.examiner.subject.command()


def test_that_scores_are_taken_as_a_vector_and_back_by_choice(open_desk: Open) -> None:
    desk = open_desk("vectors")
    desk.window.results.answers.classes_wanted.emit()
    desk.settle()
    asked = desk.session.of("outline")[-1].network
    assert isinstance(asked, NetworkDescription)
    assert asked.task == "classification"

    desk.window.results.predictions.vector_wanted.emit()
    desk.settle()
    again = desk.session.of("outline")[-1].network
    assert isinstance(again, NetworkDescription)
    assert again.task == "embedding"


def test_that_only_networks_with_vectors_compare(open_desk: Open) -> None:
    desk = open_desk("pixels")
    assert not desk.window.strip.compare_action.isEnabled()


def test_that_a_classifier_shows_its_classes_again(open_desk: Open) -> None:
    desk = open_desk("finder")
    desk.window.examiner.open_network("toy")
    desk.settle()
    assert desk.window.results.predictions.isVisible()
    assert desk.marks() is None
    assert desk.window.results.answers.rows == ()


@pytest.mark.parametrize(("network", "can"), [("sample", True), ("pixels", False), ("finder", False)])
def test_that_a_class_is_searched_for_only_where_there_is_a_field_for_it(
    open_desk: Open, network: str, can: bool
) -> None:
    window = open_desk(network).window
    (action,) = [each for each in window.findChildren(QAction) if each.text() == "Find a &class"]
    assert action.isEnabled() == can
    assert window.results.predictions.isVisible() == can
