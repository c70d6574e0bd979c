from collections import OrderedDict, namedtuple

import pytest
import torch
from torch import Tensor, nn

from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.engine.capture import capture, tensors_of, with_tensors
from tests.engine.networks_for_tests import InPlace, seeded

FIRST = LayerRef("first")


def test_that_an_in_place_follower_does_not_touch_what_was_recorded() -> None:
    module, image = seeded(InPlace), torch.randn(1, 3, 8, 8)
    expected = module.get_submodule("first")(image)
    assert (expected < 0).any()
    with torch.no_grad(), capture(module, layers=[FIRST], copied=[FIRST]) as copied:
        module(image)
    with capture(module, layers=(), gradients=[FIRST]) as differentiable:
        module(image)
    assert torch.equal(copied.tensors[FIRST], expected)
    assert torch.equal(differentiable.tensors[FIRST], expected)


def test_that_a_tensor_recorded_without_a_copy_is_known_to_be_overwritten() -> None:
    module = seeded(InPlace)
    with torch.no_grad(), capture(module, layers=[FIRST, LayerRef("relu")]) as recording:
        module(torch.randn(1, 3, 8, 8))
    assert recording.overwritten() == {FIRST}


def test_that_the_gradient_is_that_of_a_twin_without_in_place_operations() -> None:
    module, image = seeded(InPlace), torch.randn(1, 3, 8, 8)
    with capture(module, layers=(), gradients=[FIRST]) as recording:
        score = module(image)[0, 2]
    (gradient,) = torch.autograd.grad(score, recording.tensors[FIRST])

    leaf = module.get_submodule("first")(image).detach().requires_grad_()
    out = torch.relu(module.get_submodule("last")(torch.relu(leaf)))
    twin = module.get_submodule("head")(out.mean((2, 3)))[0, 2]
    (expected,) = torch.autograd.grad(twin, leaf)
    assert torch.allclose(gradient, expected, atol=1e-7)


def test_that_hooks_come_off_when_the_network_raises() -> None:
    module = seeded(InPlace)
    with pytest.raises(RuntimeError), capture(module, layers=[FIRST, LayerRef("last", "input")]):
        module(torch.randn(1, 2, 8, 8))
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in module.modules())


def test_that_inputs_are_recorded_before_an_in_place_module_changes_them() -> None:
    module, image = seeded(InPlace), torch.randn(1, 3, 8, 8)
    with torch.no_grad(), capture(module, layers=[LayerRef("relu", "input")]) as recording:
        module(image)
    assert torch.equal(recording.tensors[LayerRef("relu", "input")], module.get_submodule("first")(image))


def test_that_parts_of_a_tuple_are_recorded_and_passed_on_in_their_container() -> None:
    Pair = namedtuple("Pair", "left right")

    class Two(nn.Module):
        def forward(self, x: Tensor) -> object:
            return Pair(x, {"double": [2 * x]})

    class Whole(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.two = Two()

        def forward(self, x: Tensor) -> Tensor:
            both = self.two(x)
            assert isinstance(both, Pair)
            doubled: Tensor = both.right["double"][0]
            return doubled.sum(dim=(2, 3))

    second = LayerRef("two", part=1)
    module = Whole()
    with capture(module, layers=(), gradients=[second]) as recording:
        score = module(torch.ones(1, 2, 3, 3))[0, 0]
    (gradient,) = torch.autograd.grad(score, recording.tensors[second])
    assert gradient[0, 0].eq(1).all()
    assert gradient[0, 1].eq(0).all()


def test_that_replacing_tensors_keeps_the_containers() -> None:
    value = (torch.zeros(1), OrderedDict(a=torch.ones(1)), [torch.full((1,), 2.0), "text"])
    replaced = with_tensors(value, {1: torch.full((1,), 9.0)})
    assert isinstance(replaced, tuple)
    assert isinstance(replaced[1], OrderedDict)
    assert [float(tensor) for tensor in tensors_of(replaced)] == [0, 9, 2]
    assert replaced[2][1] == "text"
