"""An open network on its device, with the forward passes it remembers."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.core.geometry import InputTransform, MapGeometry, Size
from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.core.results import Picture
from cnnviz_desktop.engine.capture import Recording, capture, storage_bytes
from cnnviz_desktop.engine.inputs import prepare
from cnnviz_desktop.engine.outlining import dtype_of
from cnnviz_desktop.engine.outputs import Scores, scores_of
from cnnviz_desktop.engine.remembered import Remembered
from cnnviz_desktop.engine.running import run_network


@dataclass(frozen=True, slots=True, eq=False)
class ForwardPass:
    """One image seen by the network.

    Attributes:
        transform: Where the image lies in the input.
        activations: Recorded tensors (1, …) by layer.
        output: What the network returned.
        differentiable: Layers whose tensor is a node of the output's graph.
        calls: How often each recorded module ran.
    """

    transform: InputTransform
    activations: dict[LayerRef, Tensor]
    output: object
    differentiable: frozenset[LayerRef]
    calls: dict[str, int]

    @property
    def scores(self) -> Scores:
        """The class scores.

        Raises:
            NetworkError: The network gives none.
        """
        return scores_of(self.output)

    @property
    def bytes(self) -> int:
        """Memory that the recorded tensors hold; the graph behind them holds about as much again."""
        return storage_bytes(self.activations.values()) * (2 if self.differentiable else 1)

    def serves(self, layers: Sequence[LayerRef], gradients: Sequence[LayerRef]) -> bool:
        """Whether everything asked for was recorded."""
        return self.activations.keys() >= set(layers) and self.differentiable.issuperset(gradients)

    def geometry(self, activation: Tensor, node: LayerNode, layer: LayerRef) -> MapGeometry:
        """Where the cells of a layer's (…, h, w) activation lie on the image."""
        cells = Size(activation.shape[-2], activation.shape[-1])
        known = layer.side == "output" and layer.part == 0
        return MapGeometry(self.transform, cells, node.field if known else None)


class Workbench:
    """A network ready to answer requests.

    Args:
        module: The network on its device.
        outline: What is in it.
        memory_budget: Bytes of activations to remember; the passes used longest ago are forgotten first.
    """

    def __init__(self, module: nn.Module, outline: Outline, memory_budget: int) -> None:
        self.module = module
        self.outline = outline
        self._passes: Remembered[str, ForwardPass] = Remembered(memory_budget, lambda made: made.bytes)
        self._nodes = {node.name: node for node in outline.layers}

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
        self, picture: Picture, layers: Sequence[LayerRef] = (), gradients: Sequence[LayerRef] = ()
    ) -> ForwardPass:
        """The network's pass over a picture: remembered, or run now.

        Args:
            picture: What it sees.
            layers: Tensors to record.
            gradients: Layer outputs that the scores must be differentiable in.
        """
        known = self._passes.get(picture.sha256)
        if known is not None and known.serves(layers, gradients):
            return known
        made = self._run(picture, layers, gradients)
        self._passes.put(picture.sha256, made)
        return made

    def _run(self, picture: Picture, layers: Sequence[LayerRef], gradients: Sequence[LayerRef]) -> ForwardPass:
        prepared = prepare(picture, self.outline.preprocessing)
        batch = prepared.tensor.to(self.outline.device, dtype_of(self.module))
        tapped = self._gradient_layers(gradients)
        recorded = {*layers, *self._free_layers(), *tapped}
        copied = {layer for layer in recorded if self.node(layer).overwritten}
        recording, output = self._record(batch, recorded, copied, tapped)
        overwritten = recording.overwritten()
        if not overwritten.isdisjoint(layers):  # the network did not work in place when it was outlined
            recording, output = self._record(batch, recorded, copied | overwritten, tapped)
            overwritten = recording.overwritten()
        activations = {layer: tensor for layer, tensor in recording.tensors.items() if layer not in overwritten}
        for layer in layers:
            if layer not in activations:
                raise LayerError(f"{layer} did not run, or gave no tensor, when {self.outline.name} saw the image.")
        return ForwardPass(prepared.transform, activations, output, frozenset(tapped), recording.calls)

    def _record(
        self, batch: Tensor, layers: set[LayerRef], copied: set[LayerRef], gradients: set[LayerRef]
    ) -> tuple[Recording, object]:
        graph = torch.enable_grad() if gradients else torch.no_grad()
        with graph, capture(self.module, layers=layers, copied=copied, gradients=gradients) as recording:
            return recording, run_network(self.outline.name, self.module, batch)

    def _gradient_layers(self, gradients: Sequence[LayerRef]) -> set[LayerRef]:
        """What to make differentiable: what is asked for, and the layer that the next click likely asks for."""
        likely = {LayerRef(self.outline.suggested)} if self.outline.suggested and self.outline.classes else set()
        return likely.union(gradients)

    def _free_layers(self) -> list[LayerRef]:
        """Layer outputs that cost no copy to remember, as far as the memory budget reaches for one pass."""
        free, size = [], 0
        for node in self.outline.layers:
            if node.gives_maps and not node.overwritten:
                size += 4 * sum(prod(shape) for shape in node.outputs)
                free.append(LayerRef(node.name))
        return free if size <= self._passes.budget else []
