"""A small network, saved as torch.export and TorchScript save it, and sessions that open such files at once."""

import warnings
from collections.abc import Generator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from cnnviz_desktop.core.errors import ConsentNeeded
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Progress, Result
from cnnviz_desktop.engine.networks.programs.prober import Prober
from cnnviz_desktop.engine.networks.programs.program import Program
from cnnviz_desktop.engine.networks.programs.saved_program import SavedProgram
from cnnviz_desktop.engine.session import EngineSession

SIDE = 24


class Untried(Prober):
    """Takes every program for tried: a trial starts a process of its own."""

    def probe(self, program: Program | SavedProgram) -> Generator[Progress, None, None]:
        yield from ()


class Small(nn.Module):
    """A network with in-place and functional activations, that ends in the average of its last maps."""

    def __init__(self, channels: int = 3) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(channels, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(inplace=True))
        self.up = nn.ConvTranspose2d(6, 4, 2, stride=2, output_padding=1, groups=2)
        self.drop = nn.Dropout(0.5)
        self.last = nn.Conv2d(4, 8, (3, 1), stride=2, dilation=(1, 2), bias=False)
        self.head = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.up(self.stem(x)))
        x = self.last(self.drop(x))
        logits: Tensor = self.head(x.mean(dim=(2, 3)))
        return logits


def small(channels: int = 3) -> Small:
    """With statistics of its own, in evaluation mode."""
    torch.manual_seed(1)
    network = Small(channels)
    for _ in range(3):
        network(torch.randn(4, channels, SIDE, SIDE))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(1.5)
    return network.eval()


def exported(network: nn.Module, *, dynamic: bool = False, sizes: bool = False, channels: int = 3) -> ExportedProgram:
    """With a batch of one, or of any number; for one size, or for many."""
    shape: dict[int, Dim] = {0: Dim("rows")} if dynamic else {}
    if sizes:
        shape |= {2: Dim("height", min=16, max=64), 3: Dim("width", min=16, max=64)}
    example = torch.zeros(2 if dynamic else 1, channels, SIDE, SIDE)
    return torch.export.export(network, (example,), dynamic_shapes=(shape,) if shape else None)


def save_exported(program: ExportedProgram, path: Path) -> Path:
    torch.export.save(program, path)
    return path


def save_torchscript(network: nn.Module, path: Path, *, traced: bool = False, channels: int = 3) -> Path:
    with warnings.catch_warnings(action="ignore"):  # torch.jit says that it will go one day
        example = torch.zeros(1, channels, SIDE, SIDE)
        saved = (
            torch.jit.trace(network, example)  # type: ignore[no-untyped-call]  # torch gives it no types
            if traced
            else torch.jit.script(network)
        )
        torch.jit.save(saved, path)
    return path


def session() -> EngineSession:
    """A session that tries nothing."""
    made = EngineSession()
    made._prober = Untried()
    return made


def answered(session: EngineSession, request: Request) -> list[Result]:
    """What a session answers, with consent to whatever it asks for."""
    try:
        return [result for result in session.run(request) if not isinstance(result, Progress)]
    except ConsentNeeded as needed:
        session.trust(needed.sha256)
        return [result for result in session.run(request) if not isinstance(result, Progress)]
