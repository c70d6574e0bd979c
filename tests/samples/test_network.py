"""The sample network's shape."""

import pytest
import torch

from cnnviz_desktop.samples.network import build


def test_that_the_network_is_small() -> None:
    assert sum(parameter.numel() for parameter in build().parameters()) <= 1_500_000


def test_that_the_last_stage_keeps_sixteen_by_sixteen_maps() -> None:
    network = build(5).eval()
    with torch.no_grad():
        maps = network.stage3(network.stage2(network.stage1(network.stem(torch.zeros(2, 3, 128, 128)))))
    assert maps.shape[-2:] == (16, 16)


@pytest.mark.parametrize("size", [(128, 128), (96, 160), (224, 224), (33, 47), (8, 8)])
def test_that_any_picture_size_is_taken(size: tuple[int, int]) -> None:
    network = build(7).eval()
    with torch.no_grad():
        assert network(torch.zeros(2, 3, *size)).shape == (2, 7)


def test_that_the_logits_are_the_linear_layer_on_the_mean_of_the_last_maps() -> None:
    """So class activation maps of the last stage are exact (Zhou et al. 2016)."""
    network = build(4).eval()
    pictures = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        maps = network.stage3(network.stage2(network.stage1(network.stem(pictures))))
        by_place = torch.einsum("nchw,kc->nkhw", maps, network.head.fc.weight) + network.head.fc.bias[:, None, None]
        torch.testing.assert_close(by_place.mean((2, 3)), network(pictures), rtol=1e-4, atol=1e-5)
