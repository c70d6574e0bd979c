"""``cnnviz demo``, once, in a process of its own as people run it."""

import csv
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnviz_desktop import cli
from cnnviz_desktop.commands import demo as command
from cnnviz_desktop.core.requests import ClassTarget, Request
from cnnviz_desktop.core.resources import resource_path, sample_images


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "cnnviz_desktop", "demo", "--json", "--output", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == json.loads((folder / "manifest.json").read_bytes())
    return folder


def results(demo: Path, method: str) -> list[dict[str, Any]]:
    content: dict[str, Any] = json.loads((demo / "manifest.json").read_bytes())
    assert content["problems"] == []
    return [result for result in content["results"] if result["method"] == method]


def files(demo: Path, found: Iterable[dict[str, Any]], kind: str) -> list[Path]:
    return [demo / result["files"][kind] for result in found]


def test_that_every_class_of_every_scene_has_its_heat_map(demo: Path) -> None:
    index = json.loads(resource_path("sample", "scenes", "index.json").read_bytes())
    expected = {(f"sample:{Path(scene['file']).stem}", one["class"]) for scene in index for one in scene["objects"]}
    found = results(demo, "gradcam")
    assert {(result["image"], result["class_name"]) for result in found} == expected
    for path in files(demo, found, "cam"):
        with Image.open(path) as image:
            assert image.size == (128, 128)


def test_that_seven_methods_explain_each_class_of_one_scene(demo: Path) -> None:
    listed = json.loads((demo / "manifest.json").read_bytes())
    assert listed["sheets"] == ["heat_maps.png", "methods.png"]
    assert not (demo / "manifest-1.json").exists()
    of_scene = [
        result for result in listed["results"] if result.get("image") == "sample:scene_01" and result.get("target")
    ]
    by_class = Counter(result["class_name"] for result in of_scene)
    assert len({result["method"] for result in of_scene}) == 7
    assert set(by_class.values()) == {7}
    assert len(by_class) == 2
    guided = [result for result in of_scene if "gb" in result["files"]]
    assert len(guided) == 2 * 6
    with Image.open(demo / "methods.png") as sheet:
        assert min(sheet.size) > 1000


def test_that_every_scene_has_its_predictions(demo: Path) -> None:
    found = results(demo, "predictions")
    assert tuple(result["image"] for result in found) == sample_images()
    for result, path in zip(found, files(demo, found, "table"), strict=True):
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        assert rows[0]["class_name"] == result["class_name"]
        assert sum(float(row["probability"]) for row in rows) == pytest.approx(1, abs=1e-4)


def test_that_there_are_feature_maps_and_kernels_with_their_sheets(demo: Path) -> None:
    (maps,), (kernels,) = results(demo, "feature_maps"), results(demo, "kernels")
    with np.load(demo / maps["files"]["arrays"]) as arrays:
        np.testing.assert_allclose(arrays["sum"], arrays["maps"].sum(axis=0), rtol=1e-4, atol=1e-4)
    with np.load(demo / kernels["files"]["arrays"]) as arrays:
        assert arrays["weights"].shape[1] == 3
    for path in (demo / maps["files"]["maps"], demo / kernels["files"]["kernels"], demo / "heat_maps.png"):
        with Image.open(path) as image:
            assert min(image.size) > 500
            assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 100


@pytest.mark.parametrize(
    ("request_", "sheets"),
    [
        (Request(method="gradcam", images=("sample:scene_01",), targets=(ClassTarget(0), ClassTarget(1))), 1),
        (Request(method="predictions", images=("sample:scene_01",)), 0),
    ],
)
def test_that_the_sheet_shows_what_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request_: Request, sheets: int
) -> None:
    monkeypatch.setattr(command, "_requests", lambda _: (request_,))
    assert cli.main(["demo", "--output", str(tmp_path)]) == 0
    manifest = json.loads((tmp_path / "manifest.json").read_bytes())
    assert len(manifest["sheets"]) == sheets == len(list(tmp_path.glob("heat_maps.png")))
    assert len(manifest["results"]) == 1 + sheets
