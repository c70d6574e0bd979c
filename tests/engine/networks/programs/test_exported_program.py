"""Exported programs are set against the network they were exported from, layer by layer and method by method."""

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cnnviz_desktop.core.catalog import METHODS
from cnnviz_desktop.core.errors import CnnvizError, ConsentNeeded, NetworkError
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Attribution, GradientPicture, HeatMap, Kernels, Predictions
from cnnviz_desktop.engine.networks import exported_program
from cnnviz_desktop.engine.networks.programs.saved_program import read_archive
from cnnviz_desktop.engine.networks.source import Source
from tests.engine.networks.checkpoints.saving import SIDE, Small, answered, exported, save_exported, session, small
from tests.engine.networks.official.finishing import finish
from tests.engine.networks_for_tests import session_with

EXPLAINING = [method.id for method in METHODS if method.gives]


def opened(path: Path) -> Source:
    return exported_program.load(finish(read_archive(path, "exported")))


@pytest.fixture
def network() -> Small:
    return small()


@pytest.fixture
def path(network: Small, tmp_path: Path) -> Path:
    return save_exported(exported(network), tmp_path / "small.pt2")


def refusal(path: Path) -> str:
    with pytest.raises(NetworkError) as caught:
        answered(session(), Request(method="outline", network=str(path)))
    return str(caught.value)


def test_that_its_layers_are_those_of_the_network_again(network: Small, path: Path) -> None:
    module = opened(path).module
    types = {name: type(part).__name__ for name, part in network.named_modules() if name}
    assert {name: type(part).__name__ for name, part in module.named_modules() if name} == types
    for name, part in network.named_modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d | nn.Linear | nn.BatchNorm2d):
            restored = module.get_submodule(name)
            assert isinstance(restored, type(part))
            assert restored.extra_repr() == part.extra_repr()
    assert set(module.state_dict()) == set(network.state_dict())
    seen: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[..., None]:
        return lambda *call: seen.__setitem__(name, call[2].detach().clone())

    for whose in (module, network):
        for name, part in whose.named_modules():
            part.register_forward_hook(keep(f"{whose is module} {name}"))
    x = torch.randn(1, 3, SIDE, SIDE)
    torch.testing.assert_close(module(x), network(x), rtol=0, atol=0)
    for name, _ in network.named_modules():
        if name != "drop":  # an identity, which an export leaves out of the graph
            torch.testing.assert_close(seen[f"True {name}"], seen[f"False {name}"], rtol=0, atol=0)


@pytest.mark.parametrize("dynamic", [False, True])
def test_that_every_method_gives_what_it_gives_on_the_network_itself(
    network: Small, tmp_path: Path, image: str, dynamic: bool
) -> None:
    file = str(save_exported(exported(network, dynamic=dynamic), tmp_path / "small.pt2"))
    ours = session()
    outline = answered(ours, Request(method="outline", network=file))[-1]
    assert isinstance(outline, Outline)
    twin = session_with(network, preprocessing=outline.preprocessing, size=(SIDE, SIDE))
    assert outline.suggested == "last"
    for method in EXPLAINING:
        fields = {"method": method, "images": (image,)}
        found = last(answered, ours, Request(network=file, **fields))  # type: ignore[arg-type]  # as declared
        expected = last(answered, twin, Request(network="test", **fields))  # type: ignore[arg-type]  # as declared
        if isinstance(expected, str):
            assert isinstance(found, str), method
            continue
        assert isinstance(found, HeatMap | GradientPicture), (method, found)
        assert np.ptp(found.raw) > 0 or np.ptp(expected.raw) == 0, method
        scale = float(np.abs(expected.raw).max())
        np.testing.assert_allclose(found.raw, expected.raw, atol=2e-3 * scale, err_msg=method)
        assert found.completeness == pytest.approx(expected.completeness, abs=2e-3), method


def last(ask: Callable[..., list[object]], whose: object, request: Request) -> Attribution | str:
    """The last map, or the sentence that refuses it."""
    try:
        found = ask(whose, request)[-1]
    except CnnvizError as error:
        return str(error)
    assert isinstance(found, Attribution)
    return found


def test_that_kernels_are_told_and_turned_as_those_of_the_network(network: Small, path: Path) -> None:
    ours = session()
    twin = session_with(network, size=(SIDE, SIDE))
    for layer in ("stem.0", "up", "last", "head"):
        found = answered(ours, Request(method="kernels", network=str(path), layers=(layer,)))[-1]
        expected = answered(twin, Request(method="kernels", network="test", layers=(layer,)))[-1]
        assert isinstance(found, Kernels)
        assert isinstance(expected, Kernels)
        assert found.kind == expected.kind
        np.testing.assert_array_equal(found.weights, expected.weights)


def test_that_the_size_it_takes_is_the_preprocessings_and_others_are_refused_in_words(
    path: Path, tmp_path: Path, image: str, network: Small
) -> None:
    source = opened(path)
    assert source.preprocessing is not None
    assert source.preprocessing.size == (SIDE, SIDE)
    assert "takes pictures of 24×24 only" in source.notes[0]
    with pytest.raises(NetworkError, match=r"exported for pictures of 24×24 with 3 channels, and got 32×32 with 3"):
        source.module(torch.zeros(1, 3, 32, 32))
    with pytest.raises(NetworkError, match=r"exported for 1 picture at a time, and got 2"):
        source.module(torch.zeros(2, 3, SIDE, SIDE))
    free = opened(save_exported(exported(network, dynamic=True, sizes=True), tmp_path / "free.pt2"))
    assert "was exported with pictures of 24×24;" in free.notes[0]
    assert free.module(torch.zeros(3, 3, 32, 40)).shape == (3, 5)


def test_that_a_grey_network_gets_grey_pictures(tmp_path: Path, image: str) -> None:
    program = exported(small(channels=1), channels=1)
    file = save_exported(program, tmp_path / "grey.pt2")
    (found,) = answered(session(), Request(method="predictions", network=str(file), images=(image,)))
    assert isinstance(found, Predictions)
    assert len(found.logits) == 5


def test_that_nothing_is_loaded_before_consent(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.export, "load", lambda *_: pytest.fail("it was loaded"))
    with pytest.raises(ConsentNeeded, match=r"small.pt2 is a program that torch.export saved") as caught:
        list(session().run(Request(method="outline", network=str(path))))
    assert caught.value.file == str(path)


def test_that_a_program_in_training_mode_is_refused_with_the_layers_that_show_it(
    network: Small, tmp_path: Path
) -> None:
    said = refusal(save_exported(exported(network.train()), tmp_path / "training.pt2"))
    assert "training mode (stem.1: batch_norm, drop: dropout)" in said
    assert "Call eval() before" in said


class Two(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return x + y


class Flat(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * 2


@pytest.mark.parametrize(
    ("module", "inputs", "sentence"),
    [
        (Two(), (torch.zeros(1, 3, 8, 8), torch.zeros(1, 3, 8, 8)), "takes in 2 values (1×3×8×8, 1×3×8×8)"),
        (Flat(), (torch.zeros(1, 10),), "takes in 1×10, and not pictures"),
        (Flat(), (torch.zeros(1, 7, 8, 8),), "takes in 1×7×8×8, and not pictures"),
        (Flat(), (torch.zeros(4, 3, 8, 8),), "was exported for 4 pictures at a time"),
        (Flat(), (torch.zeros(1, 3, 8, 8, dtype=torch.uint8),), "takes in torch.uint8"),
    ],
)
def test_that_what_takes_no_single_picture_is_refused_in_words(
    tmp_path: Path, module: nn.Module, inputs: tuple[Tensor, ...], sentence: str
) -> None:
    assert sentence in refusal(save_exported(torch.export.export(module, inputs), tmp_path / "odd.pt2"))


def test_that_a_picture_taken_by_name_is_refused(network: Small, tmp_path: Path) -> None:
    program = torch.export.export(network, (), {"x": torch.zeros(1, 3, SIDE, SIDE)})
    assert "by the name “x”" in refusal(save_exported(program, tmp_path / "named.pt2"))


def changed(path: Path, part: str, content: bytes) -> Path:
    """The archive with another content of a part, or one more part."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    root = next(iter(parts)).partition("/")[0]
    parts[f"{root}/{part}"] = content
    other = path.with_name("changed.pt2")
    with zipfile.ZipFile(other, "w") as archive:
        for name, kept in parts.items():
            archive.writestr(name, kept)
    return other


class Touching:
    """Unpickling it makes a file."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.marker,)


def torch_saved(value: object) -> bytes:
    saved = io.BytesIO()
    torch.save(value, saved)
    return saved.getvalue()


@pytest.mark.parametrize("part", ["data/sample_inputs/model.pt", "data/weights/model.pt", "data/constants/model.pt"])
@pytest.mark.parametrize("form", ["torch", "pickle"])
def test_that_a_pickle_that_runs_code_is_refused_even_with_consent(path: Path, part: str, form: str) -> None:
    marker = path.with_name("ran")
    value = Touching(marker)
    bad = changed(path, part, torch_saved(value) if form == "torch" else pickle.dumps(value))
    for attempt in (refusal, refusal_when_trusted):
        assert "could run code when opened, so that it was not" in attempt(bad)
    assert not marker.exists()


def refusal_when_trusted(path: Path) -> str:
    archive = finish(read_archive(path, "exported"))
    with pytest.raises(NetworkError) as caught:
        exported_program.load(archive)
    return str(caught.value)


@pytest.mark.parametrize("table", ["weights", "constants"])
def test_that_a_table_that_asks_for_a_pickle_is_followed_before_torch_does(path: Path, table: str) -> None:
    marker = path.with_name("ran")
    row = {"path_name": "bad", "is_param": True, "use_pickle": True, "tensor_meta": None}
    tables = json.dumps({"config": {"stem.0.weight": row}}).encode()
    bad = changed(path, f"data/{table}/model_{table}_config.json", tables)
    bad = changed(bad, f"data/{table}/bad", torch_saved(Touching(marker)))
    assert "could run code" in refusal_when_trusted(bad)
    assert not marker.exists()


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ("data/aotinductor/model/model.so", "holds code that torch.compile made for one machine"),
        ("data/constants/opaque_obj_0", "objects that are no tensors (data/constants/opaque_obj_0)"),
        ("data/weights/model_weights_config.json", "is damaged"),
        ("models/model.json", "cannot be loaded by PyTorch"),
        ("archive_version", "cannot be loaded by PyTorch"),
    ],
)
def test_that_other_code_and_damage_are_told(path: Path, part: str, sentence: str) -> None:
    assert sentence in refusal(changed(path, part, b"{ nothing"))


def test_that_a_file_cut_short_anywhere_is_told(path: Path) -> None:
    whole = path.read_bytes()
    for share in (0.0, 0.01, 0.5, 0.99):
        short = path.with_name("short.pt2")
        short.write_bytes(whole[: int(share * len(whole))])
        assert any(word in refusal(short) for word in ("empty", "damaged", "not a program"))


def test_that_dynamic_programs_go_many_rows_at_a_time(network: Small, tmp_path: Path) -> None:
    for dynamic in (False, True):
        ours = session()
        file = str(save_exported(exported(network, dynamic=dynamic), tmp_path / f"{dynamic}.pt2"))
        answered(ours, Request(method="outline", network=file))
        (bench,) = ours._benches.values()
        assert bench.rows_are_apart is dynamic


def test_that_no_trace_is_left(path: Path, image: str) -> None:
    ours = session()
    answered(ours, Request(method="outline", network=str(path)))
    (bench,) = ours._benches.values()
    before = {key: value.clone() for key, value in bench.module.state_dict().items()}
    for method in ("gradcam", "guided_backprop", "fullgrad", "integrated_gradients"):
        answered(ours, Request(method=method, network=str(path), images=(image,)))
    after = bench.module.state_dict()
    assert all(torch.equal(before[key], after[key]) for key in before)
    assert not any(part._forward_hooks for part in bench.module.modules())
