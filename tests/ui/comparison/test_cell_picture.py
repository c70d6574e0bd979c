"""The pictures under the cells: small, whatever was read, and of the same thing."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.rendering import Limits
from cnnviz_desktop.core.results import ByteArray
from cnnviz_desktop.ui.canvas.scene import MapLook
from cnnviz_desktop.ui.canvas.viewport import Viewport
from cnnviz_desktop.ui.comparison.answers import Answers
from cnnviz_desktop.ui.comparison.cell_picture import MOST_BYTES, PICTURE_SIDE, Drawn, SmallPicture, composed
from cnnviz_desktop.ui.comparison.comparison import Comparison
from cnnviz_desktop.ui.comparison.look import TableLook
from cnnviz_desktop.ui.comparison.table_scene import TableScene
from cnnviz_desktop.ui.qt_images import rgb_pixels
from tests.ui.comparison.scripted import attribution
from tests.ui.toy import INPUT


@pytest.mark.parametrize("size", [Size(30, 40), Size(1000, 1030), Size(1500, 2400), Size(4000, 3001)])
def test_that_a_picture_is_kept_small_and_shows_each_place_where_it_was(qtbot: QtBot, size: Size) -> None:
    across, down = np.linspace(0, 255, size.width), np.linspace(0, 255, size.height)
    pixels = np.stack(np.broadcast_arrays(across[None, :], down[:, None], 128.0), axis=2).astype(np.uint8)
    small = SmallPicture(pixels)
    assert small.size == size
    largest = small.level(10 * PICTURE_SIDE)
    assert max(largest.width(), largest.height()) == min(max(size), PICTURE_SIDE)
    assert largest.width() / largest.height() == pytest.approx(size.width / size.height, rel=0.02)
    for x, y in ((0.05, 0.1), (0.5, 0.5), (0.9, 0.3)):
        colour = largest.pixelColor(int(x * largest.width()), int(y * largest.height()))
        assert abs(colour.red() - 255 * x) < 8
        assert abs(colour.green() - 255 * y) < 8
        assert abs(colour.blue() - 128) < 3


def test_that_all_pictures_of_a_table_take_no_more_memory_however_many_they_are(qtbot: QtBot) -> None:
    pixels = np.zeros((1500, 1500, 3), dtype=np.uint8)
    for count in (1, 90, 300, 2000, 5000):
        images = tuple(f"{number}.png" for number in range(count))
        scene = TableScene(Answers(Comparison(layout="images", methods=("gradcam",), images=images)), TableLook())
        scene.add_picture(images[0], pixels)
        kept = sum(level.sizeInBytes() for level in scene.pictures[images[0]]._levels)
        assert count * kept <= 1.05 * MOST_BYTES
        assert kept == pytest.approx(min(MOST_BYTES / count, PICTURE_SIDE**2 * 16 / 3), rel=0.1)


@pytest.mark.parametrize("method", ["gradcam", "saliency"])
def test_that_nothing_is_drawn_over_a_picture_of_another_size(qtbot: QtBot, method: str) -> None:
    drawn, look = Drawn.of(attribution(method), positive=True), MapLook("jet", Limits(0.0, 1.0))
    own, other = (SmallPicture(np.full((*size, 3), 90, dtype=np.uint8)) for size in (INPUT, Size(20, 20)))

    def shown(picture: SmallPicture, over: Drawn) -> ByteArray:
        viewport = Viewport.fitted(picture.size, Size(64, 64))
        return rgb_pixels(composed(picture, over, look, viewport, 1.0, faint=False))

    assert (shown(own, drawn) != shown(own, Drawn())).any()
    np.testing.assert_array_equal(shown(other, drawn), shown(other, Drawn()))
