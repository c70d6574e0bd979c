from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from cnnviz_desktop.core.checkpoint_report import CheckpointReport
from cnnviz_desktop.core.description import Architecture
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.checkpoints import sketching
from cnnviz_desktop.engine.networks.checkpoints.blueprint import shapes_of
from cnnviz_desktop.engine.networks.checkpoints.sketching import alike, sketch_of
from cnnviz_desktop.engine.networks.opening import open_network
from cnnviz_desktop.engine.networks.torchvision_models import build_torchvision
from cnnviz_desktop.engine.session import EngineSession
from tests.engine.networks.official.finishing import finish


def _report(path: Path) -> CheckpointReport:
    *steps, report = EngineSession().run(Request(method="checkpoint", network=str(path)))
    assert all(isinstance(step, Progress) for step in steps)
    assert isinstance(report, CheckpointReport)
    return report


def _squeezenet(prefix: str = "") -> dict[str, torch.Tensor]:
    state = build_torchvision("squeezenet1_1", {"num_classes": 6}).state_dict()
    return {prefix + key: value for key, value in state.items()}


@pytest.mark.parametrize("prefix", ["", "module.", "net._orig_mod.", "model.encoder."])
def test_that_the_network_is_recognised_and_opens_as_the_report_says(tmp_path: Path, prefix: str) -> None:
    path = tmp_path / "w.pth"
    torch.save({"epoch": 7, "state_dict": _squeezenet(prefix)}, path)
    report = _report(path)
    best = report.guesses[0]
    assert (best.architecture, best.classes, best.fits) == (Architecture(torchvision="squeezenet1_1"), 6, True)
    assert report.facts == (("epoch", "7"),)
    (part,) = report.parts
    assert (part.place, part.keys, part.dtypes) == ("state_dict", 52, ("float32",))
    assert part.parameters == sum(value.numel() for value in _squeezenet().values())
    network = finish(open_network(report.description(best), frozenset(), frozenset()))
    assert network.name == "squeezenet1_1 · w.pth"
    assert network.module.state_dict()["classifier.1.weight"].shape[0] == 6


def test_that_a_head_replaced_by_hand_is_told(tmp_path: Path) -> None:
    module = build_torchvision("shufflenet_v2_x0_5", {})
    module.fc = nn.Sequential(nn.Dropout(), nn.Linear(1024, 3))
    torch.save(module.state_dict(), tmp_path / "w.pth")
    best = _report(tmp_path / "w.pth").guesses[0]
    assert (best.arch, best.classes, best.fits) == ("shufflenet_v2_x0_5", 3, True)
    assert "fc was replaced by a linear layer (1024 to 3)" in best.head


def test_that_of_networks_with_the_same_keys_the_one_named_in_the_file_comes_first(tmp_path: Path) -> None:
    state = build_torchvision("resnet18", {"num_classes": 4}).state_dict()
    torch.save({"state_dict": state, "args": {"arch": "resnetblur18"}}, tmp_path / "w.pth")
    torch.save(state, tmp_path / "resnet18_mine.pth")
    assert _report(tmp_path / "w.pth").guesses[0].arch == "timm:resnetblur18"
    report = _report(tmp_path / "resnet18_mine.pth")
    assert [guess.arch for guess in report.fitting] == ["resnet18", "timm:resnet18", "timm:resnetblur18"]


def test_that_a_network_of_nobodys_library_is_like_none(tmp_path: Path) -> None:
    torch.save(nn.Sequential(nn.Conv2d(3, 5, 3), nn.Linear(5, 2)).state_dict(), tmp_path / "w.pth")
    report = _report(tmp_path / "w.pth")
    assert report.guesses == ()
    assert report.parts[0].keys == 4


def test_that_weights_come_before_averages_and_small_dictionaries(tmp_path: Path) -> None:
    weights = {"a.weight": torch.zeros(2, 3, dtype=torch.float16), "a.bias": torch.zeros(2)}
    content = {
        "ema": dict(weights),
        "scaler": {"growth": torch.zeros(1)},
        "model": dict(weights),
        "best": torch.tensor(1.0),
    }
    torch.save(content, tmp_path / "w.pth")
    report = _report(tmp_path / "w.pth")
    assert [part.place for part in report.parts] == ["model", "ema", "scaler"]
    assert set(report.parts[0].dtypes) == {"float16", "float32"}


def test_that_nan_is_told(tmp_path: Path) -> None:
    torch.save({"a": torch.tensor([1.0, torch.nan]), "b": torch.zeros(2)}, tmp_path / "w.pth")
    assert _report(tmp_path / "w.pth").notes == ("There are NaN among the values of 1 keys, as a.",)


@pytest.mark.parametrize("content", [{}, [1], {"epoch": 3}])
def test_that_a_file_without_weights_is_refused(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "w.pth")
    with pytest.raises(NetworkError, match="no weights in it"):
        _report(tmp_path / "w.pth")


SOME = (
    Architecture(torchvision="regnet_y_400mf"),
    Architecture(torchvision="ssdlite320_mobilenet_v3_large"),
    Architecture(timm="resnet10t"),
    Architecture(timm="vit_tiny_patch16_224"),
)


@pytest.mark.parametrize("architecture", SOME, ids=lambda each: each.given)
def test_that_the_sketches_that_ship_are_those_of_the_libraries_here(architecture: Architecture) -> None:
    shapes = shapes_of(architecture)
    assert shapes is not None
    best = alike(shapes, 0.99)
    assert architecture in [each.architecture for each in best]


def test_that_shapes_without_memory_are_those_of_the_network_itself() -> None:
    state = build_torchvision("regnet_y_400mf", {"num_classes": 3}).state_dict()
    expected = {key: tuple(value.shape) for key, value in state.items()}
    assert shapes_of(Architecture(torchvision="regnet_y_400mf", arguments={"num_classes": 3})) == expected


@pytest.mark.parametrize("common", [0, 100, 300, 400])
def test_that_sketches_tell_about_how_much_two_networks_share(common: int) -> None:
    def shapes(first: int) -> dict[str, tuple[int, ...]]:
        return {f"layer{number}.weight": (number,) for number in range(first, first + 400)}

    estimates = [
        sketching._resemblance(sketch_of(shapes(1000 * trial)), sketch_of(shapes(1000 * trial + 400 - common)))
        for trial in range(40)
    ]
    true = common / (800 - common)
    assert abs(sum(estimates) / len(estimates) - true) < 0.06


@pytest.mark.parametrize(
    "claimed",
    [
        torch.zeros(1).expand(10**13),
        torch.zeros(1, 64).expand(10**9, 64),
        torch.sparse_coo_tensor(torch.zeros(2, 1, dtype=torch.long), torch.ones(1), (10**9, 64), check_invariants=True),
        torch.empty(10**9, 64, device="meta"),
    ],
)
def test_that_few_values_said_to_be_many_are_refused(tmp_path: Path, claimed: torch.Tensor) -> None:
    path = tmp_path / "w.pth"
    torch.save({"state_dict": {"a.weight": torch.zeros(3, 3), "wide": claimed}}, path)
    assert path.stat().st_size < 10_000
    with pytest.raises(NetworkError, match="“wide” says that it has"):
        _report(path)


def test_that_weights_shared_by_many_places_are_no_claim(tmp_path: Path) -> None:
    path = tmp_path / "w.pth"
    torch.save({"a.weight": torch.zeros(3, 3), "positions": torch.arange(7.0).expand(1000, 7)}, path)
    assert _report(path).parts[0].parameters == 9 + 7000


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support")  # PyTorch says that they are in beta
@pytest.mark.parametrize("odd", [Tensor.to_sparse_csr, Tensor.to_sparse, lambda tensor: tensor.to("meta")])
def test_that_tensors_without_plain_values_are_counted_like_others(
    tmp_path: Path, odd: Callable[[Tensor], Tensor]
) -> None:
    path = tmp_path / "w.pth"
    torch.save({"a.weight": torch.zeros(3, 3), "odd": odd(torch.eye(3))}, path)
    report = _report(path)
    assert (report.parts[0].keys, report.parts[0].parameters) == (2, 18)
