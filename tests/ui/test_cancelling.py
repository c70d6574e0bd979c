"""After a cancelled, failed or overtaken job nothing on the screen claims what is not so."""

import numpy as np
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Desk, Seat
from tests.ui.toy import maps_of


def running(desk: Desk) -> str:
    return desk.runner.running.view if desk.runner.running is not None else ""


def cancel(desk: Desk) -> None:
    desk.action("Cancel").trigger()


def test_that_a_heat_map_is_never_drawn_over_another_image(qtbot: QtBot, seat: Seat) -> None:
    desk = seat()
    desk.window.strip.add("sample:held")
    qtbot.waitUntil(lambda: running(desk) == "picture")
    desk.session.released.set()
    cancel(desk)
    canvas = desk.window.canvas
    assert canvas.picture is None
    assert "Reading the image was cancelled" in canvas.view.accessibleDescription()
    desk.window.tree.layer_chosen.emit("stem")
    qtbot.waitUntil(desk.is_idle)
    assert desk.layers("gradcam")[-1] == ("stem",)
    assert canvas.scene is None


def test_that_a_map_that_came_before_its_picture_waits_for_it(qtbot: QtBot, desk: Desk) -> None:
    canvas = desk.window.canvas
    picture = canvas.picture
    assert picture is not None
    canvas.clear()
    desk.action("Explanation over the image").trigger()
    qtbot.waitUntil(desk.is_idle)
    canvas.show_picture(picture)
    assert canvas.scene is not None
    assert canvas.scene.overlay is not None
    np.testing.assert_array_equal(canvas.scene.overlay.raw, maps_of("stage", "sample:one")[0])


def test_that_the_panels_say_that_they_were_cancelled_until_they_are_asked_again(qtbot: QtBot, desk: Desk) -> None:
    results = desk.window.results
    desk.window.strip.add("sample:endless")
    qtbot.waitUntil(lambda: running(desk) == "attribution")
    desk.window.tree.layer_chosen.emit("stage.conv")
    cancel(desk)
    assert "Cancelled" in results.feature_maps.grid._message
    assert "Cancelled" in results.kernels.grid._message
    assert results.predictions._message.isHidden(), "they had come before"
    desk.window.strip.select("sample:ball")
    cancel(desk)
    assert "Cancelled" in results.predictions._message.text()
    desk.action("Run again").trigger()
    qtbot.waitUntil(desk.is_idle)
    assert results.predictions._message.isHidden()
    assert results.feature_maps.grid.stack.total == 8


def test_that_cancelling_the_first_network_leaves_words_for_it(qtbot: QtBot, seat: Seat) -> None:
    desk = seat(network="broken")
    desk.window.examiner.open_network("held")
    qtbot.waitUntil(lambda: running(desk) == "opening")
    cancel(desk)
    assert "No network is open" in desk.window.results.predictions._message.text()


def test_that_nothing_of_the_network_before_is_shown_under_the_new_one(qtbot: QtBot, desk: Desk) -> None:
    """A click while a network without class scores opens asks the network that is open still."""
    desk.session.ran.clear()
    desk.window.examiner.open_network("plain")
    desk.window.strip.select("sample:ball")
    desk.window.tree.layer_chosen.emit("stage.conv")
    qtbot.waitUntil(desk.is_idle)
    predictions = desk.window.results.predictions
    assert "gives no class scores" in predictions._message.text()
    assert desk.window.canvas.overlay is None
    assert desk.window.results.kernels.grid.stack.total == 0
