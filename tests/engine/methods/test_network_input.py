"""The input that is shown is what the network gets, and its picture is the image."""

from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec import structs
from PIL import Image
from torch import Tensor, nn

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.geometry import Box
from cnnviz_desktop.core.network_input import NetworkInput
from cnnviz_desktop.engine.session import EngineSession
from tests.engine.asking import ask, results
from tests.engine.networks_for_tests import InPlace, fingerprint, seeded, session_with

RECIPES = {
    "imagenet": Preprocessing(resize="short_side_crop", size=(32, 24), short_side=40),
    "caffe": Preprocessing(size=(32, 24), mean=(103.9, 116.8, 123.7), std=(1.0, 1.0, 1.0), order="bgr", scale=255),
    "letterbox": Preprocessing(resize="letterbox", size=(32, 24), interpolation="bicubic", pad=(9, 200, 30)),
    "none": Preprocessing(resize="none", size=(32, 24)),
}


@pytest.fixture
def photo(tmp_path: Path) -> str:
    pixels = np.random.default_rng(5).integers(0, 256, (57, 43, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    return str(tmp_path / "photo.png")


def given(session: EngineSession, image: str) -> NetworkInput:
    (result,) = results(session, ask("input", image))
    assert isinstance(result, NetworkInput)
    return result


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
@pytest.mark.parametrize("double", [False, True])
def test_that_the_input_is_what_a_hook_on_the_network_sees(recipe: Preprocessing, double: bool, photo: str) -> None:
    module = seeded(InPlace).double() if double else seeded(InPlace)
    session = session_with(module, preprocessing=recipe)
    before = fingerprint(module)
    shown = given(session, photo)
    assert fingerprint(module) == before
    seen: list[Tensor] = []

    def keep(_module: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        seen.append(arguments[0].detach().clone())

    hook = module.register_forward_pre_hook(keep)
    results(session, ask("predictions", photo))
    hook.remove()
    assert shown.raw.dtype == np.float32
    torch.testing.assert_close(torch.from_numpy(shown.raw.copy()), seen[0][0].float(), rtol=0, atol=0)


@pytest.mark.parametrize("recipe", [RECIPES["caffe"], RECIPES["none"]])
def test_that_its_picture_is_the_image_as_pillow_resizes_it(recipe: Preprocessing, photo: str) -> None:
    shown = given(session_with(seeded(InPlace), preprocessing=recipe), photo)
    image = Image.open(photo)
    expected = image if recipe.resize == "none" else image.resize((24, 32), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(shown.pixels, np.asarray(expected))


def test_that_the_colour_beside_a_letterbox_is_the_one_chosen(photo: str) -> None:
    tall = structs.replace(RECIPES["letterbox"], size=(40, 20))
    shown = given(session_with(seeded(InPlace), (40, 20), preprocessing=tall), photo)
    assert shown.pixels[0, 10].tolist() == shown.pixels[-1, 0].tolist() == [9, 200, 30]


def test_that_what_the_crop_leaves_out_is_told(photo: str) -> None:
    shown = given(session_with(seeded(InPlace), preprocessing=RECIPES["imagenet"]), photo)
    # 57 × 43 becomes 53 × 40; the crop of 32 × 24 starts at row 10 and column 8
    scale_y, scale_x = 53 / 57, 40 / 43
    assert shown.transform.seen == pytest.approx(Box(8 / scale_x, 10 / scale_y, 32 / scale_x, 42 / scale_y))


def test_that_channels_are_named_and_measured_in_the_inputs_order(photo: str) -> None:
    shown = given(session_with(seeded(InPlace), preprocessing=RECIPES["caffe"]), photo)
    assert shown.channel_names == ("blue", "green", "red")
    blue = np.asarray(Image.open(photo).resize((24, 32), Image.Resampling.BILINEAR))[:, :, 2] - 103.9
    assert shown.ranges[0] == pytest.approx((blue.min(), blue.max()), abs=1e-3)
