"""What a checkpoint tells of the training that wrote it: how far it came, how well it did, with what."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from cnnviz_desktop.engine.networks.checkpoints.stand_ins import Record

_DEPTH = 2
_DIGITS = 5
_LONGEST = 80

_PROGRESS = ("epoch", "epochs", "epoch_num", "start_epoch", "global_step", "step", "iteration", "iter", "n_iter")
_QUALITY = ("acc", "accuracy", "top1", "top5", "prec1", "metric", "score", "map", "f1", "auc", "iou", "miou", "dice")
_LOSS = ("loss",)
_RATE = ("lr", "learning_rate", "base_lr")
_VERSIONS = {
    "pytorch-lightning_version": "PyTorch Lightning",
    "torch_version": "PyTorch",
    "pytorch_version": "PyTorch",
    "timm_version": "timm",
    "torchvision_version": "torchvision",
}
_ARCHITECTURE = (
    "arch",
    "architecture",
    "model_name",
    "model_arch",
    "backbone",
    "network",
    "model",
    "net",
    "encoder_name",
)
_CLASSES = ("num_classes", "n_classes", "nb_classes", "num_class", "nclasses", "num_labels")
_SETTINGS = (
    "args",
    "hyper_parameters",
    "hparams",
    "config",
    "cfg",
    "opt",
    "params",
    "model_args",
    "model_kwargs",
    "meta",
)
_NAMES = (
    "classes",
    "class_names",
    "class_to_idx",
    "idx_to_class",
    "labels",
    "label_names",
    "names",
    "CLASSES",
    "id2label",
)


@dataclass(frozen=True, slots=True)
class TrainingState:
    """What a checkpoint tells beside its weights.

    Attributes:
        facts: What it tells, for people: (``epoch``, ``90``), (``best_acc1``, ``76.13``).
        architecture: Name of the network as the training script knew it; empty where it is not told.
        classes: Number of classes as the script knew it; None where it is not told.
        class_names: One name a class, in order; empty where there are none.
    """

    facts: tuple[tuple[str, str], ...] = ()
    architecture: str = ""
    classes: int | None = None
    class_names: tuple[str, ...] = ()

    def note(self, path: Path) -> tuple[str, ...]:
        """A sentence about how far and how well the training went; none where the file does not tell."""
        known = [f"{name} {value}" for name, value in self.facts if _is_outcome(name)]
        return (f"{path.name} was saved by a training run: {', '.join(known)}.",) if known else ()


def training_state(content: object) -> TrainingState:
    """What a checkpoint tells beside its weights.

    Args:
        content: What the checkpoint holds.
    """
    values = dict(_plain_values(content))
    facts: dict[str, str] = {}
    for name, value in values.items():
        told = _told(value)
        leaf = name.rpartition(".")[2]
        if told and (_is_fact(leaf) or leaf in _VERSIONS):
            facts.setdefault(_VERSIONS.get(leaf, leaf), told)
    rate = _learning_rate(content)
    if rate:
        facts.setdefault("lr", rate)
    return TrainingState(
        facts=tuple(facts.items()),
        architecture=_first_text(values, _ARCHITECTURE),
        classes=_first_count(values),
        class_names=_class_names(content),
    )


def _plain_values(content: object, depth: int = _DEPTH, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every value that is neither a dictionary nor a list, at the top and among the settings of the script."""
    for key, value in _items(content):
        inside = _items(value)
        if inside and depth and key.lower() in _SETTINGS:
            yield from _plain_values(value, depth - 1, f"{prefix}{key}.")
        elif not inside:
            yield prefix + key, value


def _items(value: object) -> list[tuple[str, object]]:
    found = value.values if isinstance(value, Record) else value
    return [(key, each) for key, each in found.items() if isinstance(key, str)] if isinstance(found, Mapping) else []


def _told(value: object) -> str:
    """A number, switch or short text for people; empty for anything else."""
    if isinstance(value, Tensor):
        return _told(value.item()) if value.numel() == 1 and not value.is_complex() else ""
    if isinstance(value, float):
        return f"{value:.{_DIGITS}g}" if math.isfinite(value) else str(value)
    if isinstance(value, bool) or value is None:
        return ""
    return str(value)[:_LONGEST] if isinstance(value, int | str) else ""


def _is_fact(name: str) -> bool:
    return _is_outcome(name) or name.lower() in (*_RATE, *_ARCHITECTURE, *_CLASSES)


def _is_outcome(name: str) -> bool:
    words = name.lower().replace("-", "_").replace("/", "_").split("_")
    scored = any(word.rstrip("0123456789@") in _QUALITY or word in _QUALITY or word in _LOSS for word in words)
    return name.lower() in _PROGRESS or (scored and not {"fn", "weight", "type", "function"} & set(words))


def _learning_rate(content: object) -> str:
    """The rate of the first group of parameters in the optimizer's state."""
    for key, optimizer in _items(content):
        states = optimizer if isinstance(optimizer, list) else [optimizer]
        if "optim" not in key.lower():
            continue
        for state in states:
            groups = dict(_items(state)).get("param_groups")
            if isinstance(groups, list) and groups:
                return _told(dict(_items(groups[0])).get("lr"))
    return ""


def _first_text(values: Mapping[str, object], names: Sequence[str]) -> str:
    found = (value for name in names for key, value in values.items() if key.rpartition(".")[2].lower() == name)
    return next((value for value in found if isinstance(value, str) and 0 < len(value) <= _LONGEST), "")


def _first_count(values: Mapping[str, object]) -> int | None:
    found = (value for name in _CLASSES for key, value in values.items() if key.rpartition(".")[2].lower() == name)
    return next(
        (value for value in found if isinstance(value, int) and not isinstance(value, bool) and value > 0), None
    )


def _class_names(content: object, depth: int = _DEPTH) -> tuple[str, ...]:
    items = dict(_items(content))
    for name in _NAMES:
        found = _names_in(items.get(name))
        if found:
            return found
    inside = [value for key, value in items.items() if key.lower() in _SETTINGS] if depth else []
    return next((names for value in inside if (names := _class_names(value, depth - 1))), ())


def _names_in(value: object) -> tuple[str, ...]:
    """Names in order from a list, from numbers by name, or from names by number."""
    if isinstance(value, list | tuple):
        return tuple(value) if value and all(isinstance(each, str) for each in value) else ()
    if not isinstance(value, Mapping) or not value:
        return ()
    pairs = list(value.items())
    if all(isinstance(name, str) and type(index) is int for name, index in pairs):
        by_index = {index: name for name, index in pairs}
    else:
        numbered = [(int(index), name) for index, name in pairs if str(index).isdecimal() and isinstance(name, str)]
        by_index = dict(numbered) if len(numbered) == len(pairs) else {}
    whole = set(by_index) == set(range(len(value)))
    return tuple(by_index[index] for index in range(len(value))) if whole else ()
