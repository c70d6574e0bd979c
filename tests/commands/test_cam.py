"""``cnnviz cam`` on real networks: the sample, and one that asks for consent."""

import json
import shlex
import shutil
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from safetensors.torch import load_file
from torch.nn.functional import interpolate

from cnnviz_desktop import cli
from cnnviz_desktop.commands import cam
from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.resources import resource_path
from cnnviz_desktop.engine.images import read_picture
from cnnviz_desktop.engine.inputs import prepare
from cnnviz_desktop.samples.network import build
from tests.commands.made import NETWORK, layers, manifest_of
from tests.engine.networks.checkpoints.saving import SIDE, save_torchscript, small


def grad_cam_by_hand(photo: str, class_index: int) -> np.ndarray:
    """Grad-CAM of the last ReLU by the formula, on the picture as torchvision would prepare it."""
    with Image.open(photo) as image:
        pixels = np.asarray(image.resize((32, 24), Image.Resampling.BILINEAR), dtype=np.float32)
    batch = torch.from_numpy((pixels / 255 - 0.5) / 0.25).permute(2, 0, 1)[None]
    module = layers()
    maps = module[:4](batch)
    (gradient,) = torch.autograd.grad(module[4:](maps)[0, class_index], maps)
    cam: np.ndarray = (gradient.mean(dim=(2, 3), keepdim=True) * maps).sum(dim=1)[0].detach().numpy()
    return cam


def test_that_a_users_network_gives_the_map_of_the_formula(
    tmp_path: Path, network: str, photo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    monkeypatch.chdir(Path(network).parent)
    relative = Path(network).name
    command = ["cam", photo, "--network", relative, "--trust", "--target-layer", "3", "--target-class", "dog"]
    assert cli.main([*command, "--output", str(out)]) == 0
    raw = grad_cam_by_hand(photo, 1)
    with np.load(out / "dog_gradcam.npz") as arrays:
        np.testing.assert_allclose(arrays["cam"], raw, atol=1e-6)
        scaled = interpolate(torch.from_numpy(np.maximum(raw, 0))[None, None], (24, 32), mode="bilinear")[0, 0]
        scaled = (scaled - scaled.min()) / (scaled.max() - scaled.min())
        np.testing.assert_allclose(arrays["cam_input"], scaled.numpy(), atol=1e-4)
        assert int(arrays["class_index"]) == 1
        assert str(arrays["layer"]) == "3"
    with Image.open(out / "dog_gradcam_cam.png") as image:
        assert image.size == (96, 48)
    (result,) = manifest_of(out)["results"]
    assert (result["image"], result["class_name"], result["layer"]) == (photo, "dog", "3")
    assert manifest_of(out)["requests"][0]["network"] == network


def test_that_the_map_over_the_input_is_what_pytorch_grad_cam_returns(tmp_path: Path) -> None:
    command = ["cam", "sample:scene_01", "--target-class", "2", "--device", "cpu"]
    assert cli.main([*command, "--output", str(tmp_path)]) == 0
    description = json.loads(resource_path("sample", "sample.cnnviz-network.json").read_bytes())
    module = build(**description["architecture"]["arguments"])
    module.load_state_dict(load_file(resource_path("sample", description["weights"])))
    module.eval()
    preprocessing = msgspec.convert(description["preprocessing"], Preprocessing)
    batch = prepare(read_picture("sample:scene_01"), preprocessing).tensor
    with np.load(tmp_path / "scene_01_gradcam.npz") as arrays:
        with GradCAM(model=module, target_layers=[module.get_submodule(str(arrays["layer"]))]) as method:
            expected = method(input_tensor=batch, targets=[ClassifierOutputTarget(2)])[0]
        np.testing.assert_allclose(arrays["cam_input"], expected, atol=1e-5)


def test_that_a_python_file_runs_only_after_consent(
    tmp_path: Path, network: str, photo: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["cam", photo, "--network", network, "--output", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert "net.py is a Python program" in said
    assert "--trust" in said
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_that_weights_that_do_not_fit_are_a_table_and_can_be_allowed_by_name(
    tmp_path: Path, network: str, photo: str, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = Path(network).with_name("net.pth")
    state = torch.load(weights)
    state["6.bias"] = torch.zeros(5)
    torch.save(state, weights)
    command = ["cam", photo, "--network", network, "--trust", "--output", str(tmp_path / "out")]
    assert cli.main(command) == 2
    said = capsys.readouterr().err
    assert any(line.split()[:2] == ["6.bias", "shape"] for line in said.splitlines())
    assert "--allow-key" in said
    assert cli.main([*command, "--allow-key", "6.bias"]) == 0


def test_that_bad_images_do_not_lose_the_others(tmp_path: Path, photo: str, capsys: pytest.CaptureFixture[str]) -> None:
    broken, text = tmp_path / "broken.png", tmp_path / "letter.txt"
    broken.write_bytes(Path(photo).read_bytes()[:900])
    text.write_text("no picture", encoding="utf-8")
    bad = [str(broken), str(text), str(tmp_path / "missing.jpg")]
    images = [bad[0], photo, *bad[1:], "sample:scene_02"]
    assert cli.main(["cam", *images, "--output", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    manifest = manifest_of(tmp_path / "out")
    assert [result["image"] for result in manifest["results"]] == [photo, "sample:scene_02"]
    assert [problem["image"] for problem in manifest["problems"]] == [
        str(broken),
        str(text),
        str(tmp_path / "missing.jpg"),
    ]
    for problem in manifest["problems"]:
        assert said.count(problem["message"]) == said.count(problem["image"]) == 1  # the message names it already
    assert all((tmp_path / "out" / name).is_file() for one in manifest["results"] for name in one["files"].values())


def test_that_folders_give_their_images_and_same_names_stay_apart(tmp_path: Path, photo: str) -> None:
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(photo, other / "dog.png")
    shutil.copy(photo, other / ".hidden.png")
    (other / "notes.txt").write_text("not an image", encoding="utf-8")
    folders = [str(Path(photo).parent), str(other), photo]
    assert cli.main(["cam", *folders, "--output", str(tmp_path / "out")]) == 0
    results = manifest_of(tmp_path / "out")["results"]
    assert [result["files"]["arrays"] for result in results] == ["dog_gradcam.npz", "dog_2_gradcam.npz"]


def test_that_several_layers_and_classes_are_all_written(tmp_path: Path, photo: str) -> None:
    command = ["cam", photo, "--target-layer", "stage1.0", "--target-layer", "stage3.1", "--target-class", "tree"]
    assert cli.main([*command, "--target-class", "2", "-o", str(tmp_path / "out")]) == 0
    results = manifest_of(tmp_path / "out")["results"]
    assert len({(result["layer"], result["class_index"]) for result in results}) == 4
    assert {result["layer"] for result in results} == {"stage1.0", "stage3.1"}
    for result in results:
        stem = f"dog_gradcam_{result['layer']}_{result['class_name']}"
        names = {"cam": "_cam.png", "gb": "_gb.png", "cam_gb": "_cam_gb.png", "arrays": ".npz"}
        assert result["files"] == {kind: f"{stem}{name}" for kind, name in names.items()}
        with np.load(tmp_path / "out" / f"{stem}.npz") as arrays:
            assert int(arrays["class_index"]) == result["class_index"]


def test_that_folders_without_images_and_names_that_are_not_unicode_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert cli.main(["cam", str(tmp_path / "empty"), "dog\udcff.png", "--output", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert f"There is no image in the folder {tmp_path / 'empty'}." in said
    assert r"'dog\udcff.png': its name is not Unicode" in said
    assert not (tmp_path / "out").exists()


def test_that_an_empty_name_is_not_the_working_folder(
    tmp_path: Path, photo: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(Path(photo).parent)
    assert cli.main(["cam", "", "--output", str(tmp_path / "maps")]) == 2
    assert "The name of an image is empty." in capsys.readouterr().err
    assert not (tmp_path / "maps").exists()


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [("--target-class", "99", "99"), ("--target-class", "unicorn", "unicorn"), ("--target-class", "-1", "-1"),
     ("--target-layer", "nowhere", "nowhere"), ("--target-layer", "stge3.1", "Did you mean stage3.1?"),
     ("--target-class", "--5", "--5"), ("--target-layer", "head", "head")],
)  # fmt: skip
def test_that_a_class_or_layer_that_is_not_there_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, value: str, words: str
) -> None:
    assert cli.main(["cam", "sample:scene_01", f"{option}={value}", "--output", str(tmp_path)]) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("cnnviz: ")
    assert words in said
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("method", "words"),
    [("Grad-CAM", "Did you mean gradcam?"), ("scorcam", "Did you mean scorecam?"),
     ("feature_maps", "Ask cnnviz run for feature_maps"), ("magic wand", "of cnnviz list methods")],
)  # fmt: skip
def test_that_a_method_that_is_not_there_is_told_with_the_one_that_was_meant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], method: str, words: str
) -> None:
    assert cli.main(["cam", "sample:scene_01", "--method", method, "--output", str(tmp_path)]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert f"“{method}” is no method" in said
    assert words in said


def test_that_the_files_are_told_briefly_and_all_counted_at_the_end(
    tmp_path: Path, photo: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["cam", photo, str(tmp_path / "missing.png"), "--output", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err.splitlines()
    assert any("→ dog_gradcam_cam.png, …_gb.png, …_cam_gb.png, ….npz: " in line for line in said)
    assert said[-1] == f"1 result in {tmp_path / 'out'}; 1 problem, told above and in manifest.json."


def test_that_an_output_folder_that_cannot_be_is_one_sentence(
    tmp_path: Path, photo: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["cam", photo, "--output", photo]) == 2
    assert capsys.readouterr().err == (
        f"cnnviz: {photo} cannot be a folder, because {photo} is a file. Name another folder.\n"
    )


def test_that_what_the_readme_and_the_help_ask_of_the_sample_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = f"{(Path(__file__).parents[2] / 'README.md').read_text('utf-8')}\n{cam._EXAMPLES}\n{cli._EPILOG}"
    lines = {line.strip() for line in shown.splitlines() if "cnnviz cam sample:" in line}
    assert len(lines) >= 5
    for line in lines:
        words = shlex.split(line, comments=True)[1:]
        assert cli.main(words) == 0
        results = manifest_of(tmp_path / words[words.index("--output") + 1])["results"]
        assert {result["method"] for result in results} == {
            word for option, word in pairwise(words) if option == "--method"
        }.union(() if "--method" in words else ("gradcam",))
        assert "star" not in words or results[0]["class_name"] == "star"


def test_that_json_on_stdout_is_the_manifest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["cam", "sample:scene_01", "--json", "--output", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out) == manifest_of(tmp_path)


def test_that_a_torchscript_program_is_explained_by_what_needs_no_layer(
    tmp_path: Path, photo: str, capsys: pytest.CaptureFixture[str]
) -> None:
    program = save_torchscript(small(), tmp_path / "small.pt", traced=True)
    command = ["cam", photo, "--network", str(program), "--trust", "--size", f"{SIDE}x{SIDE}"]
    assert cli.main([*command, "--output", str(tmp_path / "out")]) == 0
    assert [each["method"] for each in manifest_of(tmp_path / "out")["results"]] == ["saliency"]
    assert "Saliency explains it in its place" in "".join(capsys.readouterr())
    assert cli.main([*command, "--method", "gradcam", "--output", str(tmp_path / "as asked")]) == 2


def test_that_what_is_known_of_the_network_is_told_once_and_not_with_every_image(
    tmp_path: Path, network: str, photo: str, capsys: pytest.CaptureFixture[str]
) -> None:
    named = "class Named(nn.Sequential):\n    def forward(self, x):\n        return {'logits': super().forward(x)}\n\n"
    source = NETWORK.replace("def build", f"{named}def build").replace("return nn.Sequential(", "return Named(")
    (Path(network).parent / "net.py").write_text(source, encoding="utf-8")
    for copy in ("two.png", "three.png"):  # one size: they go through the network together
        shutil.copy(photo, Path(photo).with_name(copy))
    command = ["cam", str(Path(photo).parent), "--network", network, "--trust", "--output", str(tmp_path / "out")]
    assert cli.main(command) == 0
    told = "The network returns a dict of 1 tensor (1×3); its “logits” was taken as the class scores."
    said = capsys.readouterr().err
    assert said.count("was taken as the class scores") == said.count(told) == 1
    maps = [each for each in manifest_of(tmp_path / "out")["results"] if each["method"] == "gradcam"]
    assert [each["notes"].count(told) for each in maps] == [1, 1, 1]
