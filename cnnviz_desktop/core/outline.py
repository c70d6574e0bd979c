"""What a network consists of, as plain data for the model tree."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from cnnviz_desktop.core.description import NetworkDescription, NetworkRef, Preprocessing, Task
from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.core.geometry import ReceptiveField, Size
from cnnviz_desktop.core.near_names import did_you_mean
from cnnviz_desktop.core.operations import Operation
from cnnviz_desktop.core.token_grids import Shape, TokenGrid, plain_maps, why_no_grid

Side = Literal["input", "output"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerNode:
    """One named module.

    Attributes:
        name: Dotted path in the network, as in ``layer3.2.conv1``.
        type: Class name of the module.
        parameters: Number of parameters, those of its children included; one that is shared counts once.
        macs: Multiply–accumulates of its convolutions and matrix products over all of its runs in one pass of an image
            of that size, those of its children included.
        own_macs: The same without its children's.
        runs: How often it ran in that pass; None where the network could not run.
        unused: Whether it never ran, and nothing read its parameters either.
        also_named: Further names under which the same module is registered; it is listed under the first one alone.
        shares: Names of parameters elsewhere that are the very same as one of its own.
        inputs: Shape without the batch of every tensor it took in at its last call; empty where it never ran.
        outputs: The same for every tensor it gave out.
        field: Receptive field of its output; None where unknown.
        kernel_shape: Shape of its weight where it has kernels to show (convolutions and linear layers), else None.
        overwritten: Whether a later in-place operation overwrites its output.
        input_grids: How each of its inputs lies over the image, None for one without places; None where every shape
            of three is (C, h, w).
        output_grids: The same for its outputs.
        batch_first: Whether the first dimension of every input, and of every output, was the batch at that call; None
            where it was in all of them.
        size: Of the network's input at that call; None where unknown.
    """

    name: str
    type: str
    parameters: int
    macs: int = 0
    own_macs: int = 0
    runs: int | None = None
    unused: bool = False
    also_named: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    inputs: tuple[Shape, ...] = ()
    outputs: tuple[Shape, ...] = ()
    field: ReceptiveField | None = None
    kernel_shape: Shape | None = None
    overwritten: bool = False
    input_grids: tuple[TokenGrid | None, ...] | None = None
    output_grids: tuple[TokenGrid | None, ...] | None = None
    batch_first: tuple[tuple[bool, ...], tuple[bool, ...]] | None = None
    size: Size | None = None

    @property
    def parent(self) -> str:
        """Name of the module it belongs to; empty at the top."""
        return self.name.rpartition(".")[0]

    @property
    def gives_maps(self) -> bool:
        """Whether any of its outputs can be laid over the image as a stack of maps."""
        return any(grid is not None for grid in self.grids("output"))

    @property
    def why_no_maps(self) -> str:
        """One sentence for a layer that gives no maps; empty where it gives them."""
        if self.gives_maps:
            return ""
        if not self.outputs:
            return f"{self.name} ({self.type}) {self._why_no_outputs}"
        shapes = ", ".join("×".join(map(str, shape)) or "a single number" for shape in self.outputs)
        return f"{self.name} ({self.type}) gives {shapes}: {self.why_no_grid('output')}"

    @property
    def _why_no_outputs(self) -> str:
        if self.runs:
            return "gives no tensor."
        if self.runs == 0 and not self.unused:
            return "does not run itself when the network sees an image: other code uses what is in it."
        return "does not run when the network sees an image."

    def why_no_grid(self, side: Side, part: int = 0) -> str:
        """The end of a sentence that says what a tensor without places on a side is."""
        known = self.batch_first[side == "output"] if self.batch_first is not None else ()
        return why_no_grid(self.shapes(side)[part], self.size, batch_first=known[part] if known else True)

    def shapes(self, side: Side) -> tuple[Shape, ...]:
        """Shape without the batch of every tensor on a side."""
        return self.inputs if side == "input" else self.outputs

    def grids(self, side: Side) -> tuple[TokenGrid | None, ...]:
        """How each tensor on a side lies over the image; None for one without places there."""
        known = self.input_grids if side == "input" else self.output_grids
        return known if known is not None else tuple(map(plain_maps, self.shapes(side)))

    def grid_words(self, side: Side, part: int = 0) -> str:
        """How tokens, or channels that come last, are read as maps, for people; empty for plain maps."""
        grid = self.grids(side)[part]
        return grid.words(self.size) if grid is not None and self.size is not None else ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Outline:
    """A network that is open, told without torch.

    Attributes:
        network: The reference it was opened by.
        description: What that stands for, its paths absolute.
        name: What people call it.
        layers: Every module but the network itself, parents before children, in the network's own order.
        suggested: Name of the layer that class activation maps suit best; empty where no layer gives maps.
        preprocessing: How a picture becomes its input.
        recipe: The preprocessing of its weights, or where they have none of its architecture; None where neither says.
        class_names: One name a class; empty where it has none.
        classes: Number of classes it tells apart; 0 where its outputs do not say.
        task: What it is for.
        parameters: Number of parameters.
        macs: Multiply–accumulates of one pass of an image of that size; 0 where the network could not run.
        operations: What the modules' own code calls between them.
        weights_sha256: Hash of the weights file, or of all tensors where there is no file.
        device: ``cpu`` or ``cuda:0``.
        device_reason: One sentence that says why that device.
        weights_parts: Where in the weights file there are weights that fit, the ones taken first; see `weights_part` of
            its description.
        notes: Sentences about what was found on opening, such as a prefix taken off the weights' keys.
        hidden: Why none of its layers can be watched, in sentences; empty where they can.
    """

    network: NetworkRef
    description: NetworkDescription
    name: str
    layers: tuple[LayerNode, ...]
    suggested: str
    preprocessing: Preprocessing
    class_names: tuple[str, ...]
    classes: int
    parameters: int
    weights_sha256: str
    device: str
    device_reason: str
    notes: tuple[str, ...] = ()
    weights_parts: tuple[str, ...] = ()
    macs: int = 0
    operations: tuple[Operation, ...] = ()
    recipe: Preprocessing | None = None
    task: Task = "classification"
    hidden: str = ""

    @property
    def has_classes(self) -> bool:
        """Whether a class can be asked about, by its score or by the objects of it that are found."""
        return self.classes > 0 or self.task == "detection"

    @property
    def gives_predictions(self) -> bool:
        """Whether it says something about an image that can be shown beside it, and explained."""
        return self.has_classes or self.task in ("segmentation", "embedding")

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each layer stands among `layers`, by its name."""
        return {node.name: place for place, node in enumerate(self.layers)}

    def layer(self, name: str) -> LayerNode:
        """The module of that name.

        Raises:
            LayerError: There is none.
        """
        place = self.places.get(name)
        if place is not None:
            return self.layers[place]
        if self.hidden:
            raise LayerError(f"{self.name}: {self.hidden}")
        meant = did_you_mean(name, list(self.places))
        raise LayerError(f"{self.name} has no layer “{name}”.{meant} “cnnviz list layers” shows what it has.")

    def class_name(self, index: int) -> str:
        """Name of a class, or its number where it has no name."""
        return self.class_names[index] if index < len(self.class_names) else str(index)
