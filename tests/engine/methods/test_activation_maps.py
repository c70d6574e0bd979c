"""The formulas over one shared pass, against pytorch-grad-cam where it is right and against float64 where it is not."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec import structs
from torch import Tensor, nn

from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.core.requests import ClassTarget, UnitTarget
from cnnviz_desktop.core.results import FloatArray, HeatMap
from cnnviz_desktop.engine.methods.activation_maps import gradcam_plus_plus, xgradcam
from tests.engine.asking import ask, input_of
from tests.engine.methods.maps_for_tests import (
    NETWORKS,
    Inference,
    Joined,
    Ordered,
    captured,
    difference,
    difference_up_to_sign,
    heat,
    heats,
    librarys,
    noise,
    of_class,
)
from tests.engine.networks_for_tests import InPlace, fingerprint, seeded, session_with

SUMMED = {
    "gradcam": "GradCAM",
    "xgradcam": "XGradCAM",
    "hirescam": "HiResCAM",
    "gradcamelementwise": "GradCAMElementWise",
    "layercam": "LayerCAM",
}
ONE_PASS = (*SUMMED, "gradcam++", "eigencam", "eigengradcam", "segeigencam", "kpcacam", "fem", "randomcam")
OVER_BOTH = (*ONE_PASS, "shapleycam", "finercam", "refinecam")


@pytest.mark.parametrize(("factory", "layer"), NETWORKS)
@pytest.mark.parametrize("method", SUMMED)
def test_that_a_map_equals_the_librarys(method: str, factory: Callable[[], nn.Module], layer: str, image: str) -> None:
    module = seeded(factory)
    found = heat(session_with(module), method, image, layer)
    assert difference(found.raw, librarys(SUMMED[method], module, layer, image)) <= 1e-5


@pytest.mark.parametrize(("factory", "layer"), NETWORKS)
@pytest.mark.parametrize("method", SUMMED)
def test_that_eigen_smooth_gives_the_librarys_projection_up_to_its_sign(
    method: str, factory: Callable[[], nn.Module], layer: str, image: str, capsys: pytest.CaptureFixture[str]
) -> None:
    module = seeded(factory)
    found = heat(session_with(module), method, image, layer, eigen_smooth=True)
    assert capsys.readouterr().out == ""  # the library prints a warning for HiResCAM
    plain = heat(session_with(module), method, image, layer).raw
    assert difference_up_to_sign(found.raw, librarys(SUMMED[method], module, layer, image, smooth=True)) <= 1e-4
    assert (found.raw * (plain - plain.mean())).sum() > 0


def float64_gradcam_plus_plus(activation: FloatArray, gradient: FloatArray) -> FloatArray:
    """Equations 5, 7 and 19 of the paper, one by one."""
    a, g = activation.astype(np.float64), gradient.astype(np.float64)
    denominator = 2 * g**2 + a.sum(axis=(2, 3), keepdims=True) * g**3
    alpha = np.divide(g**2, denominator, out=np.zeros_like(g), where=denominator != 0)
    weights = (alpha * np.maximum(g, 0)).sum(axis=(2, 3), keepdims=True)
    found: FloatArray = (weights * a).sum(axis=1)[0]
    return found


@pytest.mark.parametrize(("factory", "layer"), NETWORKS)
def test_that_gradcam_plus_plus_equals_the_paper_in_float64_and_the_library_does_not(
    factory: Callable[[], nn.Module], layer: str, image: str
) -> None:
    module = seeded(factory)
    found = heat(session_with(module), "gradcam++", image, layer).raw
    expected = float64_gradcam_plus_plus(*captured(module, layer, image, of_class(2)))
    assert difference(found, expected) <= 1e-5
    # Its 1e-6 outweighs squares of gradients as small as these.
    assert difference(librarys("GradCAMPlusPlus", module, layer, image), expected) > 0.01


def test_that_gradcam_plus_plus_stands_gradients_whose_cubes_leave_float32() -> None:
    activation = torch.rand(1, 4, 5, 6, generator=torch.Generator().manual_seed(0))
    gradient = torch.randn(1, 4, 5, 6, generator=torch.Generator().manual_seed(1)) * 1e-20
    found = gradcam_plus_plus(activation, gradient).sum(dim=1)[0].numpy()
    expected = float64_gradcam_plus_plus(activation.numpy(), gradient.numpy())
    assert expected.max() > 0
    assert difference(found, expected) <= 1e-5


def test_that_xgradcam_stands_activations_that_are_small_or_nearly_cancel() -> None:
    values = torch.randn(1, 4, 9, 9, generator=torch.Generator().manual_seed(0))
    gradient = torch.rand(1, 4, 9, 9, generator=torch.Generator().manual_seed(1))
    for activation in (values * 1e-11, values - values.mean(dim=(2, 3), keepdim=True) + 1e-7):
        a, g = activation.double(), gradient.double()
        weights = (g * a).sum(dim=(2, 3), keepdim=True) / a.sum(dim=(2, 3), keepdim=True)
        assert difference(xgradcam(activation, gradient).numpy(), (weights * a).numpy()) <= 1e-6


def test_that_no_division_by_0_reaches_a_map() -> None:
    activation, gradient = torch.zeros(1, 2, 1, 2), torch.zeros(1, 2, 1, 2)
    activation[0, 0] = torch.tensor([[1.0, -1.0]])  # sums to 0
    gradient[0, 0] = torch.tensor([[3.0, 1.0]])
    assert xgradcam(activation, gradient).tolist() == [[[[0, 0]], [[0, 0]]]]
    activation[0, 1] = torch.tensor([[-1.0, 0.0]])
    gradient[0, 1] = torch.tensor([[2.0, 0.0]])  # 2·G² + ΣA·G³ = 8 − 8
    assert gradcam_plus_plus(activation, gradient).tolist() == [[[[2, -2]], [[0, 0]]]]


def test_that_randomcam_has_weights_of_its_own_for_every_image_and_layer_and_the_same_for_a_seed(
    tmp_path: Path,
) -> None:
    images = noise(tmp_path, 2)
    session = session_with(seeded(InPlace))
    weights: dict[tuple[str, str, int], FloatArray] = {}
    for seed in (0, 1, -1):
        for found in heats(session, "randomcam", images[0], layers=("relu", "last"), seed=seed) + heats(
            session, "randomcam", images[1], layers=("last",), seed=seed
        ):
            activation = captured(seeded(InPlace), found.layer, found.image, of_class(0))[0][0]
            channels = activation.reshape(len(activation), -1).T.astype(np.float64)
            solved, residual, *_ = np.linalg.lstsq(channels, found.raw.ravel(), rcond=None)
            assert residual.max() <= 1e-6
            assert np.abs(solved).max() <= 1
            weights[found.image, found.layer, seed] = solved
            again = heat(session_with(seeded(InPlace)), "randomcam", found.image, found.layer) if seed == 0 else found
            assert np.array_equal(again.raw, found.raw)
    spread = np.concatenate(list(weights.values()))
    assert spread.min() < -0.7
    assert spread.max() > 0.7
    for one, first in weights.items():
        assert all(one == other or not np.allclose(first[:4], second[:4]) for other, second in weights.items())


def test_that_randomcam_weights_all_copies_of_an_image_as_the_image_itself(image: str) -> None:
    module = seeded(InPlace)
    assert isinstance(module, InPlace)
    session = session_with(module)
    plain, smoothed = (heat(session, "randomcam", image, "last", aug_smooth=smooth).raw for smooth in (False, True))
    activation = captured(module, "last", image, of_class(0))[0][0]
    weights, *_ = np.linalg.lstsq(activation.reshape(len(activation), -1).T, plain.ravel(), rcond=None)
    shown, copies = input_of(image) * 0.25 + 0.5, []
    with torch.no_grad():
        for brightness in (0.9, 1.0, 1.1):
            seen = (shown * brightness - 0.5) / 0.25
            for maps in (
                module.last(module.first(seen).relu()),
                module.last(module.first(seen.flip(-1)).relu()).flip(-1),
            ):
                copies.append(np.einsum("c,chw->hw", weights, maps[0].numpy()))
    assert difference(smoothed, np.mean(copies, axis=0)) <= 1e-3


@pytest.mark.parametrize("method", ["eigencam", "kpcacam", "fem", "randomcam"])
def test_that_methods_without_gradients_work_where_nothing_can_be_differentiated(method: str, image: str) -> None:
    found = heat(session_with(seeded(Inference)), method, image, "inner.last")
    module = seeded(Inference).get_submodule("inner")
    assert np.array_equal(found.raw, heat(session_with(module), method, image, "last").raw) or method == "randomcam"
    assert found.raw.std() > 0


@pytest.mark.parametrize("method", ["gradcam", "shapleycam", "finercam", "refinecam"])
def test_that_methods_with_gradients_say_why_they_cannot_work_there(method: str, image: str) -> None:
    with pytest.raises(LayerError, match="inference mode"):
        heat(session_with(seeded(Inference)), method, image, "inner.last")


@pytest.mark.parametrize("method", OVER_BOTH)
def test_that_images_together_give_the_maps_of_each_alone(method: str, tmp_path: Path) -> None:
    images = noise(tmp_path, 3)
    fields = {"layers": ("left", "block"), "targets": (ClassTarget(1), ClassTarget(3, minus=0)), "seed": 4}
    request = structs.replace(ask(method, images[0], **fields), images=images)
    found = [one for one in session_with(seeded(Joined)).run(request) if isinstance(one, HeatMap)]
    alone = [one for image in images for one in heats(session_with(seeded(Joined)), method, image, **fields)]
    assert len(found) == len(alone) == len(images) * 2 * (1 if method == "refinecam" else 2)
    keys = {(one.image, one.layer, one.explained.title): one for one in found}
    for one in alone:
        other = keys[one.image, one.layer, one.explained.title]
        assert difference(other.raw, one.raw) <= 1e-4
        assert other.notes == one.notes


@pytest.mark.parametrize("order", ["channels last", "tokens"])
@pytest.mark.parametrize("method", [*OVER_BOTH, "cam"])
def test_that_it_does_not_matter_in_which_order_a_layer_gives_its_values(method: str, order: str, image: str) -> None:
    target = (ClassTarget(2) if method == "cam" else ClassTarget(2, score="probability"),)
    found, expected = (
        heats(session_with(seeded(partial(Ordered, each))), method, image, layers=("layer",), targets=target)
        for each in (order, "maps")
    )
    assert difference(found[0].raw, expected[0].raw) <= 1e-5


@pytest.mark.parametrize("method", SUMMED)
def test_that_less_another_class_and_probability_are_explained_by_their_own_gradients(method: str, image: str) -> None:
    module = seeded(Joined)

    def formula(score: Callable[[Tensor], Tensor]) -> FloatArray:
        a, g = (torch.from_numpy(part) for part in captured(module, "block", image, score))
        weighted = {
            "gradcam": g.mean(dim=(2, 3), keepdim=True) * a,
            "xgradcam": (g * a).sum(dim=(2, 3), keepdim=True) / (a.sum(dim=(2, 3), keepdim=True) + 1e-12) * a,
            "hirescam": g * a,
            "gradcamelementwise": (g * a).clamp(min=0),
            "layercam": g.clamp(min=0) * a,
        }[method]
        found: FloatArray = weighted.sum(dim=1)[0].numpy()
        return found

    (less,) = heats(session_with(module), method, image, layers=("block",), targets=(ClassTarget(3, minus=1),))
    assert difference(less.raw, formula(lambda logits: logits[:, 3] - logits[:, 1])) <= 1e-5
    (sure,) = heats(
        session_with(module), method, image, layers=("block",), targets=(ClassTarget(3, score="probability"),)
    )
    assert difference(sure.raw, formula(lambda logits: logits.softmax(dim=1)[:, 3])) <= 1e-5


def test_that_a_channel_is_explained_in_an_earlier_layer(image: str) -> None:
    module = seeded(InPlace)
    kept: list[Tensor] = []
    handle = module.get_submodule("relu").register_forward_hook(lambda _, __, output: kept.append(output))
    with torch.enable_grad():
        module(input_of(image))
        (gradient,) = torch.autograd.grad(module.get_submodule("last")(kept[0])[0, 4].mean(), kept[0])
    handle.remove()
    (found,) = heats(
        session_with(module), "hirescam", image, layers=("relu",), targets=(UnitTarget("last", channel=4),)
    )
    assert difference(found.raw, (gradient * kept[0])[0].sum(dim=0).detach().numpy()) <= 1e-5


@pytest.mark.parametrize("method", OVER_BOTH)
def test_that_a_method_leaves_no_trace(method: str, image: str) -> None:
    module = seeded(Joined)
    heat(session_with(module), method, image, "block")  # the library is imported by now
    before = fingerprint(module)
    heat(session_with(module), method, image, "block", aug_smooth=True)
    assert fingerprint(module) == before


class Normalised(nn.Module):
    """A convolution, a layer normalisation over the channels of each cell, their weighted average, a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 12, 3, padding=1, stride=4)
        self.norm = nn.LayerNorm(12)
        self.mixed = nn.Conv2d(12, 6, 3)
        self.head = nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        normalised: Tensor = self.norm(self.conv(x).movedim(1, -1)).movedim(-1, 1)
        found: Tensor = self.head(torch.relu(self.mixed(normalised)).mean(dim=(2, 3)))
        return found


@pytest.mark.parametrize(
    ("method", "layer", "cancels"),
    [
        ("hirescam", "conv", True),
        ("hirescam", "norm", False),
        ("gradcam", "conv", False),
        ("eigengradcam", "conv", False),
    ],
)
def test_that_a_map_of_channels_that_cancel_is_told_from_others(
    method: str, layer: str, cancels: bool, image: str
) -> None:
    found = heat(session_with(seeded(Normalised)), method, image, layer)
    assert any("cancels out" in note for note in found.notes) is cancels
