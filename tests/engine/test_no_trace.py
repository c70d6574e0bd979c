"""No method that explains a target leaves a trace in the network: finished, failed, or cancelled after any yield."""

from collections.abc import Iterator

import pytest
import torch
import torch.nn.functional as F
from msgspec.structs import replace
from torch import Tensor, nn

from cnnviz_desktop.core.catalog import METHODS
from cnnviz_desktop.core.errors import CnnvizError
from cnnviz_desktop.core.requests import ClassTarget, ParameterValue, Request, UnitTarget
from cnnviz_desktop.core.results import GradientPicture, HeatMap
from cnnviz_desktop.engine.session import EngineSession
from tests.engine.asking import ask
from tests.engine.networks_for_tests import fingerprint, seeded, session_with

EXPLAINING = tuple(method.id for method in METHODS if method.gives)
_QUICK: dict[str, dict[str, ParameterValue]] = {
    "ablationcam": {"chunk": 3},
    "scorecam": {"chunk": 3},
    "integrated_gradients": {"chunk": 4, "steps": 12},
    "smoothgrad": {"chunk": 4, "samples": 12},
    "occlusion": {"chunk": 5, "patch": 12, "stride": 10},
}
"""Several chunks, and not too many."""


class Lived(nn.Module):
    """In-place ReLUs, buffers that every pass writes or replaces, a random draw, and a tail that may fail."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 6, 3, padding=1)
        self.norm = nn.BatchNorm2d(6)
        self.relu = nn.ReLU(inplace=True)
        self.between = nn.Conv2d(6, 6, 3, padding=1)
        self.last = nn.Conv2d(6, 8, 3, stride=2, padding=1)
        self.end = nn.ReLU(inplace=True)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(8, 5)
        self.runs = nn.Buffer(torch.zeros(()))
        self.replaced: Tensor = nn.Buffer(torch.zeros(3))
        self.fails = False

    def forward(self, x: Tensor) -> Tensor:
        self.runs.add_(1)
        self.replaced = self.replaced + 1
        x = self.relu(self.norm(self.first(x)))
        x = F.relu(self.between(x), inplace=True)
        x = self.pool(self.end(self.last(x))).flatten(1)
        if self.fails:
            raise RuntimeError("the tail gave way")
        logits: Tensor = self.head(x + 0 * torch.rand(1))
        return logits


@pytest.fixture
def lived() -> Iterator[tuple[Lived, EngineSession]]:
    """A network as its owner left it: training, partly frozen, with gradients and hooks of the owner's own."""
    module = seeded(Lived)
    assert isinstance(module, Lived)
    session = session_with(module)
    module.train()
    module.norm.eval()
    module.first.weight.requires_grad_(False)
    for parameter in (module.first.weight, module.last.weight, module.head.bias):
        parameter.grad = torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1))
    calls: list[nn.Module] = []
    module.last.register_forward_hook(lambda part, *_: calls.append(part))
    module.head.register_full_backward_hook(lambda part, *_: calls.append(part))
    yield module, session
    assert not torch.is_inference_mode_enabled()


def request_for(method: str, image: str, **fields: object) -> Request:
    return ask(method, image, parameters=_QUICK.get(method, {}), **fields)


@pytest.mark.parametrize("method", EXPLAINING)
def test_that_a_finished_method_leaves_no_trace(method: str, lived: tuple[Lived, EngineSession], image: str) -> None:
    module, session = lived
    before = fingerprint(module)
    targets = (ClassTarget(1), ClassTarget(2, minus=3))
    found = list(session.run(request_for(method, image, targets=targets)))
    assert fingerprint(module) == before
    final = [each for each in found if isinstance(each, HeatMap | GradientPicture) and each.done == 1]
    assert len(final) == 2
    assert all(each.raw.any() or each.notes for each in final)


@pytest.mark.parametrize("method", EXPLAINING)
def test_that_a_method_cancelled_after_any_yield_leaves_no_trace(
    method: str, lived: tuple[Lived, EngineSession], image: str
) -> None:
    module, session = lived
    before = fingerprint(module)
    request = request_for(method, image, targets=(ClassTarget(1), ClassTarget(2)))
    yields = len(list(session.run(request)))
    assert yields >= 2
    for steps in range(yields + 1):
        for bench in session._benches.values():
            bench.forget()
        run = session.run(request)
        for _ in range(steps):
            next(run)
        run.close()
        assert fingerprint(module) == before, f"cancelled after {steps} of {yields}"


@pytest.mark.parametrize("method", EXPLAINING)
@pytest.mark.parametrize("failure", ["tail", "class", "layer", "image"])
def test_that_a_method_that_fails_leaves_no_trace(
    method: str, failure: str, lived: tuple[Lived, EngineSession], image: str
) -> None:
    module, session = lived
    module.fails = failure == "tail"
    request = request_for(method, image)
    if failure == "class":
        request = request_for(method, image, targets=(ClassTarget(1), ClassTarget(5)))
    elif failure == "layer":
        request = request_for(method, image, targets=(UnitTarget("nowhere", channel=0),))
    elif failure == "image":
        request = replace(request, images=(image, f"{image}.missing"))
    before = fingerprint(module)
    with pytest.raises(CnnvizError):
        list(session.run(request))
    assert fingerprint(module) == before
