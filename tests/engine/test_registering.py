"""Modules under two names, shared parameters, and modules that never run, as the outline tells of them."""

import time

import pytest
import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.engine.registering import registered_in
from tests.engine.networks_for_tests import Functional, outlined, seeded


class Entangled(nn.Module):
    """One activation under three names, two convolutions with one weight, one module never run, one read by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.first = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), self.relu)
        self.second = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), self.relu)
        self.second[0].weight = self.first[0].weight
        self.unused = nn.Sequential(nn.Conv2d(3, 3, 3), nn.Dropout())
        self.read = nn.Linear(3, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.second(self.first(x)).mean((2, 3))
        return torch.nn.functional.linear(x, self.read.weight, self.read.bias)


def test_that_repeated_and_unused_modules_are_told_from_those_whose_weights_are_read() -> None:
    outline = outlined(seeded(Entangled))
    relu = outline.layer("relu")
    assert (relu.runs, relu.also_named) == (2, ("first.1", "second.1"))
    told = {node.name: (node.runs, node.unused) for node in outline.layers}
    assert told["first.0"] == (1, False)
    assert told["unused"] == told["unused.0"] == told["unused.1"] == (0, True)
    assert told["read"] == (0, False)
    assert "other code uses what is in it" in outline.layer("read").why_no_maps
    assert "does not run when" in outline.layer("unused").why_no_maps


def test_that_shared_parameters_are_named_on_both_sides_and_counted_once() -> None:
    module = seeded(Entangled)
    outline = outlined(module)
    assert outline.layer("first.0").shares == ("second.0.weight",)
    assert outline.layer("second.0").shares == ("first.0.weight",)
    assert outline.parameters == sum({id(each): each.numel() for each in module.parameters()}.values())
    assert outline.layer("second").parameters == outline.layer("first").parameters == 81 + 3


@pytest.mark.parametrize("factory", [Entangled, Functional])
def test_that_each_module_has_the_parameters_that_pytorch_finds_in_it(factory: type[nn.Module]) -> None:
    registered = registered_in(seeded(factory))
    for name, part in registered.modules.items():
        assert registered.parameters[name] == sum(each.numel() for each in part.parameters()), name


def test_that_a_module_that_holds_its_parent_is_walked_once() -> None:
    parent = nn.Sequential(nn.ReLU())
    parent[0].add_module("parent", parent)
    registered = registered_in(parent)
    assert list(registered.modules) == ["", "0"]
    assert registered.other_names == {"": ("0.parent",)}


def test_that_ten_thousand_modules_are_outlined_in_time_that_grows_with_their_number() -> None:
    def seconds(blocks: int) -> float:
        module = nn.Sequential(*(nn.Sequential(*(nn.ReLU() for _ in range(9))) for _ in range(blocks))).eval()
        start = time.process_time()
        outline = outlined(module, (4, 4))
        assert len(outline.layers) == 10 * blocks
        assert outline.layer(f"{blocks - 1}.8").runs == 1
        return time.process_time() - start

    small = min(seconds(100), seconds(100))
    assert seconds(1000) < 30 * small, "ten times as many, with room for a busy machine"


def test_that_a_layer_that_is_not_there_is_refused_with_what_was_meant() -> None:
    outline = outlined(seeded(Entangled))
    with pytest.raises(LayerError, match=r"first\.0"):
        outline.layer("first.00")
