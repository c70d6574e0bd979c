"""Shapley-CAM: Grad-CAM with the curvature of the score taken into account."""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.engine.capture import capture
from cnnviz_desktop.engine.explanation import Explanation
from cnnviz_desktop.engine.methods.activation_maps import found_in, gradcam
from cnnviz_desktop.engine.methods.explaining import Asked, Explainer, Found, OfGradients
from cnnviz_desktop.engine.methods.projections import reduced
from cnnviz_desktop.engine.running import run_network, told_in_words


class ShapleyCam(OfGradients):
    """w_c · A_c with w_c = mean_ij(G − ½ · H·A)_c, H the Hessian of S in A (Cai 2025).

    Where all that follows the layer is piecewise linear, as with ReLUs and logits, H is 0 and this is Grad-CAM.
    """

    def explain(self, asked: Asked, explanation: Explanation) -> Iterator[Found]:
        """A map for each row and layer.

        Raises:
            NetworkError: An operation of the network has no second derivative.
        """
        for layer in asked.layers:
            # Says so, too, where the score does not depend on the layer or nothing can be differentiated.
            gradient = explanation.gradient(layer)
            gradient = gradient - explanation.seen.placed(layer, curvature(explanation, layer)).float() / 2
            parts = gradcam(explanation.activation(layer), gradient)
            yield from found_in(reduced(parts, asked), layer, parts)


def curvature(explanation: Explanation, layer: LayerRef) -> Tensor:
    """H·A, of the layer's own shape, detached: how ∂S/∂A changes along A.

    Raises:
        NetworkError: An operation of the network has no second derivative.
    """
    name, scores, node = explanation.bench.outline.name, explanation.scores, explanation.seen.activations[layer]
    try:
        return _along(scores, node, name)
    except NetworkError:
        # The fused kernels of attention are differentiable once; the same attention in single steps is twice.
        with sdpa_kernel(SDPBackend.MATH):
            return _along(*_run_again(explanation, layer), name)


def _along(scores: Tensor, node: Tensor, name: str) -> Tensor:
    with told_in_words(f"Shapley-CAM needs second derivatives, which {name} does not have"):
        (gradient,) = torch.autograd.grad(scores.sum(), node, retain_graph=True, create_graph=True)
        if not gradient.requires_grad:  # nothing that follows the layer bends at all
            return torch.zeros_like(gradient)
        (found,) = torch.autograd.grad(gradient, node, node.detach(), retain_graph=True, materialize_grads=True)
    return found


def _run_again(explanation: Explanation, layer: LayerRef) -> tuple[Tensor, Tensor]:
    """The scores (N,) and the layer's activation of one more pass over the same inputs."""
    bench, objective, batch = explanation.bench, explanation.objective, explanation.seen.input.detach().clone()
    layers = objective.layers | {layer}
    copied = {each for each in layers if bench.node(each).overwritten}
    with torch.enable_grad(), capture(bench.module, layers=layers, copied=copied, gradients=layers) as recording:
        output = run_network(bench.outline.name, bench.module, batch)
        scores = objective.scores(output, recording.tensors, Size(*batch.shape[-2:]))
    return scores, recording.tensors[layer]


EXPLAINERS: dict[str, Explainer] = {"shapleycam": ShapleyCam()}
