"""One pass of a network over a batch, with everything recorded that methods will ask for."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.core.geometry import InputTransform, ReceptiveField, Size
from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.core.token_grids import TokenGrid, plain_maps
from cnnviz_desktop.engine.capture import Recording, capture
from cnnviz_desktop.engine.own_resizing import OwnResizing, own_resizing
from cnnviz_desktop.engine.passes import ForwardPass, Wanted
from cnnviz_desktop.engine.receptive_fields import ReceptiveFieldTracer
from cnnviz_desktop.engine.relu_rules import ShownActivations
from cnnviz_desktop.engine.running import run_network


@dataclass(frozen=True, slots=True, eq=False)
class _Taken:
    recording: Recording
    input: Tensor
    fields: dict[LayerRef, ReceptiveField | None]
    output: object
    resizing: OwnResizing


class Recorder:
    """Runs a network and records its layers.

    Args:
        module: The network on its device.
        outline: What is in it.
    """

    def __init__(self, module: nn.Module, outline: Outline) -> None:
        self._module = module
        self._outline = outline
        self._nodes = {node.name: node for node in outline.layers}

    def node(self, layer: LayerRef) -> LayerNode:
        """The module a reference names.

        Raises:
            LayerError: There is none.
        """
        return self._nodes[layer.name] if layer.name in self._nodes else self._outline.layer(layer.name)

    def record(self, batch: Tensor, transforms: Sequence[InputTransform], wanted: Wanted) -> ForwardPass:
        """Run the network over a batch (N, C, H, W) and record what is wanted.

        Raises:
            NetworkError: The network fails on it.
            LayerError: A layer that is wanted did not run.
        """
        copied = {layer for layer in wanted.recorded if self.node(layer).overwritten}
        taken = self._take(batch, copied, wanted)
        overwritten = taken.recording.overwritten()
        if overwritten:  # the network did not work in place when it was outlined
            taken = self._take(batch, copied | overwritten, wanted)
        for layer in wanted.layers:
            if layer not in taken.recording.tensors:
                said = f"{layer} did not run, or gave no tensor, when {self._outline.name} saw the image."
                raise LayerError(said, of_image=True)
        return ForwardPass(
            transforms=tuple(transforms),
            input=taken.input,
            activations=taken.recording.tensors,
            grids={
                layer: self._grid(layer, tensor, taken.resizing.padded or Size(*batch.shape[2:]))
                for layer, tensor in taken.recording.tensors.items()
            },
            fields=taken.fields,
            output=taken.output,
            recorded=wanted,
            calls=taken.recording.calls,
            within=taken.resizing.within(transforms),
            graph_bytes=round(4 * self.share(batch) * len(batch) * self.graph_elements(wanted)),
        )

    def share(self, batch: Tensor) -> float:
        """Area of an input against that of the input that was outlined."""
        return prod(batch.shape[2:]) / prod(self._outline.preprocessing.size)

    def free_layers(self, share: float, budget: float) -> frozenset[LayerRef]:
        """Layer outputs that cost no copy to remember; none where one pass would exceed the budget of bytes.

        Args:
            share: Area of the input against that of the input that was outlined.
            budget: Bytes that one pass may hold.
        """
        free = [node for node in self._outline.layers if node.gives_maps and not node.overwritten]
        size = 4 * share * sum(prod(shape) for node in free for shape in node.outputs)
        return frozenset(LayerRef(node.name) for node in free) if size <= budget else frozenset()

    def graph_elements(self, wanted: Wanted) -> int:
        """Numbers that the graph saves, at the most: the outputs of all layers after the first it begins at."""
        names = [node.name for node in self._outline.layers]
        starts = [0] if wanted.of_input else [names.index(layer.name) for layer in wanted.gradients]
        following = self._outline.layers[min(starts) :] if starts else ()
        parents = {node.parent for node in self._outline.layers}
        return sum(prod(shape) for node in following if node.name not in parents for shape in node.outputs)

    def kept_elements(self, wanted: Wanted) -> int:
        """Numbers that a pass keeps of a row, at the most: those of the graph, and the recorded tensors."""
        shapes = [self.node(layer).shapes(layer.side)[layer.part :][:1] for layer in wanted.recorded]
        return self.graph_elements(wanted) + sum(prod(shape) for each in shapes for shape in each)

    def _take(self, batch: Tensor, copied: set[LayerRef], wanted: Wanted) -> _Taken:
        differentiable = bool(wanted.gradients) or wanted.of_input
        leaf = batch.detach().requires_grad_(wanted.of_input)
        with torch.set_grad_enabled(differentiable):
            # A clone, since a network may work in place on what it is given: the pass keeps what it was given, and a
            # leaf of the graph does not allow that.
            seen = leaf.clone()
        outlined = tuple(batch.shape[2:]) == tuple(self._outline.preprocessing.size)
        tracer = None if outlined else ReceptiveFieldTracer(seen)
        taps = capture(self._module, layers=wanted.recorded, copied=copied, gradients=wanted.gradients)
        shown = ShownActivations() if wanted.of_input else nullcontext()
        with torch.set_grad_enabled(differentiable), taps as recording, tracer or nullcontext(), shown:
            with own_resizing(self._module) as resizing:
                output = run_network(self._outline.name, self._module, seen)
            fields = {layer: self._field(layer, tensor, tracer) for layer, tensor in recording.tensors.items()}
        return _Taken(recording, leaf, fields, output, resizing)

    def _grid(self, layer: LayerRef, tensor: Tensor, size: Size) -> TokenGrid | None:
        """How the layer's tensor lies over an input of that size: as it did when the network was outlined."""
        outlined, shape = self.node(layer).grids(layer.side), tuple(tensor.shape[1:])
        if layer.part >= len(outlined):
            return plain_maps(shape)
        grid = outlined[layer.part]
        return grid.at(shape, size) if grid is not None else None

    def _field(self, layer: LayerRef, tensor: Tensor, tracer: ReceptiveFieldTracer | None) -> ReceptiveField | None:
        """The field as outlined, or where this input has another size, as it is now."""
        if tracer is not None:
            return tracer.field_of(tensor)
        return self.node(layer).field if layer.side == "output" and layer.part == 0 else None
