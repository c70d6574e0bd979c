"""The rules equal twins in which every ReLU is written by hand as a function with its own gradient."""

import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.requests import ClassTarget
from cnnviz_desktop.core.results import GradientPicture
from cnnviz_desktop.engine.aims import objective_of
from cnnviz_desktop.engine.explanation import Explanation
from cnnviz_desktop.engine.passes import Wanted
from cnnviz_desktop.engine.relu_rules import (
    Nonlinearities,
    Rule,
    ShownActivations,
    deconvolution,
    guided,
    nonlinearities,
    ruled,
)
from tests.engine.asking import ask, input_of, results
from tests.engine.networks_for_tests import bench_of, fingerprint, seeded, session_with
from tests.engine.relu_twins import Act, Branching, Plain, besides_a_view, on_a_view, twin_of
from tests.engine.test_objectives import pictures
from tests.engine.test_unusual_networks import Unbackward

RULES = pytest.mark.parametrize("rule", [guided, deconvolution])
MODULE = nn.ReLU(inplace=True)


WHOLE: dict[str, tuple[Act, float]] = {
    "nn.ReLU": (nn.ReLU(), torch.inf),
    "nn.ReLU in place": (MODULE, torch.inf),
    "F.relu": (F.relu, torch.inf),
    "F.relu in place": (lambda x: F.relu(x, inplace=True), torch.inf),
    "torch.relu": (torch.relu, torch.inf),
    "relu_": (Tensor.relu_, torch.inf),
    "clamp(min=0)": (lambda x: x.clamp(min=0), torch.inf),
    "clamp(min=tensor)": (lambda x: x.clamp(min=torch.zeros(())), torch.inf),
    "clamp_min": (lambda x: x.clamp_min(0.0), torch.inf),
    "clamp_(0, 1)": (lambda x: x.clamp_(0, 1), 1.0),
    "F.threshold": (lambda x: F.threshold(x, 0.0, 0.0), torch.inf),
    "leaky_relu(0)": (lambda x: F.leaky_relu(x, 0.0), torch.inf),
    "torch.maximum": (lambda x: torch.maximum(x, torch.tensor(0.0)), torch.inf),
    "torch.maximum, turned": (lambda x: torch.maximum(torch.zeros_like(x), x), torch.inf),
    "nn.ReLU6": (nn.ReLU6(), 6.0),
    "nn.ReLU6 in place": (nn.ReLU6(inplace=True), 6.0),
    "F.hardtanh(0, 1)": (lambda x: F.hardtanh(x, 0, 1), 1.0),
}
ON_VIEWS: dict[str, tuple[Act, float]] = {
    "relu_": (Tensor.relu_, torch.inf),
    "torch.relu_": (torch.relu_, torch.inf),
    "nn.ReLU": (MODULE, torch.inf),
    "F.relu": (lambda x: F.relu(x, True), torch.inf),
    "clamp_": (lambda x: x.clamp_(min=0), torch.inf),
    "clip_": (lambda x: x.clip_(min=0), torch.inf),
    "clamp_min_": (lambda x: x.clamp_min_(0), torch.inf),
    "threshold_": (lambda x: F.threshold(x, 0.0, 0.0, inplace=True), torch.inf),
    "hardtanh_": (lambda x: F.hardtanh_(x, 0.0, 1.0), 1.0),
    "F.relu6": (lambda x: F.relu6(x, inplace=True), 6.0),
}


def plain_gradient(network: nn.Module, x: Tensor, label: int = 2) -> Tensor:
    x = x.clone().requires_grad_()
    return torch.autograd.grad(network(x)[:, label].sum(), x)[0]


def by_rule(network: nn.Module, x: Tensor, rule: Rule) -> tuple[Tensor, Nonlinearities]:
    x = x.clone().requires_grad_()
    with ShownActivations():
        score = network(x)[:, 2].sum()
    found = nonlinearities([score])
    with ruled(found.relus, rule):
        return torch.autograd.grad(score, x)[0], found


def assert_twins(network: nn.Module, twin: nn.Module, rule: Rule) -> None:
    x = torch.randn(2, 3, 13, 11, generator=torch.Generator().manual_seed(3))
    picture, found = by_rule(network, x, rule)
    expected, plain = plain_gradient(twin, x), plain_gradient(network, x)
    assert torch.allclose(network(x.clone()), twin(x.clone()))
    assert (picture - expected).abs().max() <= 1e-5 * expected.abs().max()
    assert (picture - plain).abs().max() > 0.1 * plain.abs().max()
    assert len(found.relus) == 3
    assert not found.notes


@RULES
@pytest.mark.parametrize("name", WHOLE)
def test_that_every_relu_follows_the_rule_however_it_is_called(name: str, rule: Rule) -> None:
    act, top = WHOLE[name]
    assert_twins(seeded(lambda: Branching(act)), seeded(lambda: Branching(twin_of(rule, top))), rule)


@RULES
@pytest.mark.parametrize("name", ON_VIEWS)
def test_that_a_relu_in_place_on_a_view_follows_the_rule(name: str, rule: Rule) -> None:
    act, top = ON_VIEWS[name]
    twin = seeded(lambda: Branching(besides_a_view(twin_of(rule, top))))
    assert_twins(seeded(lambda: Branching(on_a_view(act))), twin, rule)


def test_that_showing_activations_changes_no_value_and_no_storage() -> None:
    for act, _ in ON_VIEWS.values():
        shown, plain = torch.randn(2, 4, 3), torch.zeros(2, 4, 3)
        plain.copy_(shown)
        view = shown[:, 1:]
        with ShownActivations():
            assert act(view).data_ptr() == view.data_ptr()
        act(plain[:, 1:])
        assert torch.equal(shown, plain)


@RULES
def test_that_a_rule_ends_with_its_block_also_where_the_backward_pass_fails(rule: Rule) -> None:
    network, x = seeded(lambda: Branching(F.relu)), torch.randn(1, 3, 9, 9).requires_grad_()
    score = network(x)[:, 2].sum()
    (before,) = torch.autograd.grad(score, x, retain_graph=True)
    with pytest.raises(RuntimeError, match="on purpose"), ruled(nonlinearities([score]).relus, rule):
        raise RuntimeError("on purpose")
    assert torch.equal(torch.autograd.grad(score, x, retain_graph=True)[0], before)

    def failing(passed: Tensor, arriving: Tensor) -> Tensor:
        raise ValueError(f"{passed.shape} {arriving.shape}")

    with pytest.raises(ValueError, match=r"torch\.Size"), ruled(nonlinearities([score]).relus, failing):
        torch.autograd.grad(score, x, retain_graph=True)
    assert torch.equal(torch.autograd.grad(score, x)[0], before)


@pytest.mark.parametrize(
    ("act", "named"),
    [
        (F.gelu, "3 GELU"),
        (F.silu, "3 SiLU"),
        (F.hardswish, "3 Hardswish"),
        (F.elu, "3 ELU"),
        (nn.LeakyReLU(0.1), "3 LeakyReLU"),
        (nn.PReLU().requires_grad_(requires_grad=False), "3 PReLU"),
        (F.softplus, "3 Softplus"),
        (F.mish, "3 Mish"),
        (torch.sigmoid, "3 sigmoid"),
        (torch.tanh, "3 tanh"),
        (F.hardtanh, "3 Hardtanh"),
        (on_a_view(lambda x: F.silu(x, inplace=True)), "3 SiLU"),
        (twin_of(guided, torch.inf), "3 GuidedTwin"),
    ],
)
def test_that_activations_without_a_rule_are_counted_by_name(act: Act, named: str) -> None:
    x = torch.randn(1, 3, 9, 9)
    network = seeded(lambda: Branching(act))
    picture, found = by_rule(network, x, guided)
    assert not found.relus
    assert found.notes[0].startswith(named)
    assert "plain gradient" in found.notes[-1]
    assert torch.allclose(picture, plain_gradient(network, x))


def test_that_a_network_without_any_activation_is_told_to_give_the_plain_gradient() -> None:
    _, found = by_rule(seeded(lambda: Branching(nn.Identity())), torch.randn(1, 3, 9, 9), guided)
    assert found.notes == ("There is no ReLU on the way to the score, so this is the plain gradient.",)


@RULES
def test_that_the_session_draws_what_the_twin_draws_and_leaves_no_trace(rule: Rule, image: str) -> None:
    network = seeded(lambda: Branching(on_a_view(Tensor.relu_)))
    twin = seeded(lambda: Branching(besides_a_view(twin_of(rule, torch.inf))))
    before, x = fingerprint(network), input_of(image)
    label = int(network(x.clone()).argmax())
    method = "guided_backprop" if rule is guided else "deconvolution"
    found = next(
        each for each in results(session_with(network), ask(method, image)) if isinstance(each, GradientPicture)
    )
    expected = plain_gradient(twin, x, label)[0].numpy()
    assert np.abs(found.raw - expected).max() <= 1e-5 * np.abs(expected).max()
    assert fingerprint(network) == before


def test_that_a_remembered_pass_gives_the_plain_gradient_after_the_guided_one(image: str) -> None:
    network = seeded(lambda: Branching(F.relu))
    session, x = session_with(network), input_of(image)
    label = int(network(x).argmax())
    results(session, ask("guided_backprop", image))
    found = next(each for each in results(session, ask("saliency", image)) if isinstance(each, GradientPicture))
    assert np.allclose(found.raw, plain_gradient(network, x, label)[0].numpy(), rtol=1e-5, atol=1e-8)


@RULES
def test_that_a_row_on_its_own_has_the_rows_part_of_the_whole(rule: Rule) -> None:
    wanted = Wanted(of_input=True)
    bench = bench_of(seeded(lambda: Branching(F.relu)))
    seen = bench.forward_together(pictures(3), wanted)
    whole = Explanation(bench, seen, objective_of(ClassTarget(), bench.outline, seen), wanted)
    for row in range(3):
        alone = whole.only(row)
        assert torch.equal(alone.input_gradient(rule)[0], whole.input_gradient(rule)[row])
        assert torch.equal(alone.input_gradient()[0], whole.input_gradient()[row])
        assert alone.nonlinearities is whole.nonlinearities


@pytest.mark.parametrize("method", ["guided_backprop", "deconvolution", "saliency"])
def test_that_a_backward_pass_that_fails_is_told_and_leaves_no_trace(method: str, image: str) -> None:
    module = seeded(Unbackward)
    before = fingerprint(module)
    with pytest.raises(NetworkError, match="gradient of Test network cannot be computed"):
        results(session_with(module), ask(method, image))
    assert fingerprint(module) == before


def test_that_a_graph_that_torchscript_hides_is_named() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's word on the end of TorchScript
        network = torch.jit.script(seeded(Plain).requires_grad_(requires_grad=False))
        for _ in range(3):  # it compiles what it has seen run
            _, found = by_rule(network, torch.randn(1, 3, 9, 9), guided)
    assert found.notes == ("1 opaque TorchScript graph has no rule: the plain gradient passes it.",)


def test_that_a_recomputed_block_follows_the_rule() -> None:
    class Recomputed(Branching):
        """Keeps no activations for the backward pass."""

        def forward(self, x: Tensor) -> Tensor:
            found: Tensor = checkpoint(super().forward, x, use_reentrant=False)
            return found

    assert_twins(seeded(lambda: Recomputed(F.relu)), seeded(lambda: Branching(twin_of(guided, torch.inf))), guided)
