"""Which sizes of input a network takes: nothing but a pass can tell."""

import torch
from torch import nn

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.engine.outlining import dtype_of
from cnnviz_desktop.engine.running import run_network


def runs_at(module: nn.Module, channels: int, size: Size) -> bool:
    """Whether a blank input (1, channels, height, width) goes through a network.

    Args:
        module: The network on its device, borrowed (see `borrowing.borrowed`).
        channels: Of the input.
        size: Of the input.

    Raises:
        RuntimeError: Memory ran out; for the session to handle.
    """
    first = next(module.parameters(), None)
    device = first.device if first is not None else torch.device("cpu")
    blank = torch.zeros(1, channels, *size, device=device, dtype=dtype_of(module))
    try:
        with torch.no_grad():
            run_network("The network", module, blank)
    except NetworkError:
        return False
    return True
