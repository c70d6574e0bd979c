"""Class activation maps, from the activations A of a layer and the gradients G = ∂S/∂A of one shared pass."""

from collections.abc import Iterator

import torch
from torch import Tensor

from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.core.rendering import why_blank
from cnnviz_desktop.core.requests import ClassTarget, LayerRef
from cnnviz_desktop.core.resources import image_name
from cnnviz_desktop.core.results import FloatArray, HeatMap, Picture, Progress
from cnnviz_desktop.engine.arrays import frozen_array
from cnnviz_desktop.engine.running import told_in_words
from cnnviz_desktop.engine.session import Task
from cnnviz_desktop.engine.targets import class_index
from cnnviz_desktop.engine.workbench import ForwardPass


def gradcam(task: Task) -> Iterator[HeatMap | Progress]:
    """Grad-CAM: L = Σ_c mean_ij(G_c) · A_c (Selvaraju et al. 2017). Signed, at the layer's resolution.

    Raises:
        LayerError: A layer gives no maps, or the class's score does not depend on it.
        TargetError: The network has no such class.
    """
    layers = task.bench.map_layers(task.request.layers)
    for layer in layers:
        if layer.side == "input":
            raise LayerError(f"Grad-CAM needs what a layer gives out: ask for {layer.name} instead of {layer}.")
    targets = task.request.targets
    for number, picture in enumerate(task.pictures()):
        name, before = image_name(picture.image), number * len(targets)
        for done, target in enumerate(targets, before):
            yield from task.progress(done, len(task.request.images) * len(targets), name)
            seen = task.bench.forward(picture, layers, layers, task.request.seed)
            yield from _maps_of_class(task, picture, seen, layers, target)


def _maps_of_class(
    task: Task, picture: Picture, seen: ForwardPass, layers: list[LayerRef], target: ClassTarget
) -> Iterator[HeatMap]:
    scores = seen.scores
    index = class_index(target, task.bench.outline, scores.logits.detach()[0])
    gradients = _gradients(task, scores.logits[0, index], [seen.activations[layer] for layer in layers])
    for layer, gradient in zip(layers, gradients, strict=True):
        if gradient is None:
            raise LayerError(
                f"The score of class {task.bench.outline.class_name(index)} does not depend on {layer}: "
                "the layer is not on the way to the class scores."
            )
        activation = seen.activations[layer].detach()[0]
        raw = frozen_array((gradient[0].mean(dim=(1, 2), keepdim=True) * activation).sum(dim=0))
        yield HeatMap(
            image=picture.image,
            method=task.request.method,
            layer=str(layer),
            class_index=index,
            class_name=task.bench.outline.class_name(index),
            score=float(scores.logits.detach()[0, index]),
            probability=float(scores.probabilities[0, index]),
            raw=raw,
            geometry=seen.geometry(layer),
            notes=(*scores.notes, *seen.notes(layer), *_notes(raw)),
        )


def _gradients(task: Task, score: Tensor, activations: list[Tensor]) -> tuple[Tensor | None, ...]:
    """∂score/∂A of each activation, None where the score does not depend on it. The graph stays for other classes."""
    name = task.bench.outline.name
    if not score.requires_grad and all(activation.requires_grad for activation in activations):
        return (None,) * len(activations)
    if not score.requires_grad:
        raise LayerError(
            f"{name} runs in PyTorch's inference mode, so nothing in it can be differentiated and Grad-CAM has nothing "
            "to go by. Take torch.inference_mode out of its forward method."
        )
    with told_in_words(f"The gradient of {name} cannot be computed"):
        return torch.autograd.grad(score, activations, retain_graph=True, allow_unused=True)


def _notes(raw: FloatArray) -> tuple[str, ...]:
    blank = why_blank(raw)
    if blank:
        return (blank,)
    if raw.max() <= 0:
        return ("No cell speaks for the class: the whole map is negative, and its positive part is empty.",)
    return ()
