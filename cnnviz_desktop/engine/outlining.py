"""What a network consists of, found out by running it once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.geometry import ReceptiveField
from cnnviz_desktop.core.outline import LayerNode, Outline, Shape
from cnnviz_desktop.engine.capture import tensors_of, version_of
from cnnviz_desktop.engine.devices import DeviceChoice
from cnnviz_desktop.engine.networks.loaded import LoadedNetwork
from cnnviz_desktop.engine.outputs import scores_of
from cnnviz_desktop.engine.receptive_fields import ReceptiveFieldTracer
from cnnviz_desktop.engine.running import run_network

_POOLING_TO_SIZE = (nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)


@dataclass(slots=True)
class _Seen:
    """What one module did at its last call."""

    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]
    first: Tensor | None
    version: int
    field: ReceptiveField | None
    order: int


@dataclass(slots=True)
class _Observer:
    """Forward hooks on every module that note shapes, fields, order and version counters."""

    tracer: ReceptiveFieldTracer
    seen: dict[str, _Seen] = field(default_factory=dict)
    runs: Iterator[int] = field(default_factory=count)

    def hook(self, name: str) -> Callable[..., None]:
        def note(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: object) -> None:
            tensors = tensors_of(output)
            first = tensors[0] if tensors else None
            self.seen[name] = _Seen(
                inputs=_shapes(tensors_of((args, kwargs))),
                outputs=_shapes(tensors),
                first=first,
                version=version_of(first) if first is not None else 0,
                field=self.tracer.field_of(first) if first is not None else None,
                order=next(self.runs),
            )

        return note


def outline_of(network: LoadedNetwork, module: nn.Module, choice: DeviceChoice) -> Outline:
    """Run the network once on a blank input and tell what is in it.

    Args:
        network: Where it came from.
        module: The network on its device, borrowed (see `borrowing.borrowed`).
        choice: The device.

    Raises:
        NetworkError: It cannot be run on an input of its preprocessing's size.
    """
    size = network.preprocessing.size
    blank = torch.zeros(1, len(network.preprocessing.mean), *size, device=choice.device, dtype=dtype_of(module))
    tracer = ReceptiveFieldTracer(blank)
    observer = _Observer(tracer)
    handles = [
        part.register_forward_hook(observer.hook(name), with_kwargs=True) for name, part in module.named_modules()
    ]
    try:
        with torch.no_grad(), tracer:
            output = run_network(network.name, module, blank)
    finally:
        for handle in handles:
            handle.remove()
    classes, notes = _classes(output, network)
    return Outline(
        network=network.reference,
        name=network.name,
        layers=tuple(_node(name, part, observer.seen.get(name)) for name, part in module.named_modules() if name),
        suggested=_suggested(module, observer.seen),
        preprocessing=network.preprocessing,
        class_names=network.class_names if len(network.class_names) == classes else (),
        classes=classes,
        parameters=sum(parameter.numel() for parameter in module.parameters()),
        weights_sha256=network.weights_sha256,
        device=str(choice.device),
        device_reason=choice.reason,
        notes=(*network.notes, *notes),
    )


def dtype_of(module: nn.Module) -> torch.dtype:
    """Floating-point type of the network's parameters; float32 where it has none."""
    return next((parameter.dtype for parameter in module.parameters() if parameter.is_floating_point()), torch.float32)


def _shapes(tensors: list[Tensor]) -> tuple[Shape, ...]:
    return tuple(tuple(tensor.shape[1:]) for tensor in tensors)


def _classes(output: object, network: LoadedNetwork) -> tuple[int, tuple[str, ...]]:
    try:
        scores = scores_of(output)
    except NetworkError as error:
        return 0, (str(error),)
    classes, names = scores.logits.shape[1], len(network.class_names)
    notes = [scores.note] if scores.note else []
    if names and names != classes:
        notes.append(
            f"The class-names file has {names} names, but the network gives {classes} scores: "
            "classes are shown by number until the file fits."
        )
    return classes, tuple(notes)


def _node(name: str, part: nn.Module, seen: _Seen | None) -> LayerNode:
    weight = getattr(part, "weight", None)
    has_kernels = isinstance(weight, Tensor) and (weight.dim() == 4 or isinstance(part, nn.Linear))
    return LayerNode(
        name=name,
        type=type(part).__name__,
        parameters=sum(parameter.numel() for parameter in part.parameters()),
        inputs=seen.inputs if seen else (),
        outputs=seen.outputs if seen else (),
        field=seen.field if seen else None,
        kernel_shape=tuple(weight.shape) if has_kernels and weight is not None else None,
        overwritten=seen is not None and seen.first is not None and _is_overwritten(seen.first, seen.version),
    )


def _is_overwritten(tensor: Tensor, version: int) -> bool:
    return tensor.is_inference() or version_of(tensor) != version  # inference mode counts no versions: assume the worst


def _suggested(module: nn.Module, seen: dict[str, _Seen]) -> str:
    """The last layer with spatial extent before pooling, as ``layer4.2`` rather than ``layer4`` or ``layer4.2.relu``.

    Among the modules that give the very last such tensor the outermost counts; a plain Sequential stands for its last
    child.
    """
    parts = dict(module.named_modules())
    pooled = [call.first for name, call in seen.items() if isinstance(parts[name], _POOLING_TO_SIZE)]
    spatial = [
        name
        for name, call in seen.items()
        if name
        and call.first is not None
        and call.first.dim() == 4
        and call.first.shape[2] * call.first.shape[3] > 1
        and not any(call.first is tensor for tensor in pooled)
    ]
    if not spatial:
        return ""
    last = max(spatial, key=lambda name: seen[name].order)
    same = [name for name in spatial if seen[name].first is seen[last].first]
    name = min(same, key=lambda candidate: (candidate.count("."), -seen[candidate].order))
    while type(parts[name]) is nn.Sequential:
        child = f"{name}.{list(dict(parts[name].named_children()))[-1]}"
        if child not in seen or seen[child].first is not seen[name].first:
            break
        name = child
    return name
