"""An open network on its device, with the forward passes it remembers."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import LayerError, NetworkError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.core.results import Picture
from cnnviz_desktop.engine.arrays import channels_last
from cnnviz_desktop.engine.augmentation import COPIES, augmented, transforms_of_copies
from cnnviz_desktop.engine.capture import capture
from cnnviz_desktop.engine.inputs import prepare
from cnnviz_desktop.engine.objectives import Objective
from cnnviz_desktop.engine.outlining import dtype_of
from cnnviz_desktop.engine.passes import ForwardPass, Wanted
from cnnviz_desktop.engine.recording import Recorder
from cnnviz_desktop.engine.remembered import Remembered
from cnnviz_desktop.engine.row_independence import answers_rows_apart
from cnnviz_desktop.engine.running import run_network

if TYPE_CHECKING:
    from cnnviz_desktop.engine.folding import Twin

_NOTHING = Wanted()
Found = TypeVar("Found")


class Workbench:
    """A network ready to answer requests.

    Attributes:
        reads_channels_last: Whether its code takes inputs stored channels last, as far as is known.
        twin: The copy that computes the same, quicker, where one was made.
        advice: What was found out about inputs that it refused, by their shapes (C, height, width).

    Args:
        module: The network on its device.
        outline: What is in it.
        memory_budget: Bytes of activations to remember; the passes used longest ago are forgotten first.
        writes_parameters: Whether its forward pass writes into its own parameters.
        rows_are_apart: See the property; None where it has to be found out.
    """

    def __init__(
        self,
        module: nn.Module,
        outline: Outline,
        memory_budget: int,
        *,
        writes_parameters: bool = False,
        rows_are_apart: bool | None = None,
    ) -> None:
        self.module = module
        self.outline = outline
        self.writes_parameters = writes_parameters
        self.reads_channels_last = True
        self.twin: Twin | None = None
        self.advice: dict[tuple[int, ...], str] = {}
        self._rows_are_apart = rows_are_apart
        self._recorder = Recorder(module, outline)
        self._passes: Remembered[tuple[str, int], ForwardPass] = Remembered(memory_budget, lambda made: made.bytes)
        # Made differentiable in every pass, since the next click is likeliest to ask for it.
        likely = {LayerRef(outline.suggested)} if outline.suggested and outline.gives_predictions else set[LayerRef]()
        self._likely = Wanted(gradients=frozenset(likely))

    @property
    def budget(self) -> int:
        """Bytes that may be held at a time, for what is remembered as for what is computed in one go."""
        return self._passes.budget

    @property
    def rows_are_apart(self) -> bool:
        """Whether each row of a batch gets the answer that it gets alone: found out once, on noise."""
        if self._rows_are_apart is None:
            self._rows_are_apart = answers_rows_apart(self.module, self.outline)
        return self._rows_are_apart

    def forget(self) -> None:
        """Drop every remembered pass."""
        self._passes.clear()

    def node(self, layer: LayerRef) -> LayerNode:
        """The module a reference names.

        Raises:
            LayerError: There is none.
        """
        return self._recorder.node(layer)

    def map_layers(self, references: Sequence[str]) -> list[LayerRef]:
        """Layers of a request that gives maps; the suggested layer where it names none.

        Raises:
            LayerError: A layer does not exist or gives no maps; the sentence says what it gives.
        """
        if self.outline.hidden:
            raise LayerError(f"{self.outline.name}: {self.outline.hidden}")
        if not references and not self.outline.suggested:
            raise LayerError(f"No layer of {self.outline.name} gives maps of an image.")
        layers = [LayerRef.parse(reference) for reference in references or (self.outline.suggested,)]
        for layer in layers:
            self._check_maps(layer)
        return layers

    def _check_maps(self, layer: LayerRef) -> None:
        node = self.node(layer)
        shapes = node.shapes(layer.side)
        if layer.part >= len(shapes):
            count = f"{len(shapes)} tensor{'s' if len(shapes) != 1 else ''}"
            raise LayerError(node.why_no_maps if not shapes else f"{layer.name} has only {count} as {layer.side}.")
        if node.grids(layer.side)[layer.part] is None:
            kernels = " Its weights can be shown as kernels." if node.kernel_shape else ""
            shape = "×".join(map(str, shapes[layer.part])) or "a single number"
            what = "takes in" if layer.side == "input" else "gives"
            raise LayerError(
                f"{layer} ({node.type}) {what} {shape}: {node.why_no_grid(layer.side, layer.part)}"
                f"{kernels} Try {self.outline.suggested or 'a convolution'}."
            )

    def forward(self, picture: Picture, wanted: Wanted = _NOTHING, seed: int = 0) -> ForwardPass:
        """The network's pass over a picture: remembered, or run now.

        Args:
            picture: What it sees.
            wanted: What to record.
            seed: Where the random generators stand, for networks that draw from them.
        """
        key = (picture.sha256, seed)
        known = self._passes.get(key)
        if known is not None and known.serves(wanted):
            return known
        made = self._run(picture, wanted)
        self._passes.put(key, made)
        return made

    def forward_together(self, pictures: Sequence[Picture], wanted: Wanted, *, smoothed: bool = False) -> ForwardPass:
        """One pass over several pictures whose inputs have one size; it is not remembered.

        Args:
            pictures: What the network sees, a row each.
            wanted: What to record.
            smoothed: Whether each picture is seen in all the copies of `augmentation` instead, in successive rows.
        """
        prepared = [prepare(picture, self.outline.preprocessing) for picture in pictures]
        batch = torch.cat([each.tensor for each in prepared])
        transforms = tuple(each.transform for each in prepared)
        if smoothed:
            batch = augmented(batch, transforms, self.outline.preprocessing)
            transforms = tuple(copy for transform in transforms for copy in transforms_of_copies(transform))
        seen = self.quickly(self._placed(batch), lambda laid_out: self._recorder.record(laid_out, transforms, wanted))
        return replace(seen, copies=len(COPIES)) if smoothed else seen

    def quickly(self, batch: Tensor, run: Callable[[Tensor], Found]) -> Found:
        """What `run` makes of a batch (N, C, H, W), channels last: what convolutions are quickest with.

        Where the network's own code cannot read that (``view`` on a layout it does not expect), of the batch laid out
        as usual, from then on.

        Raises:
            NetworkError: The network fails in either layout.
        """
        if self.reads_channels_last and batch.dim() == 4:
            with suppress(NetworkError):
                return run(channels_last(batch))
        found = run(batch.contiguous())
        self.reads_channels_last = False
        return found

    def input_of(self, picture: Picture) -> Tensor:
        """(1, C, H, W) tensor: what the network sees of a picture, on its device."""
        return self._placed(prepare(picture, self.outline.preprocessing).tensor)

    def input_size(self, picture: Picture) -> Size:
        """Of what the network sees of a picture."""
        return self.outline.preprocessing.transform(Size(*picture.pixels.shape[:2])).input

    def kept_elements(self, wanted: Wanted) -> int:
        """Numbers that recording a row keeps, at the most and at the size that was outlined: graph and activations."""
        return self._recorder.kept_elements(wanted)

    def score_as_is(self, batch: Tensor, objective: Objective) -> Tensor:
        """The scores of whatever rows the network gives for a batch, in one go: not always as many as it was given."""
        gradients = objective.layers if torch.is_grad_enabled() else frozenset[LayerRef]()
        copied = {layer for layer in objective.layers if self.node(layer).overwritten}
        with capture(self.module, layers=objective.layers, copied=copied, gradients=gradients) as recording:
            output = run_network(self.outline.name, self.module, batch)
        return objective.scores(output, recording.tensors, Size(*batch.shape[-2:]))

    def _placed(self, batch: Tensor) -> Tensor:
        return batch.to(self.outline.device, dtype_of(self.module))

    def _run(self, picture: Picture, wanted: Wanted) -> ForwardPass:
        prepared = prepare(picture, self.outline.preprocessing)
        transforms, batch = (prepared.transform,), self._placed(prepared.tensor)
        free = Wanted(self._recorder.free_layers(self._recorder.share(batch), self.budget / 2))
        if free.layers and self._likely.gradients and not wanted.gradients and not wanted.of_input:
            with suppress(NetworkError):
                return self._recorder.record(batch, transforms, wanted | free | self._likely)
            seen = self._recorder.record(batch, transforms, wanted | free)
            self._likely = _NOTHING  # it runs only without a graph
            return seen
        return self._recorder.record(batch, transforms, wanted | free | self._likely)
