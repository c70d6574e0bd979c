"""Shapley-CAM against a Hessian in full, against the library, and against Grad-CAM where nothing bends."""

import warnings
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.requests import ClassTarget
from cnnviz_desktop.core.results import FloatArray
from tests.engine.asking import input_of
from tests.engine.methods.maps_for_tests import NETWORKS, Smooth, captured, difference, heat, heats
from tests.engine.networks_for_tests import InPlace, seeded, session_with


def librarys_shapleycam(module: nn.Module, layer: str, image: str, target: int) -> FloatArray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pytorch_grad_cam import ShapleyCAM
    with ShapleyCAM(model=module, target_layers=[module.get_submodule(layer)]) as cam:
        x = input_of(image).requires_grad_()
        torch.autograd.grad(cam.activations_and_grads(x)[0, target], x, create_graph=True)
        (activation,), (gradient,) = cam.activations_and_grads.activations, cam.activations_and_grads.gradients
        found: FloatArray = cam.get_cam_image(x, None, [], activation, gradient)[0]
    return found


@pytest.mark.parametrize("layer", ["first", "last"])
def test_that_the_map_equals_the_librarys_where_the_score_bends(layer: str, image: str) -> None:
    module = seeded(Smooth)
    found = heat(session_with(module), "shapleycam", image, layer)
    assert difference(found.raw, librarys_shapleycam(module, layer, image, 2)) <= 1e-5
    assert difference(heat(session_with(module), "gradcam", image, layer).raw, found.raw) > 0.05


def finite_differences(score: Callable[[Tensor], Tensor], activation: Tensor) -> FloatArray:
    """The map in float64, its curvature from two gradients a little along the activation and against it."""

    def gradient(scale: float) -> Tensor:
        maps = (activation * scale).requires_grad_()
        return torch.autograd.grad(score(maps)[0, 2], maps)[0]

    curved = (gradient(1 + 1e-5) - gradient(1 - 1e-5)) / 2e-5
    weights = (gradient(1) - curved / 2).mean(dim=(2, 3), keepdim=True)
    found: FloatArray = (weights * activation).sum(dim=1)[0].numpy()
    return found


class Attending(nn.Module):
    """Fused attention over the cells of a layer, which has no second derivative."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 8, 4, stride=4)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.head = nn.Linear(8, 5)

    def after(self, maps: Tensor) -> Tensor:
        tokens = maps.flatten(2).mT
        logits: Tensor = self.head(self.attention(tokens, tokens, tokens, need_weights=False)[0].mean(dim=1))
        return logits

    def forward(self, x: Tensor) -> Tensor:
        return self.after(self.layer(x))


class Bending(Attending):
    """A smooth activation in its place."""

    def after(self, maps: Tensor) -> Tensor:
        maps = F.gelu(maps)
        logits: Tensor = self.head((maps * maps).mean(dim=(2, 3)))
        return logits


@pytest.mark.parametrize("factory", [Bending, Attending])
def test_that_the_curvature_is_how_the_gradient_changes_along_the_activation(
    factory: type[Attending], image: str
) -> None:
    session = session_with(seeded(factory))
    found = heat(session, "shapleycam", image, "layer").raw
    exact = factory().double()
    exact.load_state_dict(seeded(factory).state_dict())
    expected = finite_differences(exact.eval().after, exact.layer(input_of(image).double()).detach())
    assert difference(found, expected) <= 1e-5
    assert difference(heat(session, "gradcam", image, "layer").raw, expected) > 1e-3


def test_that_attention_as_it_runs_has_no_second_derivative(image: str) -> None:
    """Why the pass is run again for it."""
    module = Attending().eval()
    node = module.layer(input_of(image))
    (gradient,) = torch.autograd.grad(module.after(node)[0, 2], node, create_graph=True)
    with pytest.raises(RuntimeError, match="is not implemented"):
        torch.autograd.grad(gradient.sum(), node)


@pytest.mark.parametrize(("factory", "layer"), NETWORKS)
def test_that_it_is_gradcam_where_all_that_follows_is_piecewise_linear(
    factory: Callable[[], nn.Module], layer: str, image: str
) -> None:
    session = session_with(seeded(factory))
    found, plain = (heat(session, method, image, layer).raw for method in ("shapleycam", "gradcam"))
    assert difference(found, plain) <= 1e-6


def test_that_probability_bends_where_logits_do_not(image: str) -> None:
    session = session_with(seeded(InPlace))
    target = (ClassTarget(2, score="probability"),)
    (found,), (plain,) = (
        heats(session, method, image, layers=("relu",), targets=target) for method in ("shapleycam", "gradcam")
    )
    activation, gradient = captured(seeded(InPlace), "relu", image, lambda logits: logits.softmax(dim=1)[:, 2])
    assert difference(plain.raw, (gradient.mean(axis=(2, 3), keepdims=True) * activation).sum(axis=1)[0]) <= 1e-5
    assert difference(found.raw, plain.raw) > 1e-3


def test_that_several_layers_and_a_pass_that_is_remembered_are_no_matter(image: str) -> None:
    session = session_with(seeded(Smooth))
    together = heats(session, "shapleycam", image, layers=("first", "last"), targets=(ClassTarget(2), ClassTarget(0)))
    assert len(together) == 4
    for one in together:
        alone = heat(session_with(seeded(Smooth)), "shapleycam", image, one.layer, one.explained.class_index or 0)
        assert difference(one.raw, alone.raw) <= 1e-6
    assert heat(session, "gradcam", image, "last").raw.any()  # the graph of the pass is still there


class _Once(torch.autograd.Function):
    """An operation that somebody wrote without a second derivative."""

    @staticmethod
    def forward(ctx: object, x: Tensor) -> Tensor:
        return x * 2

    @staticmethod
    def backward(ctx: object, gradient: Tensor) -> Tensor:
        if torch.is_grad_enabled():
            raise RuntimeError("derivative for once is not implemented")
        return gradient * 2


def test_that_an_operation_without_a_second_derivative_is_told_in_words(image: str) -> None:
    class Odd(Smooth):
        def forward(self, x: Tensor) -> Tensor:
            maps: Tensor = _Once.apply(F.gelu(self.last(F.silu(self.first(x)))))
            logits: Tensor = self.head((maps * maps).mean(dim=(2, 3)))
            return logits

    session = session_with(seeded(Odd))
    with pytest.raises(NetworkError, match=r"Shapley-CAM needs second derivatives, .* derivative for once is not impl"):
        heat(session, "shapleycam", image, "last")
    assert heat(session, "gradcam", image, "last").raw.any()
