"""A network is borrowed for a job and given back as it was."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import nn

from cnnviz_desktop.engine.capture import version_of


@contextmanager
def borrowed(module: nn.Module, seed: int) -> Iterator[None]:
    """Evaluation mode, frozen parameters and a seeded generator inside; everything as it was outside.

    Parameters are frozen so that a graph begins at the tapped layer and not at the first weight. What is restored:
    train/eval flags, ``requires_grad``, ``.grad``, the values of buffers that a forward pass changed, and the global
    random state of the CPU and of the network's CUDA device.
    """
    with ExitStack() as restore:
        _keep_random_state(module, restore)
        _keep_buffers(module, restore)
        _keep_flags(module, restore)
        torch.manual_seed(seed)
        module.eval()
        module.requires_grad_(False)
        yield


def _keep_random_state(module: nn.Module, restore: ExitStack) -> None:
    restore.callback(torch.set_rng_state, torch.get_rng_state())
    for device in {parameter.device for parameter in module.parameters() if parameter.is_cuda}:
        restore.callback(torch.cuda.set_rng_state, torch.cuda.get_rng_state(device), device)


def _keep_buffers(module: nn.Module, restore: ExitStack) -> None:
    saved = [(buffer, buffer.clone(), version_of(buffer)) for buffer in module.buffers()]

    def put_back() -> None:
        with torch.no_grad():
            for buffer, values, version in saved:
                if version_of(buffer) != version:
                    buffer.copy_(values)

    restore.callback(put_back)


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
