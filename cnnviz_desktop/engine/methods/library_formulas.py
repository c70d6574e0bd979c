"""Methods whose formula is pytorch-grad-cam's own, applied to the activations of the shared pass."""

import warnings
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType, SimpleNamespace

import numpy as np
import torch
from torch import Tensor

from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.core.results import FloatArray
from cnnviz_desktop.engine.explanation import Explanation
from cnnviz_desktop.engine.methods.activation_maps import Weighted, found_in
from cnnviz_desktop.engine.methods.explaining import Asked, Explainer, Found, OfActivations
from cnnviz_desktop.engine.methods.projections import first_component, turned

_MOST_CELLS = 8192
"""Of a map whose cells KPCA-CAM compares with each other: at this number their kernel takes 256 MiB."""


def library(module: str) -> ModuleType:
    """A module of pytorch-grad-cam. Its first import takes seconds, and what it warns of is nobody's business here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module(f"pytorch_grad_cam.{module}")


class KernelPca(OfActivations):
    """The first kernel principal component of the activations (Karmani et al. 2024).

    Its sign, which the decomposition leaves open, is the one with which it rises and falls with Σ_c A_c. The library
    makes the greatest value in size positive, and where that is the background, clips the object away.
    """

    def explain(self, asked: Asked, explanation: Explanation) -> Iterator[Found]:
        """A map for each row and layer.

        Raises:
            LayerError: The layer has too many cells to compare each with all others, or the kernel has no component.
        """
        kernel, gamma = asked.choice("kernel"), asked.number("gamma") or None
        for layer in asked.layers:
            activation = explanation.activation(layer)
            _check_cells(layer, activation)
            values = _finite(activation)
            constant = np.ptp(values, axis=(2, 3)).max(axis=1) == 0  # no component: the decomposition would fail
            maps = np.zeros((len(values), *values.shape[2:]), dtype=np.float32)
            try:
                projection = library("utils.svd_on_activations").get_2d_projection_kernel
                with np.errstate(over="ignore", invalid="ignore"):
                    maps[~constant] = projection(values[~constant], kernel, gamma).reshape(-1, *values.shape[2:])
            except (ValueError, RuntimeError) as error:  # the kernel overflows, or its eigenvector does not settle
                said = next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
                raise LayerError(
                    f"The {kernel} kernel finds no component in {layer} ({said}). Choose another kernel, or a smaller "
                    "gamma.",
                    of_image=True,
                ) from error
            components, totals = (torch.from_numpy(part).flatten(1) for part in (maps, values.sum(axis=1)))
            turned_maps = turned(components, totals).view(maps.shape).to(activation.device)
            yield from found_in(turned_maps, layer, activation)


class Fem(OfActivations):
    """Channels weighted with the share of their cells that stand out (Fuad et al. 2020)."""

    def explain(self, asked: Asked, explanation: Explanation) -> Iterator[Found]:
        """A map for each row and layer."""
        parameters = SimpleNamespace(k=asked.number("sigmas"))
        for layer in asked.layers:
            activation = explanation.activation(layer)
            values = _finite(activation)
            maps = library("fem").FEM.get_cam_image(parameters, None, None, None, values, None, eigen_smooth=False)
            yield from found_in(torch.from_numpy(maps).to(activation), layer, activation)


def weighted_with_size(activation: Tensor, gradient: Tensor) -> Tensor:
    """|G_c| ⊙ A_c (Chung and Ying 2025, equation 10)."""
    return gradient.abs() * activation


def positive_component(contributions: Tensor, _: Asked) -> Tensor:
    """The first component, turned so that its greatest value in size is positive (Chung and Ying 2025, equation 13).

    The library takes it from a full decomposition, with a matrix of channels × channels or cells × cells to no use.
    """
    maps = first_component(contributions)
    negative = maps.amin(dim=(1, 2), keepdim=True).abs() > maps.amax(dim=(1, 2), keepdim=True).abs()
    return torch.where(negative, -maps, maps)


def _finite(activation: Tensor) -> FloatArray:
    """(N, C, h, w) float32 array; NaN and infinite values count as 0."""
    values: FloatArray = activation.nan_to_num(nan=0.0, posinf=0.0, neginf=0.0).cpu().numpy()
    return values


def _check_cells(layer: LayerRef, activation: Tensor) -> None:
    height, width = activation.shape[2:]
    if height * width > _MOST_CELLS:
        side = int(_MOST_CELLS**0.5)
        raise LayerError(
            f"KPCA-CAM compares every cell of a layer with every other, and {layer} has {height} × {width}: that would "
            f"take {4 * (height * width) ** 2 / 2**30:.1f} GiB. Choose a later layer, of at most {side} × {side} "
            "cells, or Eigen-CAM.",
            of_image=True,
        )


EXPLAINERS: dict[str, Explainer] = {
    "segeigencam": Weighted(weighted_with_size, positive_component),
    "kpcacam": KernelPca(),
    "fem": Fem(),
}
