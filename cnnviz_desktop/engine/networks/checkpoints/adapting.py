"""Builds a network again the way its weights need it: with another number of classes, or another head."""

from collections.abc import Callable, Generator, Mapping, Sequence, Set
from math import gcd
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from cnnviz_desktop.core.checkpoint_report import ArchitectureGuess
from cnnviz_desktop.core.description import Architecture, NetworkDescription
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.checkpoints.blueprint import shapes_of
from cnnviz_desktop.engine.networks.checkpoints.fitting import Fitting, compared, list_keys
from cnnviz_desktop.engine.networks.checkpoints.heads import head_of, put_in_place
from cnnviz_desktop.engine.networks.checkpoints.key_fitting import Fit, Shape, best_fits, without_wrappers
from cnnviz_desktop.engine.networks.checkpoints.sketching import likelier
from cnnviz_desktop.engine.networks.source import Source

CLASSES = "num_classes"
"""The argument by which torchvision, timm and most factories take the number of classes."""

_COUNTS_TRIED = 8
_TRAINING_HEADS = ("aux1.", "aux2.", "AuxLogits.")
_AUXILIARY = "aux_classifier."

Build = Callable[[NetworkDescription], Generator[Progress, None, Source]]


class Adapted(NamedTuple):
    """A network that a checkpoint fits, but for keys that are allowed.

    Attributes:
        source: The network as it was built at last.
        fitting: The checkpoint compared with it.
        notes: Sentences about what was changed for that.
    """

    source: Source
    fitting: Fitting
    notes: tuple[str, ...] = ()


def adapt(
    source: Source,
    content: object,
    description: NetworkDescription,
    allowed_keys: Set[str],
    build: Build,
) -> Generator[Progress, None, Adapted]:
    """Compare a checkpoint with a network, and where its last layers differ, build those as the checkpoint has them.

    Args:
        source: The network as its description says.
        content: What the checkpoint holds.
        description: Says what the network is, and the checkpoint's file.
        allowed_keys: Keys that need not fit.
        build: Builds a network again, with other arguments.

    Raises:
        WeightsMismatch: Keys that do not fit and are not allowed; the sentence says where the number of classes is
            another one than was asked for, and which architecture the weights look like.
        NetworkError: There are no weights in the checkpoint.
    """
    path = Path(description.weights or "")
    fitting = compared(source.module, content, path, description.weights_part)
    if not fitting.refused(allowed_keys):
        return Adapted(source, fitting)
    given = description.architecture.arguments.get(CLASSES)
    best = Adapted(source, fitting)
    for changes in _argument_changes(fitting, description.architecture):
        rebuilt = yield from _rebuilt(description, changes, build)
        if rebuilt is not None:
            again = compared(rebuilt.module, content, path, description.weights_part)
            if len(again.table) < len(best.fitting.table):
                best = Adapted(rebuilt, again, (_change_note(fitting, again, changes),))
        if not best.fitting.refused(allowed_keys):
            return best
    head = head_of(source.module, fitting)
    if head is not None and given in (None, head.classes):
        put_in_place(source.module, head)
        again = compared(source.module, content, path, description.weights_part)
        if not again.refused(allowed_keys):
            return Adapted(source, again, (head.note,))
    counted = [head.classes] if head is not None else class_counts(fitting) if _by_count_alone(fitting) else []
    reason = _wrong_count(given, counted) or _likelier_note(fitting, description.architecture)
    best.fitting.check(allowed_keys, reason)
    return best


def class_counts(fitting: Fitting) -> list[int]:
    """Numbers of classes that would explain all keys with another number of outputs, the likeliest first."""
    of_heads = [pair for pair in _outputs(fitting) if pair is not None]  # what differs in more is no matter of classes
    if not of_heads:
        return []
    found, own = zip(*of_heads, strict=True)
    in_file, in_network = gcd(*found), gcd(*own)
    if [size // in_file for size in found] != [size // in_network for size in own]:
        return []
    shared = gcd(in_file, in_network)
    # A head may give several numbers for each class: boxes, anchors.
    return [in_file // each for each in range(1, shared + 1) if shared % each == 0][:_COUNTS_TRIED]


def _by_count_alone(fitting: Fitting) -> bool:
    return all(pair is not None for pair in _outputs(fitting))


def _outputs(fitting: Fitting) -> list[tuple[int, int] | None]:
    """Numbers of outputs in the file and in the network of each mis-shaped key; None where it differs in more."""
    fit, shapes = fitting.fit, fitting.shapes
    misshaped = [key for key, problem, *_ in fitting.table if problem == "shape"]
    return [_first_dimensions(fit.tensors[fit.names[key]].shape, shapes[key]) for key in misshaped]


def _first_dimensions(found: Sequence[int], own: Shape) -> tuple[int, int] | None:
    if len(found) != len(own) or not own or tuple(found[1:]) != tuple(own[1:]) or not found[0]:
        return None
    return found[0], own[0]


def _argument_changes(fitting: Fitting, architecture: Architecture) -> list[dict[str, object]]:
    """Arguments that may make the network fit, the likeliest first."""
    heads = _other_heads(fitting) if architecture.torchvision is not None else {}
    heads = {key: value for key, value in heads.items() if key not in architecture.arguments}
    counts = [] if CLASSES in architecture.arguments else class_counts(fitting)
    changes: list[dict[str, object]] = [{CLASSES: count, **heads} for count in counts]
    if heads and not counts:
        changes = [heads]
    if architecture.kind not in ("torchvision", "timm"):
        return changes[:1]  # building it again takes a trial in another process
    return [each for each in changes if _would_fit(fitting, architecture, each)]


def _other_heads(fitting: Fitting) -> dict[str, object]:
    """Arguments of torchvision's builders for heads that only training uses: the network has them or the file does."""
    missing = [key for key, problem, *_ in fitting.table if problem == "missing"]
    unexpected = [key for key, problem, *_ in fitting.table if problem == "unexpected"]
    if missing and all(key.startswith(_TRAINING_HEADS) for key in missing):
        return {"aux_logits": False}
    if unexpected and all(_AUXILIARY in key for key in unexpected):
        return {"aux_loss": True}
    return {"aux_loss": False} if missing and all(key.startswith(_AUXILIARY) for key in missing) else {}


def _would_fit(fitting: Fitting, architecture: Architecture, changes: Mapping[str, object]) -> bool:
    """Whether a network of these arguments fits better; known without taking memory for it."""
    shapes = shapes_of(_changed(architecture, changes))
    if shapes is None:
        return False
    (fit, *_) = best_fits(fitting.fit.tensors, shapes)
    return _misfits(fit, shapes) < _misfits(fitting.fit, fitting.shapes)


def _misfits(fit: Fit, shapes: Mapping[str, Shape]) -> int:
    """Keys that are missing, mis-shaped or unexpected."""
    return len(shapes) - fit.score[0] + len(fit.tensors) - len(fit.names)


def _changed(architecture: Architecture, changes: Mapping[str, object]) -> Architecture:
    return replace(architecture, arguments={**architecture.arguments, **changes})


def _rebuilt(
    description: NetworkDescription, changes: Mapping[str, object], build: Build
) -> Generator[Progress, None, Source | None]:
    try:
        return (yield from build(replace(description, architecture=_changed(description.architecture, changes))))
    except NetworkError:  # its builder does not take the argument: the keys are told as they are
        return None


def _change_note(fitting: Fitting, again: Fitting, changes: Mapping[str, object]) -> str:
    said = ", ".join(f"{key}={value}" for key, value in changes.items())
    left = {key for key, *_ in again.table}
    keys = list_keys([key for key, *_ in fitting.table if key not in left])
    return f"The network was built with {said}, as {fitting.path.name} needs it for {keys}."


def _likelier_note(fitting: Fitting, architecture: Architecture) -> str:
    """Which other network of the libraries the weights look like; empty where none clearly does."""
    if architecture.kind not in ("torchvision", "timm"):
        return ""
    fit = fitting.fit
    shapes = {without_wrappers(name): tuple(fit.tensors[key].shape) for name, key in fit.renamed.items()}
    likely = likelier(shapes, architecture)
    return "" if likely is None else f"They look like those of {ArchitectureGuess(architecture=likely).arch}."


def _wrong_count(given: object, counted: Sequence[int]) -> str:
    if given is None or not counted or given in counted:
        return ""
    return (
        f"The weights are for {counted[0]} classes, and {given} were asked for: leave that number out, or give "
        f"{counted[0]}."
    )
