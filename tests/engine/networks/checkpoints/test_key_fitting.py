import pytest
import torch
from torch import Tensor

from cnnviz_desktop.engine.networks.checkpoints.key_fitting import best_fits

OWN = {"conv1.weight": (4, 3, 3, 3), "layer1.0.weight": (4, 4, 1, 1), "fc.bias": (10,)}


def _tensors(rename: str = "{}") -> dict[str, Tensor]:
    return {rename.format(key): torch.zeros(shape) for key, shape in OWN.items()}


@pytest.mark.parametrize(
    "prefix",
    [
        "",
        "module.",
        "model.",
        "_orig_mod.",
        "backbone.",
        "net.",
        "module.model.",
        "_orig_mod.module.module.",
        "my.own.",
    ],
)
def test_that_a_prefix_is_found(prefix: str) -> None:
    (fit,) = best_fits(_tensors(prefix + "{}"), OWN)
    assert fit.names == {key: prefix + key for key in OWN}
    assert (f"“{prefix}” was taken off" in fit.renaming) == bool(prefix)


@pytest.mark.parametrize(
    "place",
    [("state_dict",), ("model",), ("model_state_dict",), ("net",), ("ema",), ("model_ema", "module"), ("any", "name")],
)
def test_that_the_dictionary_with_the_weights_is_found(place: tuple[str, ...]) -> None:
    content: object = _tensors()
    for key in reversed(place):
        content = {"epoch": 3, "best": torch.tensor(0.9), "optimizer": {"state": {0: torch.zeros(4)}}, key: content}
    (fit,) = best_fits(content, OWN)
    assert fit.place == place
    assert fit.renaming == ""
    assert fit.names.keys() == OWN.keys()


def test_that_the_choice_that_fits_in_shape_wins() -> None:
    other = {key: torch.zeros(2, 2) for key in OWN}
    (fit,) = best_fits({"state_dict": other, "ema": _tensors("module.{}")}, OWN)
    assert fit.place == ("ema",)


def test_that_of_equal_choices_the_trained_weights_come_before_their_average() -> None:
    fits = best_fits({"ema": _tensors(), "model": _tensors()}, OWN)
    assert [fit.place for fit in fits] == [("model",), ("ema",)]


def test_that_wrappers_inside_the_keys_are_left_out() -> None:
    tensors = {
        "features.module.0.weight": torch.zeros(4),
        "features._orig_mod.module.2.weight": torch.zeros(5),
        "classifier.bias": torch.zeros(6),
    }
    (fit,) = best_fits(tensors, {"features.0.weight": (4,), "features.2.weight": (5,), "classifier.bias": (6,)})
    assert set(fit.names.values()) == set(tensors)
    assert "left out" in fit.renaming


@pytest.mark.parametrize("prefix", ["", "module."])
def test_that_a_network_that_wraps_the_saved_one_is_understood(prefix: str) -> None:
    (fit,) = best_fits(_tensors(prefix + "{}"), {f"backbone.{key}": shape for key, shape in OWN.items()})
    assert fit.names == {f"backbone.{key}": prefix + key for key in OWN}
    assert "“backbone.” was put in front" in fit.renaming


def test_that_keys_of_the_same_name_in_a_network_of_its_own_are_not_renamed() -> None:
    own = {"module.weight": (3,), "weight": (3,)}
    (fit,) = best_fits({key: torch.zeros(shape) for key, shape in own.items()}, own)
    assert fit.names == {key: key for key in own}


def test_that_a_network_which_fits_nowhere_is_compared_with_the_largest_dictionary() -> None:
    content = {"best": torch.tensor(0.9), "state_dict": {"a.b": torch.zeros(1), "c.d": torch.zeros(1)}}
    assert best_fits(content, OWN)[0].place == ("state_dict",)


@pytest.mark.parametrize("content", [[torch.zeros(1)], {}, {"state": {0: torch.zeros(1)}}, None, torch.zeros(1)])
def test_that_content_without_named_tensors_fits_nowhere(content: object) -> None:
    assert best_fits(content, OWN) == []
