"""One target explained for the rows of a pass: its scores, the layers' maps, and their gradients, computed once."""

from collections.abc import Sequence
from contextlib import nullcontext

import torch
from torch import Tensor

from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.core.results import Explained
from cnnviz_desktop.engine.capture import tensors_of
from cnnviz_desktop.engine.objectives import ClassObjective, Objective
from cnnviz_desktop.engine.passes import ForwardPass, Wanted
from cnnviz_desktop.engine.relu_rules import Nonlinearities, Rule, nonlinearities, ruled
from cnnviz_desktop.engine.running import told_in_words
from cnnviz_desktop.engine.workbench import Workbench

_CUTS = "rounds, detaches or works under torch.no_grad"


class Explanation:
    """What the formulas of all methods are computed from.

    The first gradient that is asked for runs the one backward pass that gives them all.

    Attributes:
        bench: The network.
        seen: The pass.
        objective: The score S of each row.

    Args:
        bench: The network.
        seen: The pass.
        objective: The score S of each row.
        wanted: Whose gradients will be asked for.
    """

    def __init__(self, bench: Workbench, seen: ForwardPass, objective: Objective, wanted: Wanted) -> None:
        self.bench = bench
        self.seen = seen
        self.objective = objective
        self._wanted = wanted
        self._gradients: dict[LayerRef, Tensor | None] = {}
        self._differentiated = False
        self._input_gradients: dict[Rule | None, Tensor | None] = {}
        self._nonlinearities: Nonlinearities | None = None
        self._explained: dict[int, Explained] = {}
        self._notes: dict[int, tuple[str, ...]] = {}
        self._whole: tuple[Explanation, int] | None = None

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.seen.transforms)

    @property
    def scores(self) -> Tensor:
        """(N,) tensor: S of each row, with the graph of the pass."""
        return self.objective.scores(self.seen.output, self.seen.activations, Size(*self.seen.input.shape[-2:]))

    def explained(self, row: int) -> Explained:
        """What is explained of one row, in words and numbers; found out once, however many results tell it."""
        if row not in self._explained:
            self._explained[row] = self.objective.explained(self.seen, row)
        return self._explained[row]

    def notes(self, row: int) -> tuple[str, ...]:
        """What to know about the score of one row, in sentences; found out once, too."""
        if row not in self._notes:
            self._notes[row] = self.objective.notes(self.seen, row, self.explained(row))
        return self._notes[row]

    def activation(self, layer: LayerRef) -> Tensor:
        """(N, C, h, w) float32 tensor, detached: A."""
        return self.seen.maps(layer).float()

    def gradient(self, layer: LayerRef) -> Tensor:
        """(N, C, h, w) float32 tensor, detached: G = ∂S/∂A of each row.

        Raises:
            LayerError: The score does not depend on the layer, or the network keeps no graph.
        """
        if self._whole is not None:
            whole, row = self._whole
            return whole.gradient(layer)[row : row + 1]
        self._differentiate()
        gradient = self._gradients[layer]
        if gradient is None:
            raise LayerError(
                f"The score of {self.explained(0).title} does not depend on {layer} in a way that can be "
                f"differentiated: the layer is not on the way to it, or the network {_CUTS} in between."
            )
        return self.seen.placed(layer, gradient).float()

    def input_gradient(self, rule: Rule | None = None) -> Tensor:
        """(N, C, H, W) float32 tensor, detached: ∂S/∂x of each row.

        Args:
            rule: What every ReLU passes back in place of its own gradient; None for the true gradient.

        Raises:
            LayerError: The score does not depend on the input, or the network keeps no graph.
        """
        if self._whole is not None:
            whole, row = self._whole
            return whole.input_gradient(rule)[row : row + 1]
        if rule is None and self._wanted.input_gradient:
            self._differentiate()
        if rule not in self._input_gradients:
            with ruled(self.nonlinearities.relus, rule) if rule is not None else nullcontext():
                (self._input_gradients[rule],) = self.differentiate(
                    self.scores.sum(), [self.seen.input], keep_graph=True
                )
        return self._of_image(self._input_gradients[rule])

    def gradient_elsewhere(self, scores: Tensor, inputs: Tensor, *, keep_graph: bool = False) -> Tensor:
        """(n, C, H, W) float32 tensor, detached: the gradient of scores (n,) in other inputs than the pass has seen.

        Args:
            scores: S of each input, with a graph.
            inputs: (n, C, H, W) tensor, a leaf of the graph.
            keep_graph: Whether the graph is needed once more; it is freed on the way back otherwise.

        Raises:
            LayerError: The score does not depend on the input, or the network keeps no graph.
        """
        return self._of_image(self.differentiate(scores.sum(), [inputs], keep_graph=keep_graph)[0])

    @property
    def nonlinearities(self) -> Nonlinearities:
        """What stands between the input and what the score is read from."""
        if self._whole is not None:
            return self._whole[0].nonlinearities
        if self._nonlinearities is None:
            read = [self.seen.activations[layer] for layer in self.objective.layers]
            of_class = isinstance(self.objective, ClassObjective)
            self._nonlinearities = nonlinearities(read or [self.seen.scores.logits if of_class else self.scores])
        return self._nonlinearities

    def differentiate(
        self, score: Tensor, inputs: Sequence[Tensor], *, keep_graph: bool = False
    ) -> tuple[Tensor | None, ...]:
        """∂score/∂input of each input, None where the score does not depend on it.

        Args:
            score: A number, with a graph.
            inputs: Tensors of the graph.
            keep_graph: Whether the graph is needed once more, as that of a shared pass is. It is freed on the way back
                otherwise, so that what every layer saved does not lie beside what the backward pass makes.

        Raises:
            LayerError: The network keeps no graph.
            NetworkError: The network's own code cannot be differentiated.
        """
        name = self.bench.outline.name
        if not score.requires_grad and not self._inferring:
            return (None,) * len(inputs)
        if not score.requires_grad:
            raise LayerError(
                f"{name} runs in PyTorch's inference mode, so nothing in it can be differentiated and a method that "
                "goes by gradients has nothing to go by. Take torch.inference_mode out of its forward method, or "
                "choose a method without gradients: Eigen-CAM, Ablation-CAM, Score-CAM, occlusion."
            )
        with told_in_words(f"The gradient of {name} cannot be computed"):
            return torch.autograd.grad(score, inputs, retain_graph=keep_graph, allow_unused=True)

    def only(self, row: int) -> "Explanation":
        """One row, explained by the same passes."""
        if self.rows == 1:
            return self
        part = Explanation(self.bench, self.seen.only(row), self.objective.only(row), self._wanted)
        part._whole = self, row
        return part

    def _of_image(self, gradient: Tensor | None) -> Tensor:
        if gradient is None:
            raise LayerError(
                f"The score of {self.explained(0).title} does not depend on the image in a way that can be "
                f"differentiated: the network {_CUTS} on the way to it."
            )
        return gradient.float()

    @property
    def _inferring(self) -> bool:
        """Whether the network ran in PyTorch's inference mode."""
        seen = (*tensors_of(self.seen.output), *self.seen.activations.values())
        return any(tensor.is_inference() for tensor in seen)

    def _differentiate(self) -> None:
        if self._differentiated:
            return
        layers = sorted(self._wanted.gradients, key=str)
        inputs = [self.seen.activations[layer] for layer in layers]
        if self._wanted.input_gradient:
            inputs.append(self.seen.input)
        # The rows do not depend on each other, so the gradient of the sum is that of each row's own score.
        found = self.differentiate(self.scores.sum(), inputs, keep_graph=True)
        self._gradients = dict(zip(layers, found, strict=False))
        if self._wanted.input_gradient:
            self._input_gradients[None] = found[-1]
        self._differentiated = True
