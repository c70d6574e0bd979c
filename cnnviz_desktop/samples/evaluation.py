"""Measures of the sample network on scenes that it was not trained on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from cnnviz_desktop.samples.dataset import render_batch
from cnnviz_desktop.samples.library import MEAN, STD
from cnnviz_desktop.samples.network import SampleNetwork
from cnnviz_desktop.samples.scenes import render

# Training takes its seeds from below this number.
HELD_OUT_SEED = 1_000_000_000


@dataclass(frozen=True)
class Reached:
    """What a network reaches on held-out scenes, all as shares from 0 to 1.

    Attributes:
        accuracy: one-object scenes whose class has the largest logit.
        confidence: mean softmax probability of the class in one-object scenes.
        both_on_top: two-object scenes whose classes are the two largest logits.
        pointing: Grad-CAM maps, one for each class of two-object scenes, whose maximum lies on the object.
    """

    accuracy: float
    confidence: float
    both_on_top: float
    pointing: float

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"one object: accuracy {self.accuracy:.1%}, mean probability {self.confidence:.1%}; "
            f"two objects: both on top {self.both_on_top:.1%}; Grad-CAM pointing game {self.pointing:.1%}"
        )


def as_input(images: NDArray[np.uint8]) -> Tensor:
    """Take (N, H, W, 3) uint8 pictures to the normalised (N, 3, H, W) float32 the network wants."""
    pictures = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (MEAN, STD))
    return ((pictures - mean) / std).contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def logits_of(network: SampleNetwork, images: NDArray[np.uint8], chunk: int = 50) -> Tensor:
    """Return logits (N, classes) of pictures (N, H, W, 3); the network must be in eval mode."""
    return torch.cat([network(as_input(images[at : at + chunk])) for at in range(0, len(images), chunk)])


def accuracy_on_one(network: SampleNetwork, seeds: Sequence[int]) -> tuple[float, float]:
    """Return the accuracy and the mean probability of the right class on scenes with one object."""
    batch = render_batch(seeds, 1)
    logits = logits_of(network, batch.images)
    truth = torch.from_numpy(batch.present)
    right = truth.gather(1, logits.argmax(1, keepdim=True))
    probability = logits.softmax(1)[truth]
    return float(right.float().mean()), float(probability.mean())


def both_on_top(network: SampleNetwork, seeds: Sequence[int]) -> float:
    """Return the share of scenes with two objects whose classes have the two largest logits."""
    batch = render_batch(seeds, 2)
    best = logits_of(network, batch.images).topk(2, dim=1).indices
    return float(torch.from_numpy(batch.present).gather(1, best).all(1).float().mean())


def grad_cam(network: SampleNetwork, image: NDArray[np.uint8], classes: Sequence[int]) -> NDArray[np.float32]:
    """Return Grad-CAM maps of the last stage (Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391).

    The map of a class is relu(sum over k of w_k A_k), w_k the mean over space of d logit / d A_k.

    Args:
        network: in eval mode.
        image: (H, W, 3) uint8.
        classes: class indices.

    Returns:
        (classes, H, W) float32 from 0, bilinearly upsampled.
    """
    with torch.no_grad():
        stages = network.stage2(network.stage1(network.stem(as_input(image[None]))))
        last = network.stage3(stages)
    last.requires_grad_()
    logits = network.head(last)[0]
    maps = []
    for index in classes:
        (gradient,) = torch.autograd.grad(logits[index], last, retain_graph=True)
        weights = gradient.mean((2, 3), keepdim=True)
        maps.append((weights * last.detach()).sum(1, keepdim=True).relu())
    upsampled = functional.interpolate(torch.cat(maps), image.shape[:2], mode="bilinear", align_corners=False)
    return upsampled[:, 0].numpy()


def pointing_game(network: SampleNetwork, seeds: Sequence[int]) -> float:
    """Return the share of objects in two-object scenes on which the maximum of their class's Grad-CAM map lies."""
    hits: list[bool] = []
    for seed in seeds:
        scene = render(seed, 2)
        maps = grad_cam(network, scene.image, [item.class_index for item in scene.objects])
        hits += [bool(item.mask.flat[int(heat.argmax())]) for item, heat in zip(scene.objects, maps, strict=True)]
    return sum(hits) / len(hits)


def measure(network: SampleNetwork, scenes: int) -> Reached:
    """Measure a network on fresh scenes and leave it in eval mode.

    Args:
        network: the network to measure.
        scenes: scenes with one object, and twice as many with two: one half for the pointing game.
    """
    network.eval()
    first, second, third = (range(at, at + scenes) for at in range(HELD_OUT_SEED, HELD_OUT_SEED + 3 * scenes, scenes))
    accuracy, confidence = accuracy_on_one(network, first)
    return Reached(accuracy, confidence, both_on_top(network, second), pointing_game(network, third))
