"""What the network did when it saw some images: recorded once, read by every method."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from torch import Tensor

from cnnviz_desktop.core.geometry import InputTransform, MapGeometry, ReceptiveField, Size
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.core.token_grids import TokenGrid
from cnnviz_desktop.engine.answers import answer_of, row_of
from cnnviz_desktop.engine.capture import storage_bytes, tensors_of
from cnnviz_desktop.engine.outputs import Scores, scores_of
from cnnviz_desktop.engine.token_grids import arranged


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a pass is to record.

    Attributes:
        layers: Tensors to record.
        gradients: Layer outputs that the scores must be differentiable in.
        of_input: Whether the scores must be differentiable in the network's input.
        input_gradient: Whether their gradient in the input is taken together with those in the layers: not where only
            a rule's (`relu_rules`) is asked for, which takes a backward pass of its own.
    """

    layers: frozenset[LayerRef] = frozenset()
    gradients: frozenset[LayerRef] = frozenset()
    of_input: bool = False
    input_gradient: bool = False

    @property
    def recorded(self) -> frozenset[LayerRef]:
        """Every tensor to record."""
        return self.layers | self.gradients

    def __or__(self, other: "Wanted") -> "Wanted":
        return Wanted(
            self.layers | other.layers,
            self.gradients | other.gradients,
            self.of_input or other.of_input,
            self.input_gradient or other.input_gradient,
        )


@dataclass(frozen=True, slots=True, eq=False)
class ForwardPass:
    """N inputs of one size seen by the network at once, a row each.

    Attributes:
        transforms: Where the image lies in the input, a row each.
        input: (N, C, H, W) tensor, what the network saw; a leaf of the graph where that reaches so far.
        activations: Recorded tensors (N, …) by layer.
        grids: How each recorded layer's tensor lies over the input; None where its values have no places.
        fields: Receptive field of each recorded layer at this input's size; None where unknown.
        output: What the network returned.
        recorded: What it was run for.
        calls: How often each recorded module ran.
        graph_bytes: What the graph behind the output may hold besides the activations, at the most.
        copies: How many rows in succession are copies of one image.
        within: Where the image lies in what the network makes of its input before its layers see it, a row each; None
            where the layers see the input itself.
    """

    transforms: tuple[InputTransform, ...]
    input: Tensor
    activations: dict[LayerRef, Tensor]
    grids: dict[LayerRef, TokenGrid | None]
    fields: dict[LayerRef, ReceptiveField | None]
    output: object
    recorded: Wanted
    calls: dict[str, int]
    graph_bytes: int = 0
    copies: int = 1
    within: tuple[InputTransform, ...] | None = None

    @property
    def scores(self) -> Scores:
        """The class scores.

        Raises:
            NetworkError: The network gives none.
        """
        return scores_of(self.output)

    @property
    def has_each_row(self) -> bool:
        """Whether what the network returned, its class scores, and every recorded tensor have a row for each input."""
        tensors = (*answer_of(self.output), *self.activations.values())
        return all(tensor.dim() > 0 and len(tensor) == len(self.transforms) for tensor in tensors)

    def row(self, number: int, layers: Collection[LayerRef] = ()) -> list[Tensor]:
        """What one input gave, detached: the network's answer (`answer_of`), then some recorded tensors."""
        recorded = [self.activations[layer] for layer in sorted(layers, key=str)]
        return [tensor[number].detach() for tensor in (*answer_of(self.output), *recorded)]

    @property
    def bytes(self) -> int:
        """Memory that remembering the pass holds, at the most."""
        held = (*self.activations.values(), self.input, *tensors_of(self.output))
        return storage_bytes(held) + self.graph_bytes

    def serves(self, wanted: Wanted) -> bool:
        """Whether everything asked for was recorded."""
        return (
            self.activations.keys() >= wanted.layers
            and self.recorded.gradients >= wanted.gradients
            and self.recorded.of_input >= wanted.of_input
        )

    def maps(self, layer: LayerRef) -> Tensor:
        """(N, C, h, w) tensor, detached: the layer's activation as maps over the image, tokens put in their places.

        Raises:
            LayerError: Its values have no places in the image.
        """
        return self.placed(layer, self.activations[layer].detach())

    def placed(self, layer: LayerRef, tensor: Tensor) -> Tensor:
        """(N, C, h, w) view of a tensor of the layer's own shape, such as a gradient with respect to it."""
        return arranged(tensor, self.grids.get(layer), str(layer))

    @property
    def under_layers(self) -> tuple[InputTransform, ...]:
        """Where the image lies in what the layers' maps lie over, a row each."""
        return self.within if self.within is not None else self.transforms

    def extent(self, row: int = 0) -> Size:
        """Size in pixels of the input of what a row's layers lie over, from the input's top left corner."""
        return self.under_layers[row].extent_over(self.transforms[row])

    def geometry(self, layer: LayerRef, row: int = 0) -> MapGeometry:
        """Where the cells of a layer's maps lie on a row's image."""
        cells = Size(*self.maps(layer).shape[-2:])
        return MapGeometry(self.under_layers[row], cells, self.fields.get(layer))

    def input_geometry(self, row: int = 0) -> MapGeometry:
        """Where the pixels of the input lie on a row's image."""
        return MapGeometry(self.transforms[row], Size(*self.input.shape[-2:]), ReceptiveField())

    def notes(self, layer: LayerRef) -> tuple[str, ...]:
        """What to know about a layer's activation, in sentences."""
        calls, grid = self.calls.get(layer.name, 1), self.grids.get(layer)
        words = grid.words(Size(*self.input.shape[-2:])) if grid is not None else ""
        notes = (
            f"{layer.name} ran {calls} times; this is its last run." if calls > 1 else "",
            f"{layer} was laid over the image: {words}." if words else "",
        )
        return tuple(filter(None, notes))

    def only(self, row: int) -> "ForwardPass":
        """One row of the pass, its tensors views of the whole.

        Its output is what `row_of` takes out of the whole.
        """
        if len(self.transforms) == 1:
            return self
        part = slice(row, row + 1)
        return replace(
            self,
            transforms=self.transforms[part],
            input=self.input[part],
            activations={layer: tensor[part] for layer, tensor in self.activations.items()},
            output=row_of(self.output, row),
            copies=1,
            within=None if self.within is None else self.within[part],
        )
