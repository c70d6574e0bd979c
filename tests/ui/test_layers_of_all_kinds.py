"""Layers with several tensors, with none of a kind, and the side that is looked at."""

import numpy as np
from PySide6.QtWidgets import QComboBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from cnnviz_desktop.ui.results.offers import PartChooser
from tests.ui.conftest import Desk, Seat
from tests.ui.toy import maps_of


def offered(panel: QWidget) -> list[str]:
    return [each.text() for each in panel.findChildren(QPushButton) if not each.isHidden() and each.objectName()]


def choose(qtbot: QtBot, desk: Desk, layer: str) -> None:
    desk.window.tree.layer_chosen.emit(layer)
    qtbot.waitUntil(desk.is_idle)


def test_that_every_stack_of_maps_of_a_layer_can_be_chosen(qtbot: QtBot, seat: Seat) -> None:
    desk = seat(network="parts")
    (parts,) = desk.window.results.findChildren(PartChooser)
    assert parts.isHidden()
    choose(qtbot, desk, "pair")
    (box,) = parts.findChildren(QComboBox)
    assert not parts.isHidden()
    assert [box.itemText(place) for place in range(box.count())] == ["[1]  2×4×4", "[2]  6×2×2"]
    assert desk.layers("feature_maps")[-1] == ("pair[1]",)
    box.setCurrentIndex(1)
    box.activated.emit(1)
    qtbot.waitUntil(desk.is_idle)
    assert desk.layers("feature_maps")[-1] == desk.layers("gradcam")[-1] == ("pair[2]",)
    assert desk.window.results.feature_maps.grid.stack.total == 6
    assert desk.window.canvas.overlay is not None
    np.testing.assert_array_equal(desk.window.canvas.overlay.raw, maps_of("pair[2]", "sample:one")[0])
    desk.window.strip.select("sample:ball")
    qtbot.waitUntil(desk.is_idle)
    assert desk.layers("feature_maps")[-1] == ("pair[2]",)
    assert box.currentIndex() == 1
    choose(qtbot, desk, "stem")
    assert parts.isHidden()


def test_that_kernels_inside_a_layer_without_its_own_are_one_click_away(qtbot: QtBot, desk: Desk) -> None:
    kernels = desk.window.results.kernels
    assert offered(kernels) == ["stage.conv"]
    (button,) = kernels.findChildren(QPushButton, "stage.conv")
    button.click()
    qtbot.waitUntil(desk.is_idle)
    assert desk.window.tree.chosen == "stage.conv"
    assert kernels.grid.stack.total > 0
    assert offered(kernels) == []


def test_that_kernels_before_a_layer_without_its_own_are_offered_nearest_first(qtbot: QtBot, desk: Desk) -> None:
    choose(qtbot, desk, "unused")
    assert offered(desk.window.results.kernels) == ["fc", "stage.conv"]


def test_that_a_layer_without_maps_offers_layers_that_have_some(qtbot: QtBot, desk: Desk) -> None:
    choose(qtbot, desk, "fc")
    maps = desk.window.results.feature_maps
    assert "stand under Kernels. What the network says in the end stands under Predictions" in maps.grid._message
    assert offered(maps) == ["stage.conv", "stage"]
    choose(qtbot, desk, "stem")
    assert offered(maps) == []


def test_that_the_side_that_goes_in_stays_chosen_and_is_told_truly(qtbot: QtBot, desk: Desk) -> None:
    desk.window.results.feature_maps.side_chosen.emit("input")
    choose(qtbot, desk, "fc")
    for image in ("sample:ball", "sample:one"):
        desk.window.strip.select(image)
        qtbot.waitUntil(desk.is_idle)
        assert "fc (Linear) takes in no maps" in desk.window.results.feature_maps.grid._message
    choose(qtbot, desk, "stem")
    assert desk.layers("feature_maps")[-1] == ("stem:input",)
    assert desk.layers("gradcam")[-1] == ("stem",)


def test_that_a_class_that_is_chosen_takes_the_place_of_a_picked_channel(qtbot: QtBot, desk: Desk) -> None:
    desk.window.results.feature_maps.grid.set_current(5)
    desk.window.results.predictions.target_chosen.emit(1)
    qtbot.waitUntil(desk.is_idle)
    desk.window.strip.select("sample:ball")
    qtbot.waitUntil(desk.is_idle)
    assert desk.window.canvas.overlay is not None
    np.testing.assert_array_equal(desk.window.canvas.overlay.raw, maps_of("stage", "sample:ball")[1])
