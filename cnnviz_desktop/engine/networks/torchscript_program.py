"""Programs that torch.jit.save wrote: no Python in them, but a language that can read and write files.

No hook can be put on their layers, so that what is seen of them is what they answer and the gradient of their input.
"""

import io
import warnings
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn
from torch.jit._fuser import optimized_execution

from cnnviz_desktop.core.description import NetworkDescription, Preprocessing
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.programs.saved_program import Archive, SavedProgram, read_archive
from cnnviz_desktop.engine.networks.source import Consent, Source
from cnnviz_desktop.engine.running import is_out_of_memory

_DATA = "data.pkl"

HIDDEN = (
    "It is a TorchScript program, whose layers cannot be watched: what it answers, and the gradient pictures of its "
    "input, such as saliency, are all there is to see. For more, open the network it was made from, or save that by "
    "torch.export."
)


def build_source(description: NetworkDescription, consent: Consent) -> Generator[Progress, None, Source]:
    """Load the program that the description names, once it may run and has come through its trial.

    Raises:
        ConsentNeeded: Nobody has agreed to it yet; nothing of it has run.
        NetworkError: It is damaged, or no program that takes pictures.
    """
    archive = yield from read_archive(Path(description.architecture.given), "torchscript")
    if _DATA not in archive.members:
        raise NetworkError(f"{archive.program.path} is an archive without a TorchScript program in it.")
    yield from consent.admit(archive.program)
    return load(archive)


def load(archive: Archive) -> Source:
    """The network of an archive. Whoever calls this has the user's consent.

    Raises:
        NetworkError: As `build_source`.
    """
    program = archive.program
    try:
        with warnings.catch_warnings(action="ignore"):  # torch.jit.load says that it will go one day
            read = io.BytesIO(archive.content)
            script = torch.jit.load(read, map_location="cpu")  # type: ignore[no-untyped-call]  # torch gives no types
            script.eval()
    except Exception as error:  # a damaged program, or an unknown operation: whatever the reader raises
        if is_out_of_memory(error):
            raise
        raise NetworkError(_not_loaded(program, error)) from error
    _check_mode(script, program)
    preprocessing = _preprocessing(script)
    return Source(
        module=TorchScriptNetwork(script).eval(),
        notes=(HIDDEN, _normalising(preprocessing)),
        hidden=HIDDEN,
        preprocessing=preprocessing,
        weights_sha256=program.sha256,
    )


class TorchScriptNetwork(nn.Module):
    """A TorchScript program as one module without parts; its parameters and buffers are the program's own.

    Args:
        script: The program; it is no part of this module, because nothing may be hooked into it.
    """

    def __init__(self, script: torch.jit.ScriptModule) -> None:
        super().__init__()
        self._script = (script,)
        self._take_over()

    def forward(self, batch: Tensor) -> object:
        """What the program gives for a batch (N, C, h, w).

        It runs operation by operation: torch.jit would else put several into one node of the graph of gradients, and
        the rules of guided backpropagation and deconvolution could not be applied to the activations in it.
        """
        with optimized_execution(False):
            answer: object = self._script[0](batch)
        return answer

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        self._script[0]._apply(fn, recurse)  # type: ignore[no-untyped-call]  # noqa: SLF001 - as .to() does with every part; torch gives no types
        self._take_over()
        return self

    def _take_over(self) -> None:
        self._parameters.update(self._script[0].named_parameters())
        self._buffers.update(self._script[0].named_buffers())


def _check_mode(script: torch.jit.ScriptModule, program: SavedProgram) -> None:
    """Refuse a trace of a network in training mode; a script follows `eval` instead."""
    graph = script.inlined_graph
    find = graph.findAllNodes  # type: ignore[attr-defined]  # torch's stubs leave it out
    for kind, place in (("aten::batch_norm", 5), ("aten::dropout", 2), ("aten::dropout_", 2)):
        for node in find(kind):
            mode = list(node.inputs())[place]
            if mode.node().kind() == "prim::Constant" and mode.toIValue() is True:
                raise NetworkError(
                    f"{program.path} was traced in training mode ({kind.removeprefix('aten::')}), so that its answers "
                    "hang on chance or on the other pictures of a batch. Call eval() before torch.jit.trace."
                )


def _preprocessing(script: torch.jit.ScriptModule) -> Preprocessing:
    """The usual size, and as many channels as the first convolution takes: a TorchScript program says neither."""
    weights = (each for each in script.parameters() if each.dim() == 4)
    first = next(weights, None)
    return Preprocessing(mean=(0.5,), std=(0.25,)) if first is not None and first.shape[1] == 1 else Preprocessing()


def _normalising(preprocessing: Preprocessing) -> str:
    height, width = preprocessing.size
    values = (
        "ImageNet's mean and deviation" if len(preprocessing.mean) == 3 else "a mean of 0.5 and a deviation of 0.25"
    )
    return (
        f"A TorchScript program does not say which pictures it takes: {height}×{width} with {values} are used until "
        "the preprocessing says otherwise."
    )


def _not_loaded(program: SavedProgram, error: Exception) -> str:
    said = " ".join(str(error).split())[:200] or type(error).__name__
    return (
        f"{program.path} cannot be loaded by PyTorch {torch.__version__}: {said}. It may be damaged, or need "
        "operations of another library."
    )
