"""TorchScript programs are set against the network they were made from; what hides its layers says so."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cnnviz_desktop.core.catalog import METHODS
from cnnviz_desktop.core.description import Architecture, NetworkDescription, Preprocessing
from cnnviz_desktop.core.errors import CnnvizError, ConsentNeeded, LayerError, NetworkError
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import Request, UnitTarget
from cnnviz_desktop.core.results import Attribution, GradientPicture, HeatMap, Predictions
from cnnviz_desktop.engine.networks import torchscript_program
from cnnviz_desktop.engine.networks.programs.saved_program import read_archive
from cnnviz_desktop.engine.networks.torchscript_program import HIDDEN, TorchScriptNetwork
from tests.engine.networks.checkpoints.saving import SIDE, Small, answered, save_torchscript, session, small
from tests.engine.networks.official.finishing import finish
from tests.engine.networks_for_tests import fingerprint, session_with

OF_THE_INPUT = (
    "saliency",
    "gradxinput",
    "integrated_gradients",
    "smoothgrad",
    "guided_backprop",
    "deconvolution",
    "occlusion",
)


@pytest.fixture
def network() -> Small:
    return small()


@pytest.fixture(params=[False, True], ids=["script", "trace"])
def path(network: Small, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return save_torchscript(network, tmp_path / "small.pt", traced=request.param)


def loaded(path: Path) -> nn.Module:
    return torchscript_program.load(finish(read_archive(path, "torchscript"))).module


def test_that_it_answers_as_the_network_and_has_its_tensors(network: Small, path: Path) -> None:
    module = loaded(path)
    x = torch.randn(3, 3, SIDE, SIDE)
    torch.testing.assert_close(module(x), network(x))
    assert set(module.state_dict()) == set(network.state_dict())
    assert [name for name, _ in module.named_modules()] == [""]


def test_that_moving_it_moves_the_program(path: Path) -> None:
    module = loaded(path).to(torch.float64)
    answer = module(torch.randn(1, 3, SIDE, SIDE, dtype=torch.float64))
    assert answer.dtype == torch.float64
    assert all(value.dtype != torch.float32 for value in module.state_dict().values())


def test_that_gradients_of_the_input_are_those_of_the_network(network: Small, path: Path, image: str) -> None:
    ours, file = session(), at_its_size(path)
    (outline,) = answered(ours, Request(method="outline", network=file))
    assert isinstance(outline, Outline)
    assert (outline.layers, outline.suggested, outline.hidden, outline.classes) == ((), "", HIDDEN, 5)
    assert not outline.operations, "those between layers that nobody can see"
    assert outline.parameters == sum(parameter.numel() for parameter in network.parameters())
    size = outline.preprocessing.size
    twin = session_with(network, size=size, preprocessing=outline.preprocessing)
    for method in OF_THE_INPUT:
        for _ in range(2):  # torch.jit changes a program after its first runs
            found = answered(ours, Request(method=method, network=file, images=(image,)))[-1]
        expected = answered(twin, Request(method=method, network="test", images=(image,)))[-1]
        assert isinstance(found, HeatMap | GradientPicture)
        assert isinstance(expected, HeatMap | GradientPicture)
        assert np.ptp(found.raw) > 0, method
        np.testing.assert_allclose(found.raw, expected.raw, atol=2e-3 * np.abs(expected.raw).max(), err_msg=method)


def at_its_size(path: Path) -> NetworkDescription:
    """The program with the size it was made for: the usual one would take long."""
    preprocessing = Preprocessing(size=(SIDE, SIDE))
    architecture = Architecture(torchscript=str(path))
    return NetworkDescription(format=1, name=path.name, architecture=architecture, preprocessing=preprocessing)


def test_that_every_other_method_says_that_the_layers_cannot_be_watched(path: Path, image: str) -> None:
    ours, file = session(), at_its_size(path)
    for method in METHODS:
        if method.gives and method.id not in OF_THE_INPUT:
            with pytest.raises(LayerError, match="TorchScript program, whose layers cannot be watched"):
                answered(ours, Request(method=method.id, network=file, images=(image,)))
    for method_id in ("feature_maps", "kernels"):
        for layers in ((), ("stem.0",)):
            with pytest.raises(LayerError, match="whose layers cannot be watched"):
                answered(ours, Request(method=method_id, network=file, images=(image,), layers=layers))
    unit = Request(method="saliency", network=file, images=(image,), targets=(UnitTarget("stem.0", 1),))
    with pytest.raises(LayerError, match="whose layers cannot be watched"):
        answered(ours, unit)


def test_that_nothing_is_loaded_before_consent(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.jit, "load", lambda *_, **__: pytest.fail("it was loaded"))
    with pytest.raises(ConsentNeeded, match=r"small.pt is a program that TorchScript saved"):
        list(session().run(Request(method="outline", network=str(path))))


def test_that_no_trace_is_left(path: Path, image: str) -> None:
    ours, file = session(), at_its_size(path)
    answered(ours, Request(method="outline", network=file))
    (bench,) = ours._benches.values()
    before = fingerprint(bench.module)
    for method in ("saliency", "occlusion", "guided_backprop"):
        answered(ours, Request(method=method, network=file, images=(image,)))
    assert fingerprint(bench.module) == before


def test_that_a_trace_of_a_network_in_training_mode_is_refused(network: Small, tmp_path: Path) -> None:
    with warnings.catch_warnings(action="ignore"):  # a trace that differs from run to run
        file = save_torchscript(network.train(), tmp_path / "training.pt", traced=True)
    with pytest.raises(NetworkError, match=r"traced in training mode \(batch_norm\)"):
        loaded(file)
    scripted = loaded(save_torchscript(network, tmp_path / "script.pt"))
    x = torch.randn(2, 3, SIDE, SIDE)
    torch.testing.assert_close(scripted(x), network.eval()(x))


def test_that_a_grey_network_gets_grey_pictures(tmp_path: Path, image: str) -> None:
    file = save_torchscript(small(channels=1), tmp_path / "grey.pt")
    (found,) = answered(session(), Request(method="predictions", network=str(file), images=(image,)))
    assert isinstance(found, Predictions)


def test_that_a_frozen_program_can_be_looked_at(network: Small, tmp_path: Path, image: str) -> None:
    file = tmp_path / "frozen.pt"
    with warnings.catch_warnings(action="ignore"):  # torch.jit says that it will go one day
        script = torch.jit.script(network)
        torch.jit.save(torch.jit.freeze(script), file)
    found = answered(session(), Request(method="saliency", network=at_its_size(file), images=(image,)))[-1]
    assert isinstance(found, Attribution)
    assert np.ptp(found.raw) > 0


class Branching(nn.Module):
    """What a trace could not follow."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        if bool(x.mean() > 0):
            x = -x
        pooled: Tensor = self.conv(x).mean(dim=(2, 3))
        return pooled


def test_that_a_script_keeps_its_branches(tmp_path: Path) -> None:
    network = Branching().eval()
    module = loaded(save_torchscript(network, tmp_path / "branching.pt"))
    for x in (torch.ones(1, 3, 8, 8), -torch.ones(1, 3, 8, 8)):
        torch.testing.assert_close(module(x), network(x))
    assert isinstance(module, TorchScriptNetwork)


def test_that_a_damaged_program_is_told(path: Path) -> None:
    whole = path.read_bytes()
    for share in (0.0, 0.01, 0.5, 0.99):
        path.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(CnnvizError, match=r"empty|damaged|not a program|not a network|no file|holds weights"):
            answered(session(), Request(method="outline", network=str(path)))
