"""Maps of one pass against pytorch-grad-cam: one method, ten at once, FullGrad, 64 images, guided backpropagation."""

import copy
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from importlib import import_module
from io import StringIO

import numpy as np
import torch
from pytorch_grad_cam import GuidedBackpropReLUModel

from cnnviz_desktop.core.rendering import cam_input
from tests.benchmarks.library import LABEL, Bout, bare, bout, check_equal, in_turn, librarys
from tests.benchmarks.limits import at_least, at_most

ROUNDS = 5
IMAGES = 64
TEN = {
    "gradcam": ("grad_cam", "GradCAM"),
    "gradcam++": ("grad_cam_plusplus", "GradCAMPlusPlus"),
    "xgradcam": ("xgrad_cam", "XGradCAM"),
    "hirescam": ("hirescam", "HiResCAM"),
    "gradcamelementwise": ("grad_cam_elementwise", "GradCAMElementWise"),
    "layercam": ("layer_cam", "LayerCAM"),
    "eigencam": ("eigen_cam", "EigenCAM"),
    "eigengradcam": ("eigen_grad_cam", "EigenGradCAM"),
    "kpcacam": ("kpca_cam", "KPCA_CAM"),
    "fem": ("fem", "FEM"),
}
_TURNED = ("eigencam", "eigengradcam", "kpcacam")
"""Whose sign the decomposition leaves open, and the library decides in another way: see the page on correctness."""

_ROUGH = {"gradcam++": 0.1}
"""Largest differences that the library's ε makes, which is above its denominators here; 1e-4 for all others."""

LIMITS = {
    "gradcam_faster_times": at_least(3),
    "gradcam_to_bare_ratio": at_most(1.3),
    "ten_methods_to_gradcam_ratio": at_most(2),
    "ten_methods_faster_times": at_least(12),
    "fullgrad_faster_times": at_least(8),
    "images_64_faster_times": at_least(4),
    "guided_backprop_faster_times": at_least(1),
}


def run() -> dict[str, float]:
    """Medians in milliseconds and what they promise, on resnet50.layer4 with random weights.

    The library sees the 64 images one by one, as its README does; it takes batches too.
    """
    with bout("resnet50", "layer4", IMAGES) as made:
        guided = GuidedBackpropReLUModel(model=copy.deepcopy(made.module), device=torch.device("cpu"))
        _check(made, guided)
        taken = in_turn(
            ROUNDS,
            bare=partial(bare, made),
            gradcam=partial(made.answers, "gradcam"),
            all_ten=partial(made.answers, *TEN),
            guided_backprop=partial(made.answers, "guided_backprop"),
            library_gradcam=partial(_librarys_map, made, "gradcam"),
            library_guided_backprop=partial(_librarys_guided, made, guided),
        )
        taken |= in_turn(
            3,
            ten_methods=partial(made.answers, *TEN),
            library_ten_methods=lambda: [_librarys_map(made, method) for method in TEN],
        )
        taken |= in_turn(
            3,
            fullgrad=partial(made.answers, "fullgrad"),
            library_fullgrad=partial(_librarys_fullgrad, made),
        )
        taken |= in_turn(
            2,
            images_64=partial(made.answers, "gradcam", images=IMAGES),
            library_images_64=lambda: [_librarys_map(made, "gradcam", row) for row in range(IMAGES)],
        )
    figures = {f"{name}_ms": 1000 * each for name, each in taken.items()}
    for name in ("gradcam", "ten_methods", "fullgrad", "images_64", "guided_backprop"):
        figures[f"{name}_faster_times"] = taken[f"library_{name}"] / taken[name]
    figures["gradcam_to_bare_ratio"] = taken["gradcam"] / taken["bare"]
    figures["ten_methods_to_gradcam_ratio"] = taken["all_ten"] / taken["gradcam"]
    return figures


def _check(made: Bout, guided: Callable[..., np.ndarray]) -> None:
    """The answers are equal, before anybody measures how quick they are."""
    for answer in made.answers(*TEN):
        library = _librarys_map(made, answer.method)
        ours = [cam_input(raw, *library.shape) for raw in (answer.raw, -answer.raw)]
        found = min(ours, key=lambda drawn: np.abs(drawn - library).max()) if answer.method in _TURNED else ours[0]
        check_equal(found, library, _ROUGH.get(answer.method, 1e-4), answer.method)
    (answer,) = made.answers("fullgrad", parameters={"terms": "absolute"})
    library = _librarys_fullgrad(made)[0]
    check_equal(cam_input(answer.raw, *library.shape), library, 1e-4, answer.method)
    for answer in made.answers("gradcam", images=IMAGES)[:: IMAGES // 4]:
        library = _librarys_map(made, "gradcam", made.images.index(answer.image))
        check_equal(cam_input(answer.raw, *library.shape), library, 1e-4, f"gradcam of {answer.image}")
    (answer,) = made.answers("guided_backprop")
    library = _librarys_guided(made, guided)
    check_equal(answer.raw, library, 1e-4 * float(np.abs(library).max()), answer.method)


def _librarys_map(made: Bout, method: str, row: int = 0) -> np.ndarray:
    """(H, W): one call as the library's README shows it."""
    module, name = TEN[method]
    kind = getattr(import_module(f"pytorch_grad_cam.{module}"), name)
    found: np.ndarray = librarys(kind, made, made.batch[row : row + 1])[0]
    return found


def _librarys_fullgrad(made: Bout) -> np.ndarray:
    from pytorch_grad_cam import FullGrad

    with redirect_stdout(StringIO()):
        return librarys(FullGrad, made)


def _librarys_guided(made: Bout, model: Callable[..., np.ndarray]) -> np.ndarray:
    """(3, H, W)."""
    return model(made.batch[:1].clone(), target_category=LABEL).transpose(2, 0, 1)
