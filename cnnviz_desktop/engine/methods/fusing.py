"""The maps of several layers made one."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from cnnviz_desktop.engine.methods.explaining import Asked, Found
from cnnviz_desktop.engine.passes import ForwardPass


def unit_scaled(raw: Tensor) -> Tensor:
    """relu(raw) (h, w) scaled to 0–1: (x − min) / (max − min) of what relu leaves; 0 where that is constant.

    Without the 1e-7 that pytorch-grad-cam adds to the denominator, and that outweighs maps of small gradients: a layer
    counts as much as another, however small its values are.
    """
    positive = raw.clamp(min=0)
    shifted = positive - positive.min()
    greatest = shifted.max()
    return shifted / torch.where(greatest == 0, 1, greatest)


def enlarged(raw: Tensor, size: Sequence[int]) -> Tensor:
    """(H, W) tensor: a map (h, w), bilinear, half-pixel centres."""
    return F.interpolate(raw[None, None], size=tuple(size), mode="bilinear", align_corners=False)[0, 0]


def over_input(raw: Tensor, seen: ForwardPass, row: int) -> Tensor:
    """(H, W) tensor: a layer's map (h, w) of a row, `enlarged` to lie over the input."""
    height, width = seen.input.shape[-2:]
    return enlarged(raw, seen.extent(row))[:height, :width]


def fused(found: Iterator[Found], asked: Asked, seen: ForwardPass) -> Iterator[Found]:
    """One map of all layers for each row: each clipped at 0, scaled to 0–1, enlarged to the input; mean or maximum."""
    gathered: defaultdict[int, list[Found]] = defaultdict(list)
    name = " + ".join(map(str, asked.layers))
    for each in found:
        if each.done < 1:
            continue
        layers = gathered[each.row]
        layers.append(each)
        if len(layers) == len(asked.layers):
            maps = torch.stack([over_input(unit_scaled(one.raw), seen, one.row) for one in layers])
            raw = maps.mean(dim=0) if asked.choice("fuse") == "mean" else maps.amax(dim=0)
            notes = tuple(dict.fromkeys(note for one in layers for note in (*_of_layer(one, seen), *one.notes)))
            yield Found(each.row, None, raw, notes=notes, name=name)


def _of_layer(found: Found, seen: ForwardPass) -> tuple[str, ...]:
    return seen.notes(found.layer) if found.layer is not None else ()
