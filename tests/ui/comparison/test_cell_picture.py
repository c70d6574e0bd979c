"""The pictures under the cells: small, whatever was read, and of the same thing."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.ui.comparison.cell_picture import PICTURE_SIDE, SmallPicture


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
