"""First principal components, against the library's full decomposition."""

import warnings
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz_desktop.core.results import FloatArray
from cnnviz_desktop.engine.methods import projections
from cnnviz_desktop.engine.methods.projections import first_component
from tests.engine.methods.maps_for_tests import NETWORKS, difference_up_to_sign, heat, librarys
from tests.engine.networks_for_tests import seeded, session_with


def librarys_projection(values: FloatArray) -> FloatArray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pytorch_grad_cam.utils.svd_on_activations import get_2d_projection
    found: FloatArray = get_2d_projection(values)
    return found


def random_values(*shape: int) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(sum(shape)))


@pytest.mark.parametrize("shape", [(1, 3, 5, 7), (2, 40, 3, 5), (3, 12, 3, 4), (1, 1, 4, 4), (2, 6, 1, 9)])
def test_that_the_component_equals_the_librarys_up_to_its_sign(shape: tuple[int, ...]) -> None:
    values = random_values(*shape)
    for found, expected in zip(first_component(values).numpy(), librarys_projection(values.numpy()), strict=True):
        assert difference_up_to_sign(found, expected) <= 1e-5


@pytest.mark.parametrize("shape", [(30, 4, 5, 6), (30, 40, 3, 5)])
def test_that_the_sign_is_that_of_the_sum_of_channels_also_where_the_librarys_is_not(shape: tuple[int, ...]) -> None:
    values = random_values(*shape)
    total = values.sum(dim=1)
    total = total - total.mean(dim=(1, 2), keepdim=True)
    expected = torch.from_numpy(librarys_projection(values.numpy()))
    turned = (expected * total).sum(dim=(1, 2)) < 0
    assert 0 < turned.sum() < len(values)
    found = first_component(values)
    assert ((found * total).sum(dim=(1, 2)) > 0).all()
    righted = torch.where(turned[:, None, None], -expected, expected)
    assert torch.allclose(found, righted, atol=1e-4)


def test_that_rows_in_parts_give_what_they_give_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    values = random_values(7, 5, 4, 6)
    together = first_component(values)
    monkeypatch.setattr(projections, "_CENTRED_BYTES", 2 * 8 * 5 * 4 * 6)
    assert torch.equal(first_component(values), together)


def test_that_small_values_lose_nothing() -> None:
    values = random_values(1, 6, 5, 5)
    assert torch.allclose(first_component(values * 1e-25) * 1e25, first_component(values), rtol=1e-4, atol=1e-6)


def test_that_values_that_are_no_numbers_count_as_0() -> None:
    values = random_values(2, 6, 5, 5)
    broken, mended = values.clone(), values.clone()
    for value, place in ((torch.nan, (0, 2, 3, 3)), (torch.inf, (0, 1, 0, 4)), (-torch.inf, (1, 5, 2, 2))):
        broken[place], mended[place] = value, 0
    assert torch.equal(first_component(broken), first_component(mended))


def test_that_constant_channels_have_no_component() -> None:
    assert first_component(torch.ones(2, 3, 4, 5)).abs().max() == 0
    assert first_component(torch.ones(2, 30, 2, 3)).abs().max() == 0


@pytest.mark.parametrize(("factory", "layer"), NETWORKS)
@pytest.mark.parametrize(("method", "kind"), [("eigencam", "EigenCAM"), ("eigengradcam", "EigenGradCAM")])
def test_that_a_map_equals_the_librarys_up_to_its_sign(
    method: str, kind: str, factory: Callable[[], nn.Module], layer: str, image: str
) -> None:
    module = seeded(factory)
    found = heat(session_with(module), method, image, layer)
    assert difference_up_to_sign(found.raw, librarys(kind, module, layer, image)) <= 1e-4
    if method == "eigencam":
        activation = session_with(module)  # whatever the class
        assert np.array_equal(found.raw, heat(activation, method, image, layer, target=0).raw)
