"""What the references are computed from: a layer's activation and gradient, taken with hooks of their own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from tests.correctness.subjects import Subject
from tests.correctness.twins import plain, relus

Array = npt.NDArray[np.floating[npt.NBitBase]]
Score = Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class Recorded:
    """(N, C, h, w) float64 arrays: a layer's activation A and its gradient G = ∂S/∂A."""

    activation: Array
    gradient: Array


def class_score(output: Tensor, subject: Subject) -> Tensor:
    """(N,) tensor: the logit of the subject's class."""
    return output[:, subject.label]


SCORES: dict[str, Callable[[Subject], Score]] = {
    "logit": lambda subject: lambda output: output[:, subject.label],
    "probability": lambda subject: lambda output: output.softmax(dim=1)[:, subject.label],
    "difference": lambda subject: lambda output: output[:, subject.label] - output[:, subject.other],
}
"""The scores S of a class that are compared."""


def recorded(
    subject: Subject, batch: Tensor | None = None, *, score: Score | None = None, growth: float = 1
) -> Recorded:
    """A and G of the subject's layer.

    Args:
        subject: The network and its images.
        batch: (N, C, H, W) tensor; the subject's own where None.
        score: (N, K) scores → (N,) S; the logit of the subject's class where None.
        growth: What the layer's output is multiplied by.
    """
    taken: list[Tensor] = []

    def take(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        del module, inputs
        taken.append(output * growth)
        return taken[-1]

    handle = subject.part.register_forward_hook(take)
    try:
        with relus(plain):
            output = subject.module((subject.batch if batch is None else batch).clone().requires_grad_())
    finally:
        handle.remove()
    chosen = (score or SCORES["logit"](subject))(output)
    (gradient,) = torch.autograd.grad(chosen.sum(), taken[-1])
    return Recorded(array(subject.placed(taken[-1])), array(subject.placed(gradient)))


def array(tensor: Tensor) -> Array:
    """A tensor as float64 array."""
    found: Array = tensor.detach().double().numpy()
    return found


@contextmanager
def trainable(module: nn.Module) -> Iterator[nn.Module]:
    """The module with gradients for its parameters, as the libraries want it."""
    module.requires_grad_(True)
    try:
        yield module
    finally:
        module.requires_grad_(False)


@contextmanager
def overheard(owner: object, name: str) -> Iterator[list[Array]]:
    """What a method of an object gives back inside, each time, as a list of float64 arrays."""
    own, taken = getattr(owner, name), list[Array]()

    def take(*arguments: object, **options: object) -> object:
        found = own(*arguments, **options)
        taken.append(np.array(found, dtype=np.float64))
        return found

    setattr(owner, name, take)
    try:
        yield taken
    finally:
        delattr(owner, name)  # or the two hold each other
