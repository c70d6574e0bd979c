"""Inputs against torchvision's own transforms, and their geometry against a bright dot."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import transforms

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.geometry import Point, Resize
from cnnviz_desktop.core.results import ByteArray, Picture
from cnnviz_desktop.engine.inputs import prepare

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SIZES = [(37, 53), (53, 37), (64, 64), (201, 90), (1, 1), (1, 7), (5, 300)]


def picture_of(pixels: ByteArray) -> Picture:
    return Picture(image="made.png", pixels=pixels, sha256="")


def noise(height: int, width: int) -> Picture:
    return picture_of(np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8))


def torchvision_input(picture: Picture, *steps: Callable[[Image.Image], Image.Image]) -> torch.Tensor:
    chain = transforms.Compose([*steps, transforms.ToTensor(), transforms.Normalize(MEAN, STD)])
    tensor: torch.Tensor = chain(Image.fromarray(picture.pixels))
    return tensor[None]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("target", [(32, 48), (48, 32), (224, 224)])
def test_that_stretching_equals_torchvision(size: tuple[int, int], target: tuple[int, int]) -> None:
    picture = noise(*size)
    prepared = prepare(picture, Preprocessing(resize="stretch", size=target))
    expected = torchvision_input(picture, transforms.Resize(target))
    assert prepared.tensor.dtype == torch.float32
    torch.testing.assert_close(prepared.tensor, expected, rtol=0, atol=0)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("target", "short_side"), [((32, 32), 40), ((31, 40), 47), ((32, 48), 36), ((24, 24), None)])
def test_that_scaling_and_cropping_equals_torchvision(
    size: tuple[int, int], target: tuple[int, int], short_side: int | None
) -> None:
    picture = noise(*size)
    prepared = prepare(picture, Preprocessing(resize="short_side_crop", size=target, short_side=short_side))
    steps = transforms.Resize(short_side or min(target)), transforms.CenterCrop(target)
    torch.testing.assert_close(prepared.tensor, torchvision_input(picture, *steps), rtol=0, atol=0)


def test_that_none_keeps_the_size() -> None:
    picture = noise(21, 34)
    prepared = prepare(picture, Preprocessing(resize="none"))
    torch.testing.assert_close(prepared.tensor, torchvision_input(picture), rtol=0, atol=0)


def test_that_one_mean_makes_a_grey_input() -> None:
    picture = noise(40, 30)
    prepared = prepare(picture, Preprocessing(size=(28, 28), mean=(0.1307,), std=(0.3081,)))
    chain = transforms.Compose(
        [
            transforms.Grayscale(),
            transforms.Resize((28, 28)),
            transforms.ToTensor(),
            transforms.Normalize((0.1307,), (0.3081,)),
        ]
    )
    torch.testing.assert_close(prepared.tensor[0], chain(Image.fromarray(picture.pixels)), rtol=0, atol=0)


@pytest.mark.parametrize("size", SIZES)
def test_that_a_letterbox_shows_all_of_the_picture_amid_the_mean(size: tuple[int, int]) -> None:
    white = picture_of(np.full((*size, 3), 255, dtype=np.uint8))
    prepared = prepare(white, Preprocessing(resize="letterbox", size=(60, 90)))
    bright = prepared.tensor[0, 0] > 1
    rows, columns = bright.any(1).nonzero().flatten(), bright.any(0).nonzero().flatten()
    height, width = len(rows), len(columns)
    assert height == 60 or width == 90
    assert abs(height / width - size[0] / size[1]) <= 1 / width + size[0] / size[1] / width
    assert abs((rows[0] + rows[-1]) - 59) <= 1
    assert abs((columns[0] + columns[-1]) - 89) <= 1
    assert (prepared.tensor[0][:, ~bright] == 0).all()


@pytest.mark.parametrize("resize", ["stretch", "short_side_crop", "letterbox", "none"])
@pytest.mark.parametrize("size", [(300, 200), (180, 320)])
def test_that_a_bright_dot_lands_where_the_transform_says(resize: Resize, size: tuple[int, int]) -> None:
    pixels = np.zeros((*size, 3), dtype=np.uint8)
    row, column = size[0] // 2 - 30, size[1] // 2 + 20
    pixels[row - 3 : row + 3, column - 3 : column + 3] = 255
    prepared = prepare(picture_of(pixels), Preprocessing(resize=resize, size=(96, 128), short_side=110))
    heat = prepared.tensor[0, 0] * STD[0] + MEAN[0]
    heat = torch.where(heat > MEAN[0] + 0.05, heat, 0)  # a letterbox is padded with the mean
    rows, columns = torch.arange(heat.shape[0]) + 0.5, torch.arange(heat.shape[1]) + 0.5
    centre = float((heat.sum(1) * rows).sum() / heat.sum()), float((heat.sum(0) * columns).sum() / heat.sum())
    expected = prepared.transform.to_input(Point(column, row))
    assert centre == pytest.approx((expected.y, expected.x), abs=0.35)
    back = prepared.transform.to_original(Point(centre[1], centre[0]))
    assert (back.y, back.x) == pytest.approx((row, column), abs=1.5)


def test_that_a_thread_of_a_picture_does_not_fill_the_memory() -> None:
    pixels = np.zeros((2, 40_000, 3), dtype=np.uint8)
    pixels[:, 19_990:20_010] = 255
    prepared = prepare(picture_of(pixels), Preprocessing(resize="short_side_crop", size=(224, 224), short_side=256))
    assert prepared.tensor.shape == (1, 3, 224, 224)
    assert (prepared.tensor[0, 0] > 2.2).all()
    assert prepared.transform.to_input(Point(20_000, 1)) == pytest.approx((112, 112))
