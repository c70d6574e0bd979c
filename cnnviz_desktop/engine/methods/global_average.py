"""CAM: the layer's channels weighted as the last linear layer weights their averages."""

from collections.abc import Iterator
from typing import Literal

import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import LayerError, TargetError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.engine.capture import capture
from cnnviz_desktop.engine.explanation import Explanation
from cnnviz_desktop.engine.methods.activation_maps import found_in
from cnnviz_desktop.engine.methods.explaining import Asked, Explainer, Found, outputs_only
from cnnviz_desktop.engine.methods.projections import reduced
from cnnviz_desktop.engine.objectives import ClassObjective, Objective
from cnnviz_desktop.engine.passes import ForwardPass, Wanted
from cnnviz_desktop.engine.running import run_network
from cnnviz_desktop.engine.token_grids import arranged
from cnnviz_desktop.engine.workbench import Workbench


class Cam:
    """Σ_c W[k, c] · A_c, where the network ends in layer → global average → linear (Zhou et al. 2016).

    Whether it does is seen from the numbers of the pass: what the linear layer takes in is the layer's mean over its
    cells, and what it gives are the class scores.
    """

    def needs(self, asked: Asked) -> Wanted:
        """The layers, and what every linear layer that may give the class scores takes in and gives out.

        Raises:
            LayerError: No linear layer gives as many values as there are classes, or there are none.
        """
        if not asked.bench.outline.classes:
            raise LayerError(f"{_ONLY} {asked.bench.outline.name} gives no class scores.")
        heads = _linear_layers(asked.bench)
        if not heads:
            raise LayerError(
                f"{_ONLY} No linear layer of {asked.bench.outline.name} gives one value for each of its "
                f"{asked.bench.outline.classes} classes. {_INSTEAD}"
            )
        ends = {LayerRef(name, side) for name in heads for side in _SIDES}
        return Wanted(outputs_only(asked) | ends)

    def explain(self, asked: Asked, explanation: Explanation) -> Iterator[Found]:
        """A map for each row and layer.

        Raises:
            TargetError: What is explained is not a logit of a class.
            LayerError: The network does not end as it must, or with another layer.
        """
        bench, seen = explanation.bench, explanation.seen
        objective = _class_of(explanation.objective, asked.method.title)
        head = _head(bench, seen)
        for layer in asked.layers:
            activation = explanation.activation(layer)
            if not _same(activation.mean(dim=(2, 3)), seen.activations[LayerRef(head, "input")]):
                raise LayerError(_why_not(bench, seen, head, layer))
            weights = _weights(_linear_layers(bench)[head], objective, len(activation))
            parts = weights[:, :, None, None] * activation
            yield from found_in(reduced(parts, asked), layer, parts)


_SIDES: tuple[Literal["input", "output"], ...] = ("input", "output")
_ONLY = "CAM is only for networks that end in maps, their global average, and one linear layer."
_INSTEAD = "Grad-CAM is the same method for networks of any kind."


def _linear_layers(bench: Workbench) -> dict[str, nn.Linear | nn.Conv2d]:
    """Linear layers, and convolutions of one cell, that give as many values as there are classes, by name."""
    found: dict[str, nn.Linear | nn.Conv2d] = {}
    for node in bench.outline.layers:
        part = bench.module.get_submodule(node.name)
        if not node.outputs or node.outputs[0][:1] != (bench.outline.classes,):
            continue
        of_one_cell = isinstance(part, nn.Conv2d) and part.kernel_size == (1, 1) and part.groups == 1
        if isinstance(part, nn.Linear) or (isinstance(part, nn.Conv2d) and of_one_cell):
            found[node.name] = part
    return found


def _class_of(objective: Objective, title: str) -> ClassObjective:
    if not isinstance(objective, ClassObjective):
        raise TargetError(f"{title} explains classes, by their weights in the last linear layer. {_INSTEAD}")
    if objective.activation is not None:
        raise TargetError(
            f"{title} explains the logit of a class, and no probability: the weights of the last linear layer make up "
            "the logit alone. Ask for the logit, or choose Grad-CAM."
        )
    return objective


def _head(bench: Workbench, seen: ForwardPass) -> str:
    """The linear layer whose output are the class scores."""
    logits = seen.scores.logits.detach()
    heads = _linear_layers(bench)
    for name in heads:
        if _same(logits, seen.activations[LayerRef(name, "output")]):
            return name
    raise LayerError(
        f"{_ONLY} The class scores of {bench.outline.name} are not what {' or '.join(heads)} gives, but something made "
        f"of it. {_INSTEAD}"
    )


def _same(expected: Tensor, found: Tensor) -> bool:
    """Whether two tensors (N, K) hold the same values, but for rounding; further axes of length 1 do not count.

    Values that are NaN or infinite count as 0: as the greatest there are, they would leave room for any difference.
    """
    if len(found) != len(expected) or found.numel() != expected.numel():
        return False
    rounding = 1e-4 if torch.finfo(found.dtype).bits > 16 else 2e-2
    expected, found = (tensor.detach().flatten(1).float().nan_to_num(0, 0, 0) for tensor in (expected, found))
    return bool((found - expected).abs().max() <= rounding * expected.abs().max())


def _weights(head: nn.Linear | nn.Conv2d, objective: ClassObjective, rows: int) -> Tensor:
    """(N, C) float32 tensor: the weights of each row's class, less those of the class that is taken off."""
    weight = head.weight.detach().flatten(1).float()
    chosen = weight[list(objective.indices)].expand(rows, -1)
    return chosen if objective.minus is None else chosen - weight[objective.minus]


def _why_not(bench: Workbench, seen: ForwardPass, head: str, layer: LayerRef) -> str:
    """The sentence for a layer whose average is not what the linear layer takes in, with one whose average is."""
    fitting = _fitting_layer(bench, seen, head)
    advice = f"Ask for {fitting}." if fitting else f"No layer of {bench.outline.name} is. {_INSTEAD}"
    return f"{_ONLY} {layer} is not what {head} takes the average of. {advice}"


def _fitting_layer(bench: Workbench, seen: ForwardPass, head: str) -> str:
    """The layer whose average the linear layer takes in, the suggested one before others; empty where none is."""
    taken_in = seen.activations[LayerRef(head, "input")][:1]
    grids = {
        LayerRef(node.name): grid
        for node in bench.outline.layers
        for grid in node.grids("output")[:1]
        if grid is not None and grid.channels == taken_in.numel() and grid.rows * grid.columns > 1
    }
    with torch.no_grad(), capture(bench.module, layers=grids, copied=grids) as recording:
        # A clone, since a network may work in place on what it is given, and the pass is remembered.
        run_network(bench.outline.name, bench.module, seen.input.detach()[:1].clone())
    size = Size(*seen.input.shape[-2:])
    fitting = [
        str(layer)
        for layer, tensor in recording.tensors.items()
        if (grid := grids[layer].at(tuple(tensor.shape[1:]), size)) is not None
        and _same(arranged(tensor, grid, str(layer)).mean(dim=(2, 3)), taken_in)
    ]
    return bench.outline.suggested if bench.outline.suggested in fitting else next(iter(fitting), "")


EXPLAINERS: dict[str, Explainer] = {"cam": Cam()}
