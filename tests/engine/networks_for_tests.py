"""Small networks that do what real ones do, and sessions and outlines made of them."""

import hashlib
import random
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from msgspec import structs
from torch import Tensor, nn

from cnnviz_desktop.core.description import Architecture, NetworkDescription, Preprocessing, Task
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.engine.borrowing import borrowed
from cnnviz_desktop.engine.devices import choose_device
from cnnviz_desktop.engine.networks.loaded import LoadedNetwork
from cnnviz_desktop.engine.outlining import outline_of
from cnnviz_desktop.engine.session import EngineSession, _bench_key
from cnnviz_desktop.engine.workbench import Workbench


class InPlace(nn.Module):
    """A convolution whose output an in-place ReLU overwrites, twice over."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 6, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.last = nn.Conv2d(6, 8, 3, stride=2, padding=1)
        self.head = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.first(x))
        x = F.relu(self.last(x), inplace=True)
        logits: Tensor = self.head(x.mean(dim=(2, 3)))
        return logits


class Counting(InPlace):
    """Counts the rows of its passes."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[int] = []

    def forward(self, x: Tensor) -> Tensor:
        self.rows.append(len(x))
        return super().forward(x)


class Functional(nn.Module):
    """Skips by slicing, concatenation, padding, pooling and upsampling, all functional, on non-square strides."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, (5, 3), stride=(2, 1), padding=(2, 1))
        self.wide = nn.Conv2d(4, 4, 3, padding=2, dilation=2)
        self.join = nn.Conv2d(8, 6, 1)
        self.up = nn.ConvTranspose2d(6, 6, 4, stride=2, padding=1)
        self.tail = nn.Conv2d(6, 6, 3)
        self.head = nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.stem(x))
        x = torch.cat([self.wide(x), F.pad(x, (1, 0, 0, 1))[:, :, 1:, :-1]], dim=1)
        x = F.avg_pool2d(self.join(x)[:, :, ::2, ::2], 2)
        x = F.relu(self.tail(self.up(x)))
        logits: Tensor = self.head(x.mean(dim=(2, 3)))
        return logits


Network = TypeVar("Network", bound=nn.Module)

PLAIN = Preprocessing(resize="none", size=(32, 24), mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25))
"""How a picture of 32 × 24 pixels becomes the input of a test network."""


def seeded(factory: Callable[[], Network], seed: int = 0) -> Network:
    """A network with the same random weights every time, in evaluation mode."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return factory().eval()


def loaded(
    module: nn.Module,
    preprocessing: Preprocessing = PLAIN,
    task: Task | None = None,
    class_names: tuple[str, ...] = (),
) -> LoadedNetwork:
    """A network as a source gives it."""
    return LoadedNetwork(
        reference="test",
        description=NetworkDescription(
            format=1, name="Test network", architecture=Architecture(module="test", factory="build"), task=task
        ),
        module=module,
        preprocessing=preprocessing,
        class_names=class_names,
        weights_sha256="0" * 64,
    )


def outlined(
    module: nn.Module,
    size: tuple[int, int] = (32, 24),
    preprocessing: Preprocessing = PLAIN,
    task: Task | None = None,
    class_names: tuple[str, ...] = (),
) -> Outline:
    """The outline of a network."""
    source = loaded(module, structs.replace(preprocessing, size=size), task, class_names)
    with borrowed(module, seed=0):
        return outline_of(source, module, choose_device("cpu"))


def bench_of(module: nn.Module, size: tuple[int, int] = (32, 24), memory_budget: int = 1 << 28) -> Workbench:
    """A workbench for a network."""
    return Workbench(module, outlined(module, size), memory_budget)


def session_with(
    module: nn.Module,
    size: tuple[int, int] = (32, 24),
    memory_budget: int = 1 << 28,
    preprocessing: Preprocessing = PLAIN,
    task: Task | None = None,
    class_names: tuple[str, ...] = (),
) -> EngineSession:
    """A session in which the network “test” is open already."""
    session = EngineSession(memory_budget)
    bench = Workbench(module, outlined(module, size, preprocessing, task, class_names), memory_budget)
    session._benches[_bench_key(Request(method="outline", network="test"))] = bench
    return session


def fingerprint(module: nn.Module) -> str:
    """A hash of all that the engine must leave as it was: weights, buffers, gradients, flags, hooks, random state."""
    digest = hashlib.sha256()
    for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
        gradient = "none" if tensor.grad is None else hashlib.sha256(tensor.grad.numpy().tobytes()).hexdigest()
        digest.update(f"{name} {id(tensor)} {tensor.requires_grad} {gradient}".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    for name, part in module.named_modules():
        hooks = [
            len(value) for key, value in sorted(vars(part).items()) if "hooks" in key and hasattr(value, "__len__")
        ]
        digest.update(f"{name} {type(part).__qualname__} {part.training} {hooks} {sorted(vars(part))}".encode())
    digest.update(torch.get_rng_state().numpy().tobytes())
    digest.update(f"{torch.is_grad_enabled()} {random.getstate()} {np.random.get_state()}".encode())
    return digest.hexdigest()
