"""Rebuilds a network's last layers the way a checkpoint has them: people replace them by hand before they train.

A checkpoint tells what has weights: linear layers, convolutions, batch normalisation, and where they stand. What has
none (dropout, activations) it does not tell; dropout does nothing while a network is only looked at, and of the
activations ReLU is taken, which is told.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from cnnviz_desktop.engine.networks.checkpoints.fitting import COUNTER, Fitting
from cnnviz_desktop.engine.networks.programs.surroundings import seeded

_NORM = {"weight", "bias", "running_mean", "running_var"}
_WITHOUT_EFFECT = (nn.Dropout, nn.Dropout2d, nn.Identity, nn.Flatten)
_ACTIVATIONS = (nn.ReLU, nn.ReLU6, nn.GELU, nn.SiLU, nn.Hardswish, nn.LeakyReLU, nn.ELU, nn.Tanh, nn.Sigmoid)
_IN_HEADS = (nn.Linear, nn.BatchNorm1d, *_WITHOUT_EFFECT, *_ACTIVATIONS)


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """Layers to take the place of a network's own.

    Attributes:
        place: Name of the module they take the place of.
        module: The layers, with weights that are still to be loaded.
        classes: How many scores they give.
        note: A sentence about what was replaced by what.
    """

    place: str
    module: nn.Module
    classes: int
    note: str


def head_of(module: nn.Module, fitting: Fitting) -> Head | None:
    """The head that a checkpoint has in place of the network's, where it can be told from its keys.

    Args:
        module: The network.
        fitting: The checkpoint, compared with it.

    Returns:
        None where keys outside of the last layers do not fit either, or where they may mean several things.
    """
    place = _place(fitting)
    if not place:
        return None
    own = dict(module.named_modules()).get(place)
    inside = _inside(place, fitting)
    if isinstance(own, nn.Conv2d) and set(inside) == {""}:
        return _wider(place, own, inside[""])
    width = _width(own)
    if own is None or width is None:
        return None
    with seeded():
        layers = _layers(inside, width)
        if layers is None:
            return None
        built = layers[""] if set(layers) == {""} else _between(layers, own)
    return Head(place, built, _classes(layers.values()), _note(place, own, built, layers))


def put_in_place(module: nn.Module, head: Head) -> None:
    """Put a head into the network, in evaluation mode."""
    parent, _, name = head.place.rpartition(".")
    setattr(module.get_submodule(parent), name, head.module.eval())


def _place(fitting: Fitting) -> str:
    """Name of the smallest module that all keys which do not fit belong to; empty for the network itself."""
    named = {key: name for name, key in fitting.fit.renamed.items()}
    names = [named.get(key, key) if problem == "unexpected" else key for key, problem, *_ in fitting.table]
    parents = [name.split(".")[:-1] for name in names]
    shared: list[str] = []
    for parts in zip(*parents, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return ".".join(shared)


def _inside(place: str, fitting: Fitting) -> dict[str, dict[str, Tensor]]:
    """The checkpoint's tensors in a place by the name of the layer there, in the file's order."""
    found: dict[str, dict[str, Tensor]] = {}
    for name, key in fitting.fit.renamed.items():
        if name.startswith(f"{place}."):
            layer, _, tensor = name.removeprefix(f"{place}.").rpartition(".")
            found.setdefault(layer, {})[tensor] = fitting.fit.tensors[key]
    return found


def _wider(place: str, own: nn.Conv2d, tensors: Mapping[str, Tensor]) -> Head | None:
    """The network's own convolution with another number of outputs."""
    weight = tensors.get("weight")
    if own.groups != 1 or weight is None or tuple(weight.shape[1:]) != tuple(own.weight.shape[1:]):
        return None
    classes = weight.shape[0]
    if {key: tuple(value.shape) for key, value in tensors.items() if key != "weight"} != (
        {"bias": (classes,)} if own.bias is not None else {}
    ):
        return None
    with seeded():
        made = nn.Conv2d(
            own.in_channels,
            classes,
            (own.kernel_size[0], own.kernel_size[1]),
            stride=own.stride,  # type: ignore[arg-type]  # torch's own attribute is wider than its parameter
            padding=own.padding,  # type: ignore[arg-type]  # as above
            dilation=own.dilation,  # type: ignore[arg-type]  # as above
            bias=own.bias is not None,
            padding_mode=own.padding_mode,
        )
    return Head(
        place, made, classes, f"{place} was given {classes} outputs in place of {own.out_channels}, {_AS_FILE}."
    )


_AS_FILE = "as the weights have them"


def _width(own: nn.Module | None) -> int | None:
    """What the first linear layer of a head takes in; None where it is no head."""
    if isinstance(own, nn.Linear):
        return own.in_features
    if not isinstance(own, nn.Sequential) or not all(isinstance(part, _IN_HEADS) for part in own):
        return None
    first = next((part for part in own if not isinstance(part, _WITHOUT_EFFECT)), None)
    return first.in_features if isinstance(first, nn.Linear) else None


def _layers(inside: Mapping[str, Mapping[str, Tensor]], width: int) -> dict[str, nn.Module] | None:
    """The layers with weights, each taking in what the one before gives; None where they do not go together."""
    layers: dict[str, nn.Module] = {}
    for name, tensors in inside.items():
        layer = _layer(tensors, width)
        if layer is None or "." in name or (not name and len(inside) > 1):
            return None
        width = layer.out_features if isinstance(layer, nn.Linear) else width
        layers[name] = layer
    numbered = [int(name) for name in layers if name.isdecimal()]
    if numbered != sorted(numbered) or len(numbered) not in (0, len(layers)):
        return None
    return layers if any(isinstance(layer, nn.Linear) for layer in layers.values()) else None


def _layer(tensors: Mapping[str, Tensor], width: int) -> nn.Module | None:
    shapes = {key: tuple(value.shape) for key, value in tensors.items() if key != COUNTER}
    if shapes.keys() == _NORM and set(shapes.values()) == {(width,)}:
        return nn.BatchNorm1d(width)
    weight = shapes.pop("weight", ())
    if len(weight) != 2 or weight[1] != width or shapes not in ({}, {"bias": (weight[0],)}):
        return None
    return nn.Linear(width, weight[0], bias="bias" in shapes)


def _between(layers: Mapping[str, nn.Module], own: nn.Module) -> nn.Sequential:
    """The layers in their places, with what has no weights between them."""
    flattened = isinstance(own, nn.Sequential) and any(isinstance(part, nn.Flatten) for part in own)
    placed = _numbered(layers, own) if next(iter(layers)).isdecimal() else _named(layers)
    if flattened and not any(isinstance(part, nn.Flatten) for part in placed.values()):
        placed = OrderedDict([("flatten", nn.Flatten(1)), *placed.items()])
    return nn.Sequential(placed)


def _numbered(layers: Mapping[str, nn.Module], own: nn.Module) -> "OrderedDict[str, nn.Module]":
    theirs = dict(own.named_children())
    placed: OrderedDict[str, nn.Module] = OrderedDict()
    scored = False  # whether a linear layer came before: normalisation alone wants no activation behind it
    open_end = False  # whether the layer before gives what no activation has seen
    for number in range(max(map(int, layers)) + 1):
        name = str(number)
        layer = layers.get(name)
        if layer is None:
            kept = theirs.get(name)
            if kept is not None and isinstance(kept, (*_WITHOUT_EFFECT, *_ACTIVATIONS)):
                layer = kept
            else:
                layer = nn.ReLU() if open_end else nn.Identity()
            open_end = open_end and isinstance(layer, _WITHOUT_EFFECT)
        else:
            scored = scored or isinstance(layer, nn.Linear)
            open_end = scored
        placed[name] = layer
    return placed


def _named(layers: Mapping[str, nn.Module]) -> "OrderedDict[str, nn.Module]":
    placed: OrderedDict[str, nn.Module] = OrderedDict()
    scored = False
    for name, layer in layers.items():
        if scored and isinstance(layer, nn.Linear):
            placed[f"before_{name}"] = nn.ReLU()
        scored = scored or isinstance(layer, nn.Linear)
        placed[name] = layer
    return placed


def _classes(layers: Iterable[nn.Module]) -> int:
    return [layer.out_features for layer in layers if isinstance(layer, nn.Linear)][-1]


def _note(place: str, own: nn.Module, built: nn.Module, layers: Mapping[str, nn.Module]) -> str:
    if isinstance(own, nn.Linear) and isinstance(built, nn.Linear):
        return f"{place} was given {built.out_features} outputs in place of {own.out_features}, {_AS_FILE}."
    parts = [built] if not isinstance(built, nn.Sequential) else list(built)
    told = " → ".join(_told(part) for part in parts if not isinstance(part, _WITHOUT_EFFECT))
    guessed = sum(isinstance(part, nn.ReLU) for part in parts) if len(layers) > 1 else 0
    unsure = " The file does not tell which activations stand between them: ReLU was taken." if guessed else ""
    unsure += " If a softmax ends it, that is left out." if len(layers) > 0 and not isinstance(built, nn.Linear) else ""
    return f"The head at {place} was replaced by {told}, {_AS_FILE}.{unsure}"


def _told(part: nn.Module) -> str:
    if isinstance(part, nn.Linear):
        return f"a linear layer ({part.in_features} to {part.out_features})"
    return "batch normalisation" if isinstance(part, nn.BatchNorm1d) else type(part).__name__
