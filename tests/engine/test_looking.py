"""What the methods that look at the network itself give, against answers made by hand."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import ChannelSummary, FeatureMaps, Kernels, Predictions
from tests.engine.asking import ask, input_of, results
from tests.engine.networks_for_tests import InPlace, seeded, session_with


def test_that_feature_maps_are_the_layers_own_output_in_channel_order(image: str) -> None:
    module = seeded(InPlace)
    found = results(session_with(module), ask("feature_maps", image, layers=("first",)))
    maps, summary = found[0], found[-1]
    assert isinstance(maps, FeatureMaps)
    assert isinstance(summary, ChannelSummary)
    with torch.no_grad():
        expected = module.get_submodule("first")(input_of(image))[0].numpy()
    assert np.allclose(maps.maps, expected, atol=1e-6)
    assert maps.complete
    assert np.allclose(summary.total, expected.sum(axis=0), atol=1e-5)
    assert np.allclose(summary.mean, expected.mean(axis=0), atol=1e-6)
    assert np.allclose(maps.statistics.mean, expected.mean(axis=(1, 2)), atol=1e-6)
    assert np.allclose(maps.statistics.energy, np.sqrt((expected**2).mean(axis=(1, 2))), atol=1e-6)
    assert np.array_equal(maps.statistics.maximum, expected.max(axis=(1, 2)))


def test_that_large_layers_arrive_in_parts(tmp_path: Path) -> None:
    class Wide(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 40, 1)

        def forward(self, x: Tensor) -> Tensor:
            maps: Tensor = self.conv(x)
            return maps.mean((2, 3))

    Image.new("RGB", (300, 400)).save(tmp_path / "large.png")
    session = session_with(seeded(Wide), (400, 300))
    parts = results(session, ask("feature_maps", str(tmp_path / "large.png")))
    maps = [part for part in parts if isinstance(part, FeatureMaps)]
    assert [part.first for part in maps] == list(np.cumsum([0, *(len(part.maps) for part in maps[:-1])]))
    assert sum(len(part.maps) for part in maps) == 40
    assert len(maps) > 1
    assert [part.complete for part in maps] == [False] * (len(maps) - 1) + [True]


@pytest.mark.parametrize(
    ("layer", "shape", "kind"),
    [
        (nn.Conv2d(6, 8, 3, stride=2, groups=2), (8, 3, 3, 3), "grouped (2) convolution 3×3, stride 2"),
        (nn.Conv2d(6, 6, (3, 1), dilation=2, groups=6), (6, 1, 3, 1), "depthwise convolution 3×1, dilation 2"),
        (nn.ConvTranspose2d(6, 8, 4, groups=2), (8, 3, 4, 4), "grouped (2) transposed convolution 4×4"),
        (nn.Linear(6, 4), (4, 1, 1, 6), "linear layer"),
    ],
)
def test_that_kernels_are_the_filters_of_every_kind_of_layer(
    layer: nn.Module, shape: tuple[int, ...], kind: str
) -> None:
    class One(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, x: Tensor) -> Tensor:
            wide = torch.cat([x, x], dim=1)
            if isinstance(self.layer, nn.Linear):
                wide = wide.mean((2, 3))
            out: Tensor = self.layer(wide)
            return out if out.dim() == 2 else out.mean((2, 3))

    (found,) = results(session_with(One().eval()), Request(method="kernels", network="test"))
    assert isinstance(found, Kernels)
    assert found.weights.shape == shape
    assert found.kind == kind
    assert np.allclose(found.norms, np.sqrt((found.weights.reshape(shape[0], -1) ** 2).sum(axis=1)), atol=1e-6)
    if isinstance(layer, nn.ConvTranspose2d):
        # Filter o makes output channel o: a unit impulse in input channel i of its group stamps W[o, i] on the output.
        impulse = torch.zeros(1, 6, 1, 1)
        impulse[0, 4] = 1
        with torch.no_grad():
            stamped = layer(impulse)[0] - layer(torch.zeros(1, 6, 1, 1))[0]
        assert np.allclose(stamped[5].numpy(), found.weights[5, 1], atol=1e-6)


def test_that_predictions_are_the_networks_own_scores(image: str) -> None:
    module = seeded(InPlace)
    (found,) = results(session_with(module), ask("predictions", image))
    assert isinstance(found, Predictions)
    with torch.no_grad():
        expected = module(input_of(image))[0]
    assert np.allclose(found.logits, expected.numpy(), atol=1e-6)
    assert np.allclose(found.probabilities, expected.softmax(0).numpy(), atol=1e-6)
    assert found.top(2) == tuple(np.argsort(-found.logits)[:2])
