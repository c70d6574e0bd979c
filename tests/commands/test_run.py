"""``cnnviz run``: requests and manifests answered again."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cnnviz_desktop import cli
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.resources import resource_path
from tests.commands.made import layers, manifest_of


def test_that_a_manifest_can_be_run_again_from_anywhere(
    tmp_path: Path, photo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, again = tmp_path / "first", tmp_path / "again"
    monkeypatch.chdir(Path(photo).parent)
    assert cli.main(["cam", "dog.png", "--target-class", "0", "--output", str(first)]) == 0
    assert manifest_of(first)["results"][0]["image"] == "dog.png"
    monkeypatch.chdir(tmp_path)
    assert cli.main(["run", str(first / "manifest.json"), "--output", str(again)]) == 0
    for name in ("dog_gradcam.npz", "dog_gradcam_cam.png"):
        assert (again / name).read_bytes() == (first / name).read_bytes()


def test_that_weights_and_images_that_have_changed_are_told_when_a_manifest_is_run_again(
    tmp_path: Path, network: str, photo: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    command = ["cam", "photos/dog.png", "sample:scene_02", "--network", network, "--trust", "--output", "first"]
    assert cli.main(command) == 0
    command = ["run", "first/manifest.json", "--trust", "--output", "again"]
    assert cli.main(command) == 0
    assert " of the manifest" not in capsys.readouterr().err
    shutil.copy(resource_path("sample", "scenes", "scene_01.png"), photo)
    assert cli.main(command) == 0
    (said,) = (line for line in capsys.readouterr().err.splitlines() if " of the manifest" in line)
    assert said.startswith(f"{photo} is not the image of the manifest: SHA-256 ")
    assert manifest_of(tmp_path / "again")["results"][0]["image_sha256"][:16] in said
    state = {name: tensor + 1 for name, tensor in layers().state_dict().items()}
    torch.save(state, Path(network).with_name("net.pth"))
    assert cli.main(command) == 0
    said = capsys.readouterr().err
    assert "The weights are not those of the manifest" in said
    assert manifest_of(tmp_path / "first")["network"]["weights_sha256"][:16] in said


def test_that_a_manifest_of_a_network_with_a_python_file_needs_consent_again(
    tmp_path: Path, network: str, photo: str, capsys: pytest.CaptureFixture[str]
) -> None:
    first, again = tmp_path / "first", tmp_path / "again"
    assert cli.main(["cam", photo, "--network", network, "--trust", "--output", str(first)]) == 0
    capsys.readouterr()
    command = ["run", str(first / "manifest.json"), "--output", str(again)]
    assert cli.main(command) == 2
    assert capsys.readouterr().err.endswith("add --trust.\n")
    assert not again.exists()
    assert cli.main([*command, "--trust"]) == 0


def test_that_results_tell_their_seed_where_requests_differ_in_it(tmp_path: Path) -> None:
    request = {"method": "picture", "images": ["sample:scene_01"]}
    for seeds, told in (((4, 4), [None, None]), ((4, 5), [4, 5])):
        requests = [{**request, "seed": seed} for seed in seeds]
        (tmp_path / "requests.json").write_text(json.dumps({"requests": requests}), encoding="utf-8")
        assert cli.main(["run", str(tmp_path / "requests.json"), "--output", str(tmp_path / "out")]) == 0
        manifest = manifest_of(tmp_path / "out")
        assert manifest["seed"] == 4
        assert [result.get("seed") for result in manifest["results"]] == told


def test_that_torchvision_is_in_the_versions_where_it_was_used(tmp_path: Path) -> None:
    script = "import sys; from cnnviz_desktop.cli import main; sys.exit(main(sys.argv[1:]))"
    for network, used in (("sample", False), ("torchvision:squeezenet1_1@random", True)):
        request = Request(method="outline", network=network)
        (tmp_path / "request.json").write_text(request.to_json(), encoding="utf-8")
        command = [sys.executable, "-c", script, "run", str(tmp_path / "request.json"), "--output", str(tmp_path / "o")]
        subprocess.run(command, check=True, capture_output=True)
        assert ("torchvision" in manifest_of(tmp_path / "o")["versions"]) == used


def test_that_every_method_of_a_request_is_written(tmp_path: Path, photo: str) -> None:
    for method in ("feature_maps", "predictions", "kernels", "picture", "outline"):
        (tmp_path / "request.json").write_text(Request(method=method, images=(photo,)).to_json(), encoding="utf-8")
        out = tmp_path / method
        assert cli.main(["run", str(tmp_path / "request.json"), "--output", str(out)]) == 0
        (result,) = manifest_of(out)["results"]
        assert result["method"] == method
        assert all((out / name).stat().st_size > 0 for name in result["files"].values())


def test_that_results_beside_the_images_and_the_request_leave_both_as_they_are(
    photo: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, before = Path(photo).parent, Path(photo).read_bytes()
    (folder / "request.json").write_text(Request(method="picture", images=(photo,)).to_json(), encoding="utf-8")
    command = ["run", str(folder / "request.json"), "--output", str(folder)]
    assert cli.main(command) == 0
    assert Path(photo).read_bytes() == before
    with Image.open(folder / "dog_picture.png") as written, Image.open(photo) as read:
        assert (np.asarray(written) == np.asarray(read)).all()
    manifest = (folder / "manifest.json").read_bytes()
    assert cli.main(["run", str(folder / "manifest.json"), "--output", str(folder)]) == 2
    assert "would be overwritten" in capsys.readouterr().err
    assert (folder / "manifest.json").read_bytes() == manifest


@pytest.mark.parametrize(
    ("content", "words"),
    [("{}", "neither a request nor a manifest"), ("no json", "neither a request nor a manifest"),
     ('{"requests": []}', "has no requests"), ('{"method": "gradcam", "imagse": []}', "imagse"),
     ('{"method": "gradcam"}', "needs an image"), ('{"method": "picture", "images": ["a\\u0000b"]}', "cannot be read"),
     ('{"requests": [{"method": "kernels"}, {"method": "kernels", "device": "cpu"}]}', "not all on one network"),
     ('{"method": "magic"}', "no method “magic”")],
)  # fmt: skip
def test_that_a_file_that_is_no_request_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, words: str
) -> None:
    (tmp_path / "request.json").write_text(content, encoding="utf-8")
    assert cli.main(["run", str(tmp_path / "request.json"), "--output", str(tmp_path / "out")]) == 2
    assert words in capsys.readouterr().err
    assert cli.main(["run", str(tmp_path / "missing.json"), "--output", str(tmp_path / "out")]) == 2
    assert "cannot be read" in capsys.readouterr().err
