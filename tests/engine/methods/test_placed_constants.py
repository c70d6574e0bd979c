"""FullGrad finds the constants that operations put beside a signal, or in the place of some of its values."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz_desktop.core.requests import ClassTarget
from tests.engine.methods.maps_for_tests import heats
from tests.engine.networks_for_tests import InPlace, seeded, session_with

Operation = Callable[[Tensor], Tensor]
CONSTANT = torch.tensor(0.3)


def beside(x: Tensor) -> Tensor:
    return torch.full_like(x, 2.0)


def assigned_into_a_constant(x: Tensor) -> Tensor:
    whole = beside(x)
    whole[:, :, 2:] = x[:, :, 2:]
    whole[:, :3, :5] = x[:, 3:, 1:6]
    return whole


def assigned_a_constant(x: Tensor) -> Tensor:
    x[:, 1] = 0.7
    x[x < -0.2] = -0.2
    return x


OPERATIONS: dict[str, Operation] = {
    "pad": lambda x: F.pad(x, (1, 1, 1, 0), value=1.5),
    "pad with zeros": lambda x: F.pad(x, (1, 1)),
    "ConstantPad2d": lambda x: nn.ConstantPad2d(1, -1.0)(x),
    "clamp_max": lambda x: x.clamp_max(0.1),
    "clamp_min in place": lambda x: x.clamp_min_(-0.1),
    "clamp between tensors": lambda x: x.clamp(torch.full_like(x, -0.1), torch.full_like(x, 0.2)),
    "hardtanh": lambda x: F.hardtanh(4 * x),
    "relu6": lambda x: F.relu6(40 * x),
    "minimum": lambda x: torch.minimum(x, CONSTANT),
    "maximum": lambda x: torch.maximum(CONSTANT, x),
    "max": lambda x: x.max(CONSTANT),
    "masked_fill": lambda x: x.masked_fill(x < 0, 0.3),
    "masked_fill in place": lambda x: x.masked_fill_(x < 0, CONSTANT),
    "where": lambda x: torch.where(x > 0, x, CONSTANT),
    "where of a tensor": lambda x: x.where(x > 0, 0.3),
    "threshold": lambda x: F.threshold(x, 0.1, 0.5),
    "threshold in place": lambda x: F.threshold(x, 0.1, 0.5, inplace=True),
    "stack": lambda x: torch.stack([x, beside(x)], dim=1).mean(dim=1),
    "hstack": lambda x: torch.hstack([beside(x), x])[:, 2:8],
    "index_fill": lambda x: x.index_fill(1, torch.tensor([0, 2]), 0.4),
    "assigned into a constant": assigned_into_a_constant,
    "assigned a constant": assigned_a_constant,
    "added to a constant in place": lambda x: beside(x).add_(x),
    "times a constant in place": lambda x: beside(x).mul_(x),
}


class Placing(InPlace):
    """An operation between two convolutions."""

    def __init__(self, operation: Operation) -> None:
        super().__init__()
        self.operation = operation

    def forward(self, x: Tensor) -> Tensor:
        x = self.operation(self.first(x))
        logits: Tensor = self.head(self.last(x).relu().mean(dim=(2, 3)))
        return logits


@pytest.mark.parametrize("name", OPERATIONS)
def test_that_the_terms_add_up_to_the_score_whatever_constant_is_placed(name: str, image: str) -> None:
    module = seeded(lambda: Placing(OPERATIONS[name]))
    (found,) = heats(session_with(module), "fullgrad", image, targets=(ClassTarget(1),))
    assert found.completeness is not None
    assert found.completeness < 1e-5


@pytest.mark.parametrize("masked", [
    lambda x: x.masked_fill(torch.eye(48, dtype=torch.bool), -torch.inf),
    lambda x: x + torch.zeros(48, 48).fill_diagonal_(-torch.inf),
])  # fmt: skip
def test_that_what_attention_is_masked_with_leaves_the_map_in_numbers(masked: Operation, image: str) -> None:
    def attending(x: Tensor) -> Tensor:
        places = F.avg_pool2d(x, 4).flatten(2).mT  # (N, 48, C)
        attention = masked(places @ places.mT).softmax(dim=2)
        return (attention @ places).mT.reshape(-1, 6, 8, 6)

    (found,) = heats(session_with(seeded(lambda: Placing(attending))), "fullgrad", image)
    assert np.isfinite(found.raw).all()
    assert found.raw.any()
    assert found.completeness is not None
    assert np.isfinite(found.completeness)


def test_that_a_constant_that_is_not_followed_is_among_the_reasons_of_what_is_missed(image: str) -> None:
    def copied_into_a_part(x: Tensor) -> Tensor:
        whole = 10 * beside(x)
        whole[:, :, 2:].copy_(x[:, :, 2:])
        return whole

    (found,) = heats(session_with(seeded(lambda: Placing(copied_into_a_part))), "fullgrad", image)
    assert any("or adds a constant in a way that is not followed" in note for note in found.notes)
