"""The canvas: its words, its readout, its boxes, and a map that is drawn as the user chose."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QSlider
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.geometry import Point
from cnnviz_desktop.core.rendering import Limits
from cnnviz_desktop.ui.canvas.image_canvas import ImageCanvas
from cnnviz_desktop.ui.canvas.readout import Readout
from cnnviz_desktop.ui.canvas.scene import MapLook, Marks, Scene
from cnnviz_desktop.ui.colours.colour_bar import ColourBar
from cnnviz_desktop.ui.colours.colour_controls import ColourChoice
from tests.ui.canvas_scenes import geometry_over, heat_map, noise_picture, point_at, signed_map

PICTURE = noise_picture()


@pytest.fixture
def canvas(qtbot: QtBot) -> ImageCanvas:
    widget = ImageCanvas()
    qtbot.addWidget(widget)
    widget.resize(700, 600)
    widget.show()
    return widget


def scene_of(canvas: ImageCanvas) -> Scene:
    assert canvas.scene is not None
    return canvas.scene


def look_of(canvas: ImageCanvas) -> MapLook:
    look = scene_of(canvas).look
    assert look is not None
    return look


def words_of(canvas: ImageCanvas) -> str:
    """Everything that is said: what a screen reader hears."""
    return f"{canvas.view.accessibleName()} {canvas.view.accessibleDescription()}"


def hovered(qtbot: QtBot, canvas: ImageCanvas, point: Point) -> Readout | None:
    with qtbot.waitSignal(canvas.readout_changed) as signal:
        point_at(canvas.view, point)
    readout = signal.args[0]
    assert readout is None or isinstance(readout, Readout)
    return readout


def test_that_the_readout_is_the_raw_value_of_the_cell_under_the_pointer(qtbot: QtBot, canvas: ImageCanvas) -> None:
    heat = heat_map(PICTURE)
    canvas.show_picture(PICTURE)
    canvas.show_attribution(heat)
    for x, y in ((0.2, 0.2), (44.9, 29.9), (45.1, 30.1), (89.8, 59.8), (67.6, 14.8)):
        readout = hovered(qtbot, canvas, Point(x, y))
        assert readout is not None
        row, column = int(y / 15), int(x / 22.5)
        assert readout.cell == (row, column)
        assert readout.value == heat.raw[row, column]
        assert readout.rgb == tuple(PICTURE.pixels[int(y), int(x)])
    assert hovered(qtbot, canvas, Point(-0.5, 10)) is None


def test_that_leaving_clears_the_readout_and_the_boxes(qtbot: QtBot, canvas: ImageCanvas) -> None:
    canvas.show_picture(PICTURE)
    canvas.show_attribution(heat_map(PICTURE))
    hovered(qtbot, canvas, Point(10, 10))
    assert scene_of(canvas).marks is not None
    told: list[object] = []
    for signal in (canvas.readout_changed, canvas.cell_hovered, canvas.point_hovered):
        signal.connect(told.append)
    QApplication.sendEvent(canvas.view, QEvent(QEvent.Type.Leave))
    assert told == [None, None, None]
    assert scene_of(canvas).marks is None


def test_that_hovering_draws_the_cell_and_its_receptive_field(qtbot: QtBot, canvas: ImageCanvas) -> None:
    canvas.show_picture(PICTURE)
    canvas.show_attribution(heat_map(PICTURE))
    geometry = geometry_over(PICTURE)
    with qtbot.waitSignal(canvas.cell_hovered) as signal:
        point_at(canvas.view, Point(50, 20))
    assert signal.args == [(1, 2)]
    assert scene_of(canvas).marks == Marks(geometry.cell_box(1, 2), geometry.field_box(1, 2))
    canvas.menu_actions.field.trigger()
    point_at(canvas.view, Point(51, 21))
    assert scene_of(canvas).marks is None


def test_that_another_view_can_point_at_a_cell(canvas: ImageCanvas) -> None:
    geometry = geometry_over(PICTURE, cells=(8, 8))
    canvas.show_picture(PICTURE)
    canvas.show_cell(geometry, 7, 0)
    assert scene_of(canvas).marks == Marks(geometry.cell_box(7, 0), geometry.field_box(7, 0))
    canvas.clear_cell()
    assert scene_of(canvas).marks is None


def test_that_the_keyboard_reads_out_cell_by_cell(qtbot: QtBot, canvas: ImageCanvas) -> None:
    canvas.show_picture(PICTURE)
    canvas.show_attribution(heat_map(PICTURE))
    with qtbot.waitSignal(canvas.cell_hovered) as first:
        QTest.keyClick(canvas.view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    with qtbot.waitSignal(canvas.cell_hovered) as second:
        QTest.keyClick(canvas.view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert first.args == [(2, 2)]
    assert second.args == [(2, 3)]


def test_that_the_caption_the_raw_range_and_the_notes_are_said(canvas: ImageCanvas) -> None:
    raw = np.linspace(-1.5, 4.25, 16, dtype=np.float32).reshape(4, 4)
    canvas.show_picture(PICTURE)
    canvas.show_attribution(heat_map(PICTURE, raw, notes=("The gradient is zero in half of the channels.",)))
    said = words_of(canvas)
    for words in ("Grad-CAM", "layer3", "dog", "class 5", "12.3", "98.7 %", "−1.5", "4.25", "The gradient is zero"):
        assert words in said
    assert "The gradient is zero" in canvas.caption.foot


def test_that_a_heat_map_shows_its_positive_part_until_the_user_wants_both_signs(canvas: ImageCanvas) -> None:
    canvas.show_picture(PICTURE)
    heat = heat_map(PICTURE)
    canvas.show_attribution(heat)
    assert look_of(canvas).colours == "viridis"
    assert look_of(canvas).limits == Limits(0.0, float(heat.raw.max()))
    canvas.bar.positive_action.trigger()
    reach = float(np.abs(heat.raw).max())
    assert look_of(canvas).colours == "coolwarm"
    assert look_of(canvas).limits == Limits(-reach, reach)
    canvas.show_attribution(heat_map(PICTURE, -heat.raw))
    assert look_of(canvas).colours == "coolwarm"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (np.full((4, 4), -0.5), "constant"),
        (np.full((4, 4), np.nan), "NaN"),
        (np.zeros((0, 0)), "empty"),
        (np.linspace(-3, -1, 16).reshape(4, 4), "No value of the map is above 0"),
    ],
)
def test_that_a_map_with_nothing_to_see_says_so_and_is_not_painted(
    canvas: ImageCanvas, raw: np.ndarray, words: str
) -> None:
    canvas.show_picture(PICTURE)
    canvas.show_map(raw.astype(np.float32), geometry_over(PICTURE), "layer3", image=PICTURE.image, relu=True)
    assert scene_of(canvas).look is None
    assert words in words_of(canvas)
    assert not canvas.findChildren(ColourBar)[0].isVisible()


def test_that_a_partly_missing_map_is_drawn_and_says_how_much_is_missing(canvas: ImageCanvas) -> None:
    raw = signed_map()
    raw[0] = np.nan
    canvas.show_picture(PICTURE)
    canvas.show_map(raw, geometry_over(PICTURE), "layer3", image=PICTURE.image, relu=False)
    assert scene_of(canvas).look is not None
    assert "25%" in words_of(canvas)
    canvas.view.grab()


def test_that_opacity_and_colours_reach_the_drawing_without_a_new_overlay(qtbot: QtBot, canvas: ImageCanvas) -> None:
    canvas.show_picture(PICTURE)
    canvas.show_attribution(heat_map(PICTURE))
    canvas.view.grab()
    overlay = canvas.overlay
    assert overlay is not None
    indices = overlay.indices(look_of(canvas).limits, smooth=True)
    canvas.bar.opacity = 0.8
    canvas.bar.colours.set_choice(ColourChoice(name="magma"))
    canvas.bar.colours.changed.emit(canvas.bar.choice)
    assert look_of(canvas).opacity == 0.8
    assert look_of(canvas).colours == "magma"
    canvas.view.grab()
    assert canvas.overlay is overlay
    assert overlay.indices(look_of(canvas).limits, smooth=True) is indices


def test_that_the_o_key_and_space_hide_the_map(qtbot: QtBot, canvas: ImageCanvas) -> None:
    canvas.show_picture(PICTURE)
    canvas.show_attribution(heat_map(PICTURE))
    canvas.activateWindow()
    canvas.view.setFocus()
    qtbot.waitUntil(canvas.view.hasFocus)
    QTest.keyClick(canvas.view, Qt.Key.Key_O)
    assert scene_of(canvas).look is None
    QTest.keyClick(canvas.view, Qt.Key.Key_O)
    assert scene_of(canvas).look is not None
    QTest.keyPress(canvas.view, Qt.Key.Key_Space)
    assert scene_of(canvas).look is None
    repeated = QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ", True)
    QApplication.sendEvent(canvas.view, repeated)
    assert scene_of(canvas).look is None
    QTest.keyRelease(canvas.view, Qt.Key.Key_Space)
    assert scene_of(canvas).look is not None


def test_that_a_new_heat_map_keeps_the_view_and_another_image_takes_the_map_off(canvas: ImageCanvas) -> None:
    canvas.show_picture(PICTURE)
    canvas.show_attribution(heat_map(PICTURE))
    canvas.menu_actions.zoom_in.trigger()
    before = canvas.view.viewport
    canvas.show_attribution(heat_map(PICTURE, -signed_map()))
    canvas.show_picture(PICTURE)
    assert canvas.view.viewport == before
    assert scene_of(canvas).overlay is not None
    canvas.show_picture(noise_picture(image="b.png"))
    assert scene_of(canvas).overlay is None
    assert "Grad-CAM" not in words_of(canvas)


def test_that_a_map_of_a_picture_of_another_size_is_not_drawn(qtbot: QtBot, canvas: ImageCanvas) -> None:
    canvas.show_picture(noise_picture(31, 47))
    canvas.show_attribution(heat_map(PICTURE))
    assert scene_of(canvas).look is None
    assert "another size" in words_of(canvas)
    readout = hovered(qtbot, canvas, Point(5, 5))
    assert readout is not None
    assert readout.value is None


def test_that_a_crop_dims_what_is_not_seen_and_a_stretch_dims_nothing(canvas: ImageCanvas) -> None:
    canvas.show_picture(PICTURE)
    canvas.show_map(signed_map(), geometry_over(PICTURE, "stretch"), "layer3", image=PICTURE.image, relu=False)
    assert scene_of(canvas).seen is None
    cropped = geometry_over(PICTURE, "short_side_crop")
    canvas.show_map(signed_map(), cropped, "layer3", image=PICTURE.image, relu=False)
    assert scene_of(canvas).seen == cropped.transform.seen


def test_that_clearing_invites_to_open_an_image(canvas: ImageCanvas) -> None:
    canvas.show_picture(PICTURE)
    canvas.show_attribution(heat_map(PICTURE))
    canvas.clear()
    assert canvas.picture is None
    assert canvas.scene is None
    assert "drop one here" in words_of(canvas)
    assert not canvas.menu_actions.fit.isEnabled()
    canvas.grab()


def test_that_every_control_has_a_name_for_screen_readers(canvas: ImageCanvas) -> None:
    for kind in (QAbstractButton, QSlider, QComboBox):
        for child in canvas.findChildren(kind):
            text = child.text() if isinstance(child, QAbstractButton) else ""
            assert child.accessibleName() or text, child


def test_that_the_colour_bar_hides_with_the_map(canvas: ImageCanvas) -> None:
    canvas.show_picture(PICTURE)
    canvas.show_attribution(heat_map(PICTURE))
    colour_bar = canvas._colour_bar
    assert colour_bar.isVisible()
    canvas.bar.show_action.trigger()
    assert not colour_bar.isVisible()
