import torch
from torch import nn

from cnnviz_desktop.engine.networks.untrained import zero_weights, zeros_note


def test_that_only_weights_that_are_zeros_throughout_are_named() -> None:
    first, norm, last = nn.Linear(2, 3), nn.LayerNorm(3), nn.Linear(3, 2)
    network = nn.Sequential(first, norm, last, nn.LazyLinear(2))
    with torch.no_grad():
        first.weight[0] = 0
        first.bias.zero_()
    assert zero_weights(network) == []
    assert zeros_note(network) == ()
    nn.init.zeros_(last.weight)
    nn.init.zeros_(norm.weight)
    assert zero_weights(network) == ["1.weight", "2.weight"]
    assert "zeros in 1.weight, 2.weight:" in zeros_note(network)[0]


def test_that_many_are_counted() -> None:
    network = nn.Sequential(*(nn.Linear(1, 1) for _ in range(6)))
    for parameter in network.parameters():
        nn.init.zeros_(parameter)
    assert "0.weight, 1.weight, 2.weight, 3.weight and 2 more" in zeros_note(network)[0]
