import json
from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from torch import nn

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.errors import ConsentNeeded, NetworkError, WeightsMismatch
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.loaded import LoadedNetwork
from cnnviz_desktop.engine.networks.opening import open_network, opened_anew
from cnnviz_desktop.engine.networks.programs.prober import Prober
from cnnviz_desktop.engine.networks.programs.program import Program, program_of_file
from cnnviz_desktop.engine.networks.programs.saved_program import SavedProgram
from tests.engine.networks.official.finishing import finish

NOTHING: frozenset[str] = frozenset()

NET = """\
import pathlib
pathlib.Path(__file__).with_name("ran").touch()
from torch import nn

def build(num_classes=10):
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, num_classes))
"""
FILE = {"file": "net.py", "factory": "build", "arguments": {"num_classes": 2}}


class _Trusting(Prober):
    """Takes every program for tried: what is tested here happens before and after the trial."""

    def probe(self, program: Program | SavedProgram) -> Generator[Progress, None, None]:
        yield from ()


def _describe(folder: Path, **fields: object) -> str:
    (folder / "net.py").write_text(NET)
    path = folder / "my.cnnviz-network.json"
    path.write_text(json.dumps({"format": 1, "name": "My network", "architecture": FILE, **fields}))
    return str(path)


def _sha256(folder: Path) -> str:
    return program_of_file(folder / "net.py", "build", {}).sha256


def _open(reference: str, trusted: set[str] | None = None, allowed: set[str] | None = None) -> LoadedNetwork:
    return finish(open_network(reference, trusted or set(), allowed or set(), _Trusting()))


def test_that_the_sample_opens_without_consent_and_knows_its_classes() -> None:
    network = finish(open_network("sample", NOTHING, NOTHING))
    assert len(network.class_names) >= 10
    size = network.preprocessing.size
    assert network.module(torch.zeros(1, 3, *size)).shape == (1, len(network.class_names))
    assert not network.module.training
    assert network.notes == ()


def test_that_a_random_torchvision_network_is_always_the_same_and_leaves_the_random_state() -> None:
    before = torch.get_rng_state()
    one = _open("torchvision:resnet18@random")
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(3)
    other = _open("torchvision:resnet18@random")
    states = one.module.state_dict(), other.module.state_dict()
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
    assert one.weights_sha256 == other.weights_sha256
    assert not one.module.training
    assert one.preprocessing == Preprocessing(resize="short_side_crop", size=(224, 224), short_side=256)
    assert any("random" in note for note in one.notes)


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        ("torchvision:resnet51@random", "Did you mean"),
        ("weights/best.pth", "There is no weights file weights/best.pth"),
        ("nets/mine.py", 'Python file.*beside it.*"file": "mine.py"'),
        ("photo.jpg", "“photo.jpg” is not a network.*sample, torchvision"),
        ("", "is not a network"),
        ("absent.cnnviz-network.json", "cannot be read"),
    ],
)
def test_that_what_is_no_network_is_answered_with_what_to_do(reference: str, sentence: str) -> None:
    with pytest.raises(NetworkError, match=sentence):
        _open(reference)


def test_that_the_example_in_the_advice_opens(tmp_path: Path) -> None:
    with pytest.raises(NetworkError) as caught:
        _open(str(tmp_path / "net.py"))
    text = str(caught.value)
    path = tmp_path / "advised.cnnviz-network.json"
    path.write_text(text[text.index("{") :])
    (tmp_path / "net.py").write_text(NET)
    (tmp_path / "classes.txt").write_text("\n".join("abcdefghij"))
    torch.save(_open_untrained(tmp_path, 10).state_dict(), tmp_path / "weights.pth")
    assert _open(str(path), {_sha256(tmp_path)}).class_names == tuple("abcdefghij")


def _open_untrained(folder: Path, classes: int) -> nn.Module:
    return _open(
        _describe(folder, architecture=FILE | {"arguments": {"num_classes": classes}}), {_sha256(folder)}
    ).module


def test_that_nothing_of_a_python_file_runs_without_consent(tmp_path: Path) -> None:
    reference = _describe(tmp_path)
    for trusted in (set(), {"0" * 64}):
        with pytest.raises(ConsentNeeded) as caught:
            finish(open_network(reference, trusted, NOTHING))
        assert (caught.value.file, caught.value.sha256) == (str(tmp_path / "net.py"), _sha256(tmp_path))
        assert caught.value.beside == ()
    assert not (tmp_path / "ran").exists()


def test_that_consent_ends_when_the_file_changes(tmp_path: Path) -> None:
    reference = _describe(tmp_path)
    trusted = {_sha256(tmp_path)}
    (tmp_path / "net.py").write_text(NET + "\n")
    with pytest.raises(ConsentNeeded):
        _open(reference, trusted)
    assert not (tmp_path / "ran").exists()


def test_that_consent_names_and_covers_the_files_beside_it(tmp_path: Path) -> None:
    reference = _describe(tmp_path)
    beside = tmp_path / "layers.py"
    beside.write_text("WIDTH = 1")
    (tmp_path / "net.py").write_text("import layers\n" + NET)
    trusted = {_sha256(tmp_path)}
    with pytest.raises(ConsentNeeded) as caught:
        _open(reference)
    assert (caught.value.sha256, caught.value.beside) == (*trusted, ("layers.py",))
    assert "layers.py" in str(caught.value)
    assert isinstance(_open(reference, trusted).module, nn.Module)
    (tmp_path / "ran").unlink()
    beside.write_text("WIDTH = 2")
    with pytest.raises(ConsentNeeded):
        _open(reference, trusted)
    beside.unlink()
    with pytest.raises(ConsentNeeded):
        _open(reference, trusted)
    assert not (tmp_path / "ran").exists()


def test_that_a_described_network_opens_with_everything_its_description_says(tmp_path: Path) -> None:
    torch.save(_open_untrained(tmp_path, 2).state_dict(), tmp_path / "w.pth")
    (tmp_path / "names.txt").write_text("cat\ndog\n")
    preprocessing = {"resize": "letterbox", "size": [32, 48], "mean": [0.5] * 3, "std": [0.25] * 3}
    reference = _describe(tmp_path, weights="w.pth", class_names="names.txt", preprocessing=preprocessing)
    network = finish(open_network(reference, {_sha256(tmp_path)}, NOTHING))  # with a real trial
    assert (network.reference, network.name, network.class_names) == (reference, "My network", ("cat", "dog"))
    assert network.preprocessing.size == (32, 48)
    assert network.notes == ()
    stored = torch.load(tmp_path / "w.pth", weights_only=True)
    assert all(torch.equal(value, stored[key]) for key, value in network.module.state_dict().items())


def test_that_a_network_without_weights_is_called_random(tmp_path: Path) -> None:
    network = _open(_describe(tmp_path), {_sha256(tmp_path)})
    assert any("random" in note for note in network.notes)
    assert len(network.weights_sha256) == 64


def test_that_torchvision_architectures_take_weights_files(tmp_path: Path) -> None:
    source = _open("torchvision:squeezenet1_1@random").module
    torch.save(
        {"state_dict": {f"module.{key}": value for key, value in source.state_dict().items()}}, tmp_path / "w.pt"
    )
    network = _open(_describe(tmp_path, architecture={"torchvision": "squeezenet1_1"}, weights="w.pt"))
    assert torch.equal(network.module.state_dict()["classifier.1.bias"], source.state_dict()["classifier.1.bias"])
    assert len(network.building_notes) == 2


USUAL_RECIPES = [
    ({"torchvision": "squeezenet1_1"}, "usual for squeezenet1_1 (short side 256, centre crop 224×224)"),
    (FILE, "as for ImageNet, which is assumed (stretched to 224×224)"),
]


@pytest.mark.parametrize(("architecture", "said"), USUAL_RECIPES)
def test_that_own_weights_without_a_recipe_are_told_how_pictures_are_prepared(
    tmp_path: Path, architecture: dict[str, object], said: str
) -> None:
    reference = _describe(tmp_path, architecture=architecture)
    trusted = {_sha256(tmp_path)}
    torch.save(_open(reference, trusted).module.state_dict(), tmp_path / "w.pth")
    network = _open(_describe(tmp_path, architecture=architecture, weights="w.pth"), trusted)
    (note,) = network.notes
    assert note.startswith("w.pth does not say how")
    assert said in note
    corrected = replace(network.description, preprocessing=Preprocessing(size=(32, 32)))
    assert opened_anew(network, corrected).notes == ()
    assert opened_anew(opened_anew(network, corrected), network.description).notes == (note,)


def test_that_random_weights_miss_no_recipe() -> None:
    assert not any("prepared" in note for note in _open("torchvision:squeezenet1_1@random").notes)


def test_that_keys_that_do_not_fit_are_loaded_without_only_when_allowed(tmp_path: Path) -> None:
    torch.save(_open_untrained(tmp_path, 7).state_dict(), tmp_path / "w.pth")
    reference = _describe(tmp_path, weights="w.pth")
    with pytest.raises(WeightsMismatch) as caught:
        _open(reference, {_sha256(tmp_path)})
    keys = {row[0] for row in caught.value.table}
    assert keys == {"3.weight", "3.bias"}
    assert "as allowed" in _open(reference, {_sha256(tmp_path)}, keys).notes[0]


def test_that_nan_in_the_weights_is_noted(tmp_path: Path) -> None:
    state = _open_untrained(tmp_path, 2).state_dict()
    state["3.bias"][1] = np.nan
    torch.save(state, tmp_path / "w.pth")
    assert "3.bias" in _open(_describe(tmp_path, weights="w.pth"), {_sha256(tmp_path)}).building_notes[-1]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"weights": "absent.pth"}, "absent.pth does not exist.*relative to that file"),
        ({"weights": ""}, "is a folder"),
        ({"class_names": "absent.txt"}, "absent.txt cannot be read"),
        ({"architecture": FILE | {"file": "absent.py"}}, "absent.py cannot be read"),
        ({"architecture": {"torchvision": "resnet"}}, "Did you mean"),
        ({"architecture": {"module": "no_such_nets", "factory": "build"}}, "no module “no_such_nets”"),
    ],
)
def test_that_what_is_missing_is_told_before_consent_is_asked(
    tmp_path: Path, fields: dict[str, object], sentence: str
) -> None:
    with pytest.raises(NetworkError, match=sentence) as caught:
        _open(_describe(tmp_path, **fields))
    assert not isinstance(caught.value, ConsentNeeded)


@pytest.mark.parametrize("module", ["torchvision.models.resnet", "cnnviz_desktop.core.resources"])
def test_that_installed_modules_need_consent_too(tmp_path: Path, module: str) -> None:
    with pytest.raises(ConsentNeeded) as caught:
        _open(_describe(tmp_path, architecture={"module": module, "factory": "anything"}))
    assert caught.value.file.endswith(f"{module.replace('.', '/')}.py")


@pytest.mark.parametrize("factory", ["nn", "Tensor", "absent", "__loader__"])
def test_that_of_the_samples_module_only_its_own_functions_may_be_called(tmp_path: Path, factory: str) -> None:
    architecture = {"module": "cnnviz_desktop.samples.network", "factory": factory}
    with pytest.raises(NetworkError, match=f"has no “{factory}”"):
        _open(_describe(tmp_path, architecture=architecture))


def test_that_the_samples_module_refuses_strange_arguments(tmp_path: Path) -> None:
    architecture = {"module": "cnnviz_desktop.samples.network", "factory": "build", "arguments": {"depth": 3}}
    with pytest.raises(NetworkError, match=r"does not take its arguments.*depth"):
        _open(_describe(tmp_path, architecture=architecture))
