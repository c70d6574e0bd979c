"""Seg-Eigen-CAM, KPCA-CAM and FEM against pytorch-grad-cam, and what it cannot do."""

import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import LayerError
from tests.engine.methods.maps_for_tests import (
    NETWORKS,
    Joined,
    captured,
    difference,
    difference_up_to_sign,
    heat,
    librarys,
    noise,
    of_class,
)
from tests.engine.networks_for_tests import InPlace, seeded, session_with


@pytest.mark.parametrize(("factory", "layer"), NETWORKS)
@pytest.mark.parametrize(
    ("method", "kind", "tolerance"),
    [("segeigencam", "SegEigenCAM", 1e-4), ("fem", "FEM", 1e-6)],
)
def test_that_a_map_equals_the_librarys(
    method: str, kind: str, tolerance: float, factory: Callable[[], nn.Module], layer: str, image: str
) -> None:
    module = seeded(factory)
    found = heat(session_with(module), method, image, layer)
    assert difference(found.raw, librarys(kind, module, layer, image)) <= tolerance


@pytest.mark.parametrize(("factory", "layer"), NETWORKS)
def test_that_a_kernel_component_equals_the_librarys_turned_with_the_sum_of_channels(
    factory: Callable[[], nn.Module], layer: str, image: str
) -> None:
    module = seeded(factory)
    found = heat(session_with(module), "kpcacam", image, layer).raw
    assert difference_up_to_sign(found, librarys("KPCA_CAM", module, layer, image)) <= 1e-4
    total = captured(module, layer, image, of_class(0))[0][0].sum(axis=0)
    assert (found * (total - total.mean())).sum() > 0


def test_that_the_object_is_not_clipped_away_where_the_library_does_it(tmp_path: Path) -> None:
    session, module = session_with(seeded(Joined)), seeded(Joined)
    differing = 0
    for image in noise(tmp_path, 8):
        found = heat(session, "kpcacam", image, "block").raw
        library = librarys("KPCA_CAM", module, "block", image)
        total = captured(module, "block", image, of_class(0))[0][0].sum(axis=0)
        assert np.corrcoef(found.ravel(), total.ravel())[0, 1] > 0
        differing += bool((found * library).sum() < 0)
    assert 0 < differing < 8


@pytest.mark.parametrize("kernel", ["rbf", "poly", "linear"])
@pytest.mark.parametrize("gamma", [0.0, 0.7])
def test_that_kernel_and_gamma_reach_the_library(kernel: str, gamma: float, image: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pytorch_grad_cam.utils.svd_on_activations import get_2d_projection_kernel
    module = seeded(InPlace)
    activation, _ = captured(module, "last", image, of_class(0))
    found = heat(session_with(module), "kpcacam", image, "last", kernel=kernel, gamma=gamma)
    assert difference_up_to_sign(found.raw, get_2d_projection_kernel(activation, kernel, gamma or None)[0]) <= 1e-4


def test_that_fem_weighs_with_the_share_of_cells_above_the_deviation_that_is_asked_for(image: str) -> None:
    module = seeded(InPlace)
    activation = captured(module, "last", image, of_class(0))[0][0].astype(np.float64)
    threshold = activation.mean(axis=(1, 2)) + 0.5 * activation.std(axis=(1, 2))
    share = (activation > threshold[:, None, None]).mean(axis=(1, 2))
    found = heat(session_with(module), "fem", image, "last", sigmas=0.5)
    assert difference(found.raw, (share[:, None, None] * activation).sum(axis=0)) <= 1e-5


def test_that_a_layer_too_large_for_a_kernel_is_refused_in_words(tmp_path: Path) -> None:
    (image,) = noise(tmp_path, 1, (96, 128))
    with pytest.raises(LayerError, match=r"first has 96 × 128: .* 0\.6 GiB.* at most 90 × 90 cells"):
        heat(session_with(seeded(InPlace), (96, 128)), "kpcacam", image, "first")


class Scaled(nn.Module):
    """A network whose layer gives the same everywhere, or values no kernel stands."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor
        self.layer = nn.Conv2d(3, 4, 3)
        self.act = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        maps: Tensor = self.act(self.layer(x) * self.factor)
        return maps.mean(dim=(2, 3))


@pytest.mark.parametrize("method", ["kpcacam", "segeigencam", "eigencam"])
def test_that_a_constant_layer_gives_a_map_of_0_and_a_word_on_it(method: str, image: str) -> None:
    found = heat(session_with(seeded(lambda: Scaled(0))), method, image, "act")
    assert not found.raw.any()
    assert any("constant" in note for note in found.notes)


def test_that_a_kernel_that_overflows_is_refused_in_words(image: str) -> None:
    with pytest.raises(LayerError, match="poly kernel finds no component in act") as refused:
        heat(session_with(seeded(lambda: Scaled(1e15))), "kpcacam", image, "act", kernel="poly")
    assert refused.value.of_image


@pytest.mark.parametrize("method", ["kpcacam", "fem"])
def test_that_values_that_are_no_numbers_count_as_0(method: str, image: str) -> None:
    class Broken(nn.Module):
        def __init__(self, value: float) -> None:
            super().__init__()
            self.value = value
            self.layer = nn.Conv2d(3, 4, 3)
            self.act = nn.Identity()

        def forward(self, x: Tensor) -> Tensor:
            maps: Tensor = self.layer(x)
            maps = self.act(torch.where(maps > 1, torch.full_like(maps, self.value), maps))
            return maps.mean(dim=(2, 3))

    broken, mended = (
        heat(session_with(seeded(partial(Broken, value))), method, image, "act") for value in (torch.nan, 0.0)
    )
    assert np.array_equal(broken.raw, mended.raw)
    assert mended.raw.std() > 0
