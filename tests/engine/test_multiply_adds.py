"""Multiply–accumulates, against PyTorch's own counter, against what torchvision publishes, and by hand."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from cnnviz_desktop.core.outline import Outline
from tests.engine.networks_for_tests import PLAIN, Functional, InPlace, outlined, seeded


class Products(nn.Module):
    """Grouped and transposed convolutions, and products of matrices of every kind."""

    def __init__(self) -> None:
        super().__init__()
        self.grouped = nn.Conv2d(3, 6, 3, groups=3, padding=1, stride=2)
        self.up = nn.ConvTranspose2d(6, 4, 3, stride=2, groups=2)
        self.line = nn.Conv1d(4, 4, 3)
        self.head = nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.up(self.grouped(x)).flatten(2)[:, :, :20]
        x = self.line(x).transpose(1, 2)  # (1, 18, 4)
        x = F.scaled_dot_product_attention(x, x, x) + torch.bmm(x, x.transpose(1, 2)) @ x
        x = torch.baddbmm(x, x, torch.ones(1, 4, 4)) + torch.addmm(x[0], x[0], torch.ones(4, 4))
        logits: Tensor = self.head(x.mean(1))
        return logits + (self.head.weight @ x[0, 0])


def counted_by_torch(module: nn.Module, size: tuple[int, int]) -> dict[str, int]:
    """PyTorch's count by the names of modules; the network itself stands under the name of its class."""
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        module(torch.zeros(1, 3, *size))
    found = counter.get_flop_counts()
    return {name: sum(operations.values()) // 2 for name, operations in found.items() if name != "Global"}


@pytest.mark.parametrize("factory", [InPlace, Functional, Products])
def test_that_every_layer_counts_as_pytorch_itself_counts(factory: type[nn.Module]) -> None:
    module, size = seeded(factory), (32, 24)
    outline, counts = outlined(module, size), counted_by_torch(module, size)
    own_product = 5 * 4 if factory is Products else 0  # a matrix times a vector, which PyTorch's counter leaves out
    assert outline.macs == counts[factory.__name__] + own_product
    for node in outline.layers:
        assert node.macs == counts.get(f"{factory.__name__}.{node.name}", 0), node.name


class Inferring(InPlace):
    """In this mode PyTorch takes operations apart later than in others."""

    @torch.inference_mode()
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x)


def test_that_a_network_in_inference_mode_works_as_much_and_looks_where_it_does_elsewhere() -> None:
    inferring, usual = outlined(seeded(Inferring)), outlined(seeded(InPlace))
    assert usual.macs > 0
    assert [(node.macs, node.field) for node in inferring.layers] == [(node.macs, node.field) for node in usual.layers]


def published(name: str) -> tuple[Outline, float]:
    """A network of torchvision, and the GMACs that torchvision says it has."""
    from torchvision import models

    weights = models.get_model_weights(name).DEFAULT
    side = weights.transforms().crop_size[0]
    module = models.get_model(name, weights=None).eval()
    return outlined(module, (side, side), PLAIN), weights.meta["_ops"]


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small", "vit_b_16"])
def test_that_torchvisions_networks_have_the_work_and_the_parameters_that_are_published(name: str) -> None:
    outline, giga = published(name)
    assert round(outline.macs / 1e9, 3) == giga
    assert outline.macs == sum(node.own_macs for node in outline.layers) + own_work(outline)


def own_work(outline: Outline) -> int:
    return outline.macs - sum(node.macs for node in outline.layers if not node.parent)


def test_that_the_counts_of_resnet18_are_those_worked_out_by_hand() -> None:
    outline, _ = published("resnet18")
    assert outline.macs == 1_814_073_344
    assert outline.layer("conv1").macs == 64 * 112 * 112 * 3 * 7 * 7
    assert outline.layer("fc").macs == 512 * 1000
    block = outline.layer("layer2.0")
    kernels = 128 * 64 * 9 + 128 * 128 * 9 + 128 * 64  # two convolutions and the one past them, on 28 × 28 cells
    assert (block.macs, block.own_macs) == (28 * 28 * kernels, 0)


def test_that_a_layer_that_runs_twice_works_twice() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = self.conv(self.conv(x))
            return x.mean((2, 3))

    node = outlined(seeded(Twice), (4, 4)).layer("conv")
    assert (node.runs, node.macs) == (2, 2 * 16 * 9)
