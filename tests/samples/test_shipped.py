"""The files that ship: what their formats promise, and that the network is as good as its log says."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load_file

from cnnviz_desktop.samples import export, library
from cnnviz_desktop.samples.evaluation import HELD_OUT_SEED, accuracy_on_one, both_on_top, grad_cam, logits_of
from cnnviz_desktop.samples.network import SampleNetwork, build
from cnnviz_desktop.samples.scenes import CLASS_NAMES, render

# Scenes that neither the training nor the measures in its log have seen.
FRESH_SEED = HELD_OUT_SEED + 500_000

SCENES = range(1, len(export.SHIPPED) + 1)


@pytest.fixture(scope="module")
def index() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((library.scenes_folder() / "index.json").read_text(encoding="utf-8"))
    return entries


@pytest.fixture(scope="module")
def network() -> SampleNetwork:
    network = build(len(CLASS_NAMES))
    network.load_state_dict(load_file(library.sample_folder() / library.WEIGHTS_NAME))
    return network.eval()


def read(name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.array(Image.open(library.scenes_folder() / name))


@pytest.mark.parametrize("number", SCENES)
def test_that_a_shipped_scene_is_what_its_seed_renders(number: int, index: list[dict[str, Any]]) -> None:
    """To within rounding, which may differ between processors."""
    entry = index[number - 1]
    assert entry["file"] == f"scene_{number:02d}.png"
    scene = render(entry["seed"], len(entry["objects"]))
    difference = np.abs(read(entry["file"]).astype(int) - scene.image)
    assert np.quantile(difference, 0.999) <= 1
    assert [item["class"] for item in entry["objects"]] == [item.class_name for item in scene.objects]
    for item, truth in zip(entry["objects"], scene.objects, strict=True):
        mask = read(item["mask"])
        assert set(np.unique(mask)) == {0, 255}
        assert ((mask == 255) != truth.mask).sum() <= 4


def test_that_a_dozen_scenes_ship_and_five_or_more_hold_two_objects(index: list[dict[str, Any]]) -> None:
    assert len(index) == len(export.SHIPPED) >= 12
    assert sum(len(entry["objects"]) == 2 for entry in index) >= 5
    assert len(index[0]["objects"]) == 2
    files = {path.name for path in library.scenes_folder().glob("*.png")}
    assert files == {entry["file"] for entry in index}


def test_that_exporting_again_writes_the_same_index_and_names(tmp_path: Path) -> None:
    export.main(["--output", str(tmp_path)])
    shipped = library.sample_folder()
    for name in ("sample_classes.txt", "sample.cnnviz-network.json", "scenes/index.json"):
        assert (tmp_path / name).read_text(encoding="utf-8") == (shipped / name).read_text(encoding="utf-8")


def test_that_the_description_names_files_that_are_there_and_fit_the_network() -> None:
    path = library.network_description()
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["format"] == 1
    names = (path.parent / content["class_names"]).read_text(encoding="utf-8").splitlines()
    assert tuple(names) == CLASS_NAMES
    assert content["architecture"]["arguments"] == {"num_classes": len(names)}
    weights = path.parent / content["weights"]
    assert weights.stat().st_size <= 4_000_000
    assert all(tensor.isfinite().all() for tensor in load_file(weights).values())


def test_that_the_network_knows_single_objects(network: SampleNetwork) -> None:
    accuracy, confidence = accuracy_on_one(network, range(FRESH_SEED, FRESH_SEED + 200))
    assert accuracy >= 0.95
    assert confidence >= 0.9


def test_that_the_network_puts_both_of_two_objects_on_top(network: SampleNetwork) -> None:
    assert both_on_top(network, range(FRESH_SEED + 1000, FRESH_SEED + 1200)) >= 0.8


@pytest.mark.parametrize("number", SCENES)
def test_that_the_network_is_right_about_the_shipped_scenes(
    number: int, network: SampleNetwork, index: list[dict[str, Any]]
) -> None:
    """The classes in the scene are on top, and the heat map of each is hottest on its object."""
    entry = index[number - 1]
    image = read(entry["file"])
    classes = [CLASS_NAMES.index(item["class"]) for item in entry["objects"]]
    best = logits_of(network, image[None])[0].topk(len(classes)).indices.tolist()
    assert set(best) == set(classes)
    for item, heat in zip(entry["objects"], grad_cam(network, image, classes), strict=True):
        assert read(item["mask"]).flat[int(heat.argmax())] == 255


def test_that_scenes_and_paths_need_no_torch() -> None:
    code = (
        "import sys\n"
        "from cnnviz_desktop.samples import export, library, scenes\n"
        "scenes.render(0)\n"
        "assert library.network_description().is_file()\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
