"""The rules equal twins in which every ReLU is written by hand as a function with its own gradient."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx

from cnnviz_desktop.core.results import GradientPicture
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
from tests.engine.networks_for_tests import fingerprint, seeded, session_with

Act = Callable[[Tensor], Tensor]


class GuidedTwin(torch.autograd.Function):
    """max(0, a) that passes back relu(g) where it is open."""

    @staticmethod
    def forward(ctx: FunctionCtx, x: Tensor, top: float) -> Tensor:
        ctx.open = (x > 0) & (x < top)  # type: ignore[attr-defined]
        return x.clamp(0, top)

    @staticmethod
    def backward(ctx: FunctionCtx, *arriving: Tensor) -> tuple[Tensor, None]:
        return arriving[0].clamp(min=0) * ctx.open, None  # type: ignore[attr-defined]


class DeconvolutionTwin(torch.autograd.Function):
    """max(0, a) that passes back relu(g)."""

    @staticmethod
    def forward(ctx: FunctionCtx, x: Tensor, top: float) -> Tensor:
        del ctx
        return x.clamp(0, top)

    @staticmethod
    def backward(ctx: FunctionCtx, *arriving: Tensor) -> tuple[Tensor, None]:
        del ctx
        return arriving[0].clamp(min=0), None


TWINS: dict[Rule, type[torch.autograd.Function]] = {guided: GuidedTwin, deconvolution: DeconvolutionTwin}
RULES = pytest.mark.parametrize("rule", [guided, deconvolution])
MODULE = nn.ReLU(inplace=True)


class Branching(nn.Module):
    """One activation called three times; what goes into the second is read by a sum as well."""

    def __init__(self, act: Act) -> None:
        super().__init__()
        self.act = act
        self.first = nn.Conv2d(3, 6, 3, padding=1)
        self.second = nn.Conv2d(6, 6, 3, padding=1)
        self.third = nn.Conv2d(6, 8, 3, stride=2)
        self.head = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(3 * self.first(x))
        x = self.second(x)
        aside = 0.3 * x
        x = self.act(x) + aside
        x = self.act(self.third(x))
        logits: Tensor = self.head(x.mean(dim=(2, 3)))
        return logits


def on_a_view(act: Act) -> Act:
    """The activation on all channels but the first, in place."""

    def acted(x: Tensor) -> Tensor:
        act(x[:, 1:])
        return x

    return acted


def besides_a_view(act: Act) -> Act:
    """The same, without a view."""
    return lambda x: torch.cat([x[:, :1], act(x[:, 1:])], dim=1)


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


def twin_of(rule: Rule, top: float) -> Act:
    return lambda x: TWINS[rule].apply(x, top)


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
