from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from cnnviz_desktop.core.errors import NetworkError, WeightsMismatch
from cnnviz_desktop.engine.networks.checkpoints.weights import load_weights, nan_note, state_sha256
from tests.engine.networks.official.finishing import finish

NOTHING: frozenset[str] = frozenset()


def _network(classes: int = 5, seed: int = 0) -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.LazyLinear(classes))


def _materialised(classes: int = 5, seed: int = 0) -> nn.Sequential:
    module = _network(classes, seed).eval()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module(torch.zeros(1, 3, 8, 8))
    return module


def _saved(folder: Path, content: object) -> Path:
    path = folder / "w.pth"
    torch.save(content, path)
    return path


def _states_equal(one: nn.Module, other: nn.Module) -> bool:
    states = one.state_dict(), other.state_dict()
    return states[0].keys() == states[1].keys() and all(
        torch.equal(states[0][key], states[1][key]) for key in states[0]
    )


def test_that_weights_arrive_value_for_value_and_notes_say_how(tmp_path: Path) -> None:
    source, module = _materialised(seed=1), _materialised(seed=2)
    content = {"epoch": 9, "state_dict": {f"module.{key}": value for key, value in source.state_dict().items()}}
    sha256, notes = finish(load_weights(module, _saved(tmp_path, content), NOTHING))
    assert _states_equal(module, source)
    assert len(sha256) == 64
    assert notes == (
        "The weights are those under “state_dict” in w.pth.",
        "The prefix “module.” was taken off the keys of w.pth.",
    )


def test_that_a_plain_file_needs_no_notes(tmp_path: Path) -> None:
    source, module = _materialised(seed=1), _materialised(seed=2)
    save_file(source.state_dict(), tmp_path / "w.safetensors")
    _, notes = finish(load_weights(module, tmp_path / "w.safetensors", NOTHING))
    assert notes == ()
    assert _states_equal(module, source)


def _misfit(folder: Path) -> Path:
    state = _materialised(classes=7, seed=1).state_dict()
    del state["1.running_mean"]
    return _saved(folder, {"model": state | {"extra.weight": torch.zeros(2, 3)}})


TABLE = {
    ("1.running_mean", "missing", "", "4"),
    ("3.weight", "shape", "7×144", "5×144"),
    ("3.bias", "shape", "7", "5"),
    ("extra.weight", "unexpected", "2×3", ""),
}


@pytest.mark.parametrize("allowed", [NOTHING, {"1.running_mean", "3.weight", "3.bias"}])
def test_that_keys_that_do_not_fit_are_refused_with_the_table(tmp_path: Path, allowed: frozenset[str]) -> None:
    module = _materialised(seed=2)
    with pytest.raises(WeightsMismatch) as caught:
        finish(load_weights(module, _misfit(tmp_path), allowed))
    assert set(caught.value.table) == TABLE
    assert "1 unknown to the network (extra.weight)" in str(caught.value)
    assert ("3.bias" in str(caught.value)) == (not allowed)
    assert _states_equal(module, _materialised(seed=2))


def test_that_keys_allowed_by_name_are_left_as_they_are(tmp_path: Path) -> None:
    source, before, module = _materialised(7, 1), _materialised(seed=2), _materialised(seed=2)
    _, notes = finish(load_weights(module, _misfit(tmp_path), {key for key, *_ in TABLE}))
    assert torch.equal(module.state_dict()["0.weight"], source.state_dict()["0.weight"])
    assert torch.equal(module.state_dict()["3.weight"], before.state_dict()["3.weight"])
    assert any("as allowed: 1.running_mean, 3.weight, 3.bias; they keep" in note for note in notes)
    assert any("as allowed: extra.weight" in note for note in notes)


def test_that_weights_of_another_network_are_called_that(tmp_path: Path) -> None:
    with pytest.raises(WeightsMismatch, match="belong to another network") as caught:
        finish(load_weights(_materialised(), _saved(tmp_path, {"a.b": torch.zeros(3)}), NOTHING))
    assert ("a.b", "unexpected", "3", "") in caught.value.table


@pytest.mark.parametrize(("outside", "listed"), [("module.extra", "extra"), ("own.extra", "own.extra")])
def test_that_a_prefix_which_was_taken_off_all_keys_is_not_listed(tmp_path: Path, outside: str, listed: str) -> None:
    state = {f"module.{key}": value for key, value in _materialised(seed=1).state_dict().items()}
    module, path = _materialised(seed=2), _saved(tmp_path, {**state, outside: torch.zeros(2)})
    with pytest.raises(WeightsMismatch) as caught:
        finish(load_weights(module, path, NOTHING))
    assert caught.value.table == ((listed, "unexpected", "2", ""),)
    finish(load_weights(module, path, {listed}))
    assert _states_equal(module, _materialised(seed=1))


def test_that_a_long_list_of_keys_is_cut_in_the_sentence_and_whole_in_the_table(tmp_path: Path) -> None:
    state = _materialised().state_dict()
    extra = {f"more.{index}": torch.zeros(1) for index in range(50)}
    with pytest.raises(WeightsMismatch, match=r"50 unknown to the network .* and 46 more") as caught:
        finish(load_weights(_materialised(), _saved(tmp_path, {**state, **extra}), NOTHING))
    assert len(caught.value.table) == 50


def test_that_counters_which_old_files_lack_are_not_missed(tmp_path: Path) -> None:
    source, module = _materialised(seed=1), _materialised(seed=2)
    state = {key: value for key, value in source.state_dict().items() if "num_batches" not in key}
    _, notes = finish(load_weights(module, _saved(tmp_path, state), NOTHING))
    assert _states_equal(module, source)
    assert any("num_batches_tracked" in note for note in notes)


class _Scaled(nn.Linear):
    """Keeps its scale as extra state, which need not be a tensor."""

    def __init__(self, scale: object) -> None:
        super().__init__(2, 2)
        self.scale = scale

    def get_extra_state(self) -> object:
        return self.scale

    def set_extra_state(self, state: object) -> None:
        self.scale = state


@pytest.mark.parametrize("has_it", [True, False])
def test_that_state_besides_tensors_is_told_to_be_left_as_it_was_built(tmp_path: Path, has_it: bool) -> None:
    source, module = _Scaled({"scale": 3.0}), _Scaled({"scale": 1.0})
    state = {key: value for key, value in source.state_dict().items() if has_it or isinstance(value, torch.Tensor)}
    _, notes = finish(load_weights(module, _saved(tmp_path, state), NOTHING))
    assert torch.equal(module.weight, source.weight)
    assert module.scale == {"scale": 1.0}
    (note,) = notes
    assert "(_extra_state), which stays as it was built" in note


def test_that_extra_state_that_is_a_tensor_is_loaded_like_any_other(tmp_path: Path) -> None:
    module = _Scaled(torch.tensor([1.0]))
    _, notes = finish(load_weights(module, _saved(tmp_path, _Scaled(torch.tensor([3.0])).state_dict()), NOTHING))
    assert torch.equal(torch.as_tensor(module.scale), torch.tensor([3.0]))
    assert notes == ()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_that_half_precision_is_widened_and_said(tmp_path: Path, dtype: torch.dtype) -> None:
    source, module = _materialised(seed=1), _materialised(seed=2)
    halved = source.to(dtype).state_dict()
    _, notes = finish(load_weights(module, _saved(tmp_path, halved), NOTHING))
    assert all(value.dtype in (torch.float32, torch.int64) for value in module.state_dict().values())
    assert torch.equal(module.state_dict()["3.weight"], halved["3.weight"].float())
    assert any(f"from {str(dtype).removeprefix('torch.')} to float32" in note for note in notes)


def test_that_of_weights_and_their_average_the_weights_are_taken_and_both_are_told(tmp_path: Path) -> None:
    source, average, module = _materialised(seed=1), _materialised(seed=3), _materialised(seed=2)
    path = _saved(tmp_path, {"model_ema": average.state_dict(), "model": source.state_dict()})
    _, notes = finish(load_weights(module, path, NOTHING))
    assert _states_equal(module, source)
    assert any("“model_ema” fit as well" in note for note in notes)


def test_that_lazy_layers_take_their_shape_from_the_file(tmp_path: Path) -> None:
    source, module = _materialised(seed=1), _network(seed=2)
    finish(load_weights(module, _saved(tmp_path, source.state_dict()), NOTHING))
    assert _states_equal(module, source)


def test_that_a_file_without_named_tensors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="no tensors under names"):
        finish(load_weights(_materialised(), _saved(tmp_path, [torch.zeros(3)]), NOTHING))


def test_that_nan_among_parameters_and_buffers_is_noted_and_minus_infinity_is_not() -> None:
    module = _materialised()
    module.register_buffer("mask", torch.tensor([0.0, -torch.inf]))
    assert nan_note(module) == ()
    module.get_buffer("1.running_var")[2] = torch.nan
    with torch.no_grad():
        module.get_parameter("0.bias")[0] = torch.nan
    (note,) = nan_note(module)
    assert "0.bias, 1.running_var" in note


def test_that_the_hash_of_a_state_sees_every_value_name_and_dtype() -> None:
    hashes = [state_sha256(_materialised()), state_sha256(_materialised().half()), state_sha256(_materialised(6))]
    changed = _materialised()
    changed.get_buffer("1.num_batches_tracked").add_(1)
    hashes.append(state_sha256(changed))
    assert state_sha256(_materialised()) == hashes[0]
    assert len(set(hashes)) == len(hashes)
    assert len(state_sha256(_network())) == 64
