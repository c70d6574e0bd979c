"""Networks that are no classifiers, from the command line: what they say, and what is explained of it."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnviz_desktop import cli
from cnnviz_desktop.commands.parser import CommandParser
from cnnviz_desktop.commands.target_options import add_targets, targets_of
from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.label_colours import label_colour
from cnnviz_desktop.core.requests import ClassTarget, DetectionTarget, Request, SimilarityTarget, Target, UnitTarget

NETWORKS = '''
import torch
from torch import nn


class Colours(nn.Module):
    """Red, green and blue of each pixel against a background of 0.5."""

    def __init__(self):
        super().__init__()
        self.features = nn.Conv2d(3, 3, 1, bias=False)
        self.features.weight.data = torch.eye(3)[:, :, None, None].clone()

    def forward(self, x):
        seen = self.features(x)
        return {"out": torch.cat([torch.full_like(seen[:, :1], 0.5), seen], dim=1)}


class Finder(nn.Module):
    """Two objects: how red the left half is, and how blue the right one."""

    def __init__(self):
        super().__init__()
        self.backbone = nn.Conv2d(3, 3, 1, bias=False)
        self.backbone.weight.data = torch.eye(3)[:, :, None, None].clone()

    def forward(self, images):
        found = []
        for image in images:
            maps = self.backbone(image[None])[0]
            half, (height, width) = maps.shape[2] // 2, maps.shape[1:]
            scores = torch.stack([maps[0, :, :half].mean(), maps[2, :, half:].mean()])
            boxes = torch.tensor([[0.0, 0.0, half, height], [half, 0.0, width, height]])
            found.append({"boxes": boxes, "labels": torch.tensor([1, 3]), "scores": scores})
        return found


class Vectors(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Conv2d(3, 3, 1, bias=False)
        self.features.weight.data = torch.eye(3)[:, :, None, None].clone()

    def forward(self, x):
        return self.features(x).mean(dim=(2, 3))
'''
BOX = (8.0, 4.0, 20.0, 12.0)


@pytest.fixture
def photo(tmp_path: Path) -> str:
    """32 × 16 pixels: red on the left, half as blue on the right."""
    pixels = np.zeros((16, 32, 3), dtype=np.uint8)
    pixels[:, :16, 0], pixels[:, 16:, 2] = 255, 204
    Image.fromarray(pixels).save(tmp_path / "flag.png")
    return str(tmp_path / "flag.png")


def described(folder: Path, factory: str, **fields: object) -> str:
    (folder / "nets.py").write_text(NETWORKS, encoding="utf-8")
    description = {
        "format": 1,
        "name": factory,
        "architecture": {"file": "nets.py", "factory": factory},
        "preprocessing": {"resize": "none", "size": [16, 32], "mean": [0, 0, 0], "std": [1, 1, 1]},
        "class_names": ["background", "red", "green", "blue"],
    } | fields
    path = folder / f"{factory}.cnnviz-network.json"
    path.write_text(json.dumps(description), encoding="utf-8")
    return str(path)


def run(folder: Path, network: str, photo: str, *targets: Target) -> list[dict[str, object]]:
    """What ``cnnviz run`` writes of the predictions, as entries of the manifest."""
    request = Request(method="predictions", network=network, images=(photo,), targets=targets or (ClassTarget(),))
    (folder / "request.json").write_text(request.to_json(), encoding="utf-8")
    assert cli.main(["run", str(folder / "request.json"), "--trust", "--output", str(folder / "said")]) == 0
    entries: list[dict[str, object]] = json.loads((folder / "said" / "manifest.json").read_text())["results"]
    return entries


def test_that_a_segmentation_is_a_label_map_with_areas(tmp_path: Path, photo: str) -> None:
    (entry,) = run(tmp_path, described(tmp_path, "Colours"), photo)

    assert entry["files"] == {
        f: f"flag_segmentation.{e}" for f, e in (("labels", "png"), ("table", "csv"), ("arrays", "npz"))
    }
    rows = list(csv.DictReader((tmp_path / "said" / "flag_segmentation.csv").read_text().splitlines()))
    assert [(row["class_name"], row["share_of_area"]) for row in rows] == [("red", "0.5"), ("blue", "0.5")]
    drawn = np.asarray(Image.open(tmp_path / "said" / "flag_segmentation.png"))
    expected = np.array([255, 0, 0]) * 0.4 + np.array(label_colour(1)) * 0.6
    assert np.abs(drawn[3, 3] - expected).max() <= 1
    with np.load(tmp_path / "said" / "flag_segmentation.npz") as arrays:
        assert set(np.unique(arrays["labels"][:, :16])) == {1}


def test_that_detections_are_boxes_on_the_picture_and_rows(tmp_path: Path, photo: str) -> None:
    (entry,) = run(tmp_path, described(tmp_path, "Finder"), photo)

    assert (entry["class_name"], entry["score"]) == ("red", 1.0)
    rows = list(csv.DictReader((tmp_path / "said" / "flag_detections.csv").read_text().splitlines()))
    assert [(row["class_name"], row["score"], row["left"], row["right"]) for row in rows] == [
        ("red", "1", "0.00", "16.00"),
        ("blue", "0.8", "16.00", "32.00"),
    ]
    drawn = np.asarray(Image.open(tmp_path / "said" / "flag_detections.png"))
    assert tuple(drawn[8, 16]) in (label_colour(1), label_colour(3))


def test_that_an_embedding_is_a_vector_with_its_likeness(tmp_path: Path, photo: str) -> None:
    other = tmp_path / "other.png"
    Image.new("RGB", (32, 16), (255, 0, 0)).save(other)
    network = described(tmp_path, "Vectors", task="embedding", class_names=[])
    (entry,) = run(tmp_path, network, photo, SimilarityTarget(str(other)))

    assert entry["target"] == "similarity to other.png"
    assert entry["score"] == pytest.approx(0.5 / np.hypot(0.5, 0.4), rel=1e-5)
    with np.load(tmp_path / "said" / "flag_embedding.npz") as arrays:
        np.testing.assert_allclose(arrays["vector"], [0.5, 0, 0.4], rtol=1e-5)


@pytest.mark.parametrize(
    ("factory", "options", "title", "lit"),
    [
        ("Colours", ["--target-class", "blue"], "blue", (slice(None), slice(16, None))),
        (
            "Colours",
            ["--target-class", "red", "--target-region", "8,4,20,12"],
            "red in 8–20 × 4–12 px",
            (slice(4, 12), slice(8, 16)),
        ),
        ("Finder", ["--target-box", "1"], "blue at 16–32 × 0–16 px", (slice(None), slice(16, None))),
        ("Finder", ["--target-box", "1,1,15,15"], "red at 0–16 × 0–16 px", (slice(None), slice(0, 16))),
        ("Finder", ["--target-class", "blue"], "blue at 16–32 × 0–16 px", (slice(None), slice(16, None))),
    ],
)
def test_that_a_map_lies_where_the_target_is(
    factory: str, options: list[str], title: str, lit: tuple[slice, slice], tmp_path: Path, photo: str
) -> None:
    command = ["cam", photo, "--network", described(tmp_path, factory), "--trust", "--method", "layercam", "--no-gb"]
    assert cli.main([*command, *options, "--output", str(tmp_path / "maps")]) == 0

    (entry,) = json.loads((tmp_path / "maps" / "manifest.json").read_text())["results"]
    assert entry["target"] == title
    with np.load(tmp_path / "maps" / entry["files"]["arrays"]) as arrays:
        expected = np.zeros((16, 32), dtype=bool)
        expected[lit] = True
        assert ((arrays["cam"] > 0) == expected).all()
    if "," not in options[-1]:
        return
    again = ["run", str(tmp_path / "maps" / "manifest.json"), "--trust", "--output", str(tmp_path / "again")]
    assert cli.main(again) == 0
    assert json.loads((tmp_path / "again" / "manifest.json").read_text())["results"] == [entry]


def test_that_a_likeness_is_explained_from_the_command_line(tmp_path: Path, photo: str) -> None:
    other = tmp_path / "other.png"
    Image.new("RGB", (32, 16), (0, 0, 255)).save(other)
    network = described(tmp_path, "Vectors", task="embedding", class_names=[])
    command = ["cam", photo, "--network", network, "--trust", "--similar-to", str(other), "--no-gb"]
    assert cli.main([*command, "--method", "hirescam", "--output", str(tmp_path / "maps")]) == 0

    (entry,) = json.loads((tmp_path / "maps" / "manifest.json").read_text())["results"]
    assert entry["target"] == "similarity to other.png"
    with np.load(tmp_path / "maps" / "flag_hirescam.npz") as arrays:
        assert (arrays["cam"][:, :16] < 0).all()
        assert (arrays["cam"][:, 16:] > 0).all()


def read(*arguments: str) -> tuple[Target, ...]:
    parser = CommandParser(prog="cnnviz cam", description="", epilog="")
    add_targets(parser)
    return targets_of(parser.read(list(arguments)))


@pytest.mark.parametrize(
    ("arguments", "targets"),
    [
        (("--target-region", "8,4,20,12"), (ClassTarget(box=BOX),)),
        (("--target-region", "-8,-0.5,20,12"), (ClassTarget(box=(-8, -0.5, 20, 12)),)),
        (("--target-box", "-8,4,20,12"), (DetectionTarget(box=(-8, 4, 20, 12)),)),
        (
            ("--target-class", "1", "--target-class", "cat", "--target-region", "8,4,20,12", "--probability"),
            (ClassTarget(1, None, "probability", BOX), ClassTarget("cat", None, "probability", BOX)),
        ),
        (("--target-box", "3"), (DetectionTarget(3),)),
        (("--target-box", "8,4,20,12", "--target-class", "cat"), (DetectionTarget(box=BOX, label="cat"),)),
        (("--similar-to", "sample:scene_01"), (SimilarityTarget("sample:scene_01"),)),
        (("--target-region", "layer3@8,4,20,12"), (UnitTarget("layer3", box=BOX),)),
        ((), (ClassTarget(),)),
    ],
)
def test_that_options_are_read_as_targets(arguments: tuple[str, ...], targets: tuple[Target, ...]) -> None:
    assert read(*arguments) == targets


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--target-box", "the left one"), "is no box"),
        (("--target-box", "9,9,4,12"), "empty box"),
        (("--target-box", "1", "--minus-class", "2"), "has one class and one score"),
        (("--similar-to", ""), "needs an image to compare with"),
    ],
)
def test_that_a_target_that_cannot_be_read_is_one_sentence(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        read(*arguments)
