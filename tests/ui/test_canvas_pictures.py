"""Pictures of the canvas that leave the program."""

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.errors import ImageError
from cnnviz_desktop.core.geometry import Box, Size
from cnnviz_desktop.core.rendering import Limits, blend, colourise, upsample
from cnnviz_desktop.ui.canvas.image_canvas import ImageCanvas
from cnnviz_desktop.ui.canvas.overlay import Overlay
from cnnviz_desktop.ui.canvas.picture_levels import PictureLevels
from cnnviz_desktop.ui.canvas.pictures import original_picture, picture_in_sight, shown_picture
from cnnviz_desktop.ui.canvas.scene import MapLook, Marks, Scene
from cnnviz_desktop.ui.canvas.viewport import Viewport
from cnnviz_desktop.ui.qt_images import rgb_pixels
from tests.ui.canvas_scenes import geometry_over, heat_map, noise_picture, signed_map

PICTURE = noise_picture(40, 64)
LOOK = MapLook("viridis", Limits(-2, 2), opacity=0.5, smooth=True)

pytestmark = pytest.mark.usefixtures("qapp")


def scene(look: MapLook | None = LOOK, marks: Marks | None = None) -> Scene:
    overlay = Overlay(signed_map(), geometry_over(PICTURE), relu=False)
    return Scene(PictureLevels(PICTURE.pixels), overlay, look, marks=marks)


def test_that_the_whole_image_without_a_map_is_the_image() -> None:
    np.testing.assert_array_equal(rgb_pixels(original_picture(scene(look=None), 1)), PICTURE.pixels)
    thrice = PICTURE.pixels.repeat(3, axis=0).repeat(3, axis=1)
    np.testing.assert_array_equal(rgb_pixels(original_picture(scene(look=None), 3)), thrice)


def test_that_the_map_is_blended_as_the_core_does_it() -> None:
    """The core upsamples, colours and blends the floats: Qt's drawing of the same map agrees within its rounding."""
    drawn = rgb_pixels(original_picture(scene(), 4))
    heat = colourise(upsample(signed_map(), 160, 256), LOOK.limits, LOOK.colours)
    expected = blend(PICTURE.pixels.repeat(4, axis=0).repeat(4, axis=1), heat, 0.5)
    assert np.abs(drawn.astype(int) - expected.astype(int)).max() <= 3


def test_that_what_is_in_sight_is_the_part_of_the_image_alone() -> None:
    viewport = Viewport(Size(40, 64), Size(100, 100), 5, -50, 20)
    image = picture_in_sight(scene(look=None), viewport, 2)
    assert (image.width(), image.height()) == (200, 160)
    expected = PICTURE.pixels[:16, 10:30].repeat(10, axis=0).repeat(10, axis=1)
    np.testing.assert_array_equal(rgb_pixels(image), expected)


def test_that_the_boxes_under_the_pointer_are_left_out() -> None:
    marked = scene(marks=Marks(Box(4, 4, 20, 20), Box(0, 0, 30, 30)))
    np.testing.assert_array_equal(rgb_pixels(original_picture(marked, 1)), rgb_pixels(original_picture(scene(), 1)))


def test_that_a_picture_of_too_many_pixels_is_refused_in_words() -> None:
    huge = Scene(PictureLevels(np.zeros((6000, 7000, 3), dtype=np.uint8)))
    huge.levels.stop()
    with pytest.raises(ImageError, match="28,000 × 24,000"):
        original_picture(huge, 4)


def test_that_the_colour_bar_goes_with_a_map_and_not_with_an_image_alone() -> None:
    with_map = shown_picture(scene(), None, 2, "a", "Grad-CAM")
    assert with_map.limits == LOOK.limits
    assert with_map.table is not None
    assert with_map.image.devicePixelRatio() == 2
    assert shown_picture(scene(look=None), None, 1, "a", "").table is None


def test_that_copying_puts_the_whole_image_or_the_part_in_sight_on_the_clipboard(qtbot: QtBot) -> None:
    canvas = ImageCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(700, 600)
    canvas.show()
    actions = canvas.picture_actions
    with qtbot.waitSignal(actions.failed):
        actions.copy_action.trigger()
    canvas.show_picture(PICTURE)
    with qtbot.waitSignal(actions.done):
        actions.copy_action.trigger()
    np.testing.assert_array_equal(rgb_pixels(QGuiApplication.clipboard().image()), PICTURE.pixels)
    canvas.menu_actions.in_sight.trigger()
    canvas.view.zoom(30)
    with qtbot.waitSignal(actions.done):
        actions.copy_action.trigger()
    copied = QGuiApplication.clipboard().image()
    assert (copied.width(), copied.height()) == (canvas.view.width(), canvas.view.height())
    canvas.menu_actions.in_sight.trigger()
    canvas.show_attribution(heat_map(PICTURE))
    with qtbot.waitSignal(actions.done):
        actions.copy_action.trigger()
    assert QGuiApplication.clipboard().image().width() > PICTURE.pixels.shape[1]
