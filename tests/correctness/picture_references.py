"""References for gradient pictures: (N, C, H, W) arrays, signed, at the input's resolution."""

import warnings
from unittest import mock

import torch
from torch import Tensor

from tests.correctness.recording import Array, array, class_score, recorded
from tests.correctness.subjects import Subject
from tests.correctness.twins import Rectified, deconvolution, guided, plain, relus

STEPS = 20
"""Steps of integrated gradients, and copies of SmoothGrad."""


def captums_saliency(subject: Subject) -> Array:
    """captum's Saliency(abs=False)."""
    from captum.attr import Saliency

    with relus(plain):
        return array(Saliency(subject.module).attribute(_batch(subject), target=subject.label, abs=False))


def captums_input_x_gradient(subject: Subject) -> Array:
    """captum's InputXGradient."""
    from captum.attr import InputXGradient

    with relus(plain):
        return array(InputXGradient(subject.module).attribute(_batch(subject), target=subject.label))


def twins_guided(subject: Subject) -> Array:
    """Guided backpropagation through a twin whose ReLUs are custom autograd functions."""
    return _through(subject, guided)


def twins_deconvolution(subject: Subject) -> Array:
    """Deconvolution through a twin whose ReLUs are custom autograd functions."""
    return _through(subject, deconvolution)


def twins_guided_gradcam(subject: Subject) -> Array:
    """Grad-CAM from our own recording, clipped and enlarged, times the twin's guided backpropagation."""
    made = recorded(subject)
    weights = made.gradient.mean(axis=(2, 3), keepdims=True)
    maps = torch.from_numpy((weights * made.activation).sum(axis=1, keepdims=True)).clamp(min=0)
    size = tuple(subject.batch.shape[-2:])
    enlarged = torch.nn.functional.interpolate(maps, size=size, mode="bilinear", align_corners=False)
    found: Array = enlarged.numpy() * twins_guided(subject)
    return found


def captums_integrated_gradients(subject: Subject) -> Array:
    """captum's IntegratedGradients of the first image, Gauss–Legendre steps from the mean colour."""
    from captum.attr import IntegratedGradients

    with relus(plain):
        return array(
            IntegratedGradients(subject.module).attribute(
                _batch(subject, 1), target=subject.label, n_steps=STEPS, method="gausslegendre", internal_batch_size=10
            )
        )


def captums_smoothgrad(subject: Subject) -> Array:
    """captum's NoiseTunnel over Saliency of the first image, with the engine's own noise: seed 0."""
    from captum.attr import NoiseTunnel, Saliency

    batch = _batch(subject, 1)
    deviation = 0.15 * float(batch.detach().max() - batch.detach().min())
    generator = torch.Generator().manual_seed(0)

    def normal(mean: float, deviations: Tensor) -> Tensor:
        drawn = [torch.randn(batch.shape[1:], generator=generator) for _ in range(len(deviations))]
        return mean + deviations * torch.stack(drawn).to(batch)

    with relus(plain), mock.patch.object(torch, "normal", normal):
        tunnel = NoiseTunnel(Saliency(subject.module))
        return array(
            tunnel.attribute(
                batch,
                nt_type="smoothgrad",
                nt_samples=STEPS,
                nt_samples_batch_size=10,
                stdevs=deviation,
                target=subject.label,
                abs=False,
            )
        )


def captums_guided_gradcam(subject: Subject) -> Array:
    """captum's GuidedGradCam, for networks whose every ReLU is a module that runs once."""
    from captum.attr import GuidedGradCam

    single = _without_sharing(subject)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # captum's word on the ReLUs it gives hooks to
        return array(
            GuidedGradCam(single.module, single.part).attribute(
                _batch(subject), target=subject.label, interpolate_mode="bilinear"
            )
        )


def _without_sharing(subject: Subject) -> Subject:
    """The subject, no ReLU in place: captum's hooks take none that is."""
    for part in subject.module.modules():
        if isinstance(part, torch.nn.ReLU):
            part.inplace = False
    return subject


def _batch(subject: Subject, rows: int | None = None) -> Tensor:
    return subject.batch[:rows].clone().requires_grad_()


def _through(subject: Subject, rule: Rectified) -> Array:
    batch = _batch(subject)
    with relus(rule):
        score = class_score(subject.module(batch), subject).sum()
    (gradient,) = torch.autograd.grad(score, batch)
    return array(gradient)
