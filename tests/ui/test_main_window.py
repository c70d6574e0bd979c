"""The way of a click, and everything the window answers it with."""

from pathlib import Path

import numpy as np
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
)
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.requests import ClassTarget, Request
from cnnviz_desktop.core.resources import sample_images
from cnnviz_desktop.core.settings import SettingsFile
from tests.ui.conftest import Desk, Seat
from tests.ui.toy import maps_of, pixels_of


def test_that_a_first_start_asks_for_the_picture_then_the_network_then_what_it_sees(seat: Seat) -> None:
    desk = seat(images=())
    first = sample_images()[0]
    asked = [(request.method, request.images, request.layers) for request in desk.session.ran]
    assert asked[0] == ("picture", (first,), ())
    assert [each for each in asked if each[0] != "picture"] == [
        ("outline", (), ()),
        ("predictions", (first,), ()),
        ("gradcam", (first,), ("stage",)),
        ("feature_maps", (first,), ("stage",)),
    ]
    assert {request.network for request in desk.session.ran} == {"sample"}
    assert desk.window.strip.references == sample_images()


def test_that_the_heat_map_of_the_suggested_layer_lies_over_the_picture(desk: Desk) -> None:
    canvas = desk.window.canvas
    assert canvas.picture is not None
    np.testing.assert_array_equal(canvas.picture.pixels, pixels_of("sample:one"))
    assert canvas.overlay is not None
    np.testing.assert_array_equal(canvas.overlay.raw, maps_of("stage", "sample:one")[0])
    assert desk.window.tree.chosen == "stage"
    assert "one" in desk.window.windowTitle()
    assert "Toy sample" in desk.window.windowTitle()


def test_that_choosing_a_layer_asks_for_its_heat_map_feature_maps_and_kernels(qtbot: QtBot, desk: Desk) -> None:
    desk.session.ran.clear()
    desk.window.tree.layer_chosen.emit("stage.conv")
    qtbot.waitUntil(desk.is_idle)
    assert [request.method for request in desk.session.ran] == ["gradcam", "feature_maps", "kernels"]
    assert {request.layers for request in desk.session.ran} == {("stage.conv",)}
    assert desk.window.tree.chosen == "stage.conv"
    assert desk.window.results.feature_maps.grid.stack.total == 8
    assert desk.window.results.kernels.grid.stack.total > 0


def test_that_a_layer_without_maps_shows_its_kernels_and_leaves_the_heat_map(qtbot: QtBot, desk: Desk) -> None:
    before = desk.window.canvas.overlay
    desk.session.ran.clear()
    desk.window.tree.layer_chosen.emit("fc")
    qtbot.waitUntil(desk.is_idle)
    assert [(request.method, request.layers) for request in desk.session.ran] == [("kernels", ("fc",))]
    assert desk.window.canvas.overlay is before
    assert desk.window.results.feature_maps.grid.stack.total == 0
    assert "values without a place in the image" in desk.window.results.feature_maps.grid._message
    assert desk.window.results.kernels.grid.stack.total > 0


def test_that_the_side_that_goes_in_is_shown_and_the_heat_map_stays(qtbot: QtBot, desk: Desk) -> None:
    desk.session.ran.clear()
    desk.window.results.feature_maps.side_chosen.emit("input")
    qtbot.waitUntil(desk.is_idle)
    assert [(request.method, request.layers) for request in desk.session.ran] == [("feature_maps", ("stage:input",))]
    assert desk.window.results.feature_maps.grid.stack.total == 4
    desk.window.strip.select("sample:ball")
    qtbot.waitUntil(desk.is_idle)
    assert desk.layers("gradcam")[-1] == ("stage",)
    assert desk.layers("feature_maps")[-1] == ("stage:input",)


def test_that_a_map_that_is_picked_lies_over_the_image_until_the_heat_map_is_wanted_again(
    qtbot: QtBot, desk: Desk
) -> None:
    desk.window.results.feature_maps.grid.set_current(5)
    assert desk.window.canvas.overlay is not None
    np.testing.assert_array_equal(desk.window.canvas.overlay.raw, maps_of("stage", "sample:one")[5])
    desk.action("Explanation over the image").trigger()
    qtbot.waitUntil(desk.is_idle)
    np.testing.assert_array_equal(desk.window.canvas.overlay.raw, maps_of("stage", "sample:one")[0])


def test_that_choosing_a_class_explains_it_until_the_likeliest_is_followed_again(qtbot: QtBot, desk: Desk) -> None:
    predictions = desk.window.results.predictions
    desk.session.ran.clear()
    predictions.target_chosen.emit(1)
    qtbot.waitUntil(desk.is_idle)
    (request,) = desk.session.ran
    assert (request.method, request.targets) == ("gradcam", (ClassTarget(1),))
    predictions.likeliest_chosen.emit()
    qtbot.waitUntil(desk.is_idle)
    assert desk.session.ran[-1].targets == (ClassTarget(None),)
    assert predictions.target is None


def test_that_another_image_is_looked_at_in_the_same_way(qtbot: QtBot, desk: Desk) -> None:
    desk.window.tree.layer_chosen.emit("stem")
    desk.window.results.predictions.target_chosen.emit(2)
    qtbot.waitUntil(desk.is_idle)
    desk.session.ran.clear()
    desk.window.strip.select("sample:ball")
    qtbot.waitUntil(desk.is_idle)
    asked = [request for request in desk.session.ran if request.images == ("sample:ball",)]
    assert [request.method for request in asked] == ["picture", "predictions", "gradcam", "feature_maps"]
    assert asked[2].layers == asked[3].layers == ("stem",)
    assert asked[2].targets == (ClassTarget(2),)
    assert desk.window.canvas.overlay is not None
    np.testing.assert_array_equal(desk.window.canvas.overlay.raw, maps_of("stem", "sample:ball")[2])


def test_that_an_image_that_cannot_be_read_is_told_once_and_the_others_live(qtbot: QtBot, seat: Seat) -> None:
    desk = seat(images=("sample:broken", "sample:ball"))
    texts = [message.text for message in desk.window.messages.messages]
    assert texts == ["sample:broken is no image."]
    assert desk.window.canvas.picture is None
    desk.window.strip.select("sample:ball")
    qtbot.waitUntil(desk.is_idle)
    assert desk.window.canvas.overlay is not None


def test_that_a_network_that_cannot_be_opened_leaves_the_old_one(qtbot: QtBot, desk: Desk) -> None:
    desk.window.examiner.open_network("broken.cnnviz-network.json")
    qtbot.waitUntil(desk.is_idle)
    (message,) = desk.window.messages.messages
    assert message.text == "broken.cnnviz-network.json cannot be opened. Toy sample stays open."
    assert desk.window.examiner.subject.network == "sample"
    desk.window.tree.layer_chosen.emit("stem")
    qtbot.waitUntil(desk.is_idle)
    assert desk.session.ran[-1].network == "sample"
    assert desk.settings.settings.recent_networks.references == ()


def test_that_without_any_network_every_panel_says_so_and_running_again_tries_again(qtbot: QtBot, seat: Seat) -> None:
    desk = seat(network="broken")
    results = desk.window.results
    assert "No network is open" in results.feature_maps.grid._message
    assert "No network is open" in results.kernels.grid._message
    assert "No network is open" in results.predictions._message.text()
    desk.session.ran.clear()
    desk.action("Run again").trigger()
    qtbot.waitUntil(desk.is_idle)
    assert [(request.method, request.network) for request in desk.session.of("outline")] == [("outline", "broken")]


def test_that_taking_all_images_away_leaves_an_invitation(qtbot: QtBot, desk: Desk) -> None:
    for _ in range(2):
        desk.window.strip.remove(desk.window.strip.current)
    qtbot.waitUntil(desk.is_idle)
    assert desk.window.canvas.picture is None
    assert "Open an image" in desk.window.results.predictions._message.text()
    assert not desk.window.strip.isVisible()
    desk.session.ran.clear()
    desk.window.tree.layer_chosen.emit("stage.conv")
    qtbot.waitUntil(desk.is_idle)
    assert [request.method for request in desk.session.ran] == ["kernels"]
    desk.window.strip.add("sample:ball")
    qtbot.waitUntil(desk.is_idle)
    assert desk.window.strip.isVisible()
    assert desk.window.canvas.overlay is not None


def test_that_a_fault_of_the_program_can_be_copied_as_a_report(
    qtbot: QtBot, desk: Desk, expected_logs: list[str]
) -> None:
    expected_logs.append("A job failed")
    desk.window.examiner.open_network("crash")
    qtbot.waitUntil(desk.is_idle)
    (row,) = desk.window.messages.rows
    (copy,) = [each for each in row.findChildren(QAbstractButton) if each.text() == "Copy report"]
    copy.click()
    report = QGuiApplication.clipboard().text()
    assert "ZeroDivisionError: a fault of the program" in report
    assert "Traceback" in report
    assert "Python 3" in report


def test_that_running_out_of_memory_offers_the_cpu(qtbot: QtBot, seat: Seat) -> None:
    desk = seat(network="huge")
    (row,) = desk.window.messages.rows
    (action,) = row.message.actions
    assert desk.window.canvas.overlay is None
    action.do()
    qtbot.waitUntil(desk.is_idle)
    assert desk.session.of("gradcam")[-1].device == "cpu"
    assert desk.window.canvas.overlay is not None


def test_that_choosing_a_device_opens_the_network_there_and_is_remembered(qtbot: QtBot, desk: Desk) -> None:
    desk.session.ran.clear()
    desk.action("CPU").trigger()
    qtbot.waitUntil(desk.is_idle)
    assert [request.method for request in desk.session.ran] == ["outline", "predictions", "gradcam", "feature_maps"]
    assert {request.device for request in desk.session.ran} == {"cpu"}
    assert desk.settings.settings.device == "cpu"


def devices(desk: Desk) -> tuple[str, str]:
    return desk.window.examiner.subject.device, desk.settings.settings.device


def test_that_a_device_that_is_not_there_changes_nothing(qtbot: QtBot, seat: Seat) -> None:
    desk = seat(network="cpu-only")
    desk.action("CUDA graphics card").trigger()
    qtbot.waitUntil(desk.is_idle)
    assert devices(desk) == ("auto", "auto")
    assert desk.action("Automatic").isChecked()
    (action,) = desk.window.messages.messages[0].actions
    action.do()
    qtbot.waitUntil(desk.is_idle)
    assert devices(desk) == ("cpu", "cpu")
    assert desk.action("CPU").isChecked()


def test_that_a_remembered_device_that_is_gone_leaves_a_way_to_open_the_network(
    qtbot: QtBot, seat: Seat, settings_path: Path
) -> None:
    SettingsFile(settings_path).change(device="cuda")
    desk = seat(network="cpu-only")
    assert desk.window.examiner.outline is None
    (action,) = desk.window.messages.messages[0].actions
    action.do()
    qtbot.waitUntil(desk.is_idle)
    assert desk.window.examiner.subject.network == "cpu-only"


def test_that_opening_again_keeps_the_layer_and_the_class(qtbot: QtBot, desk: Desk) -> None:
    desk.window.tree.layer_chosen.emit("stem")
    desk.window.results.predictions.target_chosen.emit(1)
    qtbot.waitUntil(desk.is_idle)
    desk.session.ran.clear()
    desk.action("Run again").trigger()
    qtbot.waitUntil(desk.is_idle)
    (request,) = desk.session.of("gradcam")
    assert (request.layers, request.targets) == (("stem",), (ClassTarget(1),))
    assert desk.session.ran[0].method == "outline"


def test_that_the_command_and_the_request_of_what_is_seen_can_be_copied(qtbot: QtBot, desk: Desk) -> None:
    desk.window.results.predictions.target_chosen.emit(1)
    desk.action("CPU").trigger()
    qtbot.waitUntil(desk.is_idle)
    desk.action("Copy as command").trigger()
    assert QGuiApplication.clipboard().text() == (
        "cnnviz cam sample:one --network sample --method gradcam --target-layer stage --target-class 1 --device cpu "
        "--output cam"
    )
    desk.action("Copy request as JSON").trigger()
    copied = Request.from_json(QGuiApplication.clipboard().text())
    assert copied == desk.session.of("gradcam")[-1]


def test_that_closing_in_mid_job_ends_the_job_and_the_thread(qtbot: QtBot, seat: Seat) -> None:
    desk = seat()
    desk.session.cleaned_up.clear()
    desk.window.strip.add("sample:endless")
    qtbot.waitUntil(lambda: "attribution" in [job.view for job in desk.runner.live if desk.runner.running is job])
    desk.window.close()
    assert desk.session.cleaned_up.is_set()
    assert desk.is_idle()


def test_that_cancelling_stops_everything_that_is_computed(qtbot: QtBot, desk: Desk) -> None:
    cancel = desk.action("Cancel")
    assert not cancel.isEnabled()
    desk.session.cleaned_up.clear()
    desk.window.strip.add("sample:endless")
    qtbot.waitUntil(lambda: desk.runner.running is not None and desk.runner.running.view == "attribution")
    assert cancel.isEnabled()
    cancel.trigger()
    assert desk.is_idle()
    assert not cancel.isEnabled()
    qtbot.waitUntil(desk.session.cleaned_up.is_set)


def test_that_a_long_name_of_a_layer_does_not_widen_the_window(desk: Desk) -> None:
    before = desk.window.minimumSizeHint().width()
    desk.window.results.setCurrentWidget(desk.window.results.kernels)
    desk.window.results.kernels._title.setText("a_layer_with_a_very_long_name." * 20)
    QApplication.processEvents()
    assert desk.window.minimumSizeHint().width() <= before + 200


def test_that_going_to_the_suggested_layer_shows_it_whatever_is_searched(qtbot: QtBot, desk: Desk) -> None:
    desk.window.tree.search.setText("stem")
    desk.action("Go to the suggested layer").trigger()
    qtbot.waitUntil(desk.is_idle)
    assert desk.window.tree.search.text() == ""
    assert desk.window.tree.view.currentIndex().isValid()
