"""An open network on its device, with the forward passes it remembers."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from contextlib import nullcontext
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import LayerError, NetworkError
from cnnviz_desktop.core.geometry import InputTransform, MapGeometry, ReceptiveField, Size
from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.core.results import Picture
from cnnviz_desktop.engine.capture import Recording, capture, storage_bytes
from cnnviz_desktop.engine.inputs import prepare
from cnnviz_desktop.engine.outlining import dtype_of
from cnnviz_desktop.engine.outputs import Scores, scores_of
from cnnviz_desktop.engine.receptive_fields import ReceptiveFieldTracer
from cnnviz_desktop.engine.remembered import Remembered
from cnnviz_desktop.engine.running import run_network


@dataclass(frozen=True, slots=True, eq=False)
class ForwardPass:
    """One image seen by the network.

    Attributes:
        transform: Where the image lies in the input.
        activations: Recorded tensors (1, …) by layer.
        fields: Receptive field of each recorded layer at this input's size; None where unknown.
        output: What the network returned.
        differentiable: Layers whose tensor is a node of the output's graph.
        calls: How often each recorded module ran.
        graph_bytes: What the graph behind the output may hold besides the activations, at the most.
    """

    transform: InputTransform
    activations: dict[LayerRef, Tensor]
    fields: dict[LayerRef, ReceptiveField | None]
    output: object
    differentiable: frozenset[LayerRef]
    calls: dict[str, int]
    graph_bytes: int

    @property
    def scores(self) -> Scores:
        """The class scores.

        Raises:
            NetworkError: The network gives none.
        """
        return scores_of(self.output)

    @property
    def bytes(self) -> int:
        """Memory that remembering the pass holds, at the most."""
        return storage_bytes(self.activations.values()) + self.graph_bytes

    def serves(self, layers: Sequence[LayerRef], gradients: Sequence[LayerRef]) -> bool:
        """Whether everything asked for was recorded."""
        return self.activations.keys() >= set(layers) and self.differentiable.issuperset(gradients)

    def geometry(self, layer: LayerRef) -> MapGeometry:
        """Where the cells of a layer's (…, h, w) activation lie on the image."""
        cells = Size(*self.activations[layer].shape[-2:])
        return MapGeometry(self.transform, cells, self.fields.get(layer))

    def notes(self, layer: LayerRef) -> tuple[str, ...]:
        """What to know about a layer's activation, in sentences."""
        calls = self.calls.get(layer.name, 1)
        return (f"{layer.name} ran {calls} times; this is its last run.",) if calls > 1 else ()


class Workbench:
    """A network ready to answer requests.

    Args:
        module: The network on its device.
        outline: What is in it.
        memory_budget: Bytes of activations to remember; the passes used longest ago are forgotten first.
        writes_parameters: Whether its forward pass writes into its own parameters.
    """

    def __init__(
        self, module: nn.Module, outline: Outline, memory_budget: int, *, writes_parameters: bool = False
    ) -> None:
        self.module = module
        self.outline = outline
        self.writes_parameters = writes_parameters
        self._passes: Remembered[tuple[str, int], ForwardPass] = Remembered(memory_budget, lambda made: made.bytes)
        self._nodes = {node.name: node for node in outline.layers}
        # Made differentiable in every pass, since the next click is likeliest to ask for it.
        self._likely = frozenset({LayerRef(outline.suggested)} if outline.suggested and outline.classes else ())

    def forget(self) -> None:
        """Drop every remembered pass."""
        self._passes.clear()

    def node(self, layer: LayerRef) -> LayerNode:
        """The module a reference names.

        Raises:
            LayerError: There is none.
        """
        return self._nodes[layer.name] if layer.name in self._nodes else self.outline.layer(layer.name)

    def map_layers(self, references: Sequence[str]) -> list[LayerRef]:
        """Layers of a request that gives maps; the suggested layer where it names none.

        Raises:
            LayerError: A layer does not exist or gives no maps; the sentence says what it gives.
        """
        if not references and not self.outline.suggested:
            raise LayerError(f"No layer of {self.outline.name} gives maps of an image.")
        layers = [LayerRef.parse(reference) for reference in references or (self.outline.suggested,)]
        for layer in layers:
            self._check_maps(layer)
        return layers

    def _check_maps(self, layer: LayerRef) -> None:
        node = self.node(layer)
        shapes = node.inputs if layer.side == "input" else node.outputs
        if layer.part >= len(shapes):
            count = f"{len(shapes)} tensor{'s' if len(shapes) != 1 else ''}"
            raise LayerError(node.why_no_maps if not shapes else f"{layer.name} has only {count} as {layer.side}.")
        if len(shapes[layer.part]) != 3:
            kernels = " Its weights can be shown as kernels." if node.kernel_shape else ""
            shape = "×".join(map(str, shapes[layer.part])) or "a single number"
            what = "takes in" if layer.side == "input" else "gives"
            raise LayerError(
                f"{layer} ({node.type}) {what} {shape}: values without a place in the image, so there is no map."
                f"{kernels} Try {self.outline.suggested or 'a convolution'}."
            )

    def forward(
        self, picture: Picture, layers: Sequence[LayerRef] = (), gradients: Sequence[LayerRef] = (), seed: int = 0
    ) -> ForwardPass:
        """The network's pass over a picture: remembered, or run now.

        Args:
            picture: What it sees.
            layers: Tensors to record.
            gradients: Layer outputs that the scores must be differentiable in.
            seed: Where the random generators stand, for networks that draw from them.
        """
        key = (picture.sha256, seed)
        known = self._passes.get(key)
        if known is not None and known.serves(layers, gradients):
            return known
        made = self._run(picture, layers, gradients)
        self._passes.put(key, made)
        return made

    def _run(self, picture: Picture, layers: Sequence[LayerRef], gradients: Sequence[LayerRef]) -> ForwardPass:
        prepared = prepare(picture, self.outline.preprocessing)
        batch = prepared.tensor.to(self.outline.device, dtype_of(self.module))
        share = prod(batch.shape[2:]) / prod(self.outline.preprocessing.size)
        free = self._free_layers(share)
        if not gradients and self._likely and free:
            try:
                return self._pass(prepared.transform, batch, {*layers, *free}, self._likely, share)
            except NetworkError:
                self._likely = frozenset()  # it runs only without a graph, or not at all: the next lines tell
        return self._pass(prepared.transform, batch, {*layers, *free}, {*gradients, *self._likely}, share)

    def _pass(
        self,
        transform: InputTransform,
        batch: Tensor,
        layers: AbstractSet[LayerRef],
        gradients: AbstractSet[LayerRef],
        share: float,
    ) -> ForwardPass:
        recorded = {*layers, *gradients}
        copied = {layer for layer in recorded if self.node(layer).overwritten}
        recording, fields, output = self._record(batch, recorded, copied, gradients)
        overwritten = recording.overwritten()
        if overwritten:  # the network did not work in place when it was outlined
            recording, fields, output = self._record(batch, recorded, copied | overwritten, gradients)
        for layer in layers:
            if layer not in recording.tensors:
                raise LayerError(f"{layer} did not run, or gave no tensor, when {self.outline.name} saw the image.")
        graph_bytes = round(4 * share * self._graph_elements(gradients))
        return ForwardPass(
            transform, recording.tensors, fields, output, frozenset(gradients), recording.calls, graph_bytes
        )

    def _record(
        self, batch: Tensor, layers: set[LayerRef], copied: set[LayerRef], gradients: AbstractSet[LayerRef]
    ) -> tuple[Recording, dict[LayerRef, ReceptiveField | None], object]:
        graph = torch.enable_grad() if gradients else torch.no_grad()
        outlined = tuple(batch.shape[2:]) == tuple(self.outline.preprocessing.size)
        tracer = None if outlined else ReceptiveFieldTracer(batch)
        with graph, capture(self.module, layers=layers, copied=copied, gradients=gradients) as recording:
            with tracer or nullcontext():
                output = run_network(self.outline.name, self.module, batch)
                fields = {layer: self._field(layer, tensor, tracer) for layer, tensor in recording.tensors.items()}
            return recording, fields, output

    def _field(self, layer: LayerRef, tensor: Tensor, tracer: ReceptiveFieldTracer | None) -> ReceptiveField | None:
        """The field as outlined, or where this input has another size, as it is now."""
        if tracer is not None:
            return tracer.field_of(tensor)
        return self.node(layer).field if layer.side == "output" and layer.part == 0 else None

    def _free_layers(self, share: float) -> list[LayerRef]:
        """Layer outputs that cost no copy to remember; none where one pass would exceed the memory budget.

        Args:
            share: Area of the input against that of the input that was outlined.
        """
        free = [node for node in self.outline.layers if node.gives_maps and not node.overwritten]
        size = 4 * share * sum(prod(shape) for node in free for shape in node.outputs)
        return [LayerRef(node.name) for node in free] if size <= self._passes.budget / 2 else []

    def _graph_elements(self, gradients: AbstractSet[LayerRef]) -> int:
        """Numbers that the graph behind those layers saves, at the most: the outputs of all layers that follow them."""
        names = [node.name for node in self.outline.layers]
        starts = [names.index(layer.name) for layer in gradients]
        following = self.outline.layers[min(starts) :] if starts else ()
        parents = {node.parent for node in self.outline.layers}
        return sum(prod(shape) for node in following if node.name not in parents for shape in node.outputs)
