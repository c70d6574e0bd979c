"""How images are fed, as the command line says it."""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import transforms

from cnnviz_desktop import cli
from cnnviz_desktop.commands.preprocessing_options import add_preprocessing, changed, changes_of
from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.requests import Request
from tests.commands.made import layers, manifest_of


def given(*arguments: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    add_preprocessing(parser)
    return changes_of(parser.parse_args(arguments))


def test_that_every_option_sets_its_field() -> None:
    everything = given(
        *("--resize", "short-side-crop", "--size", "24x32", "--short-side", "40", "--interpolation", "bicubic"),
        *("--order", "bgr", "--scale", "255", "--mean", "1,2,3", "--std", "4 5 6", "--pad", "114,114,114"),
    )
    assert changed(Preprocessing(), everything) == Preprocessing(
        resize="short_side_crop",
        size=(24, 32),
        short_side=40,
        interpolation="bicubic",
        order="bgr",
        scale=255.0,
        mean=(1.0, 2.0, 3.0),
        std=(4.0, 5.0, 6.0),
        pad=(114, 114, 114),
    )
    assert given() == {}
    assert given("--size", "64") == {"size": (64, 64)}
    assert given("--pad", "mean") == {"pad": None}


def test_that_another_order_takes_the_means_along() -> None:
    assert changed(Preprocessing(mean=(1, 2, 3), std=(4, 5, 6)), given("--order", "bgr")) == Preprocessing(
        mean=(3, 2, 1), std=(6, 5, 4), order="bgr"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--size", "big"), "--size: “big” is no size. Write HEIGHTxWIDTH"),
        (("--size", "0x3"), "size is"),
        (("--mean", "1,2"), "--mean: “1,2” is neither three numbers"),
        (("--mean", "0.5"), "--mean and --std have as many numbers each"),
        (("--std", "1,0,1"), "every entry of std is above 0"),
        (("--pad", "red"), "--pad: “red” is no colour"),
        (("--pad", "1,2,300"), "pad is"),
        (("--scale", "0"), "scale is above 0"),
    ],
)
def test_that_what_is_no_preprocessing_is_refused(arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(RequestError, match=sentence):
        changed(Preprocessing(), given(*arguments))


def test_that_cam_feeds_images_as_it_is_told_and_the_manifest_says_so(tmp_path: Path, network: str, photo: str) -> None:
    command = ["cam", photo, "--network", network, "--trust", "--target-class", "1", "--target-layer", "2", "--no-gb"]
    options = ["--resize", "none", "--mean", "0.2,0.3,0.4"]
    assert cli.main([*command, *options, "--output", str(tmp_path / "out")]) == 0
    with np.load(tmp_path / "out" / "dog_gradcam.npz") as archive:
        cam, score = archive["cam"], float(archive["score"])
    assert cam.shape == (48, 96)
    trained = layers().eval()
    weights = torch.load(Path(network).with_name("net.pth"), weights_only=True)
    trained.load_state_dict(weights)
    chain = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.2, 0.3, 0.4), (0.25, 0.25, 0.25))])
    with torch.no_grad():
        expected = trained(chain(Image.open(photo))[None])[0, 1]
    assert score == pytest.approx(float(expected), abs=1e-5)
    (request,) = manifest_of(tmp_path / "out")["requests"]
    assert request["network"]["preprocessing"]["resize"] == "none"
    assert request["network"]["preprocessing"]["size"] == [24, 32]
    assert cli.main(["run", str(tmp_path / "out" / "manifest.json"), "--trust", "--output", str(tmp_path / "re")]) == 0
    assert (tmp_path / "re" / "dog_gradcam.npz").read_bytes() == (tmp_path / "out" / "dog_gradcam.npz").read_bytes()


def test_that_what_the_weights_say_stays_where_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["list", "layers", "--network", "torchvision:squeezenet1_1@random", "--json"]
    assert cli.main([*command, "--interpolation", "bicubic"]) == 0
    outline = json.loads(capsys.readouterr().out)
    recipe = {**outline["recipe"], "interpolation": "bicubic"}
    assert recipe["resize"] == "short_side_crop"
    assert outline["preprocessing"] == recipe


def test_that_a_grey_network_without_a_recipe_is_fed_in_grey(tmp_path: Path, photo: str) -> None:
    (tmp_path / "grey.py").write_text(
        "from torch import nn\n"
        "def build():\n"
        "    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))\n"
    )
    arch = f"{tmp_path / 'grey.py'}:build"
    command = ["cam", photo, "--arch", arch, "--trust", "--target-layer", "0", "--no-gb"]
    assert cli.main([*command, "--output", str(tmp_path / "out")]) == 0
    sized = ["--size", "30x40", "--mean", "0.1", "--std", "0.3"]
    assert cli.main([*command, *sized, "--output", str(tmp_path / "sized")]) == 0
    with np.load(tmp_path / "sized" / "dog_gradcam.npz") as archive:
        assert archive["cam"].shape == (28, 38)


def test_that_run_writes_the_networks_input(tmp_path: Path, network: str, photo: str) -> None:
    request = Request(method="input", network=network, images=(photo,))
    (tmp_path / "request.json").write_text(request.to_json())
    assert cli.main(["run", str(tmp_path / "request.json"), "--trust", "--output", str(tmp_path / "out")]) == 0
    chain = transforms.Compose(
        [transforms.Resize((24, 32)), transforms.ToTensor(), transforms.Normalize((0.5,) * 3, (0.25,) * 3)]
    )
    image = Image.open(photo)
    with np.load(tmp_path / "out" / "dog_input.npz") as archive:
        np.testing.assert_array_equal(archive["input"], chain(image).numpy())
        assert archive["channels"].tolist() == ["red", "green", "blue"]
        assert archive["seen"].tolist() == [0, 0, 96, 48]
    shown = np.asarray(Image.open(tmp_path / "out" / "dog_input.png"))
    np.testing.assert_array_equal(shown, np.asarray(image.resize((32, 24), Image.Resampling.BILINEAR)))
    (entry,) = manifest_of(tmp_path / "out")["results"]
    assert entry["method"] == "input"
