"""What the options of ``cnnviz cam`` ask for, and what is refused before a network is opened."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from cnnviz_desktop import cli
from cnnviz_desktop.core.resources import resource_path
from tests.commands.made import layers, manifest_of

STARS = ["cam", "sample:scene_01", "--target-class", "star"]


def results(folder: Path) -> dict[str, dict[str, Any]]:
    """The manifest's results by the name of their archive."""
    return {result["files"]["arrays"]: result for result in manifest_of(folder)["results"]}


def arrays(folder: Path, name: str) -> dict[str, np.ndarray]:
    with np.load(folder / name) as archive:
        return dict(archive)


def test_that_methods_share_a_request_and_their_guided_gradients(tmp_path: Path) -> None:
    maps, alone = tmp_path / "maps", tmp_path / "alone"
    methods = ["--method", "gradcam", "--method", "layercam", "--method", "saliency"]
    assert cli.main([*STARS, *methods, "--output", str(maps)]) == 0
    assert cli.main([*STARS, "--method", "guided_backprop", "--output", str(alone)]) == 0
    (request,) = manifest_of(maps)["requests"]
    assert [request["method"], *request["also"]] == ["gradcam", "guided_backprop", "layercam", "saliency"]
    assert sorted(results(maps)) == ["scene_01_gradcam.npz", "scene_01_layercam.npz", "scene_01_saliency.npz"]
    guided = arrays(alone, "scene_01_guided_backprop.npz")["gradient"]
    assert guided.min() < 0 < guided.max()
    for name in ("scene_01_gradcam.npz", "scene_01_layercam.npz"):
        np.testing.assert_allclose(arrays(maps, name)["gb"], guided, atol=1e-6)


def test_that_guided_backpropagation_asked_for_has_files_of_its_own_too(tmp_path: Path) -> None:
    assert cli.main([*STARS, "--method", "guided_backprop", "--method", "gradcam", "--output", str(tmp_path)]) == 0
    assert {name: set(result["files"]) for name, result in results(tmp_path).items()} == {
        "scene_01_gradcam.npz": {"cam", "gb", "cam_gb", "arrays"},
        "scene_01_guided_backprop.npz": {"rgb", "max", "arrays"},
    }


def test_that_classes_of_one_name_have_files_and_guided_gradients_of_their_own(
    tmp_path: Path, network: str, photo: str
) -> None:
    Path(network).with_name("classes.txt").write_text("crane\ncrane\nbird", encoding="utf-8")
    command = ["cam", photo, "--network", network, "--trust", "--method", "gradcam", "--target-layer", "1"]
    names = ("dog_gradcam_1_crane", "dog_gradcam_1_crane_2")
    assert cli.main([*command, "--target-class", "0", "--target-class", "1", "-o", str(tmp_path / "both")]) == 0
    found = results(tmp_path / "both")
    assert [(name, result["class_index"]) for name, result in found.items()] == [
        (f"{name}.npz", index) for index, name in enumerate(names)
    ]
    files = [file for result in manifest_of(tmp_path / "both")["results"] for file in result["files"].values()]
    assert len(set(files)) == 8
    for index in range(2):
        assert cli.main([*command, "--target-class", str(index), "-o", str(tmp_path / str(index))]) == 0
        alone = arrays(tmp_path / str(index), "dog_gradcam.npz")
        together = arrays(tmp_path / "both", f"{names[index]}.npz")
        np.testing.assert_allclose(together["cam"], alone["cam"], atol=1e-6)
        np.testing.assert_allclose(together["gb"], alone["gb"], atol=1e-6)
    assert not np.allclose(together["gb"], arrays(tmp_path / "both", f"{names[0]}.npz")["gb"])


def test_that_no_file_of_a_result_is_written_over_another(tmp_path: Path, photo: str) -> None:
    other = Path(photo).with_name("dog_gradcam.png")  # with CAM its guided map would be that of dog.png with Grad-CAM
    other.write_bytes(Path(resource_path("sample", "scenes", "scene_01.png")).read_bytes())
    assert cli.main(["cam", photo, str(other), "--method", "gradcam", "--method", "cam", "-o", str(tmp_path)]) == 0
    files = [file for result in manifest_of(tmp_path)["results"] for file in result["files"].values()]
    assert len(files) == len(set(files)) == 4 * 4


def test_that_no_gb_leaves_the_map_alone(tmp_path: Path) -> None:
    assert cli.main([*STARS, "--no-gb", "--output", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        "manifest.json",
        "scene_01_gradcam_cam.png",
        "scene_01_gradcam.npz",
    }
    assert "gb" not in arrays(tmp_path, "scene_01_gradcam.npz")


def test_that_a_method_that_does_not_apply_costs_the_others_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], network: str, photo: str
) -> None:
    description = json.loads(Path(network).read_bytes())
    (Path(network).parent / "net.py").write_text(
        "from torch import nn\n\n\ndef build():\n"
        "    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(2640, 3))\n"
    )
    del description["weights"]
    Path(network).write_text(json.dumps(description))
    command = ["cam", photo, "sample:scene_02", "--network", network, "--trust", "--method", "cam", "--method"]
    assert cli.main([*command, "hirescam", "--output", str(tmp_path / "out")]) == 2
    assert sorted(results(tmp_path / "out")) == ["dog_hirescam.npz", "scene_02_hirescam.npz"]
    problems = manifest_of(tmp_path / "out")["problems"]
    assert [(problem["image"], problem["method"]) for problem in problems] == [
        (photo, "cam"),
        ("sample:scene_02", "cam"),
    ]
    assert capsys.readouterr().err.count(problems[0]["message"]) == 1


def test_that_one_class_less_another_and_probabilities_are_what_is_explained(tmp_path: Path) -> None:
    for name, options in {"star": [], "less": ["--minus-class", "umbrella"], "share": ["--probability"]}.items():
        assert cli.main([*STARS, *options, "--output", str(tmp_path / name)]) == 0
    assert cli.main(["cam", "sample:scene_01", "--target-class", "umbrella", "-o", str(tmp_path / "umbrella")]) == 0
    star, umbrella, less, share = (
        arrays(tmp_path / name, "scene_01_gradcam.npz") for name in ("star", "umbrella", "less", "share")
    )
    np.testing.assert_allclose(less["cam"], star["cam"] - umbrella["cam"], atol=1e-5)  # Grad-CAM is linear in S
    assert float(less["score"]) == pytest.approx(float(star["score"]) - float(umbrella["score"]), abs=1e-4)
    assert str(less["target"]) == "star − umbrella"
    assert float(share["score"]) == pytest.approx(float(star["probability"]), abs=1e-6)
    (entry,) = results(tmp_path / "less").values()
    assert (entry["target"], entry["class_name"]) == ("star − umbrella", "star")


def test_that_units_and_regions_are_explained_on_a_network_without_class_scores(
    tmp_path: Path, network: str, photo: str
) -> None:
    (Path(network).parent / "net.py").write_text(
        "from torch import nn\n\n\ndef build():\n"
        "    return nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(), nn.Conv2d(6, 4, 3, padding=1), nn.ReLU())\n"
    )
    torch.save(
        {key: value for key, value in layers().state_dict().items() if key[0] in "02"},
        Path(network).with_name("net.pth"),
    )
    command = ["cam", photo, "--network", network, "--trust", "--target-layer", "1", "--method", "hirescam"]
    targets = ["--target-unit", "3#2", "--target-unit", "3#2@4,7", "--target-region", "3#2@0,0,96,48"]
    assert cli.main([*command, *targets, "--target-region", "3@0,0,48,48", "-o", str(tmp_path / "out")]) == 0
    found = results(tmp_path / "out")
    scores = {entry["target"]: entry["score"] for entry in found.values()}
    assert len(found) == len(scores) == 4
    mean, unit, whole, _ = scores.values()
    assert isinstance(mean, float)
    assert whole == pytest.approx(mean * 24 * 32, rel=1e-4)
    assert unit != pytest.approx(mean)
    assert "dog_hirescam_1_3-channel-2-unit-4-7.npz" in found


def test_that_parameters_reach_the_methods_that_have_them_and_the_manifest(tmp_path: Path) -> None:
    options = ["--method", "gradcam", "--method", "smoothgrad", "--method", "kpcacam", "--aug-smooth", "--chunk", "3"]
    options += ["--set", "samples=4", "--set", "noise=0.5", "--set", "kernel=rbf", "--seed", "5"]
    assert cli.main([*STARS, *options, "--output", str(tmp_path)]) == 0
    entries = {str(entry["method"]): entry.get("parameters") for entry in results(tmp_path).values()}
    assert entries["smoothgrad"] == {"samples": 4, "noise": 0.5, "chunk": 3, "precision": "full"}
    assert entries["gradcam"] == {"fuse": "none", "aug_smooth": True, "eigen_smooth": False}
    assert isinstance(entries["kpcacam"], dict)
    assert (entries["kpcacam"]["kernel"], entries["kpcacam"]["aug_smooth"]) == ("rbf", True)
    assert manifest_of(tmp_path)["seed"] == 5


def test_that_fused_layers_are_one_map(tmp_path: Path) -> None:
    options = ["--target-layer", "stage2.1", "--target-layer", "stage3.1", "--fuse", "max"]
    assert cli.main([*STARS, *options, "--output", str(tmp_path)]) == 0
    (entry,) = results(tmp_path).values()
    assert entry["layer"] == "stage2.1 + stage3.1"
    assert (tmp_path / "scene_01_gradcam.npz").is_file()


def test_that_a_manifest_with_every_kind_of_request_is_run_again_to_the_same_bytes(tmp_path: Path) -> None:
    first, again = tmp_path / "first", tmp_path / "again"
    options = ["--method", "gradcam", "--method", "smoothgrad", "--method", "guided_backprop", "--set", "samples=3"]
    options += ["--target-unit", "stage3.1#5", "--target-region", "stage3.1@10,10,60,60", "--minus-class", "umbrella"]
    assert cli.main([*STARS, "sample:scene_02", *options, "--seed", "9", "--output", str(first)]) == 0
    assert cli.main(["run", str(first / "manifest.json"), "--output", str(again)]) == 0
    names = {path.name for path in first.iterdir()} - {"manifest.json"}
    assert len(names) == 2 * 3 * (4 + 3 + 3)
    for name in names:
        assert (again / name).read_bytes() == (first / name).read_bytes(), name
    assert manifest_of(again)["requests"] == manifest_of(first)["requests"]


def test_that_a_later_call_into_the_folder_leaves_every_manifest_true(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("star", "umbrella", "star"):
        assert cli.main(["cam", "sample:scene_01", "--target-class", name, "--output", str(tmp_path)]) == 0
        assert ("of an earlier run" in capsys.readouterr().err) == (name == "umbrella")
    manifests = [json.loads(path.read_bytes()) for path in tmp_path.glob("manifest*.json")]
    entries = [entry for manifest in manifests for entry in manifest["results"]]
    assert [entry["class_name"] for entry in entries].count("star") == 2
    assert len({entry["files"]["cam"] for entry in entries}) == 2
    for entry in entries:
        found = arrays(tmp_path, entry["files"]["arrays"])
        assert (str(found["target"]), float(found["score"])) == (entry["class_name"], entry["score"])


MISTAKES = {
    ("--set", "samples=3"): "Grad-CAM has no parameter “samples”",
    ("--set", "samples"): "write KEY=VALUE",
    ("--method", "smoothgrad", "--set", "samples=few"): "cnnviz: samples: 'few' is not a whole number",
    ("--method", "smoothgrad", "--set", "sample=5"): "it has samples, noise, chunk, precision. Did you mean samples?",
    (
        "--method",
        "smoothgrad",
        "--method",
        "fem",
        "--set",
        "sample=5",
    ): "None of SmoothGrad, FEM has a parameter “sample”; they have samples, noise, ",
    ("--method", "smoothgrad", "--chunk", "-4"): "cnnviz: --chunk: -4 is not between 0 and 4096",
    ("--method", "smoothgrad", "--set", "noise=-1"): "-1.0 is not between 0 and 10",
    ("--set", "eigen_smooth=perhaps"): "not a yes or no",
    ("--set", "fuse=most"): "“most” is none of none, mean, max",
    ("--chunk", "4"): "Grad-CAM has no parameter “chunk”",
    ("--target-class", ""): "give its number or its name",
    ("--target-class", "-2"): "counted from 0",
    ("--target-unit", "layer3"): "“layer3” is no unit",
    ("--target-unit", "layer3#2@4"): "LAYER#CHANNEL@ROW,COLUMN",
    ("--target-region", "layer3@9,9,4,12"): "empty region",
    ("--target-region", "layer3"): "“layer3” is no region",
    ("--target-layer", "a:b:c"): "“a:b:c” is not a layer",
    ("missing.png",): "There is no file",
    ("--network", "missing.cnnviz-network.json"): "missing.cnnviz-network.json cannot be read: No such file",
    ("--network", "weights.pth"): "There is no weights file",
}


def test_that_simple_mistakes_are_told_before_pytorch_is_loaded_and_leave_no_folder(tmp_path: Path) -> None:
    script = (
        "import json, sys\n"
        "from cnnviz_desktop.cli import main\n"
        "codes = [main(command) for command in json.loads(sys.stdin.read())]\n"
        "print(json.dumps([codes, 'torch' in sys.modules]))\n"
    )
    request = tmp_path / "request.json"
    request.write_text('{"method": "gradcam", "images": ["sample:scene_01"], "parameters": {"alpha": 2}}')
    out = ["--output", str(tmp_path / "far" / "out")]
    commands = [
        ["cam", *(() if words == ("missing.png",) else ("sample:scene_01",)), *words, *out] for words in MISTAKES
    ]
    commands.append(["run", str(request), *out])
    done = subprocess.run(
        [sys.executable, "-c", script], input=json.dumps(commands), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [[2] * len(commands), False]
    said = [line for line in done.stderr.splitlines() if line]
    for line, words in zip(said, [*MISTAKES.values(), "has no parameter “alpha”"], strict=True):
        assert line.startswith("cnnviz: ")
        assert words in line
    assert not (tmp_path / "far").exists()


def test_that_a_network_that_refuses_leaves_no_empty_folder(tmp_path: Path, network: str, photo: str) -> None:
    assert cli.main(["cam", photo, "--network", network, "--output", str(tmp_path / "out")]) == 2  # no consent
    assert cli.main(["cam", "sample:scene_01", "--target-class", "unicorn", "--output", str(tmp_path / "out")]) == 2
    assert not (tmp_path / "out").exists()


def test_that_images_of_which_none_gives_anything_leave_no_folder(
    tmp_path: Path, photo: str, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(Path(photo).read_bytes()[:900])
    outside = ["--target-region", "stage3@900,900,950,950"]
    for words in ([str(broken)], [str(broken), photo, *outside]):
        assert cli.main(["cam", *words, "--output", str(tmp_path / "out")]) == 2
        problems = "1 problem" if words[1:] == [] else "2 problems"
        assert capsys.readouterr().err.splitlines()[-1] == f"Nothing was written: {problems}, told above."
        assert not (tmp_path / "out").exists()
