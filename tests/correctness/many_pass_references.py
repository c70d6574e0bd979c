"""References for methods of many passes: the first image alone, (1, …) arrays."""

import io
import warnings
from contextlib import redirect_stdout
from dataclasses import replace
from unittest import mock

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from tests.correctness.map_references import librarys
from tests.correctness.recording import Array, array, class_score, overheard, recorded, trainable
from tests.correctness.subjects import Subject
from tests.correctness.twins import plain, relus

_AT_ONCE = 16


def captums_occlusion(subject: Subject) -> Array:
    """captum's Occlusion: a patch of 16 × 16 in the mean colour, moved by 8; the drop at each pixel."""
    from captum.attr import Occlusion

    batch = subject.batch[:1]
    with relus(plain), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = Occlusion(subject.module).attribute(
            batch, sliding_window_shapes=(batch.shape[1], 16, 16), strides=(batch.shape[1], 8, 8), target=subject.label
        )
    return array(found[:, 0])


def ablationcam(subject: Subject) -> Array:
    """Brute force: the whole network once for each channel, that channel 0; w_c = (S − S_c) / |S|."""
    made = recorded(_first(subject))
    channels = made.activation.shape[1]
    with torch.no_grad(), relus(plain):
        score = float(class_score(subject.module(subject.batch[:1]), subject)[0])
        ablated = torch.cat(
            [_without(subject, part) for part in np.split(np.arange(channels), range(_AT_ONCE, channels, _AT_ONCE))]
        )
    weights = (score - ablated.double().numpy()) / abs(score)
    found: Array = (weights[None, :, None, None] * made.activation).sum(axis=1)
    return found


def fullgrad(subject: Subject) -> Array:
    """x ⊙ ∂S/∂x and bias ⊙ ∂S/∂(output) of every convolution and batch normalisation, found module by module.

    Each term, summed over channels, is enlarged bilinearly, a cell's value shared out over the pixels it reaches.
    """
    outputs: list[tuple[Tensor, Tensor]] = []

    def take(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        del inputs
        bias = _bias(module)
        if bias is not None:
            outputs.append((bias, output))

    handles = [part.register_forward_hook(take) for part in subject.module.modules()]
    batch = subject.batch[:1].clone().requires_grad_()
    try:
        with relus(plain):
            score = class_score(subject.module(batch), subject).sum()
    finally:
        for handle in handles:
            handle.remove()
    gradients = torch.autograd.grad(score, [batch, *(output for _, output in outputs)])
    whole: Array = array(batch * gradients[0])[0].sum(axis=0)
    for (bias, _), gradient in zip(outputs, gradients[1:], strict=True):
        whole = whole + _shared_out(array(bias[None, :, None, None] * gradient)[0].sum(axis=0), whole.shape)
    return whole[None]


def _bias(module: nn.Module) -> Tensor | None:
    if isinstance(module, nn.BatchNorm2d) and module.running_mean is not None and module.running_var is not None:
        slope = module.weight / torch.sqrt(module.running_var + module.eps)
        return (module.bias - module.running_mean * slope).detach()
    return module.bias.detach() if isinstance(module, nn.Conv2d) and module.bias is not None else None


def _shared_out(cells: Array, shape: tuple[int, ...]) -> Array:
    """(H, W): bilinear, half-pixel centres; a cell's weights over all pixels add up to 1."""
    sides = []
    for count, pixels in zip(cells.shape, shape, strict=True):
        centres = np.clip((np.arange(pixels) + 0.5) * count / pixels - 0.5, 0, count - 1)
        weights = np.maximum(0, 1 - np.abs(centres[:, None] - np.arange(count)))  # (pixels, cells)
        sides.append(weights / weights.sum(axis=0))
    found: Array = sides[0] @ cells @ sides[1].T
    return found


def librarys_fullgrad(subject: Subject) -> Array:
    """pytorch-grad-cam's FullGrad before its last scaling: absolute terms, each channel scaled to 0–1."""
    from pytorch_grad_cam import FullGrad
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    with (
        trainable(subject.module) as module,
        relus(plain),
        redirect_stdout(io.StringIO()),
        FullGrad(module, [subject.part]) as method,
        overheard(method, "compute_cam_per_layer") as taken,
    ):
        method(subject.batch[:1], targets=[ClassifierOutputTarget(subject.label)])
    return taken[-1][:, 0]


def librarys_scorecam(subject: Subject) -> Array:
    """pytorch-grad-cam's Score-CAM."""
    from pytorch_grad_cam import ScoreCAM

    with mock.patch("tqdm.tqdm", list):  # its bar, and the thread that watches it
        return librarys(ScoreCAM, subject, rows=1)


def _without(subject: Subject, channels: npt.NDArray[np.int_]) -> Tensor:
    """(n,) tensor: S of the first image with one of the layer's channels set to 0, a row each."""

    def ablate(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        del module, inputs
        ablated = output.clone(memory_format=torch.contiguous_format)
        numbers = torch.arange(output[:1].numel()).view(1, *output.shape[1:])
        places = subject.placed(numbers)[0]  # (C, h, w): where in the layer's output the maps lie, and no class token
        for row, channel in enumerate(channels.tolist()):
            ablated[row].view(-1)[places[channel].flatten()] = 0
        return ablated

    handle = subject.part.register_forward_hook(ablate)
    try:
        output = subject.module(subject.batch[:1].expand(len(channels), -1, -1, -1))
    finally:
        handle.remove()
    return class_score(output, subject)


def _first(subject: Subject) -> Subject:
    return replace(subject, batch=subject.batch[:1])
