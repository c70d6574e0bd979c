"""Copies of an image over which a map is smoothed: mirrored or not, at 0.9, 1 and 1.1 times its brightness."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import torch
from torch import Tensor

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.geometry import InputTransform
from cnnviz_desktop.engine.inputs import covered

COPIES: tuple[tuple[bool, float], ...] = tuple(product((False, True), (0.9, 1.0, 1.1)))
"""(mirrored, brightness) of each copy."""

ORIGINAL = COPIES.index((False, 1.0))
"""The copy that is the image itself."""


def augmented(inputs: Tensor, transforms: Sequence[InputTransform], preprocessing: Preprocessing) -> Tensor:
    """(N·6, C, H, W) tensor: the copies of each row of (N, C, H, W), a row's copies together.

    Brightness is changed in the image, before the mean is taken off and the rest divided by the standard deviation.
    What a letterbox is padded with is no part of the image and stays as it is.

    Args:
        inputs: What `inputs.prepare` made of the images.
        transforms: Where the image lies in each row.
        preprocessing: How they were made.
    """
    mean, std = (
        torch.tensor(values, dtype=inputs.dtype, device=inputs.device).view(1, -1, 1, 1)
        for values in (preprocessing.mean, preprocessing.std)
    )
    black = -mean / std
    if preprocessing.resize == "letterbox":
        pictures = torch.stack([torch.from_numpy(covered(transform)) for transform in transforms])
        black = torch.where(pictures[:, None].to(inputs.device), black, inputs)
    # ((x·std + mean)·brightness − mean) / std
    brightened = [black + (inputs - black) * brightness for _, brightness in COPIES]
    copies = [copy.flip(-1) if mirrored else copy for copy, (mirrored, _) in zip(brightened, COPIES, strict=True)]
    return torch.stack(copies, dim=1).flatten(0, 1)


def transforms_of_copies(transform: InputTransform) -> tuple[InputTransform, ...]:
    """Where the image lies in each of its copies."""
    mirrored = replace(transform, scale_x=-transform.scale_x, offset_x=transform.input.width - transform.offset_x)
    return tuple(mirrored if flipped else transform for flipped, _ in COPIES)


def unmirrored(copy: int, raw: Tensor) -> Tensor:
    """The map (…, w) of a copy, as it lies on the image itself."""
    return raw.flip(-1) if COPIES[copy][0] else raw
