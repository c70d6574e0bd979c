"""The copies of an image are what its pixels, changed by hand, give after preprocessing."""

import numpy as np
import torch
from msgspec import structs

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.geometry import InputTransform, Point, Size
from cnnviz_desktop.core.results import Picture
from cnnviz_desktop.engine.augmentation import COPIES, ORIGINAL, augmented, transforms_of_copies, unmirrored
from cnnviz_desktop.engine.inputs import prepare

RECIPE = Preprocessing(mean=(0.4, 0.5, 0.6), std=(0.2, 0.25, 0.3))
WHOLE = (InputTransform.of("none", Size(4, 6), Size(4, 6)),)


def normalised(pixels: torch.Tensor) -> torch.Tensor:
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (RECIPE.mean, RECIPE.std))
    return (pixels - mean) / std


def test_that_brightness_and_mirror_change_the_image_and_not_what_is_normalised() -> None:
    pixels = torch.rand(2, 3, 4, 6, generator=torch.Generator().manual_seed(0))
    copies = augmented(normalised(pixels), WHOLE * 2, RECIPE).view(2, 6, 3, 4, 6)
    for number, (mirrored, brightness) in enumerate(COPIES):
        by_hand = normalised((pixels.flip(-1) if mirrored else pixels) * brightness)
        assert torch.allclose(copies[:, number], by_hand, atol=1e-6)


def test_that_brightness_changes_the_picture_in_a_letterbox_and_not_its_padding() -> None:
    boxed = structs.replace(RECIPE, resize="letterbox", size=(12, 12))
    pixels = np.random.default_rng(0).integers(0, 256, (2, 6, 12, 3), dtype=np.uint8)
    tall, wide = (Picture(image="", pixels=each, sha256="") for each in (pixels[0].transpose(1, 0, 2), pixels[1]))
    made = [prepare(picture, boxed) for picture in (tall, wide)]
    copies = augmented(torch.cat([each.tensor for each in made]), [each.transform for each in made], boxed)
    for row, (mirrored, brightness) in zip(copies[:6], COPIES, strict=True):
        picture = torch.from_numpy(np.asarray(tall.pixels) / 255).permute(2, 0, 1)[None].float() * brightness
        by_hand = normalised(picture.flip(-1) if mirrored else picture)
        assert torch.allclose(row[:, :, 3:9], by_hand[0], atol=1e-5)
        assert not row[:, :, :3].any()
        assert not row[:, :, 9:].any()
    assert not copies[6:, :, :3].any()
    assert copies[6:, :, 3:9].all()


def test_that_one_copy_is_the_image_itself() -> None:
    inputs = torch.rand(1, 3, 4, 6, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(augmented(inputs, WHOLE, RECIPE)[ORIGINAL], inputs[0], atol=1e-6)


def test_that_a_mirrored_map_and_a_mirrored_point_come_back_to_where_they_were() -> None:
    raw = torch.arange(6.0).view(2, 3)
    transform = InputTransform.of("short_side_crop", Size(60, 90), Size(32, 32), 36)
    for copy, placed in enumerate(transforms_of_copies(transform)):
        mirrored = COPIES[copy][0]
        assert torch.equal(unmirrored(copy, raw.flip(-1) if mirrored else raw), raw)
        point = transform.to_input(Point(50, 20))
        there = placed.to_input(Point(50, 20))
        assert there.y == point.y
        assert abs(there.x - (32 - point.x if mirrored else point.x)) < 1e-9


def test_that_a_letterbox_of_a_colour_keeps_it_at_every_brightness() -> None:
    boxed = structs.replace(RECIPE, resize="letterbox", size=(12, 12), pad=(255, 51, 0))
    made = prepare(Picture(image="", pixels=np.full((6, 12, 3), 100, dtype=np.uint8), sha256=""), boxed)
    beside = normalised(torch.tensor([1.0, 0.2, 0.0]).view(1, 3, 1, 1))[0]
    for row in augmented(made.tensor, [made.transform], boxed):
        assert torch.allclose(row[:, :3], beside.expand(3, 3, 12), atol=1e-6)
        assert torch.allclose(row[:, 9:], beside.expand(3, 3, 12), atol=1e-6)
