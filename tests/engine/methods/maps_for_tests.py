"""Heat maps of the engine, and of pytorch-grad-cam on activations and gradients that are captured here by hand."""

import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from cnnviz_desktop.core.requests import ClassTarget
from cnnviz_desktop.core.results import FloatArray, HeatMap
from cnnviz_desktop.engine.session import EngineSession
from tests.engine.asking import ask, input_of, results
from tests.engine.networks_for_tests import Functional, InPlace


class Joined(nn.Module):
    """A skip, a concatenation and an in-place ReLU after a normalisation; ends in maps → global average → linear."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
        self.left = nn.Conv2d(8, 8, 3, padding=1)
        self.right = nn.Conv2d(8, 8, 1)
        self.pool = nn.MaxPool2d(2)
        self.block = nn.Sequential(nn.Conv2d(16, 12, 3, stride=2, padding=1), nn.BatchNorm2d(12), nn.ReLU(inplace=True))
        self.average = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(12, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.stem(x))
        x = x + F.relu(self.left(x))
        x = torch.cat([x, self.right(x)], dim=1)
        logits: Tensor = self.head(self.average(self.block(x)).flatten(1))
        return logits


class Ordered(nn.Module):
    """Maps → global average → linear, the maps given by `layer` as they are, with channels last, or as tokens."""

    def __init__(self, order: str) -> None:
        super().__init__()
        self.order = order
        self.convolution = nn.Conv2d(3, 10, 4, stride=4)
        self.layer = nn.Identity()
        self.head = nn.Linear(10, 5)

    def forward(self, x: Tensor) -> Tensor:
        maps = F.gelu(self.convolution(x))
        if self.order == "channels last":
            maps = self.layer(maps.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        elif self.order == "tokens":
            maps = self.layer(maps.flatten(2).mT).mT.unflatten(2, maps.shape[2:])
        else:
            maps = self.layer(maps)
        logits: Tensor = self.head(maps.mean(dim=(2, 3)))
        return logits


class Smooth(nn.Module):
    """Activations with curvature, so that second derivatives are not 0."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 6, 3, padding=1)
        self.last = nn.Conv2d(6, 8, 3, stride=2, padding=1)
        self.head = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = F.gelu(self.last(F.silu(self.first(x))))
        logits: Tensor = self.head((x * x).mean(dim=(2, 3)))
        return logits


class Inference(nn.Module):
    """A network that keeps no graph."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = InPlace()

    def forward(self, x: Tensor) -> Tensor:
        with torch.inference_mode():
            logits: Tensor = self.inner(x)
        return logits


NETWORKS: list[tuple[Callable[[], nn.Module], str]] = [
    (InPlace, "relu"),
    (InPlace, "last"),
    (Functional, "wide"),
    (Functional, "tail"),
    (Joined, "left"),
    (Joined, "block"),
]
"""Networks and layers on which a formula must agree with a reference."""


def loud(module: nn.Module, factor: float = 100.0) -> nn.Module:
    """The network with larger logits, so that no ε of a reference matters beside its gradients."""
    with torch.no_grad():
        for parameter in module.get_submodule("head").parameters():
            parameter.mul_(factor)
    return module


def noise(folder: Path, count: int, size: tuple[int, int] = (32, 24)) -> tuple[str, ...]:
    """Images of random pixels."""
    generator, paths = np.random.default_rng(5), []
    for number in range(count):
        paths.append(str(folder / f"noise_{number}.png"))
        Image.fromarray(generator.integers(0, 256, (*size, 3), dtype=np.uint8)).save(paths[-1])
    return tuple(paths)


def heats(session: EngineSession, method: str, image: str, **fields: object) -> list[HeatMap]:
    """Every heat map of a request."""
    return [found for found in results(session, ask(method, image, **fields)) if isinstance(found, HeatMap)]


def heat(session: EngineSession, method: str, image: str, layer: str, target: int = 2, **parameters: object) -> HeatMap:
    """The one heat map of a layer and class."""
    (found,) = heats(session, method, image, layers=(layer,), targets=(ClassTarget(target),), parameters=parameters)
    return found


def captured(
    module: nn.Module, layer: str, image: str, score: Callable[[Tensor], Tensor]
) -> tuple[FloatArray, FloatArray]:
    """(1, C, h, w) activations of a layer and gradients of a score of the logits, by a hook of its own."""
    kept: list[Tensor] = []

    def keep(_: nn.Module, __: object, output: Tensor) -> Tensor:
        kept.append(output)
        return output.clone()

    handle = module.get_submodule(layer).register_forward_hook(keep)
    try:
        with torch.enable_grad():
            found = score(module(input_of(image)))
    finally:
        handle.remove()
    (gradient,) = torch.autograd.grad(found.sum(), kept[0])
    return kept[0].detach().numpy(), gradient.numpy()


def of_class(target: int) -> Callable[[Tensor], Tensor]:
    """The logit of a class."""
    return lambda logits: logits[:, target]


def librarys(
    kind: str, module: nn.Module, layer: str, image: str, target: int = 2, *, smooth: bool = False
) -> FloatArray:
    """(h, w) map as a class of pytorch-grad-cam computes it, before it is clipped and scaled."""
    activations, gradients = captured(module, layer, image, of_class(target))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        method = getattr(import_module("pytorch_grad_cam"), kind)
    with method(model=module, target_layers=[module.get_submodule(layer)]) as cam:
        found: FloatArray = cam.get_cam_image(input_of(image), None, [], activations, gradients, smooth)[0]
    return found


def difference(found: FloatArray, expected: FloatArray) -> float:
    """Largest difference, relative to the largest value expected."""
    assert found.shape == expected.shape
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def difference_up_to_sign(found: FloatArray, expected: FloatArray) -> float:
    """As `difference`, of the expected map or its negative."""
    return min(difference(found, expected), difference(found, -expected))
