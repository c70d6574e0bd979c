"""Somebody else's network at work, with its failures put into words."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.tracebacks import user_line

_OUT_OF_MEMORY = (
    "can't allocate memory",
    "CUDA out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED",
)

_WHATEVER_THE_SHAPE = (NotImplementedError, AttributeError, ImportError, NameError)
"""Errors that another input would not mend, such as an operation that the device does not have."""


class InputRefused(NetworkError):
    """A network that failed on an input.

    Attributes:
        shape: Of the input without the batch, (C, height, width).
    """

    def __init__(self, message: str, shape: tuple[int, ...]) -> None:
        super().__init__(message)
        self.shape = shape


def run_network(name: str, module: nn.Module, batch: Tensor) -> object:
    """What the network returns for a batch (N, C, h, w).

    Raises:
        InputRefused: The network's own code raised or asked the program to exit; the sentence gives its error, its
            line, and the input's shape.
        NetworkError: So it did, and would on an input of any shape.
        RuntimeError: Memory ran out; for the session to handle.
    """
    shape = tuple(batch.shape[1:])
    what = f"{name} failed on an input of {'×'.join(map(str, shape))}"
    try:
        with told_in_words(what, lambda sentence: InputRefused(sentence, shape)):
            output: object = module(batch)
    except InputRefused as refused:
        cause = refused.__cause__
        wanted = _inputs_of(module) if isinstance(cause, TypeError) else ()
        if len(wanted) > 1:
            raise NetworkError(
                f"{name} takes {len(wanted)} inputs ({', '.join(wanted)}), and an image is only one of them. Let its "
                "factory return a network that makes the others itself."
            ) from cause
        if isinstance(cause, _WHATEVER_THE_SHAPE):
            raise NetworkError(str(refused)) from cause
        raise
    return output


def _inputs_of(module: nn.Module) -> tuple[str, ...]:
    """Names of what the network's `forward` has to be given; empty where that cannot be told."""
    try:
        parameters = inspect.signature(module.forward).parameters.values()
    except (TypeError, ValueError):  # TorchScript, or written in C
        return ()
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(each.name for each in parameters if each.kind in positional and each.default is each.empty)


@contextmanager
def told_in_words(what: str, kind: Callable[[str], NetworkError] = NetworkError) -> Iterator[None]:
    """Errors of the network's own code inside become a `NetworkError` that begins with `what`, made by `kind`.

    Memory that ran out, and Ctrl+C, pass as they are. ``sys.exit`` in a network's code is an error like any other: it
    must not end this program.
    """
    try:
        yield
    except (NetworkError, KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        if is_out_of_memory(error):
            raise
        said = " ".join(str(error).split()) or type(error).__name__
        where = user_line(error)
        raise kind(f"{what}{f' ({where})' if where else ''}: {said[:300]}.{_hint(said)}") from error


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, on a GPU or on the CPU (where PyTorch raises a plain RuntimeError)."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _OUT_OF_MEMORY)


def _hint(said: str) -> str:
    if "Kernel size can't be greater" in said or "Output size is too small" in said or "too small" in said:
        return " The image is smaller than a kernel of the network."
    if "shapes cannot be multiplied" in said or "size mismatch" in said:
        return " Its linear layer wants another input size."
    return ""
