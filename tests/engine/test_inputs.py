"""Inputs against torchvision's own transforms, and their geometry against a bright dot."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import transforms
from torchvision.transforms import InterpolationMode
from torchvision.transforms._presets import ImageClassification, SemanticSegmentation

from cnnviz_desktop.core.description import Interpolation, Preprocessing
from cnnviz_desktop.core.errors import NetworkError
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


FILTERS: dict[Interpolation, InterpolationMode] = {
    "nearest": InterpolationMode.NEAREST,
    "box": InterpolationMode.BOX,
    "bilinear": InterpolationMode.BILINEAR,
    "hamming": InterpolationMode.HAMMING,
    "bicubic": InterpolationMode.BICUBIC,
    "lanczos": InterpolationMode.LANCZOS,
}


@pytest.mark.parametrize("interpolation", FILTERS)
@pytest.mark.parametrize("size", [(37, 53), (447, 670), (200, 91)])
def test_that_every_interpolation_equals_torchvision(interpolation: Interpolation, size: tuple[int, int]) -> None:
    picture = noise(*size)
    recipe = Preprocessing(resize="short_side_crop", size=(56, 48), short_side=64, interpolation=interpolation)
    steps = transforms.Resize(64, FILTERS[interpolation]), transforms.CenterCrop((56, 48))
    torch.testing.assert_close(prepare(picture, recipe).tensor, torchvision_input(picture, *steps), rtol=0, atol=0)


@pytest.mark.parametrize("size", [(37, 53), (447, 670), (301, 200), (64, 64)])
@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_that_the_recipes_of_torchvisions_weights_are_met(
    size: tuple[int, int], interpolation: Literal["bilinear", "bicubic"]
) -> None:
    picture, mode = noise(*size), FILTERS[interpolation]
    image = Image.fromarray(picture.pixels)
    classification = ImageClassification(crop_size=63, resize_size=71, interpolation=mode)
    recipe = Preprocessing(resize="short_side_crop", size=(63, 63), short_side=71, interpolation=interpolation)
    torch.testing.assert_close(prepare(picture, recipe).tensor[0], classification(image), rtol=0, atol=1 / 255)
    segmentation = SemanticSegmentation(resize_size=70, interpolation=mode)
    recipe = Preprocessing(resize="short_side", short_side=70, interpolation=interpolation)
    torch.testing.assert_close(prepare(picture, recipe).tensor[0], segmentation(image), rtol=0, atol=1 / 255)


@pytest.mark.parametrize("size", [(37, 53), (447, 670), (301, 200)])
@pytest.mark.parametrize(
    ("crop_mode", "fraction", "recipe"),
    [
        ("center", 0.9, Preprocessing(resize="short_side_crop", size=(56, 56), short_side=62, interpolation="bicubic")),
        ("squash", 1.0, Preprocessing(resize="stretch", size=(56, 56), interpolation="bicubic")),
        ("squash", 0.9, Preprocessing(resize="stretch", size=(56, 56), short_side=62, interpolation="bicubic")),
        (
            "border",
            1.0,
            Preprocessing(resize="letterbox", size=(56, 56), interpolation="bicubic", pad=(124, 116, 104)),
        ),
    ],
)
def test_that_timms_own_transforms_are_met(
    size: tuple[int, int], crop_mode: str, fraction: float, recipe: Preprocessing
) -> None:
    from timm.data.transforms_factory import transforms_imagenet_eval

    chain = transforms_imagenet_eval(
        56, crop_pct=fraction, crop_mode=crop_mode, interpolation="bicubic", mean=MEAN, std=STD
    )
    picture = noise(*size)
    expected = chain(Image.fromarray(picture.pixels))
    torch.testing.assert_close(prepare(picture, recipe).tensor[0], expected, rtol=0, atol=1 / 255 / min(STD))


def test_that_caffes_networks_get_blue_first_from_0_to_255() -> None:
    picture = noise(20, 30)
    mean = (103.939, 116.779, 123.68)
    recipe = Preprocessing(resize="none", mean=mean, std=(1, 1, 1), order="bgr", scale=255)
    expected = picture.pixels[:, :, ::-1].astype(np.float64) - mean
    np.testing.assert_allclose(prepare(picture, recipe).tensor[0].permute(1, 2, 0).numpy(), expected, atol=1e-4)


@pytest.mark.parametrize("order", ["rgb", "bgr"])
def test_that_a_letterbox_has_the_colour_that_was_chosen(order: Literal["rgb", "bgr"]) -> None:
    recipe = Preprocessing(
        resize="letterbox", size=(40, 40), mean=(0.0,) * 3, std=(1.0,) * 3, pad=(255, 51, 0), order=order
    )
    beside = prepare(noise(10, 40), recipe).tensor[0, :, 2, 20]
    assert beside.tolist() == pytest.approx([1.0, 0.2, 0.0] if order == "rgb" else [0.0, 0.2, 1.0])


def test_that_an_input_without_bounds_is_refused() -> None:
    enormous = picture_of(np.broadcast_to(np.uint8(0), (9_000, 9_000, 3)))
    with pytest.raises(NetworkError, match="9000 × 9000 pixels"):
        prepare(enormous, Preprocessing(resize="none"))


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


@pytest.mark.parametrize("resize", ["stretch", "short_side_crop", "short_side", "letterbox", "none"])
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
