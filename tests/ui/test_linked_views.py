"""What is pointed at among the maps shows on the image and in the readout."""

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from cnnviz_desktop.ui.canvas.scene import Marks
from tests.ui.conftest import Desk
from tests.ui.toy import geometry_of, maps_of


def readouts(desk: Desk) -> list[str]:
    return [each.text() for each in desk.window.statusBar().findChildren(QLabel)]


def marks(desk: Desk) -> Marks | None:
    scene = desk.window.canvas.scene
    assert scene is not None
    return scene.marks


def test_that_a_tile_under_the_pointer_marks_its_cell_on_the_image(qtbot: QtBot, desk: Desk) -> None:
    maps = desk.window.results.feature_maps
    value = maps_of("stage", "sample:one")[3, 1, 2]
    maps.grid.hovered.emit(3, 1, 2, float(value))
    geometry = geometry_of((8, 4, 4))
    assert marks(desk) == Marks(geometry.cell_box(1, 2), geometry.field_box(1, 2))
    assert f"stage · channel 3 [1, 2] = {value!s}" in readouts(desk)
    maps.grid.hover_left.emit()
    assert marks(desk) is None
    assert not any("channel 3" in text for text in readouts(desk))


def test_that_a_picked_map_lies_over_its_own_image_only(qtbot: QtBot, desk: Desk) -> None:
    desk.window.results.feature_maps.grid.set_current(5)
    canvas = desk.window.canvas
    assert canvas.caption.title.endswith("stage · channel 5")
    assert canvas.scene is not None
    assert canvas.scene.overlay is not None
    desk.session.released.clear()
    desk.window.strip.add("sample:held")
    qtbot.waitUntil(lambda: desk.runner.running is not None)
    desk.session.released.set()
    desk.action("Cancel").trigger()
    assert canvas.scene is None
