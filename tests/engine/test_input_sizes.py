"""Which sizes a network takes is told by running it."""

import torch
from torch import Tensor, nn

from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.engine.input_sizes import runs_at
from tests.engine.networks_for_tests import Functional, seeded


class Fixed(nn.Module):
    """Has a linear layer that wants 8 × 8."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(3 * 64, 5)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(x.flatten(1))
        return logits


def test_that_a_size_is_taken_where_a_pass_goes_through() -> None:
    assert runs_at(seeded(Functional), 3, Size(33, 47))
    assert not runs_at(seeded(Functional), 3, Size(2, 2))
    assert not runs_at(seeded(Functional), 1, Size(33, 47))
    assert [size for size in (4, 8, 16) if runs_at(seeded(Fixed), 3, Size(size, size))] == [8]
    assert runs_at(seeded(Fixed).to(torch.float16), 3, Size(8, 8))
