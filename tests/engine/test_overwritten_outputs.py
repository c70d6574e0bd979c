"""Which layers' outputs are overwritten later, against the versions of outputs that are kept alive."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from tests.engine.networks_for_tests import Functional, InPlace, outlined, seeded


class Views(nn.Module):
    """Writes into a view of one output, into what it was made from after another had taken its memory, and beside."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3)
        self.second = nn.Sequential(nn.Conv2d(4, 4, 1))
        self.third = nn.Conv2d(4, 4, 1)
        self.head = nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        x[:, :2].mul_(2)
        y = self.second(x)
        z = y * 2
        z += y  # reads the output of `second`, and leaves it alone
        del y
        z = self.third(z).add_(1)
        logits: Tensor = self.head(z.mean((2, 3)))
        return logits


def by_versions(module: nn.Module, size: tuple[int, int]) -> set[str]:
    """Names of the modules whose outputs, kept alive, were changed after they had returned."""
    kept: dict[str, tuple[Tensor, int]] = {}

    def hook(name: str) -> Callable[..., None]:
        def keep(_: nn.Module, __: object, output: Tensor) -> None:
            kept[name] = output, output._version

        return keep

    handles = [part.register_forward_hook(hook(name)) for name, part in module.named_modules() if name]
    with torch.no_grad():
        module(torch.zeros(1, 3, *size))
    for handle in handles:
        handle.remove()
    return {name for name, (output, version) in kept.items() if output._version != version}


def torchvisions(name: str) -> Callable[[], nn.Module]:
    def build() -> nn.Module:
        from torchvision import models

        network: nn.Module = models.get_model(name, weights=None)
        return network

    return build


@pytest.mark.parametrize(
    ("factory", "size"),
    [
        (InPlace, (32, 24)),
        (Functional, (32, 24)),
        (Views, (32, 24)),
        (torchvisions("resnet18"), (64, 64)),
        (torchvisions("mobilenet_v3_small"), (64, 64)),
        (torchvisions("densenet121"), (64, 64)),
    ],
)
def test_that_overwritten_outputs_are_those_whose_version_changed(
    factory: Callable[[], nn.Module], size: tuple[int, int]
) -> None:
    module = seeded(factory)
    found = {node.name for node in outlined(module, size).layers if node.overwritten}
    assert found == by_versions(module, size)
    if factory is Views:
        assert found == {"first", "third"}
