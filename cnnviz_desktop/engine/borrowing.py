"""A network is borrowed for a job and given back as it was."""

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn


@dataclass(slots=True)
class Loan:
    """What was found when a network was given back.

    Attributes:
        wrote_parameters: Whether its forward pass had written into its own parameters; known only where they were kept.
    """

    wrote_parameters: bool = False


@contextmanager
def borrowed(module: nn.Module, seed: int, *, keep_parameters: bool = False) -> Iterator[Loan]:
    """Evaluation mode, frozen parameters and seeded random generators inside; everything as it was outside.

    Parameters are frozen so that a graph begins at the tapped layer and not at the first weight. What is restored:
    train/eval flags, ``requires_grad``, ``.grad``, the buffers (which tensor each name holds, and its values), and the
    random generators of Python, numpy, the CPU and the network's CUDA devices.

    Args:
        module: The network.
        seed: Where the random generators start.
        keep_parameters: Restore the values of the parameters too, which costs a copy of them: for the few networks
            whose forward pass writes into them.
    """
    loan = Loan()
    with ExitStack() as restore:
        _seed_generators(module, seed, restore)
        _keep_buffers(module, restore)
        if keep_parameters:
            _keep_parameters(module, loan, restore)
        _keep_flags(module, restore)
        module.eval()
        module.requires_grad_(False)
        yield loan


def _seed_generators(module: nn.Module, seed: int, restore: ExitStack) -> None:
    restore.callback(random.setstate, random.getstate())
    restore.callback(np.random.set_state, np.random.get_state())
    restore.callback(torch.set_rng_state, torch.get_rng_state())
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.default_generator.manual_seed(seed)  # torch.manual_seed would reach every CUDA device
    for device in {parameter.device for parameter in module.parameters() if parameter.is_cuda}:
        restore.callback(torch.cuda.set_rng_state, torch.cuda.get_rng_state(device), device)
        with torch.cuda.device(device):
            torch.cuda.manual_seed(seed)


def _keep_buffers(module: nn.Module, restore: ExitStack) -> None:
    # The mapping too: a forward pass may put another tensor under a name, or write into the one that is there.
    kept = [(part, dict(part._buffers)) for part in module.modules()]  # noqa: SLF001 - buffers() gives no mapping
    values = [(buffer, buffer.clone()) for buffer in module.buffers()]

    def put_back() -> None:
        for part, buffers in kept:
            part._buffers.update(buffers)  # noqa: SLF001
        for buffer, value in values:
            _write_back(buffer, value)

    restore.callback(put_back)


def _keep_parameters(module: nn.Module, loan: Loan, restore: ExitStack) -> None:
    values = [(parameter, parameter.detach().clone()) for parameter in module.parameters()]

    def put_back() -> None:
        written = [_write_back(parameter, value) for parameter, value in values]
        loan.wrote_parameters = any(written)

    restore.callback(put_back)


def _write_back(tensor: Tensor, value: Tensor) -> bool:
    """Give a tensor its values again if it has others; whether it had."""
    if torch.equal(tensor, value) or torch.equal(tensor.nan_to_num(), value.nan_to_num()):  # NaN equals no NaN
        return False
    # .data leaves the version counter alone, so that a remembered graph which saved the tensor can still be used.
    tensor.data.copy_(value)
    return True


def _keep_flags(module: nn.Module, restore: ExitStack) -> None:
    modes = [(part, part.training) for part in module.modules()]
    parameters = [(parameter, parameter.requires_grad, parameter.grad) for parameter in module.parameters()]

    def put_back() -> None:
        for part, training in modes:
            part.training = training
        for parameter, requires_grad, gradient in parameters:
            parameter.requires_grad_(requires_grad)
            parameter.grad = gradient

    restore.callback(put_back)
