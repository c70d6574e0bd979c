"""A network that is only fed, read or called in another way is not built again."""

import json
from pathlib import Path

import pytest
import torch
from msgspec.structs import replace
from torch import nn

from cnnviz_desktop.core.description import Architecture, NetworkDescription, Preprocessing
from cnnviz_desktop.core.errors import ConsentNeeded, NetworkError
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.references import described
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Predictions
from cnnviz_desktop.engine.networks import opening
from cnnviz_desktop.engine.opened import stamps_of
from cnnviz_desktop.engine.session import EngineSession

SOURCE = """
from torch import nn

def build():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(64, 2))
"""


@pytest.fixture
def reference(tmp_path: Path) -> str:
    (tmp_path / "net.py").write_text(SOURCE)
    namespace: dict[str, type[nn.Module]] = {}
    exec(SOURCE, namespace)
    torch.save(namespace["build"]().state_dict(), tmp_path / "net.pth")
    path = tmp_path / "net.cnnviz-network.json"
    path.write_text(
        json.dumps(
            {
                "format": 1,
                "name": "Net",
                "architecture": {"file": "net.py", "factory": "build"},
                "weights": "net.pth",
                "preprocessing": {"size": [16, 16]},
                "class_names": ["cat", "dog"],
            }
        )
    )
    return str(path)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every network that is opened from its source."""
    opened: list[object] = []
    real = opening.open_network

    def counted(*arguments: object) -> object:
        opened.append(arguments[0])
        return real(*arguments)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(opening, "open_network", counted)
    return opened


def opened(session: EngineSession, network: str | NetworkDescription) -> Outline:
    *_, outline = session.run(Request(method="outline", network=network, device="cpu"))
    assert isinstance(outline, Outline)
    return outline


def trusting(outline_of: str) -> EngineSession:
    """A session in which the network's file may run."""
    session = EngineSession()
    try:
        opened(session, outline_of)
    except NetworkError as error:
        session.trust(error.sha256)  # type: ignore[attr-defined]  # ConsentNeeded
    return session


def module_of(session: EngineSession, network: str | NetworkDescription) -> nn.Module:
    return next(bench.module for key, bench in session._benches.items() if key[0] == network)


def test_that_another_preprocessing_name_and_class_names_reuse_the_network(reference: str, built: list[object]) -> None:
    session = trusting(reference)
    first = opened(session, reference)
    module, count = module_of(session, reference), len(built)
    changed = replace(
        first.description,
        name="Other",
        class_names=("a", "b"),
        preprocessing=Preprocessing(resize="none", size=(9, 12)),
    )
    session._trusted.clear()  # so that anything that ran would ask
    second = opened(session, changed)
    assert len(built) == count
    assert module_of(session, changed) is module
    assert (second.name, second.class_names, second.preprocessing.size) == ("Other", ("a", "b"), (9, 12))
    assert second.layers[0].outputs == ((4, 7, 10),)
    assert second.weights_sha256 == first.weights_sha256


def test_that_what_is_computed_afterwards_is_fed_and_read_anew(reference: str, tmp_path: Path) -> None:
    session = trusting(reference)
    first = opened(session, reference)
    changed = replace(
        first.description, preprocessing=Preprocessing(size=(20, 20), order="bgr"), class_names=("x", "y")
    )
    opened(session, changed)
    (before,) = session.run(Request(method="predictions", network=changed, images=("sample:scene_01",), device="cpu"))
    fresh = trusting(reference)
    opened_alone = Request(method="predictions", network=changed, images=("sample:scene_01",), device="cpu")
    *_, alone = fresh.run(opened_alone)
    assert isinstance(before, Predictions)
    assert isinstance(alone, Predictions)
    assert before.class_names == ("x", "y")
    torch.testing.assert_close(torch.tensor(before.logits), torch.tensor(alone.logits))


def test_that_the_same_reference_and_changed_files_are_opened_again(reference: str, built: list[object]) -> None:
    session = trusting(reference)
    first = opened(session, reference)
    count = len(built)
    opened(session, reference)
    assert len(built) == count + 1
    weights = Path(reference).with_name("net.pth")
    state = {key: tensor + 1 for key, tensor in torch.load(weights, weights_only=True).items()}
    torch.save(state, weights)
    second = opened(session, replace(first.description, preprocessing=Preprocessing(size=(20, 20))))
    assert len(built) == count + 2
    assert second.weights_sha256 != first.weights_sha256


def test_that_a_preprocessing_the_network_cannot_take_leaves_it_open(reference: str) -> None:
    session = trusting(reference)
    first = opened(session, reference)
    module = module_of(session, reference)
    with pytest.raises(NetworkError, match=r"input of 3×2×2.* It takes 16 × 16, "):
        opened(session, replace(first.description, preprocessing=Preprocessing(size=(2, 2))))
    assert module_of(session, reference) is module


def test_that_a_recipe_is_told_beside_what_replaces_it() -> None:
    session = EngineSession()
    network = described("torchvision:squeezenet1_1@random")
    first = opened(session, network)
    assert first.recipe == first.preprocessing
    second = opened(session, replace(network, preprocessing=Preprocessing(size=(64, 64))))
    assert second.recipe == first.preprocessing
    assert second.preprocessing.size == (64, 64)
    third = opened(session, replace(network, name="as the weights say"))
    assert third.preprocessing == first.preprocessing


def test_that_a_program_is_asked_about_again_once_a_file_beside_it_has_changed(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(f"from sizes import WIDTH\n{SOURCE.replace('4, 3', 'WIDTH, 3')}")
    (tmp_path / "sizes.py").write_text("WIDTH = 4")
    reference = f"{tmp_path / 'net.py'}:build"
    session = trusting(reference)
    whole = opened(session, reference).description
    (tmp_path / "sizes.py").write_text("WIDTH = 5")
    with pytest.raises(ConsentNeeded):
        opened(session, replace(whole, preprocessing=Preprocessing(size=(20, 20))))


def test_that_weights_that_are_written_again_in_a_folder_change_its_stamps(tmp_path: Path) -> None:
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"one")
    network = NetworkDescription(format=1, name="n", architecture=Architecture(huggingface=str(tmp_path)))
    before = stamps_of(network)
    assert stamps_of(network) == before
    weights.write_bytes(b"three")
    assert stamps_of(network) != before
