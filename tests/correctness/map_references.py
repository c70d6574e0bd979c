"""References for class activation maps of one pass: (N, h, w) arrays, signed, at the layer's resolution."""

import copy
import warnings
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import torch

from tests.correctness.recording import SCORES, Array, overheard, recorded, trainable
from tests.correctness.subjects import Subject
from tests.correctness.twins import plain, relus


def captums_gradcam(subject: Subject) -> Array:
    """captum's LayerGradCam."""
    from captum.attr import LayerGradCam

    with warnings.catch_warnings(), relus(plain):
        warnings.simplefilter("ignore")  # captum's word on backward hooks
        attribution = LayerGradCam(subject.module, subject.part).attribute(
            subject.batch.clone().requires_grad_(), target=subject.label
        )
    found: Array = attribution.detach().double().numpy()[:, 0]
    return found


def gradcam(subject: Subject, kind: str = "logit") -> Array:
    """Σ_c mean_ij(G_c) · A_c."""
    made = recorded(subject, score=SCORES[kind](subject))
    return _summed(made.gradient.mean(axis=(2, 3), keepdims=True) * made.activation)


def gradcam_plus_plus(subject: Subject) -> Array:
    """Chattopadhay et al. 2018, equation 19 as it is printed, in float64; α = 0 where G = 0."""
    made = recorded(subject)
    squared, cubed = made.gradient**2, made.gradient**3
    denominator = 2 * squared + made.activation.sum(axis=(2, 3), keepdims=True) * cubed
    alpha = np.divide(squared, denominator, out=np.zeros_like(squared), where=denominator != 0)
    weights = (alpha * np.maximum(made.gradient, 0)).sum(axis=(2, 3), keepdims=True)
    return _summed(weights * made.activation)


def xgradcam(subject: Subject) -> Array:
    """Σ_c w_c · A_c with w_c = Σ_ij (G_c · A_c) / Σ_ij A_c, 0 where the channel sums to 0."""
    made = recorded(subject)
    moved = (made.gradient * made.activation).sum(axis=(2, 3), keepdims=True)
    total = made.activation.sum(axis=(2, 3), keepdims=True)
    return _summed(np.divide(moved, total, out=np.zeros_like(moved), where=total != 0) * made.activation)


def hirescam(subject: Subject) -> Array:
    """Σ_c G_c ⊙ A_c."""
    made = recorded(subject)
    return _summed(made.gradient * made.activation)


def cam(subject: Subject) -> Array | None:
    """Σ_c W[k, c] · A_c, where the network ends in layer → global average → linear; else None."""
    if not subject.global_average:
        return None
    heads = [part for part in subject.module.modules() if isinstance(part, torch.nn.Linear)]
    weight: Array = heads[-1].weight[subject.label].detach().double().numpy()
    return _summed(weight[None, :, None, None] * recorded(subject).activation)


def eigencam(subject: Subject) -> Array:
    """First principal component of A, its sign the one that goes with Σ_c A_c."""
    return _component(recorded(subject).activation)


def eigengradcam(subject: Subject) -> Array:
    """First principal component of G ⊙ A, its sign the one that goes with Σ_c G_c ⊙ A_c."""
    made = recorded(subject)
    return _component(made.gradient * made.activation)


def eigen_smoothed(subject: Subject) -> Array:
    """First principal component of what the channels add to Grad-CAM."""
    made = recorded(subject)
    return _component(made.gradient.mean(axis=(2, 3), keepdims=True) * made.activation)


def aug_smoothed(subject: Subject) -> Array:
    """The mean Grad-CAM of six copies of the image, mirrored ones turned back, brightness changed before the mean."""
    (bench,) = subject.session._benches.values()
    recipe = bench.outline.preprocessing
    mean, std = (torch.tensor(values).view(1, -1, 1, 1) for values in (recipe.mean, recipe.std))
    pixels = subject.batch * std + mean
    maps = []
    for brightness in (0.9, 1.0, 1.1):
        batch = (pixels * brightness - mean) / std
        for mirrored in (False, True):
            made = recorded(subject, batch.flip(-1) if mirrored else batch)
            raw = _summed(made.gradient.mean(axis=(2, 3), keepdims=True) * made.activation)
            maps.append(raw[..., ::-1] if mirrored else raw)
    found: Array = np.mean(maps, axis=0)
    return found


def fused(subject: Subject, join: Callable[..., Array]) -> Array:
    """(N, H, W): the Grad-CAMs of both layers, each clipped at 0, scaled to 0–1 and enlarged, then joined."""
    return join([_enlarged(_unit_scaled(gradcam(each)), subject) for each in _both(subject)], axis=0)


def refinecam(subject: Subject) -> Array:
    """(N, H, W): the product of the Grad-CAM++ of both layers, each clipped at 0, enlarged, then scaled to 0–1."""
    maps = [_enlarged(np.maximum(gradcam_plus_plus(each), 0), subject) for each in _both(subject)]
    return _unit_scaled(maps[0]) * _unit_scaled(maps[1])


def _both(subject: Subject) -> tuple[Subject, Subject]:
    return subject.at(subject.earlier), subject


def _unit_scaled(maps: Array) -> Array:
    shifted = np.maximum(maps, 0)
    shifted = shifted - shifted.min(axis=(1, 2), keepdims=True)
    greatest = shifted.max(axis=(1, 2), keepdims=True)
    found: Array = np.divide(shifted, greatest, out=np.zeros_like(shifted), where=greatest > 0)
    return found


def _enlarged(maps: Array, subject: Subject) -> Array:
    import cv2

    height, width = subject.batch.shape[-2:]
    return np.stack([cv2.resize(row, (width, height), interpolation=cv2.INTER_LINEAR) for row in maps])


def library(module: str, name: str) -> Callable[[Subject], Array]:
    """The raw map of a method of pytorch-grad-cam, run whole: its own hooks, its own passes."""

    def run(subject: Subject) -> Array:
        return librarys(getattr(import_module(f"pytorch_grad_cam.{module}"), name), subject)

    return run


def librarys(kind: Callable[..., Any], subject: Subject, rows: int | None = None) -> Array:
    """(N, h, w): what a method of the library makes before it clips, scales and enlarges."""
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    batch = subject.batch[:rows].clone()
    with (
        trainable(subject.module) as module,
        relus(plain),
        kind(module, [subject.part], reshape_transform=subject.placed) as method,
        overheard(method, "get_cam_image") as taken,
    ):
        method(batch, targets=[ClassifierOutputTarget(subject.label)] * len(batch))
    return taken[-1]


def shapleycam(subject: Subject) -> Array:
    """Σ_c mean_ij(G − ½ · H·A)_c · A_c in float64.

    H·A, the Hessian times A, is how G changes where A grows: the central difference over a millionth of A.
    """
    exact = replace(subject, module=copy.deepcopy(subject.module).double(), batch=subject.batch.double())
    made, step = recorded(exact), 1e-6
    grown, shrunk = (recorded(exact, growth=1 + each).gradient for each in (step, -step))
    weights = made.gradient - (grown - shrunk) / (2 * step) / 2
    return _summed(weights.mean(axis=(2, 3), keepdims=True) * made.activation)


def finercam(subject: Subject) -> Array:
    """Grad-CAM of Σ_d p_d · (y_k − y_d) / Σ_d p_d over the three classes d with the nearest logits, in float64."""

    def contrast(output: torch.Tensor) -> torch.Tensor:
        logits = output.double()
        chosen = logits[:, subject.label, None]
        distance = (logits - chosen).abs().detach()
        distance[:, subject.label] = torch.inf
        nearest = distance.argsort(dim=1)[:, :3]
        shares = logits.softmax(dim=1).gather(1, nearest)
        difference = chosen - logits.gather(1, nearest)
        return (shares * difference).sum(dim=1) / shares.sum(dim=1)

    made = recorded(subject, score=contrast)
    return _summed(made.gradient.mean(axis=(2, 3), keepdims=True) * made.activation)


def librarys_kpcacam(subject: Subject) -> Array:
    """pytorch-grad-cam's KPCA-CAM, turned as Σ_c A_c rises and falls: the sign of a component is arbitrary."""
    from pytorch_grad_cam import KPCA_CAM

    maps, total = librarys(KPCA_CAM, subject), recorded(subject).activation.sum(axis=1)
    total = total - total.mean(axis=(1, 2), keepdims=True)
    found: Array = maps * np.sign((maps * total).sum(axis=(1, 2), keepdims=True))
    return found


def librarys_finercam(subject: Subject) -> Array:
    """pytorch-grad-cam's Finer-CAM against the three classes whose logits are nearest."""
    from pytorch_grad_cam import FinerCAM, GradCAM

    with (
        trainable(subject.module) as module,
        relus(plain),
        FinerCAM(module, [subject.part], subject.placed, GradCAM) as method,
        overheard(method.base_cam, "get_cam_image") as taken,
    ):
        method(subject.batch, target_idx=subject.label)
    return taken[-1]


def _summed(contributions: Array) -> Array:
    found: Array = contributions.sum(axis=1)
    return found


def _component(values: Array) -> Array:
    """(N, h, w): each cell's projection on the first right singular vector, its sign that of the sum's variation."""
    maps = []
    for row in values:
        cells = row.reshape(len(row), -1).T
        cells = cells - cells.mean(axis=0)
        axis = np.linalg.svd(cells, full_matrices=False)[2][0]
        projected = cells @ axis
        maps.append(np.sign(projected @ cells.sum(axis=1)) * projected.reshape(row.shape[1:]))
    return np.stack(maps)
