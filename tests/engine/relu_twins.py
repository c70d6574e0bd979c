"""ReLUs written by hand as functions with their own gradient, and networks to put them into."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx

from cnnviz_desktop.engine.relu_rules import Rule, deconvolution, guided

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


def twin_of(rule: Rule, top: float) -> Act:
    return lambda x: TWINS[rule].apply(x, top)


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


class Plain(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 6, 3)
        self.last = nn.Conv2d(6, 8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.last(F.relu(self.first(x)))).mean(dim=(2, 3))


def on_a_view(act: Act) -> Act:
    """The activation on all channels but the first, in place."""

    def acted(x: Tensor) -> Tensor:
        act(x[:, 1:])
        return x

    return acted


def besides_a_view(act: Act) -> Act:
    """The same, without a view."""
    return lambda x: torch.cat([x[:, :1], act(x[:, 1:])], dim=1)
