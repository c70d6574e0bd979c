"""Checkpoints whose last layers are other ones than their architecture's."""

from collections.abc import Generator
from pathlib import Path

import pytest
import torch
from torch import nn

from cnnviz_desktop.core.description import Architecture, NetworkDescription
from cnnviz_desktop.core.errors import NetworkError, WeightsMismatch
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.checkpoints.adapting import class_counts
from cnnviz_desktop.engine.networks.checkpoints.fitting import compared
from cnnviz_desktop.engine.networks.loaded import LoadedNetwork
from cnnviz_desktop.engine.networks.opening import open_network
from cnnviz_desktop.engine.networks.programs.prober import Prober
from cnnviz_desktop.engine.networks.programs.program import Program, program_of_file
from cnnviz_desktop.engine.networks.programs.saved_program import SavedProgram
from cnnviz_desktop.engine.networks.torchvision_models import build_torchvision
from tests.engine.networks.official.finishing import finish

NET = """\
from torch import nn

def build(num_classes=10):
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, num_classes))

def fixed():
    return build()

def towers(num_classes=10):
    class Towers(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = build(num_classes), build(num_classes)
        def forward(self, image):
            return self.one(image) + self.two(image)
    return Towers()
"""


class _Trusting(Prober):
    """Takes every program for tried."""

    def probe(self, program: Program | SavedProgram) -> Generator[Progress, None, None]:
        yield from ()


def _open(
    architecture: Architecture, weights: Path, part: str | None = None, *, allowed: tuple[str, ...] = ()
) -> LoadedNetwork:
    description = NetworkDescription(
        format=1, name="mine", architecture=architecture, weights=str(weights), weights_part=part
    )
    trusted = set()
    if architecture.file is not None:
        trusted.add(program_of_file(Path(architecture.file), architecture.factory or "", {}).sha256)
    return finish(open_network(description, trusted, frozenset(allowed), _Trusting()))


def _same(one: nn.Module, other: nn.Module) -> bool:
    states = one.state_dict(), other.state_dict()
    return states[0].keys() == states[1].keys() and all(
        torch.equal(states[0][key], states[1][key]) for key in states[0]
    )


TORCHVISION = ["squeezenet1_1", "mobilenet_v3_small", "lraspp_mobilenet_v3_large"]


@pytest.mark.parametrize("name", TORCHVISION)
def test_that_torchvisions_networks_take_the_number_of_classes_from_the_file(tmp_path: Path, name: str) -> None:
    trained = build_torchvision(name, {"num_classes": 3})
    torch.save({"model": {f"module.{key}": value for key, value in trained.state_dict().items()}}, tmp_path / "w.pth")
    network = _open(Architecture(torchvision=name), tmp_path / "w.pth")
    assert _same(network.module, trained)
    assert sum("num_classes=3" in note for note in network.notes) == 1
    assert not network.module.training


def test_that_heads_which_only_training_uses_are_built_where_the_file_has_them(tmp_path: Path) -> None:
    trained = build_torchvision("deeplabv3_mobilenet_v3_large", {"num_classes": 3, "aux_loss": True})
    torch.save(trained.state_dict(), tmp_path / "w.pth")
    network = _open(Architecture(torchvision="deeplabv3_mobilenet_v3_large"), tmp_path / "w.pth")
    assert _same(network.module, trained)
    assert any("num_classes=3, aux_loss=True" in note for note in network.notes)


def test_that_heads_which_only_training_uses_are_left_out_where_the_file_lacks_them(tmp_path: Path) -> None:
    trained = build_torchvision("googlenet", {"aux_logits": False})
    torch.save(trained.state_dict(), tmp_path / "w.pth")
    network = _open(Architecture(torchvision="googlenet"), tmp_path / "w.pth")
    assert _same(network.module, trained)
    assert any("built with aux_logits=False" in note for note in network.notes)


def test_that_timms_networks_take_the_number_of_classes_from_the_file(tmp_path: Path) -> None:
    import timm

    trained = timm.create_model("convnext_atto", num_classes=4)
    torch.save(trained.state_dict(), tmp_path / "w.pth")
    network = _open(Architecture(timm="convnext_atto"), tmp_path / "w.pth")
    assert _same(network.module, trained)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "net.py"
    path.write_text(NET)
    return path


def _built(factory: str, classes: int) -> nn.Module:
    made: dict[str, object] = {}
    exec(NET, made)
    module = made[factory](num_classes=classes)  # type: ignore[operator]  # one of the text's functions
    assert isinstance(module, nn.Module)
    return module


@pytest.mark.parametrize(
    ("factory", "said"),
    [("build", "with num_classes=2"), ("fixed", "3 was given 2 outputs"), ("towers", "with num_classes=2")],
)
def test_that_a_factory_is_given_the_number_of_classes_or_its_last_layer_is_replaced(
    tmp_path: Path, program: Path, factory: str, said: str
) -> None:
    trained = _built("build" if factory == "fixed" else factory, 2)
    torch.save(trained.state_dict(), tmp_path / "w.pth")
    network = _open(Architecture(file=str(program), factory=factory), tmp_path / "w.pth")
    assert _same(network.module, trained)
    assert any(said in note for note in network.notes)


def test_that_a_number_of_classes_which_was_given_is_not_overruled(tmp_path: Path, program: Path) -> None:
    torch.save(_built("build", 7).state_dict(), tmp_path / "w.pth")
    asked = Architecture(file=str(program), factory="build", arguments={"num_classes": 2})
    with pytest.raises(WeightsMismatch, match="for 7 classes, and 2 were asked for") as caught:
        _open(asked, tmp_path / "w.pth")
    assert [row[0] for row in caught.value.table] == ["3.weight", "3.bias"]
    kept = _open(asked, tmp_path / "w.pth", allowed=("3.weight", "3.bias"))
    assert kept.module.state_dict()["3.bias"].shape == (2,)


def test_that_keys_which_are_allowed_not_to_fit_change_nothing(tmp_path: Path, program: Path) -> None:
    torch.save(_built("build", 7).state_dict(), tmp_path / "w.pth")
    network = _open(
        Architecture(file=str(program), factory="build"), tmp_path / "w.pth", allowed=("3.weight", "3.bias")
    )
    assert network.module.state_dict()["3.bias"].shape == (10,)


def test_that_the_head_is_the_files_even_where_other_keys_have_to_be_allowed(tmp_path: Path, program: Path) -> None:
    trained = _built("build", 7)
    content = trained.state_dict() | {"0.weight": torch.zeros(4, 3, 5, 5), "more": torch.zeros(2)}
    torch.save(content, tmp_path / "w.pth")
    with pytest.raises(WeightsMismatch) as caught:
        _open(Architecture(file=str(program), factory="build"), tmp_path / "w.pth")
    assert [row[0] for row in caught.value.table] == ["0.weight", "more"]
    network = _open(Architecture(file=str(program), factory="build"), tmp_path / "w.pth", allowed=("0.weight", "more"))
    assert torch.equal(network.module.state_dict()["3.weight"], trained.state_dict()["3.weight"])
    assert any("num_classes=7, as w.pth needs it for 3.weight, 3.bias." in note for note in network.notes)


def test_that_weights_of_another_architecture_are_told_with_where_to_look(tmp_path: Path, program: Path) -> None:
    torch.save(build_torchvision("squeezenet1_1", {}).state_dict(), tmp_path / "w.pth")
    with pytest.raises(WeightsMismatch, match=r"belong to another network.*cnnviz list checkpoint w\.pth"):
        _open(Architecture(file=str(program), factory="build"), tmp_path / "w.pth")


@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize(("asked", "trained"), [("resnet18", "resnet34"), ("squeezenet1_0", "shufflenet_v2_x0_5")])
def test_that_the_architecture_which_the_weights_look_like_is_named(
    tmp_path: Path, asked: str, trained: str, prefix: str
) -> None:
    state = build_torchvision(trained, {"num_classes": 6}).state_dict()
    torch.save({prefix + key: value for key, value in state.items()}, tmp_path / "w.pth")
    with pytest.raises(WeightsMismatch, match=rf"They look like those of {trained}\."):
        _open(Architecture(torchvision=asked), tmp_path / "w.pth")


def test_that_weights_which_miss_a_few_keys_look_like_no_other_architecture(tmp_path: Path) -> None:
    state = build_torchvision("resnet18", {}).state_dict()
    del state["layer4.1.conv2.weight"], state["layer3.0.conv1.weight"]
    torch.save(state, tmp_path / "w.pth")
    with pytest.raises(WeightsMismatch, match=r"allow these keys by name") as caught:
        _open(Architecture(torchvision="resnet18"), tmp_path / "w.pth")
    assert "look like" not in str(caught.value)


def test_that_the_average_can_be_chosen_in_place_of_the_weights(tmp_path: Path, program: Path) -> None:
    plain, average = _built("build", 10), _built("build", 10)
    content = {"state_dict": plain.state_dict(), "ema": {"module": average.state_dict(), "decay": 0.99}, "epoch": 3}
    torch.save(content, tmp_path / "w.pth")
    architecture = Architecture(file=str(program), factory="build")
    taken = _open(architecture, tmp_path / "w.pth")
    assert _same(taken.module, plain)
    assert taken.weights_parts == ("state_dict", "ema.module")
    chosen = _open(architecture, tmp_path / "w.pth", "ema.module")
    assert _same(chosen.module, average)
    assert chosen.weights_parts == ("ema.module", "state_dict")
    with pytest.raises(NetworkError, match=r"Under “optimizer” .* no weights that fit"):
        _open(architecture, tmp_path / "w.pth", "optimizer")


def test_that_the_state_of_the_training_and_its_class_names_come_with_the_network(
    tmp_path: Path, program: Path
) -> None:
    content = {"model": _built("build", 2).state_dict(), "epoch": 12, "best_acc1": 0.875, "classes": ["cat", "dog"]}
    torch.save(content, tmp_path / "w.pth")
    network = _open(Architecture(file=str(program), factory="build"), tmp_path / "w.pth")
    assert network.class_names == ("cat", "dog")
    assert "w.pth was saved by a training run: epoch 12, best_acc1 0.875." in network.notes


def _heads(classes: int, *outputs: int) -> nn.Module:
    """One convolution a number of outputs for each class."""
    return nn.ModuleList(nn.Conv2d(4, each * classes, 1) for each in outputs)


@pytest.mark.parametrize("outputs", [(1,), (1, 4), (9,), (4, 6)])
def test_that_the_count_of_classes_is_among_those_that_explain_every_head(outputs: tuple[int, ...]) -> None:
    trained, own = _heads(3, *outputs), _heads(91, *outputs)
    counts = class_counts(compared(own, trained.state_dict(), Path("w.pth")))
    assert 3 in counts
    assert counts[0] == max(counts)


def test_that_no_count_explains_layers_of_another_width() -> None:
    own = nn.Sequential(nn.Conv2d(3, 8, 1), nn.Conv2d(4, 5, 1))
    trained = nn.Sequential(nn.Conv2d(3, 6, 1), nn.Conv2d(4, 7, 1))
    assert class_counts(compared(own, trained.state_dict(), Path("w.pth"))) == []
