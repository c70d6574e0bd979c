"""What a forward pass writes into its own parameters is found and undone, whichever way it writes."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from cnnviz_desktop.engine.parameter_guard import ParameterGuard
from tests.engine.networks_for_tests import InPlace, fingerprint, outlined, seeded


class Writing(nn.Module):
    """Does something to its weight in each pass."""

    def __init__(self, write: Callable[[Tensor], object]) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3)
        self.norm = nn.BatchNorm2d(3)
        self._write = write

    def forward(self, x: Tensor) -> Tensor:
        self._write(self.conv.weight)
        logits: Tensor = self.norm(self.conv(x)).mean((2, 3))
        return logits


def values_of(module: nn.Module) -> list[Tensor]:
    return [parameter.detach().clone() for parameter in module.parameters()]


WAYS: dict[str, Callable[[Tensor], object]] = {
    "data": lambda weight: weight.data.mul_(2),
    "in place": lambda weight: weight.add_(1),
    "a view": lambda weight: weight.data.view(-1)[3:5].zero_(),
    "copied": lambda weight: weight.copy_(torch.ones_like(weight)),
    "out": lambda weight: torch.mul(weight, 3, out=weight.data),
    "other memory": lambda weight: setattr(weight, "data", torch.zeros_like(weight)),
    "random": lambda weight: nn.init.normal_(weight),
}


@pytest.mark.parametrize("way", WAYS)
def test_that_what_is_written_is_undone_and_told(way: str) -> None:
    module = seeded(lambda: Writing(WAYS[way])).requires_grad_(requires_grad=False)
    before, x = values_of(module), torch.rand(1, 3, 8, 8)
    with torch.no_grad(), ParameterGuard(module) as guard:
        module(x)
        assert not torch.equal(module.conv.weight, before[0])
        module(x)
    assert guard.wrote
    for parameter, value in zip(module.parameters(), before, strict=True):
        torch.testing.assert_close(parameter.detach(), value, rtol=0, atol=0)


def test_that_it_is_undone_where_the_pass_fails() -> None:
    def write(weight: Tensor) -> None:
        weight.data.zero_()
        raise ValueError("half way")

    module = seeded(lambda: Writing(write))
    before = values_of(module)
    with pytest.raises(ValueError, match="half way"), ParameterGuard(module):
        module(torch.rand(1, 3, 8, 8))
    assert torch.equal(module.conv.weight, before[0])


@pytest.mark.parametrize("factory", [InPlace, lambda: Writing(lambda weight: weight * 2)])
def test_that_a_network_that_leaves_its_parameters_alone_is_not_suspected(factory: Callable[[], nn.Module]) -> None:
    module = seeded(factory)
    x = torch.rand(1, 3, 8, 8)
    before = fingerprint(module)
    with torch.no_grad(), ParameterGuard(module) as guard:
        module(x)
    assert not guard.wrote
    assert fingerprint(module) == before


def test_that_parameters_that_share_memory_are_both_given_back() -> None:
    module = seeded(lambda: Writing(lambda weight: weight.data.zero_()))
    module.twin = nn.Parameter(module.conv.weight.data.view(-1)[:4])
    before = values_of(module)
    with torch.no_grad(), ParameterGuard(module) as guard:
        module(torch.rand(1, 3, 8, 8))
    assert guard.wrote
    for parameter, value in zip(module.parameters(), before, strict=True):
        assert torch.equal(parameter, value)


class Sparse(nn.Module):
    """Multiplies by a sparse buffer, and doubles it in each pass."""

    adjacent: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 5, 3)
        self.register_buffer("adjacent", torch.eye(5).to_sparse())

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = torch.sparse.mm(self.adjacent, self.conv(x).mean((2, 3)).T).T
        self.adjacent.mul_(2)
        return logits


def test_that_a_network_with_a_sparse_buffer_is_looked_into_and_left_as_it_was() -> None:
    module = seeded(Sparse)
    with ParameterGuard(module) as guard:
        outline = outlined(module)
    assert outline.classes == 5
    assert outline.suggested == "conv"
    assert not guard.wrote
    assert torch.equal(module.adjacent.to_dense(), torch.eye(5))
