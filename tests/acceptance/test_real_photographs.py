"""The main job on real input: real photographs through a real trained network."""

import json
from pathlib import Path

import numpy as np
import pytest

from cnnviz_desktop.cli import main
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Predictions
from cnnviz_desktop.engine.session import EngineSession
from tests.acceptance.real_data import real_data


def test_that_804_of_the_1000_real_pictures_are_recognised(tmp_path: Path) -> None:
    data = real_data()
    network = str(data.describe_resnet20(tmp_path))
    session = EngineSession()
    session.trust(data.program_sha256)
    right = 0
    for index, name in enumerate(data.classes):
        images = tuple(str(path) for path in sorted((data.folder / "cifar10" / name).glob("*.jpg")))
        assert len(images) == 100
        for result in session.run(Request(method="predictions", network=network, images=images)):
            right += isinstance(result, Predictions) and result.top(1) == (index,)
    assert 799 <= right <= 809


def test_that_the_command_line_finds_dog_and_horse(tmp_path: Path) -> None:
    data = real_data()
    network, output = data.describe_resnet20(tmp_path), tmp_path / "out"
    images = [data.photo("both.png"), data.photo("horses.jpg")]
    assert main(["cam", *images, "--network", str(network), "--trust", "--output", str(output)]) == 0
    manifest = json.loads((output / "manifest.json").read_text("utf-8"))
    assert [result["class_name"] for result in manifest["results"]] == ["dog", "horse"]
    for result in manifest["results"]:
        assert (output / result["files"]["cam"]).stat().st_size > 1000
        with np.load(output / result["files"]["arrays"]) as arrays:
            assert arrays["cam"].shape == (8, 8)
            assert arrays["cam"].dtype == np.float32
            assert arrays["cam_input"].shape == (32, 32)
            assert arrays["cam_input"].min() == 0
            assert arrays["cam_input"].max() == pytest.approx(1, abs=1e-5)
            assert int(arrays["class_index"]) == result["class_index"]
            assert str(arrays["layer"]) == "layer3.2"


@pytest.mark.parametrize(
    ("photo", "name"),
    [
        ("both.png", "dog"),
        ("dog_cat.jfif", "dog"),
        ("horses.jpg", "horse"),
        ("great_grey_owl.jpg", "bird"),
        ("peacock.jpg", "bird"),
        ("toucan.jpg", "bird"),
    ],
)
def test_that_photographs_of_any_size_and_format_are_recognised(photo: str, name: str, tmp_path: Path) -> None:
    data = real_data()
    session = EngineSession()
    session.trust(data.program_sha256)
    network = str(data.describe_resnet20(tmp_path))
    request = Request(method="predictions", network=network, images=(data.photo(photo),))
    (found,) = (result for result in session.run(request) if isinstance(result, Predictions))
    assert found.class_names[found.top(1)[0]] == name
