import csv
import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

from cnnviz_desktop.core.description import Architecture, NetworkDescription, Preprocessing
from cnnviz_desktop.core.errors import OutputError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.core.requests import ClassTarget, Request
from cnnviz_desktop.core.results import ChannelStatistics, ChannelSummary, FeatureMaps, Kernels, Predictions
from cnnviz_desktop.figures.attribution_files import write_heat_map
from cnnviz_desktop.figures.manifest import Manifest, Problem, manifest_of, write_manifest
from cnnviz_desktop.figures.result_files import (
    write_feature_maps,
    write_kernels,
    write_outline,
    write_picture,
    write_predictions,
)
from cnnviz_desktop.figures.result_folder import ResultFolder
from tests.figures.made import geometry, heat_map, noise, picture

OUTLINE = Outline(
    network="sample",
    description=NetworkDescription(format=1, name="Made", architecture=Architecture(torchvision="made")),
    name="Made network",
    layers=(LayerNode(name="conv", type="Conv2d", parameters=28, outputs=((1, 8, 8),)),),
    suggested="conv",
    preprocessing=Preprocessing(),
    class_names=("cat", "dog"),
    classes=2,
    parameters=28,
    weights_sha256="cd" * 32,
    device="cpu",
    device_reason="There is no other.",
)


def test_that_predictions_are_a_table_with_the_likeliest_first(tmp_path: Path) -> None:
    shown = picture()
    logits = np.array([1.0, 3.0, np.nan], dtype=np.float32)
    result = Predictions(
        image=shown.image,
        logits=logits,
        probabilities=np.array([0.1, 0.9, np.nan], dtype=np.float32),
        activation="softmax",
        class_names=("cat", "dog, tame", "狗"),
    )
    entry = write_predictions(ResultFolder(tmp_path, {shown.image: "dog"}), shown, result)
    with (tmp_path / entry.files["table"]).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["class_name"] for row in rows] == ["dog, tame", "cat", "狗"]
    assert rows[0] == {"rank": "1", "class_index": "1", "class_name": "dog, tame", "probability": "0.9", "logit": "3"}
    assert (entry.class_index, entry.class_name, entry.score) == (1, "dog, tame", 3.0)


def statistics(maps: np.ndarray) -> ChannelStatistics:
    zeros = np.zeros(len(maps), dtype=np.float32)
    return ChannelStatistics(mean=zeros, minimum=zeros, maximum=zeros, energy=zeros, zeros=zeros, finite=zeros + 1)


def test_that_feature_maps_of_several_parts_are_written_whole(tmp_path: Path) -> None:
    shown, maps = picture(), noise(5, 4, 6)
    place = geometry(Size(60, 90), Size(4, 6))
    parts = [
        FeatureMaps(
            image=shown.image, layer="a/b", first=first, total=5, maps=part, statistics=statistics(part), geometry=place
        )
        for first, part in ((0, maps[:3]), (3, maps[3:]))
    ]
    summary = ChannelSummary(image=shown.image, layer="a/b", total=maps.sum(0), mean=maps.mean(0), geometry=place)
    entry = write_feature_maps(ResultFolder(tmp_path, {shown.image: "dog"}), shown, parts, summary)
    with np.load(tmp_path / entry.files["arrays"]) as arrays:
        assert (arrays["maps"] == maps).all()
        assert (arrays["sum"] == maps.sum(0)).all()
        assert (arrays["mean"] == maps.mean(0)).all()
    assert (tmp_path / entry.files["maps"]).read_bytes().startswith(b"\x89PNG")


def test_that_kernels_of_several_parts_are_written_whole(tmp_path: Path) -> None:
    weights = noise(6, 2, 3, 3)
    parts = [
        Kernels(
            layer="conv1",
            first=first,
            total=6,
            weights=weights[first : first + 4],
            norms=np.ones(len(weights[first : first + 4]), dtype=np.float32),
            bias=np.arange(len(weights[first : first + 4]), dtype=np.float32),
            kind="convolution 3×3",
        )
        for first in (0, 4)
    ]
    entry = write_kernels(ResultFolder(tmp_path, {}), parts)
    with np.load(tmp_path / entry.files["arrays"]) as arrays:
        assert (arrays["weights"] == weights).all()
        assert arrays["bias"].tolist() == [0, 1, 2, 3, 0, 1]
        assert str(arrays["kind"]) == "convolution 3×3"
    assert (tmp_path / entry.files["kernels"]).is_file()


def test_that_a_manifest_has_the_fields_that_others_rely_on_and_can_be_read_again(tmp_path: Path) -> None:
    shown = picture()
    files = ResultFolder(tmp_path, {shown.image: "dog"})
    heat = msgspec.structs.replace(write_heat_map(files, shown, heat_map(shown, noise(4, 6))), probability=float("nan"))
    request = Request(method="gradcam", images=(shown.image,), targets=(ClassTarget("dog"),), seed=7)
    problem = Problem("broken.png", "gradcam", "It is broken.")
    write_manifest(tmp_path, manifest_of((request,), OUTLINE, (heat,), (problem,)))
    content = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert content["format"] == 1
    assert content["network"] == {"name": "Made network", "weights_sha256": "cd" * 32}
    assert content["device"] == "cpu"
    assert content["seed"] == 7
    assert set(content["versions"]) >= {"cnnviz", "torch"}
    (result,) = content["results"]
    assert {
        "image": "photos/dog.png",
        "image_sha256": "ab" * 32,
        "method": "gradcam",
        "layer": "layer3.2",
        "class_index": 5,
        "class_name": "dog",
        "score": 12.25,
        "probability": None,
        "files": {"cam": "dog_gradcam_cam.png", "arrays": "dog_gradcam.npz"},
    }.items() <= result.items()
    assert msgspec.json.decode((tmp_path / "manifest.json").read_bytes(), type=Manifest).requests == (request,)


def test_that_an_outline_is_written_with_all_layers(tmp_path: Path) -> None:
    entry = write_outline(ResultFolder(tmp_path, {}), OUTLINE)
    content = json.loads((tmp_path / entry.files["outline"]).read_text(encoding="utf-8"))
    assert [layer["name"] for layer in content["layers"]] == ["conv"]


def test_that_no_result_takes_the_place_of_a_picture_that_is_read(tmp_path: Path) -> None:
    photo, other = tmp_path / "dog.png", tmp_path / "dog_gradcam_cam.png"
    for path in (photo, other):
        path.write_bytes(b"a photograph")
    shown = picture(image=str(photo))
    files = ResultFolder(tmp_path, {shown.image: "dog", str(other): "dog_gradcam_cam"})
    assert write_picture(files, shown).files == {"picture": "dog_picture.png"}
    with pytest.raises(OutputError, match=r"dog_gradcam_cam\.png is one of the files to read"):
        write_heat_map(files, shown, heat_map(shown, noise(4, 6)))
    assert [path.read_bytes() for path in (photo, other)] == [b"a photograph"] * 2


def test_that_a_file_to_read_is_known_by_any_of_its_names(tmp_path: Path) -> None:
    request = tmp_path / "request.json"
    request.write_text("{}", encoding="utf-8")
    (tmp_path / "outline.json").symlink_to(request)
    with pytest.raises(OutputError, match="would be overwritten"):
        write_outline(ResultFolder(tmp_path, {}, inputs=(request,)), OUTLINE)
    assert request.read_text(encoding="utf-8") == "{}"
