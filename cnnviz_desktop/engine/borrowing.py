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
    parts, parameters = list(module.modules()), list(module.parameters())  # walking the network costs a millisecond
    with ExitStack() as restore:
        _seed_generators({parameter.device for parameter in parameters if parameter.is_cuda}, seed, restore)
        _keep_buffers(parts, restore)
        if keep_parameters:
            _keep_parameters(parameters, loan, restore)
        _freeze(parts, parameters, restore)
        yield loan


def _seed_generators(devices: set[torch.device], seed: int, restore: ExitStack) -> None:
    restore.callback(random.setstate, random.getstate())
    restore.callback(np.random.set_state, np.random.get_state())
    restore.callback(torch.set_rng_state, torch.get_rng_state())
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.default_generator.manual_seed(seed)  # torch.manual_seed would reach every CUDA device
    for device in devices:
        restore.callback(torch.cuda.set_rng_state, torch.cuda.get_rng_state(device), device)
        with torch.cuda.device(device):
            torch.cuda.manual_seed(seed)


def _keep_buffers(parts: list[nn.Module], restore: ExitStack) -> None:
    # The mapping too: a forward pass may put another tensor under a name, or write into the one that is there.
    kept = [(part, dict(part._buffers)) for part in parts if part._buffers]  # noqa: SLF001 - named_buffers() leaves out the empty
    values = [(buffer, buffer.clone()) for _, buffers in kept for buffer in buffers.values() if buffer is not None]

    def put_back() -> None:
        for part, buffers in kept:
            part._buffers.update(buffers)  # noqa: SLF001 - as above: an empty one is emptied again
        for buffer, value in values:
            write_back(buffer, value)

    restore.callback(put_back)


def _keep_parameters(parameters: list[nn.Parameter], loan: Loan, restore: ExitStack) -> None:
    values = [(parameter, parameter.detach().clone()) for parameter in parameters]

    def put_back() -> None:
        written = [write_back(parameter, value) for parameter, value in values]
        loan.wrote_parameters = any(written)

    restore.callback(put_back)


def write_back(tensor: Tensor, value: Tensor) -> bool:
    """Give a tensor its values again if it has others; whether it had."""
    if tensor.layout != torch.strided:  # sparse: what it is made of is not written into, but replaced
        if torch.equal(tensor.to_dense(), value.to_dense()):
            return False
        with torch.no_grad():
            tensor.copy_(value)
        return True
    if torch.equal(tensor, value) or torch.equal(tensor.nan_to_num(), value.nan_to_num()):  # NaN equals no NaN
        return False
    # .data leaves the version counter alone, so that a remembered graph which saved the tensor can still be used.
    tensor.data.copy_(value)
    return True


def _freeze(parts: list[nn.Module], parameters: list[nn.Parameter], restore: ExitStack) -> None:
    modes = [(part, part.training) for part in parts]
    kept = [(parameter, parameter.requires_grad, parameter.grad) for parameter in parameters]

    def put_back() -> None:
        for part, training in modes:
            if part.training != training:
                part.training = training
        for parameter, requires_grad, gradient in kept:
            parameter.requires_grad_(requires_grad)
            if parameter.grad is not gradient:
                parameter.grad = gradient

    restore.callback(put_back)
    for part in parts:
        if part.training:
            part.training = False
    for parameter in parameters:
        parameter.requires_grad_(False)
