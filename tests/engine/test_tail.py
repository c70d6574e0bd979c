"""What follows a layer gives the scores that the whole network gives, and computes nothing else."""

import pytest
import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.core.geometry import InputTransform, Size
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.engine.borrowing import borrowed
from cnnviz_desktop.engine.capture import tensors_of, with_tensors
from cnnviz_desktop.engine.objectives import ClassObjective
from cnnviz_desktop.engine.passes import ForwardPass, Wanted
from cnnviz_desktop.engine.recording import Recorder
from cnnviz_desktop.engine.tail import Tail
from cnnviz_desktop.engine.workbench import Workbench
from tests.engine.networks_for_tests import bench_of, fingerprint, seeded
from tests.engine.networks_with_tails import TAILS, Dense, Residual

BATCH = torch.randn(1, 3, 32, 24, generator=torch.Generator().manual_seed(0))


def pass_of(bench: Workbench, layer: str) -> ForwardPass:
    transform = InputTransform.of("none", Size(32, 24), Size(32, 24), 0)
    return Recorder(bench.module, bench.outline).record(
        BATCH.clone(), (transform,), Wanted(frozenset({LayerRef(layer)}))
    )


def tail_of(module: nn.Module, layer: str) -> Tail:
    bench = bench_of(module)
    with borrowed(module, 0):
        return Tail(bench, LayerRef(layer), pass_of(bench, layer), ClassObjective((2,), None, None, bench.outline))


def whole(module: nn.Module, layer: str, changed: Tensor) -> float:
    """The score where the layer's last run gives `changed`, by a run of the whole network."""
    runs: list[object] = []
    counting = module.get_submodule(layer).register_forward_hook(lambda *_: runs.append(None))
    with torch.no_grad():
        module(BATCH.clone())
    counting.remove()
    left = len(runs)

    def replace(_: nn.Module, __: object, output: object) -> object:
        nonlocal left
        left -= 1
        return with_tensors(output, {0: changed.clone()}) if left == 0 else None

    replacing = module.get_submodule(layer).register_forward_hook(replace)
    with torch.no_grad():
        (logits,) = tensors_of(module(BATCH.clone()))
    replacing.remove()
    return float(logits[0, 2])


@pytest.mark.parametrize(("network", "layer"), TAILS)
def test_that_its_scores_are_those_of_the_whole_network(network: type[nn.Module], layer: str) -> None:
    module = seeded(network)
    tail = tail_of(module, layer)
    changed = torch.randn(3, *tail.activation.shape[1:], generator=torch.Generator().manual_seed(1))
    count = tail.rows_at_once(3)
    for _ in range(2):  # the record is still good the second time
        found = torch.cat([tail.scores(part.clone()) for part in torch.split(changed, count)])
        expected = [whole(module, layer, row[None]) for row in changed]
        assert found.tolist() == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_that_nothing_of_it_stays_in_the_network() -> None:
    module = seeded(Residual)
    before = fingerprint(module)
    tail = tail_of(module, "body.0")
    assert fingerprint(module) == before
    tail.scores(tail.copies(4))
    assert fingerprint(module) == before
    with pytest.raises(Exception, match=r".+"):
        tail.scores(torch.zeros(2, 1, 1, 1, 1, 1))
    assert fingerprint(module) == before


def test_that_a_networks_own_hooks_and_a_forward_of_an_instance_keep_working() -> None:
    module = seeded(Residual)
    handle = module.get_submodule("beside").register_forward_hook(lambda _, __, output: output * 2)
    stem = module.get_submodule("stem")
    plain = stem.forward
    vars(stem)["forward"] = lambda x: plain(x) * 3
    tail = tail_of(module, "body")
    changed = tail.activation + 1
    assert tail.scores(changed.clone()).tolist() == pytest.approx([whole(module, "body", changed)], rel=1e-4)
    assert "forward" in vars(stem)
    handle.remove()


def test_that_copies_are_the_layers_own_activation() -> None:
    tail = tail_of(seeded(Dense), "two")
    copies = tail.copies(3)
    assert torch.equal(copies, tail.activation.expand(3, -1, -1, -1))
    assert tail.scores(copies).tolist() == pytest.approx(tail.score.tolist() * 3, rel=1e-5)


class Random(Dense):
    """Answers differently each time."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) + torch.rand(1)


def test_that_a_network_that_answers_differently_each_time_is_refused_in_words() -> None:
    with pytest.raises(LayerError, match="answers differently each time") as refused:
        tail_of(seeded(Random), "one")
    assert refused.value.of_image
