"""A picture's coarser levels are averages, and none of it is copied."""

import numpy as np
import numpy.typing as npt
import pytest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.geometry import Box
from cnnviz_desktop.core.results import ByteArray
from cnnviz_desktop.ui.canvas.picture_levels import PictureLevels
from cnnviz_desktop.ui.qt_images import rgb_pixels

pytestmark = pytest.mark.usefixtures("qapp")


def noise(height: int, width: int) -> ByteArray:
    return np.random.default_rng(5).integers(0, 256, (height, width, 3), dtype=np.uint8)


def averages(pixels: ByteArray, step: int) -> npt.NDArray[np.float64]:
    """Means of step × step pixels in float64, as an independent answer."""
    height, width, _ = pixels.shape
    blocks = pixels[: height // step * step, : width // step * step].astype(np.float64)
    return np.asarray(blocks.reshape(height // step, step, width // step, step, 3).mean(axis=(1, 3)))


@pytest.mark.parametrize("shape", [(800, 1200), (801, 1203), (1, 1500), (1500, 1)])
def test_that_every_level_averages_the_picture(shape: tuple[int, int]) -> None:
    pixels = noise(*shape)
    levels = PictureLevels(pixels)
    assert levels.is_ready
    for number in (1, 2):
        expected, level = averages(pixels, 2**number), levels.level(number)
        assert level.shape == (-(-shape[0] // 2**number), -(-shape[1] // 2**number), 3)
        inner = level[: expected.shape[0], : expected.shape[1]]
        # Each halving rounds to the nearest integer.
        assert np.abs(inner - expected).max(initial=0) <= 0.5 * number + 1e-9


def test_that_a_plain_picture_stays_plain_to_its_odd_edges() -> None:
    levels = PictureLevels(np.full((1001, 1003, 3), 255, dtype=np.uint8))
    assert levels.level(1).min() == 255


@pytest.mark.parametrize(("scale", "level"), [(4, 0), (1, 0), (0.51, 0), (0.5, 1), (0.26, 1), (0.25, 2), (0.001, 2)])
def test_that_a_level_never_has_fewer_pixels_than_the_screen(scale: float, level: int) -> None:
    assert PictureLevels(noise(1000, 1600)).level_for(scale) == level


def test_that_a_cut_holds_the_part_that_was_asked_for() -> None:
    pixels = noise(700, 900)
    image, covered = PictureLevels(pixels).cut(Box(300.5, 50.2, 320, 261), 3)
    assert covered == Box(256, 0, 512, 512)
    np.testing.assert_array_equal(rgb_pixels(image), pixels[:512, 256:512])


def test_that_panning_within_a_tile_cuts_nothing_anew() -> None:
    levels = PictureLevels(noise(700, 900))
    first, _ = levels.cut(Box(10, 10, 100, 100), 3)
    second, _ = levels.cut(Box(30, 40, 130, 120), 3)
    assert first.cacheKey() == second.cacheKey()


def test_that_a_cut_at_the_edges_stays_inside() -> None:
    pixels = noise(700, 900)
    image, covered = PictureLevels(pixels).cut(Box(0, 0, 900, 700), 1)
    assert covered == Box(0, 0, 900, 700)
    np.testing.assert_array_equal(rgb_pixels(image), pixels)


def test_that_a_50_megapixel_picture_is_there_at_once_and_refined_later_in_little_memory(qtbot: QtBot) -> None:
    pixels = np.tile(noise(725, 8660), (8, 1, 1))
    levels = PictureLevels(pixels)
    assert not levels.is_ready
    stand_in, _ = levels.cut(Box(0, 0, 8660, 5800), 0.1)
    assert stand_in.width() == -(-8660 // 8)
    with qtbot.waitSignal(levels.refined, timeout=20_000):
        assert levels.pixels is pixels
    held = sum(levels.level(number).nbytes for number in range(1, 6))
    assert held < 0.34 * pixels.nbytes
    np.testing.assert_allclose(levels.level(3)[:90, :1000], averages(pixels[:720, :8000], 8), atol=1.5)


def test_that_a_picture_taken_away_is_not_refined_further() -> None:
    levels = PictureLevels(np.zeros((2000, 2000, 3), dtype=np.uint8))
    levels.stop()
    assert not levels.is_ready
