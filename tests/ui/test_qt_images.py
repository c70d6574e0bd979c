import gc

import numpy as np
import pytest
from PySide6.QtGui import QImage, qRgb

from cnnviz_desktop.ui.qt_images import indexed_image, magnified, pixel_view, rgb_image, rgb_pixels, set_colour_table


def a_table(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (256, 3), dtype=np.uint8)


@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (3, 4), (64, 33)])
def test_that_every_pixel_of_an_indexed_image_has_its_colour(shape: tuple[int, int]) -> None:
    indices = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    image = indexed_image(indices, a_table())
    assert image.format() == QImage.Format.Format_Indexed8
    for row in range(shape[0]):
        for column in range(shape[1]):
            assert image.pixel(column, row) == qRgb(*map(int, a_table()[indices[row, column]]))


@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (3, 4)])
def test_that_every_pixel_of_an_rgb_image_is_the_arrays(shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (*shape, 3), dtype=np.uint8)
    image = rgb_image(pixels)
    for row in range(shape[0]):
        for column in range(shape[1]):
            assert image.pixel(column, row) == qRgb(*map(int, pixels[row, column]))
    np.testing.assert_array_equal(rgb_pixels(image), pixels)


def test_that_an_array_that_is_not_contiguous_comes_out_right() -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (3, 9, 11), dtype=np.uint8).transpose(1, 2, 0)[:, ::2]
    np.testing.assert_array_equal(rgb_pixels(rgb_image(pixels)), pixels)


def test_that_an_image_and_its_copies_outlive_the_array() -> None:
    indices = np.full((200, 301), 7, dtype=np.uint8)
    image = QImage(indexed_image(indices, a_table()))
    indices[:] = 9
    del indices
    gc.collect()
    assert (pixel_view(image) == 7).all()


def test_that_recolouring_changes_the_colours_and_no_index() -> None:
    indices = np.arange(256, dtype=np.uint8).reshape(16, 16)
    image = indexed_image(indices, a_table())
    set_colour_table(image, a_table(5))
    np.testing.assert_array_equal(pixel_view(image), indices)
    np.testing.assert_array_equal(rgb_pixels(image), a_table(5)[indices])


def test_that_an_empty_array_gives_a_null_image() -> None:
    assert indexed_image(np.zeros((0, 5), np.uint8), a_table()).isNull()
    assert rgb_image(np.zeros((0, 5, 3), np.uint8)).isNull()


@pytest.mark.parametrize("factor", [1, 3, 56])
def test_that_a_magnified_pixel_is_a_square(factor: int) -> None:
    indices = np.random.default_rng(4).integers(0, 256, (5, 8), dtype=np.uint8)
    expected = np.kron(a_table()[indices], np.ones((factor, factor, 1), np.uint8))
    np.testing.assert_array_equal(rgb_pixels(magnified(indexed_image(indices, a_table()), factor)), expected)


def test_that_a_view_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="no view"):
        pixel_view(QImage(2, 2, QImage.Format.Format_ARGB32))
