"""How well a network of torchvision or timm fits a checkpoint, found without giving it weights."""

from collections.abc import Mapping
from pathlib import Path

import torch
from msgspec.structs import replace
from torch import Tensor

from cnnviz_desktop.core.checkpoint_report import ArchitectureGuess
from cnnviz_desktop.core.description import Architecture
from cnnviz_desktop.engine.networks.checkpoints.adapting import CLASSES, class_counts
from cnnviz_desktop.engine.networks.checkpoints.blueprint import blueprint
from cnnviz_desktop.engine.networks.checkpoints.fitting import Fitting, compared
from cnnviz_desktop.engine.networks.checkpoints.heads import head_of, put_in_place


def guess_of(architecture: Architecture, tensors: Mapping[str, Tensor], path: Path) -> ArchitectureGuess | None:
    """Compare a checkpoint with a network, with as many classes and the head that the checkpoint has.

    Args:
        architecture: A network of torchvision or timm.
        tensors: The checkpoint's weights.
        path: Its file.

    Returns:
        None where the network cannot be built here.
    """
    module = blueprint(architecture)
    if module is None:
        return None
    fitting = compared(module, tensors, path)
    if not fitting.table:
        return _guess(architecture, fitting)
    for count in class_counts(fitting):
        wider = blueprint(replace(architecture, arguments={**architecture.arguments, CLASSES: count}))
        if wider is not None and not (again := compared(wider, tensors, path)).table:
            return _guess(architecture, again, classes=count)
    with torch.device("meta"):
        head = head_of(module, fitting)
    if head is not None:
        put_in_place(module, head)
        if not (again := compared(module, tensors, path)).table:
            return _guess(architecture, again, classes=head.classes, head=head.note)
    return _guess(architecture, fitting)


def _guess(
    architecture: Architecture, fitting: Fitting, *, classes: int | None = None, head: str = ""
) -> ArchitectureGuess:
    problems = [problem for _, problem, *_ in fitting.table]
    return ArchitectureGuess(
        architecture=architecture,
        classes=classes,
        head=head,
        keys=len(fitting.shapes),
        missing=problems.count("missing"),
        unexpected=problems.count("unexpected"),
        misshaped=problems.count("shape"),
    )
