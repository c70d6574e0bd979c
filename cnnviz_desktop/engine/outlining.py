"""What a network consists of, found out by running it once."""

import torch
from torch import Tensor, nn

from cnnviz_desktop.core.description import Task
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.core.token_grids import Shape
from cnnviz_desktop.engine.answers import can_be_segmentation, pixel_scores_of, task_of
from cnnviz_desktop.engine.devices import DeviceChoice
from cnnviz_desktop.engine.networks.loaded import LoadedNetwork
from cnnviz_desktop.engine.observing import Call, Observer, grids_of, observed
from cnnviz_desktop.engine.outputs import describe, scores_of
from cnnviz_desktop.engine.own_resizing import own_resizing
from cnnviz_desktop.engine.registering import Registered, parent_of, registered_in, with_children
from cnnviz_desktop.engine.running import run_network
from cnnviz_desktop.engine.suggesting import suggested_layer
from cnnviz_desktop.engine.trunks import trunk_of


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
    with torch.no_grad(), observed(dict(module.named_modules()), blank) as observer, own_resizing(module) as own:
        output = run_network(network.name, module, blank)
    task, classes, notes = _told(output, network, size)
    layers = _Layers(registered_in(module), observer, own.padded or size)  # what is lazy has taken its shape by now
    trunk = observer.seen
    if task in ("segmentation", "detection"):
        trunk = trunk_of(observer.seen, layers.gives, task, classes) or observer.seen
    return Outline(
        network=network.reference,
        description=network.description,
        name=network.name,
        layers=layers.nodes(),
        suggested=suggested_layer(module, trunk, layers.gives, blank),
        preprocessing=network.preprocessing,
        recipe=network.recipe,
        class_names=network.class_names if len(network.class_names) == classes else (),
        classes=classes,
        task=task,
        parameters=layers.registered.parameters[""],
        macs=layers.macs[""],
        operations=() if network.hidden else observer.between.operations,  # they stand between layers
        weights_sha256=network.weights_sha256,
        weights_parts=network.weights_parts,
        device=str(choice.device),
        device_reason=choice.reason,
        hidden=network.hidden,
        notes=(*network.notes, *notes),
    )


def dtype_of(module: nn.Module) -> torch.dtype:
    """Floating-point type of the network's parameters; float32 where it has none."""
    return next((parameter.dtype for parameter in module.parameters() if parameter.is_floating_point()), torch.float32)


def _told(output: object, network: LoadedNetwork, size: Size) -> tuple[Task, int, tuple[str, ...]]:
    """What the network is for, how many classes it tells apart, and what there is to say about them."""
    names = len(network.class_names)
    task, notes = _task(output, network, size)
    if task == "detection":
        return task, names, notes
    if task == "embedding":
        return task, 0, notes
    try:
        found = pixel_scores_of(output) if task == "segmentation" else scores_of(output)
    except NetworkError as error:
        return "other", 0, (*notes, str(error))
    if task == "other":
        return task, 0, notes
    classes = found.logits.shape[1]
    notes = (*notes, found.note) if found.note else notes
    if names and names != classes:
        notes = (
            *notes,
            f"The class-names file has {names} names, but the network gives {classes} scores: "
            "classes are shown by number until the file fits.",
        )
    return task, classes, notes


def _task(output: object, network: LoadedNetwork, size: Size) -> tuple[Task, tuple[str, ...]]:
    """What the description says the network is for, where its output can be that; else what its output tells."""
    found, said = task_of(output, size), network.description.task
    fits = said in (None, found, "other") or (said == "embedding" and found == "classification")
    fits |= said == "segmentation" and can_be_segmentation(output)
    if fits:
        return said or found, ()
    return found, (f"The description calls it a network for {said}, and it returns {describe(output)}.",)


class _Layers:
    """Tells of each module what is registered and what was observed of it.

    Args:
        registered: The modules, and what they share.
        observer: What they did.
        size: Of the input they did it on, or of what the network itself makes of that first.
    """

    def __init__(self, registered: Registered, observer: Observer, size: Size) -> None:
        self.registered = registered
        self.gives = grids_of(observer.seen, size, "output")
        self.macs = with_children({name: observer.own_macs[name] for name in registered.modules})
        self._takes = grids_of(observer.seen, size, "input")
        self._observer = observer
        self._size = size
        self._at_work = self._used()

    def nodes(self) -> tuple[LayerNode, ...]:
        """Every module but the network itself."""
        return tuple(self._node(name, part) for name, part in self.registered.modules.items() if name)

    def _node(self, name: str, part: nn.Module) -> LayerNode:
        registered, call = self.registered, self._observer.seen.get(name)
        return LayerNode(
            name=name,
            type=type(part).__name__,
            parameters=registered.parameters[name],
            macs=self.macs[name],
            own_macs=self._observer.own_macs[name],
            runs=self._observer.runs[name],
            unused=name not in self._at_work,
            also_named=registered.other_names.get(name, ()),
            shares=registered.shares.get(name, ()),
            inputs=tuple(noted.shape for noted in call.inputs) if call else (),
            outputs=tuple(noted.shape for noted in call.outputs) if call else (),
            field=call.field if call else None,
            kernel_shape=_kernel_shape(part),
            overwritten=name in self._observer.overwritten,
            input_grids=self._takes.get(name),
            output_grids=self.gives.get(name),
            batch_first=_batch_first(call) if call else None,
            size=self._size,
        )

    def _used(self) -> set[str]:
        """Modules that ran, or whose parameters were read, and those that such a module is in."""
        used: set[str] = set()
        for name, part in self.registered.modules.items():
            own = map(id, part.parameters(recurse=False))
            if self._observer.runs[name] or not self._observer.read.isdisjoint(own):
                while name not in used:
                    used.add(name)
                    name = parent_of(name)
        return used


def _kernel_shape(part: nn.Module) -> Shape | None:
    weight = getattr(part, "weight", None)
    has_kernels = isinstance(weight, Tensor) and (weight.dim() == 4 or isinstance(part, nn.Linear))
    return tuple(weight.shape) if has_kernels and weight is not None else None


def _batch_first(call: Call) -> tuple[tuple[bool, ...], tuple[bool, ...]]:
    inputs, outputs = (tuple(noted.batch_first for noted in side) for side in (call.inputs, call.outputs))
    return inputs, outputs
