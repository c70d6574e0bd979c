"""Every constant that a network adds on the way from its input to a score.

Biases, shifts of batch normalisation, position embeddings, and what is simply added. They are found at the level of
operations while the network runs, so that sub-classes of layers, functional calls and modules that run several times
all count.
"""

from collections.abc import Callable, Iterable, Mapping
from types import FunctionType
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.graph import get_gradient_edge
from torch.overrides import TorchFunctionMode

from cnnviz_desktop.engine.methods.constant_rules import bend_of, constants_of
from cnnviz_desktop.engine.methods.operation_calls import Call, Constant

Receiver = Callable[[Constant, Tensor], None]
"""Takes a constant and ∂S/∂(the signal it was added to), which has the signal's shape."""


class AdditiveConstants(TorchFunctionMode):
    """While active, finds every constant that is added to a signal which depends on the network's input.

    Attributes:
        count: How many it found.
        bends: The operations that ran and are not linear piece by piece, in words, in order.

    Args:
        receive: Called for each constant during the backward pass, when the gradient is there. Neither is kept for it.
    """

    def __init__(self, receive: Receiver) -> None:
        super().__init__()
        self.count = 0
        self.bends: dict[str, None] = {}
        self._receive = receive

    def __torch_function__(
        self,
        func: Callable[..., object],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> object:
        """Run the operation, and note what it adds."""
        kwargs = kwargs or {}
        if func is F.multi_head_attention_forward:
            with self:  # a single function to PyTorch, and many operations in it
                return _attention_step_by_step(*args, **kwargs)
        before = _constant_before(func, args)
        output = func(*args, **kwargs)
        signal = args[0] if func is Tensor.__setitem__ else output
        if isinstance(signal, Tensor) and signal.requires_grad and torch.is_grad_enabled():
            call = Call(args if before is None else (before, *args[1:]), kwargs, signal)
            for constant in constants_of(func, call):
                self._await_gradient(constant, signal)
            if words := bend_of(func, call):
                self.bends[words] = None
        return output

    def _await_gradient(self, constant: Constant, signal: Tensor) -> None:
        # The edge stays that of this very operation when a later one, such as a ReLU, works in place on the tensor.
        node, number, *_ = get_gradient_edge(signal)

        # It must not hold the node, which holds it: a cycle through the graph would keep every tensor saved there.
        def receive(gradients: tuple[Tensor | None, ...]) -> None:
            gradient = gradients[number]
            if gradient is not None:
                self._receive(constant, gradient)

        node.register_prehook(receive)
        self.count += 1


def _constant_before(function: Callable[..., object], args: tuple[Any, ...]) -> Tensor | None:
    """What a constant is that an operation works on in place, and that may be a signal afterwards."""
    name = getattr(function, "__name__", "")
    in_place = function is Tensor.__setitem__ or (name.endswith("_") and not name.endswith("__"))
    if not in_place or not args or not isinstance(args[0], Tensor) or args[0].requires_grad:
        return None
    return args[0].clone()


def _attention_step_by_step(*args: object, **kwargs: object) -> object:
    """Multi-head attention whose operations are seen one by one."""
    attention = F.multi_head_attention_forward
    # It would hand itself over to the mode that is active as soon as it is called, and so on without end.
    names = {**attention.__globals__, "has_torch_function": lambda _: False}
    stepwise = FunctionType(attention.__code__, names, argdefs=attention.__defaults__)
    return stepwise(*args, **kwargs)
