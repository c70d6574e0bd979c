"""A channel and a unit of it can be explained from the maps, a difference of classes from the predictions."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QListView
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.geometry import Box
from cnnviz_desktop.core.requests import ClassTarget, Target, UnitTarget
from cnnviz_desktop.ui.methods.target_line import TargetLine
from tests.ui.conftest import Desk
from tests.ui.toy import CLASSES


def explained(desk: Desk) -> Target:
    (target,) = desk.session.of("gradcam")[-1].targets
    return target


def classes(desk: Desk) -> QListView:
    kind = Qt.FindChildOption.FindDirectChildrenOnly
    (listing,) = desk.window.results.predictions.findChildren(QListView, options=kind)
    return listing


def entries(desk: Desk) -> dict[str, QAction]:
    return {action.text().replace("&", ""): action for action in classes(desk).actions() if action.isVisible()}


def go_to(desk: Desk, place: int) -> None:
    classes(desk).setCurrentIndex(classes(desk).model().index(place, 0))


def words(desk: Desk) -> str:
    (line,) = desk.window.findChildren(TargetLine)
    return line.words


def test_that_the_channel_that_is_picked_can_be_explained(qtbot: QtBot, desk: Desk) -> None:
    units, grid = desk.window.results.units, desk.window.results.feature_maps.grid
    assert not units.channel.isEnabled()
    grid.set_current(5)
    assert units.channel.text().replace("&", "") == "Explain channel 5 of stage"
    assert units.channel in grid.actions()
    units.channel.trigger()
    qtbot.waitUntil(desk.is_idle)
    assert explained(desk) == UnitTarget("stage", channel=5)
    assert words(desk) == "Explained: channel 5 of stage"


def test_that_the_cell_that_was_pointed_at_can_be_explained(qtbot: QtBot, desk: Desk) -> None:
    units, maps = desk.window.results.units, desk.window.results.feature_maps
    assert not units.unit.isEnabled()
    maps.pages.enlarge(maps.grid, 2)
    QTest.keyClick(maps.pages.inspector, Qt.Key.Key_Down)
    QTest.keyClick(maps.pages.inspector, Qt.Key.Key_Right)
    assert units.unit.text().replace("&", "") == "Explain the unit in row 1, column 1 of channel 2"
    assert units.unit in maps.pages.inspector.actions()
    units.unit.trigger()
    qtbot.waitUntil(desk.is_idle)
    assert explained(desk) == UnitTarget("stage", channel=2, cell=(1, 1))


def test_that_what_goes_into_a_layer_or_is_a_sum_is_no_target(qtbot: QtBot, desk: Desk) -> None:
    units, maps = desk.window.results.units, desk.window.results.feature_maps
    maps.summary.set_current(0)
    maps.summary.hovered.emit(0, 1, 1, 2.0)
    assert not units.channel.isEnabled()
    assert not units.unit.isEnabled()
    maps.side_chosen.emit("input")
    qtbot.waitUntil(desk.is_idle)
    maps.grid.set_current(1)
    maps.grid.hovered.emit(1, 0, 0, 2.0)
    assert not units.channel.isEnabled()
    assert not units.unit.isEnabled()


def test_that_what_was_picked_in_one_network_is_not_picked_in_the_next(qtbot: QtBot, desk: Desk) -> None:
    units, maps = desk.window.results.units, desk.window.results.feature_maps
    maps.grid.set_current(3)
    maps.grid.hovered.emit(3, 1, 1, 2.0)
    assert (units.channel.isEnabled(), units.unit.isEnabled()) == (True, True)
    desk.window.examiner.open_network("another")
    qtbot.waitUntil(desk.is_idle)
    assert desk.window.examiner.subject.maps == "stage", "a layer of the same name"
    assert (units.channel.isEnabled(), units.unit.isEnabled()) == (False, False)
    desk.window.canvas.region_drawn.emit(Box(2, 2, 9, 9))
    qtbot.waitUntil(desk.is_idle)
    assert explained(desk) == UnitTarget("stage", box=(2, 2, 9, 9))


def test_that_a_channel_stays_picked_for_the_next_image_and_a_region_is_of_it(qtbot: QtBot, desk: Desk) -> None:
    desk.window.results.feature_maps.grid.set_current(3)
    desk.window.strip.current_changed.emit("sample:ball")
    qtbot.waitUntil(desk.is_idle)
    desk.window.canvas.region_drawn.emit(Box(2, 2, 9, 9))
    qtbot.waitUntil(desk.is_idle)
    assert explained(desk) == UnitTarget("stage", channel=3, box=(2, 2, 9, 9))


def test_that_the_likeliest_class_less_another_stays_that_class_on_other_images(qtbot: QtBot, desk: Desk) -> None:
    go_to(desk, 1)
    entries(desk)[f"Explain “{CLASSES[0]}” minus “{CLASSES[1]}”, this one"].trigger()
    qtbot.waitUntil(desk.is_idle)
    assert explained(desk) == ClassTarget(0, minus=1)


def test_that_a_difference_of_two_classes_can_be_explained_either_way(qtbot: QtBot, desk: Desk) -> None:
    go_to(desk, 1)
    first, second = CLASSES[:2]
    entries(desk)[f"Explain “{second}” minus “{first}”, the explained class"].trigger()
    qtbot.waitUntil(desk.is_idle)
    assert explained(desk) == ClassTarget(1, minus=0)
    assert words(desk) == f"Explained: {second} (class 1) − {first} (class 0), logit"
    go_to(desk, 2)
    entries(desk)[f"Explain “{second}” minus “{CLASSES[2]}”, this one"].trigger()
    qtbot.waitUntil(desk.is_idle)
    assert explained(desk) == ClassTarget(1, minus=2)
    go_to(desk, 1)
    assert not entries(desk)[f"Explain “{second}” minus “{second}”, the explained class"].isEnabled()
    entries(desk)[f"Explain “{second}”"].trigger()
    qtbot.waitUntil(desk.is_idle)
    assert explained(desk) == ClassTarget(1)


def test_that_the_probability_can_be_explained_and_stays_for_the_next_class(qtbot: QtBot, desk: Desk) -> None:
    predictions = desk.window.results.predictions
    (score,) = [each for each in predictions.findChildren(QComboBox) if "Score" in each.accessibleName()]
    score.setCurrentIndex(1)
    score.activated.emit(1)
    qtbot.waitUntil(desk.is_idle)
    assert explained(desk) == ClassTarget(None, score="probability")
    predictions.target_chosen.emit(2)
    qtbot.waitUntil(desk.is_idle)
    assert explained(desk) == ClassTarget(2, score="probability")
    assert score.currentIndex() == 1
    desk.window.results.units.wanted.emit(UnitTarget("stage", channel=1))
    qtbot.waitUntil(desk.is_idle)
    assert not score.isEnabled()


def test_that_ctrl_with_a_click_joins_a_layer_without_choosing_it(qtbot: QtBot, desk: Desk) -> None:
    tree = desk.window.tree
    index = tree.view.model().index(0, 0)
    at = QPoint(tree.view.visualRect(index).center())
    QTest.mouseClick(tree.view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, at)
    qtbot.waitUntil(desk.is_idle)
    assert tree.chosen == "stage"
    assert desk.layers("gradcam")[-1] == ("stage", "stem")
    assert index.data() == "stem  ＋"
    tree.view.setFocus()
    with qtbot.waitSignal(tree.layer_toggled) as toggled:
        desk.action("Join with the chosen layer, or leave out (Ctrl+click)").trigger()
    assert toggled.args == ["stage"]
    qtbot.waitUntil(desk.is_idle)
    assert desk.layers("gradcam")[-1] == ("stem",)
    assert index.data() == "stem", "it is the only one"
