"""What a network consists of, found out by running it once."""

import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.core.token_grids import TokenGrid
from cnnviz_desktop.engine.devices import DeviceChoice
from cnnviz_desktop.engine.networks.loaded import LoadedNetwork
from cnnviz_desktop.engine.observing import Call, Observer, grids_of
from cnnviz_desktop.engine.outputs import scores_of
from cnnviz_desktop.engine.receptive_fields import ReceptiveFieldTracer
from cnnviz_desktop.engine.running import run_network
from cnnviz_desktop.engine.suggesting import suggested_layer

_Grids = tuple[TokenGrid | None, ...] | None


def outline_of(network: LoadedNetwork, module: nn.Module, choice: DeviceChoice) -> Outline:
    """Run the network once on a blank input and tell what is in it.

    Args:
        network: Where it came from.
        module: The network on its device, borrowed (see `borrowing.borrowed`).
        choice: The device.

    Raises:
        NetworkError: It cannot be run on an input of its preprocessing's size.
    """
    size = Size(*network.preprocessing.size)
    blank = torch.zeros(1, len(network.preprocessing.mean), *size, device=choice.device, dtype=dtype_of(module))
    tracer = ReceptiveFieldTracer(blank)
    observer = Observer(tracer)
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
    calls, gives = observer.seen, grids_of(observer.seen, size, "output")
    takes = grids_of(calls, size, "input")
    return Outline(
        network=network.reference,
        description=network.description,
        name=network.name,
        layers=tuple(
            _node(name, part, calls.get(name), (takes.get(name), gives.get(name)), size)
            for name, part in module.named_modules()
            if name
        ),
        suggested=suggested_layer(module, calls, gives, blank),
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


def _node(name: str, part: nn.Module, call: Call | None, grids: tuple[_Grids, _Grids], size: Size) -> LayerNode:
    weight = getattr(part, "weight", None)
    has_kernels = isinstance(weight, Tensor) and (weight.dim() == 4 or isinstance(part, nn.Linear))
    return LayerNode(
        name=name,
        type=type(part).__name__,
        parameters=sum(parameter.numel() for parameter in part.parameters()),
        inputs=tuple(noted.shape for noted in call.inputs) if call else (),
        outputs=tuple(noted.shape for noted in call.outputs) if call else (),
        field=call.field if call else None,
        kernel_shape=tuple(weight.shape) if has_kernels and weight is not None else None,
        overwritten=call is not None and call.overwritten,
        input_grids=grids[0],
        output_grids=grids[1],
        batch_first=_batch_first(call) if call else None,
        size=size,
    )


def _batch_first(call: Call) -> tuple[tuple[bool, ...], tuple[bool, ...]]:
    inputs, outputs = (tuple(noted.batch_first for noted in side) for side in (call.inputs, call.outputs))
    return inputs, outputs
