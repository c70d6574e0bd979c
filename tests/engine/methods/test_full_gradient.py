"""FullGrad against the score its terms must add up to, maps made by hand, and pytorch-grad-cam."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.requests import ClassTarget, Request, Target, UnitTarget
from cnnviz_desktop.core.results import HeatMap
from cnnviz_desktop.engine.methods.full_gradient import _spread, each_scaled
from tests.engine.asking import ask, input_of, results
from tests.engine.methods.maps_for_tests import loud
from tests.engine.networks_for_tests import Functional, InPlace, fingerprint, seeded, session_with
from tests.engine.pictures_for_tests import save, scene


class OwnConvolution(nn.Conv2d):
    """A sub-class, as timm's are."""


class Branched(nn.Module):
    """Sub-classes, a block that runs twice, ReLU6 that saturates, constants added and joined, sums in place."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = OwnConvolution(3, 6, 3, stride=2, padding=1)
        self.norm = nn.BatchNorm2d(6)
        self.twice = nn.Conv2d(6, 6, 3, padding=1)
        self.place = nn.Parameter(torch.randn(6, 1, 1))
        self.still = nn.Parameter(torch.randn(1, 2, 1, 1))
        self.up = nn.ConvTranspose2d(8, 4, 2, stride=2)
        self.head = nn.Linear(4, 5)
        with torch.no_grad():
            self.norm.get_buffer("running_mean").normal_()
            self.norm.get_buffer("running_var").uniform_(0.5, 2)
            self.norm.bias.normal_()

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu6(4 * self.norm(self.stem(x - 0.25)))
        x = self.twice(x)
        x += self.place
        x = 1 - nn.functional.max_pool2d(self.twice(F.relu(x, inplace=True)), 2)
        x = torch.cat([x, self.still.expand(len(x), -1, *x.shape[2:])], dim=1)
        x = F.leaky_relu(self.up(x)).clamp(-0.5, 2)
        logits: Tensor = self.head(x.mean(dim=(2, 3)))
        return logits


class EvenAttention(nn.Module):
    """Attention that looks everywhere alike, so that all is linear: what is added inside of it counts."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 4, stride=4)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.head = nn.Linear(8, 5)
        with torch.no_grad():
            self.attention.in_proj_weight[:16] = 0
            self.attention.in_proj_bias.normal_()
            self.attention.out_proj.bias.normal_()

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = x + self.attention(x, x, x, need_weights=False)[0]
        logits: Tensor = self.head(x.relu().mean(dim=1))
        return logits


class Plain(nn.Module):
    """Convolutions alone, without biases."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 6, 3, bias=False), nn.ReLU(), nn.Conv2d(6, 5, 3, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.body(x).mean(dim=(2, 3))
        return logits


def googlenet() -> nn.Module:
    from torchvision.models import googlenet as build

    module: nn.Module = build(init_weights=False, transform_input=True)
    return module


def resnet18() -> nn.Module:
    from torchvision.models import resnet18 as build

    module: nn.Module = build()
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.normal_(part.get_buffer("running_mean"), std=0.1)
            nn.init.normal_(part.bias, std=0.1)
    return module


def heat(module: nn.Module, image: str, size: tuple[int, int] = (32, 24), **fields: object) -> HeatMap:
    found = results(session_with(module, size), ask("fullgrad", image, **fields))
    return next(each for each in found if isinstance(each, HeatMap))


def left_out(found: HeatMap) -> float:
    """The score's terms that the map does not have, as the note gives them."""
    note = next((note for note in found.notes if "without a place" in note), "map: 0 ")
    return float(note.split("map: ")[1].split()[0].rstrip("."))


TARGETS: list[Target] = [ClassTarget(2), ClassTarget(1, minus=3), ClassTarget()]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("factory", [InPlace, Functional, Branched, EvenAttention, googlenet])
def test_that_the_terms_add_up_to_the_score(factory: type[nn.Module], target: Target, image: str) -> None:
    module = seeded(factory)
    before = fingerprint(module)
    found = heat(module, image, targets=(target,))
    assert found.completeness is not None
    assert found.completeness < 1e-3
    placed = float(found.raw.sum(dtype=np.float64))
    assert placed + left_out(found) == pytest.approx(found.explained.score, rel=2e-3, abs=1e-5)
    assert fingerprint(module) == before


def test_that_a_unit_is_explained_in_full(image: str) -> None:
    found = heat(seeded(Branched), image, targets=(UnitTarget("twice", channel=2, cell=(3, 4)),))
    assert found.completeness is not None
    assert found.completeness < 1e-3
    assert found.raw.sum(dtype=np.float64) == pytest.approx(found.explained.score, rel=1e-3)


def test_that_the_signed_map_is_the_sum_of_terms_at_each_place(image: str) -> None:
    class Same(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.norm = nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6)
            self.last = nn.Conv2d(6, 5, 3, padding=1)
            nn.init.normal_(self.norm.get_buffer("running_mean"))

        def forward(self, x: Tensor) -> Tensor:
            logits: Tensor = self.last(F.relu(self.norm(self.first(x)))).mean(dim=(2, 3))
            return logits

    module = seeded(Same)
    x = input_of(image).requires_grad_()
    convolved = module.first(x)
    normed = module.norm(convolved)
    last = module.last(normed.relu())
    gradients = torch.autograd.grad(last.mean(dim=(2, 3))[0, 2], [x, convolved, normed, last])
    with torch.no_grad():
        shift = module.norm(torch.zeros(1, 6, 1, 1))
        first, final = (module.get_parameter(f"{name}.bias")[:, None, None] for name in ("first", "last"))
        constants = (x, first, shift, final)
        expected = sum(
            (constant * gradient)[0].sum(dim=0) for constant, gradient in zip(constants, gradients, strict=True)
        )
    np.testing.assert_allclose(heat(module, image, targets=(ClassTarget(2),)).raw, expected, atol=1e-6)


@pytest.mark.parametrize("size", [(64, 64), (64, 96)])
def test_that_absolute_terms_are_drawn_as_pytorch_grad_cam_draws_them(size: tuple[int, int], tmp_path: Path) -> None:
    from pytorch_grad_cam import FullGrad
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    module, image = seeded(resnet18), save(tmp_path / "scene.png", scene(*size))
    with FullGrad(seeded(resnet18), []) as library:
        expected = library(input_of(image), [ClassifierOutputTarget(3)])[0]
    found = heat(module, image, size, targets=(ClassTarget(3),), parameters={"terms": "absolute"})
    ours = (found.raw - found.raw.min()) / (found.raw.max() - found.raw.min())
    np.testing.assert_allclose(ours, expected, atol=1e-5)


def test_that_absolute_terms_of_small_gradients_are_not_lost(image: str) -> None:
    expected, found = (
        heat(loud(seeded(InPlace), factor), image, targets=(ClassTarget(1),), parameters={"terms": "absolute"}).raw
        for factor in (1, 1e-9)
    )
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.97
    assert found.max() > expected.max() / 2


def test_that_channels_are_scaled_whatever_their_size() -> None:
    maps = torch.rand(4, 5, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    maps[3] = 0.5  # constant
    for size in (1e-30, 1e-12, 1.0):
        scaled = each_scaled(maps * size)
        assert torch.allclose(scaled[:3].amax(dim=(1, 2)), torch.ones(3, dtype=torch.float64), atol=0.11)
        assert not scaled[:3].amin(dim=(1, 2)).any()
        assert not scaled[3].any()
    assert not each_scaled(maps * 0).any()


def test_that_without_biases_it_is_gradient_times_input_and_says_so(image: str) -> None:
    module = seeded(Plain)
    x = input_of(image).requires_grad_()
    (gradient,) = torch.autograd.grad(module(x)[0, 1], x)
    found = heat(module, image, targets=(ClassTarget(1),))
    np.testing.assert_allclose(found.raw, (x * gradient)[0].sum(dim=0).detach(), atol=1e-7)
    assert any("gradient × input alone" in note for note in found.notes)


def test_that_what_is_not_linear_piece_by_piece_is_named(image: str) -> None:
    class Curved(InPlace):
        def forward(self, x: Tensor) -> Tensor:
            x = F.gelu(self.last(F.softmax(self.first(x), dim=1)))
            logits: Tensor = self.head((x * x.sigmoid()).mean(dim=(2, 3)))
            return logits

    found = heat(seeded(Curved), image, targets=(ClassTarget(1),))
    assert found.completeness is not None
    assert found.completeness > 0.01
    (said,) = (note for note in found.notes if "miss the score" in note)
    assert "softmax, GELU, sigmoid, products of two signals" in said


def test_that_a_probability_is_said_not_to_add_up(image: str) -> None:
    found = heat(seeded(InPlace), image, targets=(ClassTarget(1, score="probability"),))
    assert found.completeness is not None
    assert found.completeness > 0.01
    assert any("softmax" in note for note in found.notes)


def test_that_images_together_are_explained_as_each_alone(image: str, tmp_path: Path) -> None:
    other, module = save(tmp_path / "other.png", scene(32, 24)), seeded(Branched)
    together = Request(method="fullgrad", network="test", images=(image, other), targets=(ClassTarget(2),))
    found = [each for each in results(session_with(module), together) if isinstance(each, HeatMap)]
    for each, name in zip(found, (image, other), strict=True):
        np.testing.assert_allclose(each.raw, heat(module, name, targets=(ClassTarget(2),)).raw, atol=1e-6)


def test_that_copies_are_averaged_as_they_lie_on_the_image(image: str) -> None:
    plain = heat(seeded(Branched), image)
    smoothed = heat(seeded(Branched), image, parameters={"aug_smooth": True})
    assert smoothed.raw.shape == plain.raw.shape
    assert np.corrcoef(smoothed.raw.ravel(), plain.raw.ravel())[0, 1] > 0.1


def test_that_one_thing_is_said_of_what_the_terms_of_all_copies_add_up_to(image: str) -> None:
    class Curved(Plain):
        def forward(self, x: Tensor) -> Tensor:
            return F.gelu(super().forward(x))

    alone, smoothed = (heat(seeded(Curved), image, parameters={"aug_smooth": smooth}) for smooth in (False, True))
    assert any("GELU" in note for note in alone.notes)
    assert [note.removeprefix("In the copy that is the image itself, ").casefold() for note in smoothed.notes] == [
        note.casefold() for note in alone.notes
    ]
    assert smoothed.completeness is None


@pytest.mark.parametrize("cells", [(7, 7), (5, 11), (40, 3), (32, 24)])
def test_that_enlarging_keeps_the_sum_of_a_map(cells: tuple[int, int]) -> None:
    drawn = torch.randn(cells, dtype=torch.float64)
    spread = _spread(drawn, Size(32, 24))
    assert spread.shape == (32, 24)
    assert float(spread.sum()) == pytest.approx(float(drawn.sum()))
    if cells == (32, 24):
        torch.testing.assert_close(spread, drawn)
