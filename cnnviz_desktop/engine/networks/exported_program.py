"""Programs that torch.export.save wrote: a graph of PyTorch's operations, given back its modules by unflatten.

``torch.export.load`` unpickles whatever the file asks for, loads compiled code that is packed with it, and turns the
graph into Python code. So the first two are refused always, and the third waits for consent (`saved_program`).
"""

import io
import logging
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, fx
from torch.export import ExportedProgram, UnflattenedModule, unflatten
from torch.export.passes import move_to_device_pass

from cnnviz_desktop.core.description import NetworkDescription, Preprocessing
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.programs.exported_modules import restore_modules
from cnnviz_desktop.engine.networks.programs.exported_parts import check_parts
from cnnviz_desktop.engine.networks.programs.saved_program import Archive, SavedProgram, read_archive
from cnnviz_desktop.engine.networks.source import Consent, Source
from cnnviz_desktop.engine.running import is_out_of_memory

_MODES = ("training", "train")
_SHOWN = 3
_USUAL = (224, 224)


class Sides(NamedTuple):
    """What a graph takes in: (rows, channels, height, width), None where it takes any number."""

    rows: int | None
    channels: int
    height: int | None
    width: int | None


def build_source(description: NetworkDescription, consent: Consent) -> Generator[Progress, None, Source]:
    """Load the program that the description names, once it may run and has come through its trial.

    Raises:
        ConsentNeeded: Nobody has agreed to it yet; nothing of it has run.
        NetworkError: It is damaged, could run other code, or is no network that one picture can be given to.
    """
    archive = yield from read_archive(Path(description.architecture.given), "exported")
    check_parts(archive)
    yield from consent.admit(archive.program)
    return load(archive)


def load(archive: Archive) -> Source:
    """The network of an archive. Whoever calls this has the user's consent.

    Raises:
        NetworkError: As `build_source`.
    """
    program = archive.program
    check_parts(archive)
    exported = _loaded(archive)
    _check_mode(exported, program)
    sides = _sides(_taken(exported, program), program)
    preprocessing = _preprocessing(exported, sides)
    module = unflatten(exported)
    restore_modules(module)
    module.check_input_constraints = False  # forward says it in words
    network = ExportedNetwork.of(module, program.name, sides)
    return Source(
        module=network.eval(),
        notes=_notes(sides, preprocessing),
        preprocessing=preprocessing,
        weights_sha256=program.sha256,
    )


class ExportedNetwork(UnflattenedModule):
    """The modules of an exported program, which take in what it was exported for and say so otherwise."""

    name: str
    sides: Sides

    @classmethod
    def of(cls, module: UnflattenedModule, name: str, sides: Sides) -> "ExportedNetwork":
        """The same module, so that its parts keep their names."""
        module.__class__ = cls
        assert isinstance(module, ExportedNetwork)
        module.name, module.sides = name, sides
        return module

    def forward(self, batch: Tensor) -> object:
        """What the program gives for a batch (N, C, h, w).

        Raises:
            NetworkError: It was exported for another size or number of pictures.
        """
        rows, channels, height, width = self.sides
        given = batch.shape
        if given[1] != channels or (height or given[2], width or given[3]) != given[2:]:
            raise NetworkError(
                f"{self.name} was exported for pictures of {_written(height)}×{_written(width)} with {channels} "
                f"channel{'s' if channels > 1 else ''}, and got {given[2]}×{given[3]} with {given[1]}. Choose that "
                "size in the preprocessing, or export it with dynamic sizes."
            )
        if rows is not None and rows != given[0]:
            raise NetworkError(
                f"{self.name} was exported for {rows} picture{'s' if rows > 1 else ''} at a time, and got {given[0]}."
            )
        answer: object = super().forward(batch)  # type: ignore[no-untyped-call]  # torch gives it no types
        return answer


def _written(side: int | None) -> str:
    return "any" if side is None else str(side)


def _loaded(archive: Archive) -> ExportedProgram:
    """The program on the CPU, wherever it was exported.

    Raises:
        NetworkError: It cannot be loaded.
    """
    try:
        with _quiet():
            exported = torch.export.load(io.BytesIO(archive.content))
            tensors = [*exported.state_dict.values(), *exported.constants.values()]
            if any(isinstance(each, Tensor) and each.device.type != "cpu" for each in tensors):
                exported = move_to_device_pass(exported, "cpu")
    except Exception as error:  # a file of another version of PyTorch, a damaged one: whatever the reader raises
        if is_out_of_memory(error):
            raise
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise NetworkError(
            f"{archive.program.path} cannot be loaded by PyTorch {torch.__version__}: {said}. It may be damaged, or "
            "saved by another version: export it again with this one."
        ) from error
    return exported


@contextmanager
def _quiet() -> Iterator[None]:
    """What PyTorch has to say about files of earlier versions is no concern of the user's."""
    logger = logging.getLogger("torch.export")
    before, logger.disabled = logger.disabled, True
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logger.disabled = before


def _check_mode(exported: ExportedProgram, program: SavedProgram) -> None:
    """Refuse what was exported in training mode: its answers hang on chance and on the other pictures of a batch."""
    training = [
        _place(node)
        for graph in exported.graph_module.modules()
        if isinstance(graph, fx.GraphModule)
        for node in graph.graph.nodes
        if _trains(node)
    ]
    if training:
        named = ", ".join(dict.fromkeys(training[:_SHOWN])) + (", …" if len(training) > _SHOWN else "")
        raise NetworkError(
            f"{program.path} was exported in training mode ({named}), so that its answers hang on chance or on the "
            "other pictures of a batch. Call eval() before torch.export.export."
        )


def _trains(node: fx.Node) -> bool:
    target = node.target
    if not isinstance(target, torch._ops.OpOverload):  # noqa: SLF001 - the type of an operation has no public name
        return False
    names = [argument.name for argument in target._schema.arguments]  # noqa: SLF001 - nor has its signature
    given = dict(zip(names, node.args, strict=False)) | node.kwargs
    return any(given.get(mode) is True for mode in _MODES)


def _place(node: fx.Node) -> str:
    """The module that an operation belongs to, and the operation."""
    places: dict[str, tuple[str, object]] = node.meta.get("nn_module_stack", {})
    name = [place for place, _ in places.values()][-1:]
    return f"{name[0]}: {node.name}" if name and name[0] else node.name


def _taken(exported: ExportedProgram, program: SavedProgram) -> Tensor:
    """What the program takes in, its shape as it was exported: a symbol where it takes any number.

    Raises:
        NetworkError: It does not take in one tensor of pictures.
    """
    names = exported.graph_signature.user_inputs
    taken = [node.meta.get("val") for node in exported.graph.nodes if node.op == "placeholder" and node.name in names]
    shapes = ", ".join(map(_shape, taken)) or "nothing"
    if len(taken) != 1:
        raise NetworkError(
            f"{program.path} takes in {len(taken)} values ({shapes}), and only networks that take one picture can be "
            "opened. Export a module that makes the others itself."
        )
    tensor = taken[0]
    if not isinstance(tensor, Tensor) or tensor.dim() != 4 or tensor.shape[1] not in (1, 3):
        raise NetworkError(
            f"{program.path} takes in {shapes}, and not pictures: (rows, 3 or 1 channels, height, width) would be."
        )
    if not tensor.is_floating_point():
        raise NetworkError(f"{program.path} takes in {tensor.dtype}, and not the floating-point numbers of a picture.")
    given = exported.example_inputs
    keywords = given[1] if given else {}
    if keywords:
        raise NetworkError(f"{program.path} takes its picture by the name “{next(iter(keywords))}”, not by its place.")
    return tensor


def _sides(taken: Tensor, program: SavedProgram) -> Sides:
    shape: list[object] = list(taken.shape)  # symbols among them where it takes any number
    rows, channels, height, width = (side if isinstance(side, int) else None for side in shape)
    if rows is not None and rows != 1:
        raise NetworkError(
            f"{program.path} was exported for {rows} pictures at a time, and is shown one. Export it with one, or with "
            "a dynamic number of them."
        )
    return Sides(rows, channels or 3, height, width)


def _preprocessing(exported: ExportedProgram, sides: Sides) -> Preprocessing:
    """The size that the program was exported with; means and deviations it knows none."""
    given = exported.example_inputs
    example = next((each for each in (given[0] if given else ()) if isinstance(each, Tensor)), None)
    usual = example.shape[2:] if example is not None else _USUAL
    size = (sides.height or int(usual[0]), sides.width or int(usual[1]))
    return Preprocessing(size=size, mean=(0.5,), std=(0.25,)) if sides.channels == 1 else Preprocessing(size=size)


def _notes(sides: Sides, preprocessing: Preprocessing) -> tuple[str, ...]:
    height, width = preprocessing.size
    fixed = sides.height is not None or sides.width is not None
    size = f"takes pictures of {height}×{width} only" if fixed else f"was exported with pictures of {height}×{width}"
    values = "ImageNet's mean and deviation" if sides.channels == 3 else "a mean of 0.5 and a deviation of 0.25"
    rows = " It takes one picture at a time, so that methods of many passes take longer." if sides.rows else ""
    return (
        f"The exported program {size}; it does not say how they were normalised, and {values} are used until the "
        f"preprocessing says otherwise.{rows}",
    )


def _shape(value: object) -> str:
    return "×".join(map(str, value.shape)) if isinstance(value, Tensor) else type(value).__name__
