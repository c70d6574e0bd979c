"""Guided backpropagation and deconvolution: another rule at every ReLU of a graph, while a backward pass runs over it.

The rule is put on the operations that autograd recorded and not on modules, so it reaches every ReLU however it was
called: module, function or method, in place or not, and whatever else reads its input.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import BackwardCFunction
from torch.autograd.graph import Node
from torch.overrides import TorchFunctionMode

Rule = Callable[[Tensor, Tensor], Tensor]
"""What a ReLU passes back: from its own gradient (that of its input) and the gradient of its output, to the former."""


def guided(passed: Tensor, arriving: Tensor) -> Tensor:
    """relu(g) ⊙ [a > 0] (Springenberg et al. 2015)."""
    del arriving
    return passed.clamp(min=0)


def deconvolution(passed: Tensor, arriving: Tensor) -> Tensor:
    """relu(g), wherever the ReLU is open (Zeiler and Fergus 2014)."""
    return arriving.clamp(min=0).sum_to_size(passed.shape).to(passed.dtype)


@dataclass(frozen=True, slots=True, eq=False)
class Nonlinearities:
    """The nonlinearities on the way from scores to what they were computed from.

    Attributes:
        relus: Nodes of the graph that are a ReLU, or one with an upper limit.
        others: How many activations of each kind have no rule.
    """

    relus: tuple[Node, ...]
    others: Counter[str]

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know about a picture that was made by a rule, in sentences."""
        notes = []
        if self.others:
            kinds = ", ".join(f"{count} {kind}" for kind, count in self.others.most_common())
            have = "has" if self.others.total() == 1 else "have"
            them = "it" if self.others.total() == 1 else "them"
            notes.append(f"{kinds} {have} no rule: the plain gradient passes {them}.")
        if not self.relus:
            notes.append("There is no ReLU on the way to the score, so this is the plain gradient.")
        return tuple(notes)


def nonlinearities(tensors: Iterable[Tensor]) -> Nonlinearities:
    """Every nonlinearity in the graph behind some tensors."""
    waiting = [tensor.grad_fn for tensor in tensors]
    met: set[Node] = set()
    relus: list[Node] = []
    others: Counter[str] = Counter()
    while waiting:
        node = waiting.pop()
        if node is None or node in met:
            continue
        met.add(node)
        waiting.extend(following for following, _ in node.next_functions)
        if _is_relu(node):
            relus.append(node)
        elif kind := _without_rule(node):
            others[kind] += 1
    return Nonlinearities(tuple(relus), others)


@contextmanager
def ruled(relus: Iterable[Node], rule: Rule) -> Iterator[None]:
    """Backward passes inside follow the rule at those nodes; those outside do not."""

    def passed_back(
        passed: tuple[Tensor | None, ...], arriving: tuple[Tensor | None, ...]
    ) -> tuple[Tensor | None, ...]:
        (gradient,) = arriving
        return tuple(each if each is None or gradient is None else rule(each, gradient) for each in passed)

    handles = []
    try:
        for node in relus:
            handles.append(node.register_hook(passed_back))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _is_relu(node: Node) -> bool:
    """Whether a node is max(0, ·), with or without an upper limit."""
    match node.name():
        case "ReluBackward0":
            return True
        case "ThresholdBackward0":
            return _is_zero(node, "threshold")
        case "HardtanhBackward0":
            return _is_zero(node, "min_val")
        case "ClampMinBackward0" | "ClampMinBackward1" | "ClampBackward0" | "ClampBackward1":
            return _is_zero(node, "min")
        case "LeakyReluBackward0":
            return _is_zero(node, "negative_slope")
        case "MaximumBackward0" | "FmaxBackward0":
            constants = [
                side for side, (before, _) in zip(("self", "other"), node.next_functions, strict=True) if not before
            ]
            return bool(constants) and _is_zero(node, constants[0])
        case _:
            return False


def _is_zero(node: Node, saved: str) -> bool:
    """Whether what an operation saved for its backward pass, a number or a tensor, is 0 throughout."""
    value: object = getattr(node, f"_saved_{saved}")
    return not bool(value.any()) if isinstance(value, Tensor) else value == 0


_WITHOUT_RULE = {
    "CeluBackward0": "CELU",
    "EluBackward0": "ELU",
    "GeluBackward0": "GELU",
    "GluBackward0": "GLU",
    "HardshrinkBackward0": "Hardshrink",
    "HardsigmoidBackward0": "Hardsigmoid",
    "HardswishBackward0": "Hardswish",
    "HardtanhBackward0": "Hardtanh",
    "LeakyReluBackward0": "LeakyReLU",
    "LogSigmoidBackward0": "LogSigmoid",
    "MishBackward0": "Mish",
    "PreluKernelBackward0": "PReLU",
    "RreluWithNoiseBackward0": "RReLU",
    "SigmoidBackward0": "sigmoid",
    "SiluBackward0": "SiLU",
    "SoftplusBackward0": "Softplus",
    "SoftshrinkBackward0": "Softshrink",
    "TanhBackward0": "tanh",
    "ThresholdBackward0": "Threshold",
}


_LINEAR = "GeneratedBackwardFor_torchvision_roi_align"
"""torchvision's own gradient of reading features in a box, which is linear in them."""


def _without_rule(node: Node) -> str:
    """What people call an activation that has no rule, or an operation that nobody can look into; else empty."""
    name, function = node.name(), cast("object", node)
    if name.startswith(_LINEAR):
        return ""
    if isinstance(function, BackwardCFunction):
        return f"{name.removesuffix('Backward')} (a function with its own gradient)"
    if "DifferentiableGraph" in name:
        return "opaque TorchScript graph"
    return _WITHOUT_RULE.get(name, "")


_OUT_OF_PLACE: dict[object, Callable[..., Tensor]] = {
    Tensor.relu_: torch.relu,
    torch.relu_: torch.relu,
    Tensor.clamp_: torch.clamp,
    torch.clamp_: torch.clamp,
    Tensor.clip_: torch.clamp,
    torch.clip_: torch.clamp,
    Tensor.clamp_min_: torch.clamp_min,
    torch.clamp_min_: torch.clamp_min,
    torch.threshold_: torch.threshold,
    F.hardtanh_: F.hardtanh,
    F.leaky_relu_: F.leaky_relu,
    F.elu_: F.elu,
    Tensor.sigmoid_: torch.sigmoid,
    torch.sigmoid_: torch.sigmoid,
    Tensor.tanh_: torch.tanh,
    torch.tanh_: torch.tanh,
}


class ShownActivations(TorchFunctionMode):
    """Activations that work in place on a view are recorded in the graph as themselves while it is entered.

    The graph shows an in-place operation on a view as one opaque node. So ``view.relu_()`` is run as
    ``view.copy_(relu(view))``, which leaves the same values in the same places.
    """

    def __torch_function__(
        self,
        func: Callable[..., object],
        types: object,
        args: tuple[object, ...] = (),
        kwargs: dict[str, object] | None = None,
    ) -> object:
        """Run one operation."""
        del types
        named = kwargs or {}
        in_place = func in _OUT_OF_PLACE or named.get("inplace") is True
        if not in_place or not args or not isinstance(args[0], Tensor) or not _is_view(args[0]):
            return func(*args, **named)
        before, *further = args[0].clone(), *args[1:]  # a clone, for what the graph saves of it is not to change
        if func in _OUT_OF_PLACE:
            return args[0].copy_(_OUT_OF_PLACE[func](before, *further, **named))
        found = func(before, *further, **{**named, "inplace": False})
        return args[0].copy_(found) if isinstance(found, Tensor) else found


def _is_view(tensor: Tensor) -> bool:
    return tensor._is_view()  # noqa: SLF001 - PyTorch offers it under this name alone
