"""``cnnviz cam`` on images that reach the network in their own sizes: what one is too small or too large for."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnviz_desktop import cli
from tests.commands.made import manifest_of


@pytest.fixture
def photos(tmp_path: Path) -> dict[str, str]:
    """Three images by what they are."""
    folder = tmp_path / "photos"
    folder.mkdir()
    paths = {}
    for name, side in (("a_small", 12), ("b_large", 100), ("c_fitting", 24)):
        pixels = np.random.default_rng(side).integers(0, 256, (side, side, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{name}.png")
        paths[name] = str(folder / f"{name}.png")
    return paths


@pytest.fixture
def free_network(network: str) -> str:
    """The small network, shown images as they are."""
    description = json.loads(Path(network).read_bytes())
    description["preprocessing"] = {**description["preprocessing"], "resize": "none"}
    Path(network).write_text(json.dumps(description), encoding="utf-8")
    return network


def test_that_an_image_that_a_method_cannot_take_costs_the_others_nothing(
    tmp_path: Path, free_network: str, photos: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["cam", *photos.values(), "--network", free_network, "--trust", "--target-layer", "3", "--no-gb"]
    command += ["--method", "occlusion", "--method", "kpcacam", "--method", "gradcam", "--set", "patch=16"]
    assert cli.main([*command, "--output", str(tmp_path / "out")]) == 2
    manifest = manifest_of(tmp_path / "out")
    found = {(Path(result["image"]).stem, result["method"]) for result in manifest["results"]}
    every = {(name, method) for name in photos for method in ("occlusion", "kpcacam", "gradcam")}
    assert found == every - {("a_small", "occlusion"), ("b_large", "kpcacam")}
    problems = {(Path(each["image"]).stem, each["method"]): each["message"] for each in manifest["problems"]}
    assert "16 px is larger than the input of 12 × 12 px" in problems["a_small", "occlusion"]
    assert "3 has 100 × 100" in problems["b_large", "kpcacam"]
    assert len(manifest["problems"]) == 2
    said = capsys.readouterr().err
    assert all(said.count(message) == 1 for message in problems.values())


def test_that_a_unit_and_a_region_that_an_image_does_not_have_are_told_of_it_alone(
    tmp_path: Path, free_network: str, photos: dict[str, str]
) -> None:
    command = ["cam", *photos.values(), "--network", free_network, "--trust", "--target-layer", "1", "--no-gb"]
    targets = ["--target-unit", "3#1@20,20", "--target-region", "3@50,50,90,90", "--target-class", "0"]
    assert cli.main([*command, *targets, "--output", str(tmp_path / "out")]) == 2
    manifest = manifest_of(tmp_path / "out")
    found = sorted((Path(result["image"]).stem, result["target"]) for result in manifest["results"])
    unit, region = "3, channel 1, unit 20, 20", "3, region 50–90 × 50–90 px"
    assert found == [("a_small", "cat"), *(("b_large", each) for each in (unit, region, "cat")),
                     ("c_fitting", unit), ("c_fitting", "cat")]  # fmt: skip
    assert [Path(problem["image"]).stem for problem in manifest["problems"]] == ["a_small", "a_small", "c_fitting"]
