"""A checkpoint that was trained for two steps, opened by its architecture, against Grad-CAM by its formula."""

import argparse
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn
from torchvision import models
from torchvision.transforms import v2

from cnnviz_desktop import cli

CLASSES = ("bee", "ant")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, nn.Module]:
    """What a training script of two steps saves, and the network that it trained."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        module = models.resnet18(num_classes=2)
        optimizer = torch.optim.SGD(module.parameters(), lr=0.01, momentum=0.9)
        for _ in range(2):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(module(torch.randn(4, 3, 64, 64)), torch.tensor([0, 1, 0, 1]))
            torch.autograd.backward(loss)
            optimizer.step()
    path = tmp_path_factory.mktemp("training") / "best.pth"
    content = {
        "epoch": 2,
        "arch": "resnet18",
        "state_dict": nn.DataParallel(module).state_dict(),
        "best_acc1": np.float64(61.25),
        "optimizer": optimizer.state_dict(),
        "args": argparse.Namespace(lr=0.01, data=Path("/data")),
        "classes": list(CLASSES),
    }
    torch.save(content, path)
    return path, module.eval()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"  # its short side is the recipe's, so that nothing is resampled
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (256, 320, 3), dtype=np.uint8)).save(path)
    return path


def _gradcam(module: nn.Module, photo: Path, class_index: int) -> Tensor:
    """Grad-CAM of layer4 by the formula, on the picture as torchvision's own recipe prepares it."""
    recipe = models.ResNet18_Weights.IMAGENET1K_V1.transforms()
    with Image.open(photo) as image:
        batch = recipe(v2.functional.pil_to_tensor(image))[None]
    trunk = ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4")
    maps = nn.Sequential(*map(module.get_submodule, trunk))(batch)
    (gradient,) = torch.autograd.grad(module.get_submodule("fc")(maps.mean(dim=(2, 3)))[0, class_index], maps)
    cam: Tensor = (gradient.mean(dim=(2, 3), keepdim=True) * maps).sum(dim=1)[0].detach()
    return cam


@pytest.mark.parametrize("counted", [("--num-classes", "2"), ()])
def test_that_the_map_of_a_trained_checkpoint_is_that_of_the_formula(
    tmp_path: Path, trained: tuple[Path, nn.Module], photo: Path, counted: tuple[str, ...]
) -> None:
    path, module = trained
    command = ["cam", str(photo), "--arch", "resnet18", "--ckpt", str(path), *counted, "--target-layer", "layer4"]
    out = tmp_path / "out"
    assert cli.main([*command, "--target-class", "ant", "--no-gb", "--device", "cpu", "--output", str(out)]) == 0
    expected = _gradcam(module, photo, 1).numpy()
    with np.load(out / "photo_gradcam.npz") as arrays:
        scale = np.abs(expected).max()
        np.testing.assert_allclose(arrays["cam"] / scale, expected / scale, atol=1e-4)
        assert str(arrays["layer"]) == "layer4"
    manifest = json.loads((out / "manifest.json").read_bytes())
    assert manifest["requests"][0]["network"]["name"] == "resnet18 · best.pth"


def test_that_another_number_of_classes_is_refused_with_the_one_that_the_file_has(
    tmp_path: Path, trained: tuple[Path, nn.Module], photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["cam", str(photo), "--arch", "resnet18", "--ckpt", str(trained[0]), "--num-classes", "5"]
    assert cli.main([*command, "--output", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert "for 2 classes, and 5 were asked for" in said
    assert "fc.weight" in said
    assert not (tmp_path / "out").exists()


def test_that_the_file_itself_tells_which_network_it_belongs_to(
    trained: tuple[Path, nn.Module], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["list", "checkpoint", str(trained[0]), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["guesses"][0]["architecture"] == {"torchvision": "resnet18"}
    assert (report["guesses"][0]["classes"], report["guesses"][0]["missing"]) == (2, 0)
    assert report["class_names"] == list(CLASSES)
    facts = dict(report["facts"])
    assert (facts["epoch"], facts["best_acc1"], facts["lr"]) == ("2", "61.25", "0.01")
    assert cli.main(["list", "classes", "--arch", "resnet18", "--ckpt", str(trained[0])]) == 0
    assert capsys.readouterr().out == "0  bee\n1  ant\n"
