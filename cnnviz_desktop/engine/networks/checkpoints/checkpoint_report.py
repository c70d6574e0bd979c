"""Looks into a weights file: what is in it, how its training went, and which networks it may belong to."""

from collections import Counter
from collections.abc import Generator, Mapping
from datetime import datetime
from pathlib import Path

from torch import Tensor

from cnnviz_desktop.core.checkpoint_report import ArchitectureGuess, CheckpointPart, CheckpointReport
from cnnviz_desktop.core.description import Architecture, NetworkDescription
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.checkpoints.checkpoint import read_checkpoint
from cnnviz_desktop.engine.networks.checkpoints.guessing import guess_of
from cnnviz_desktop.engine.networks.checkpoints.key_fitting import dictionaries, preference, without_wrappers
from cnnviz_desktop.engine.networks.checkpoints.sketching import alike
from cnnviz_desktop.engine.networks.checkpoints.training_state import TrainingState, training_state
from cnnviz_desktop.engine.networks.checkpoints.weights import holds_nan

_TRIED = 6
"""Networks that are compared key by key; of those that are less alike none fits where none of these does."""

_LEAST_ALIKE = 0.2
_STEMS_TRIED = 4

_Part = tuple[tuple[str, ...], dict[str, Tensor]]


def report(request: Request) -> Generator[Progress | CheckpointReport, None, None]:
    """Tell what the weights file is whose path stands in the request as its network.

    Raises:
        NetworkError: It cannot be read, or is no weights file.
        OutOfMemory: It does not fit into the memory.
    """
    path = _path(request)
    content, sha256 = yield from read_checkpoint(path)
    state, found = training_state(content), _parts(content)
    if not found:
        raise NetworkError(f"{path} holds no tensors under names, so that there are no weights in it.")
    guesses = yield from _guesses(path, found[0][1], state)
    status = path.stat()
    yield CheckpointReport(
        path=str(path),
        bytes=status.st_size,
        sha256=sha256,
        saved=f"{datetime.fromtimestamp(status.st_mtime).astimezone():%Y-%m-%d %H:%M}",
        parts=tuple(_told(part) for part in found),
        facts=state.facts,
        architecture=state.architecture,
        classes=state.classes,
        class_names=state.class_names,
        guesses=guesses,
        notes=_nan_note(found[0][1]),
    )


def _path(request: Request) -> Path:
    network = request.network
    named = network.weights if isinstance(network, NetworkDescription) else network
    if named is None:
        raise NetworkError("There is no weights file to look into: the description names none.")
    return Path(named)


def _parts(content: object) -> list[_Part]:
    """The dictionaries with tensors that may be weights, the likeliest first."""
    parts = [part for part in dictionaries(content) if any(tensor.dim() for tensor in part[1].values())]
    largest = max((len(tensors) for _, tensors in parts), default=0)
    return sorted(parts, key=lambda part: (len(part[1]) < largest / 2, preference(part[0]), -len(part[1])))


def _told(part: _Part) -> CheckpointPart:
    place, tensors = part
    dtypes = Counter(str(tensor.dtype).removeprefix("torch.") for tensor in tensors.values() if tensor.dim())
    return CheckpointPart(
        place=".".join(place),
        keys=len(tensors),
        parameters=sum(tensor.numel() for tensor in tensors.values()),
        dtypes=tuple(dtype for dtype, _ in dtypes.most_common()),
    )


def _nan_note(tensors: Mapping[str, Tensor]) -> tuple[str, ...]:
    broken = [key for key, value in tensors.items() if value.is_floating_point() and holds_nan(value)]
    return (f"There are NaN among the values of {len(broken)} keys, as {broken[0]}.",) if broken else ()


def _guesses(
    path: Path, tensors: Mapping[str, Tensor], state: TrainingState
) -> Generator[Progress, None, tuple[ArchitectureGuess, ...]]:
    candidates = _candidates(path, tensors, state)
    guesses = []
    for number, architecture in enumerate(candidates):
        yield Progress(done=number, total=len(candidates), text=f"comparing {path.name} with {architecture.given}")
        guess = guess_of(architecture, tensors, path)
        if guess is not None:
            guesses.append(guess)
    near = [each for each in guesses if each.misfits <= each.keys / 2]
    return tuple(sorted(near, key=lambda each: each.misfits))  # of equals the one that is likelier by its name


def _candidates(path: Path, tensors: Mapping[str, Tensor], state: TrainingState) -> list[Architecture]:
    """Networks whose names and shapes are most like the file's, one that is named in it before others as alike."""
    shares: dict[tuple[str, str], float] = {}
    for shapes in _stems({without_wrappers(key): tuple(tensor.shape) for key, tensor in tensors.items()}):
        for architecture, share in alike(shapes, _LEAST_ALIKE):
            known = architecture.kind, architecture.given
            shares[known] = max(share, shares.get(known, 0.0))
    told = (state.architecture.lower(), path.stem.lower())

    def rank(known: tuple[str, str]) -> tuple[float, int, bool]:
        library, name = known
        named = max((len(name) for each in told if name in each), default=0)
        return -shares[known], -named, library == "timm"

    best = sorted(shares, key=rank)[:_TRIED]
    return [Architecture(timm=name) if library == "timm" else Architecture(torchvision=name) for library, name in best]


def _stems(shapes: Mapping[str, tuple[int, ...]]) -> list[dict[str, tuple[int, ...]]]:
    """The file's shapes under their own keys, and without each of the commonest first words of those."""
    stems = Counter(
        ".".join(key.split(".")[:length]) + "." for key in shapes for length in (1, 2) if key.count(".") > 1
    )
    found = [dict(shapes)]
    for stem, count in stems.most_common(_STEMS_TRIED):
        if count > 1:
            found.append({key.removeprefix(stem): shape for key, shape in shapes.items() if key.startswith(stem)})
    return found
