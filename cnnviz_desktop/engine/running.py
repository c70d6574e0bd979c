"""One forward pass of somebody else's network, with its failures put into words."""

import traceback

import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import NetworkError


def run_network(name: str, module: nn.Module, batch: Tensor) -> object:
    """What the network returns for a batch (N, C, h, w).

    Raises:
        NetworkError: The network's own code raised; the sentence gives its error, its line, and the input's shape.
        torch.OutOfMemoryError: As it is, for the session to handle.
    """
    try:
        output: object = module(batch)
    except (torch.OutOfMemoryError, MemoryError):
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise
        shape = "×".join(map(str, batch.shape[1:]))
        said = " ".join(str(error).split()) or type(error).__name__
        hint = _hint(said)
        raise NetworkError(f"{name} failed on an input of {shape}{_where(error)}: {said[:300]}.{hint}") from error
    return output


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, on a GPU or on the CPU (where PyTorch raises a plain RuntimeError)."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


def _hint(said: str) -> str:
    if "Kernel size can't be greater" in said or "Output size is too small" in said or "too small" in said:
        return " The image is smaller than a kernel of the network: use a larger one or another “resize”."
    if "shapes cannot be multiplied" in said or "size mismatch" in said:
        return " Its linear layer wants another input size: check “size” in the network description."
    return ""


def _where(error: BaseException) -> str:
    """The line of the network's own code that failed: the last frame outside of PyTorch."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "/torch/" not in frame.filename.replace("\\", "/") and frame.filename != __file__
    ]
    return f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
