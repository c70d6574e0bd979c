"""Networks of the installed libraries without their weights: names and shapes, in next to no memory."""

import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from cnnviz_desktop.core.description import Architecture
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.checkpoints.key_fitting import Shape
from cnnviz_desktop.engine.networks.programs.surroundings import seeded

Given = TypeVar("Given")

_BUILDING_ERRORS = (
    NetworkError, TypeError, ValueError, RuntimeError, AssertionError, AttributeError, KeyError, ImportError,
)  # fmt: skip


def shapes_of(architecture: Architecture) -> dict[str, Shape] | None:
    """Shape of each parameter and buffer of a network of torchvision or timm.

    Returns:
        None where the libraries here cannot build it.
    """
    module = blueprint(architecture)
    if module is None:
        return None
    return {key: tuple(value.shape) for key, value in module.state_dict().items() if isinstance(value, Tensor)}


def blueprint(architecture: Architecture) -> nn.Module | None:
    """A network of torchvision or timm whose weights have shapes, but no values.

    Returns:
        None where the libraries here cannot build it.
    """
    # Some networks compute with numbers while they are built, others run a part of themselves on a tensor of zeros.
    for without_memory in (_EmptyTakesNoMemory(), torch.device("meta")):
        with suppress(*_BUILDING_ERRORS), seeded(), warnings.catch_warnings(action="ignore"), without_memory:
            return _build(architecture)
    return None


def _build(architecture: Architecture) -> nn.Module:
    if architecture.torchvision is not None:
        from cnnviz_desktop.engine.networks.torchvision_models import build_torchvision

        return build_torchvision(architecture.torchvision, architecture.arguments)
    if architecture.timm is None:
        raise NetworkError("Only the networks of installed libraries can be built without running anything else.")
    from cnnviz_desktop.engine.networks.timm_models import build_timm

    return build_timm(architecture.timm, architecture.arguments)


class _EmptyTakesNoMemory(TorchFunctionMode):
    """What is about to be filled with random weights is on the meta device; numbers that are computed with are real."""

    def __torch_function__(
        self,
        func: Callable[..., Given],
        types: Sequence[type],
        args: Sequence[object] = (),
        kwargs: dict[str, object] | None = None,
    ) -> Given:
        """Pass every call on, and put empty tensors where they take no memory."""
        del types
        given = dict(kwargs or {})
        if func is torch.empty:
            given["device"] = "meta"
        return func(*args, **given)
