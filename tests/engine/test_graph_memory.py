"""What the layers saved for a backward pass is held as long as it serves, and no longer."""

import gc
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.graph import get_gradient_edge

from cnnviz_desktop.core.requests import ClassTarget, ParameterValue, Target, UnitTarget
from tests.engine.asking import ask, results
from tests.engine.networks_for_tests import seeded, session_with

OWN_PASSES: dict[str, dict[str, ParameterValue]] = {
    "integrated_gradients": {"steps": 2},
    "smoothgrad": {"samples": 2},
    "fullgrad": {},
}
SHARED_PASS = ("saliency", "guided_backprop")
_CLASS = ClassTarget(1)


class Saved:
    """What one operation saved for its backward pass."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor


class Ledger:
    """Everything that is saved while `kept` is entered, and how much of it is alive when a gradient arrives."""

    def __init__(self) -> None:
        self.saved: list[weakref.ref[Saved]] = []
        self.on_arrival: list[tuple[int, int]] = []

    @property
    def alive(self) -> int:
        return sum(each() is not None for each in self.saved)

    @contextmanager
    def kept(self) -> Iterator[None]:
        with torch.autograd.graph.saved_tensors_hooks(self._save, lambda saved: saved.tensor):
            yield

    def arrived(self, _: object) -> None:
        """A gradient has come back to the first layer."""
        self.on_arrival.append((self.alive, len(self.saved)))

    def _save(self, tensor: Tensor) -> Saved:
        saved = Saved(tensor.detach())
        self.saved.append(weakref.ref(saved))
        return saved


class Deep(nn.Module):
    """A stack of layers that tells when a gradient has come back through all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 6, 3, padding=1)
        self.more = nn.ModuleList(nn.Conv2d(6, 6, 3, padding=1) for _ in range(4))
        self.head = nn.Linear(6, 5)
        self.ledger: Ledger | None = None

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        if x.requires_grad and self.ledger is not None:
            get_gradient_edge(x).node.register_prehook(self.ledger.arrived)
        for layer in self.more:
            x = F.silu(layer(x))
        logits: Tensor = self.head(x.mean(dim=(2, 3)))
        return logits


def watched(method: str, image: str, target: Target = _CLASS) -> Ledger:
    module, ledger = seeded(Deep), Ledger()
    assert isinstance(module, Deep)
    session = session_with(module)
    if method in OWN_PASSES:
        results(session, ask("gradcam", image, targets=(target,), layers=("first",)))  # remembered
    module.ledger = ledger
    request = ask(method, image, targets=(target,), parameters=OWN_PASSES.get(method, {}))
    gc.collect()
    gc.disable()
    try:
        with ledger.kept():
            results(session, request)
    finally:
        gc.enable()
    return ledger


@pytest.mark.parametrize("method", OWN_PASSES)
def test_that_a_graph_of_a_methods_own_is_freed_while_its_gradient_comes_back(method: str, image: str) -> None:
    ledger = watched(method, image)
    assert ledger.on_arrival
    for alive, saved in ledger.on_arrival:
        assert saved >= 8  # a convolution's and an activation's, four times
        assert alive <= 2


@pytest.mark.parametrize("target", [_CLASS, UnitTarget("more.0", channel=2)])
@pytest.mark.parametrize("method", OWN_PASSES)
def test_that_nothing_holds_a_graph_of_a_methods_own_afterwards(method: str, target: Target, image: str) -> None:
    """A cycle, as of a hook that holds the node it hangs on, would keep what no gradient came by."""
    ledger = watched(method, image, target)
    assert ledger.saved
    assert ledger.alive == 0


@pytest.mark.parametrize("method", SHARED_PASS)
def test_that_the_graph_of_the_shared_pass_stays_for_the_next_gradient(method: str, image: str) -> None:
    ledger = watched(method, image)
    assert ledger.on_arrival
    assert all(alive == saved for alive, saved in ledger.on_arrival)
