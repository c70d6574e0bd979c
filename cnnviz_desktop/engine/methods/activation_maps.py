"""Class activation maps, from the activations A of a layer and the gradients G = ∂S/∂A of one shared pass."""

from collections.abc import Iterator

import torch
from torch import Tensor

from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.core.rendering import why_blank
from cnnviz_desktop.core.requests import ClassTarget, LayerRef
from cnnviz_desktop.core.results import FloatArray, HeatMap, Picture
from cnnviz_desktop.engine.outputs import not_finite
from cnnviz_desktop.engine.session import Task
from cnnviz_desktop.engine.targets import class_index
from cnnviz_desktop.engine.workbench import ForwardPass


def gradcam(task: Task) -> Iterator[HeatMap]:
    """Grad-CAM: L = Σ_c mean_ij(G_c) · A_c (Selvaraju et al. 2017). Signed, at the layer's resolution.

    Raises:
        LayerError: A layer gives no maps, or the class's score does not depend on it.
        TargetError: The network has no such class.
    """
    layers = task.bench.map_layers(task.request.layers)
    for layer in layers:
        if layer.side == "input":
            raise LayerError(f"Grad-CAM needs what a layer gives out: ask for {layer.name} instead of {layer}.")
    for picture in task.pictures():
        seen = task.bench.forward(picture, layers, layers)
        for target in task.request.targets:
            yield from _maps_of_class(task, picture, seen, layers, target)


def _maps_of_class(
    task: Task, picture: Picture, seen: ForwardPass, layers: list[LayerRef], target: ClassTarget
) -> Iterator[HeatMap]:
    scores = seen.scores
    index = class_index(target, task.bench.outline, scores.logits.detach()[0])
    gradients = _gradients(scores.logits[0, index], [seen.activations[layer] for layer in layers])
    for layer, gradient in zip(layers, gradients, strict=True):
        if gradient is None:
            raise LayerError(
                f"The score of class {task.bench.outline.class_name(index)} does not depend on {layer}: "
                "the layer is not on the way to the class scores."
            )
        activation = seen.activations[layer].detach()[0]
        raw = (gradient[0].mean(dim=(1, 2), keepdim=True) * activation).sum(dim=0).float().cpu().numpy()
        yield HeatMap(
            image=picture.image,
            method=task.request.method,
            layer=str(layer),
            class_index=index,
            class_name=task.bench.outline.class_name(index),
            score=float(scores.logits.detach()[0, index]),
            probability=float(scores.probabilities[0, index]),
            raw=raw,
            geometry=seen.geometry(activation, task.bench.node(layer), layer),
            notes=_notes(raw, scores.logits.detach(), seen.calls[layer.name], layer),
        )


def _gradients(score: Tensor, activations: list[Tensor]) -> tuple[Tensor | None, ...]:
    """∂score/∂A of each activation, None where the score does not depend on it. The graph stays for other classes."""
    if not score.requires_grad:
        return (None,) * len(activations)
    return torch.autograd.grad(score, activations, retain_graph=True, allow_unused=True)


def _notes(raw: FloatArray, logits: Tensor, calls: int, layer: LayerRef) -> tuple[str, ...]:
    notes = [not_finite(logits), why_blank(raw)]
    if raw.size and raw.max() <= 0 and not notes[1]:
        notes.append("No cell speaks for the class: the whole map is negative, and its positive part is empty.")
    if calls > 1:
        notes.append(f"{layer.name} ran {calls} times; the map is of its last run.")
    return tuple(note for note in notes if note)
