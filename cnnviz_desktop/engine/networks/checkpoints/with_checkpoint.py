"""Gives a network that was built the weights of a checkpoint, and tells what the checkpoint tells."""

from collections.abc import Generator, Set
from dataclasses import replace
from pathlib import Path

from cnnviz_desktop.core.description import NetworkDescription
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.checkpoints.adapting import Build, adapt
from cnnviz_desktop.engine.networks.checkpoints.checkpoint import read_checkpoint
from cnnviz_desktop.engine.networks.checkpoints.training_state import training_state
from cnnviz_desktop.engine.networks.checkpoints.weights import load_fitted
from cnnviz_desktop.engine.networks.source import Source


def with_checkpoint(
    source: Source, description: NetworkDescription, allowed_keys: Set[str], build: Build
) -> Generator[Progress, None, Source]:
    """Load the weights file that a description names; the head is built as the file has it.

    Args:
        source: The network as the description says; its module may be changed.
        description: Names the file.
        allowed_keys: Keys that need not fit.
        build: Builds the network of another description.

    Returns:
        The network with its weights, the file's hash, and class names where the file holds them.

    Raises:
        WeightsMismatch: Keys that do not fit and are not allowed.
        NetworkError: The file cannot be read, or is no weights file.
        OutOfMemory: It does not fit into the memory.
    """
    path = Path(description.weights or "")
    content, sha256 = yield from read_checkpoint(path)
    adapted = yield from adapt(source, content, description, allowed_keys, build)
    yield Progress(done=0, total=1, text=f"loading {path.name}")
    found = load_fitted(adapted.source.module, adapted.fitting)
    state = training_state(content)
    named = (f"The class names are those in {path.name}.",) if state.class_names else ()
    return replace(
        adapted.source,
        notes=(*adapted.source.notes, *adapted.notes, *found, *state.note(path), *named),
        class_names=state.class_names or adapted.source.class_names,
        weights_sha256=sha256,
        weights_parts=adapted.fitting.parts,
    )
