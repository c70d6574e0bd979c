"""The weights of a layer."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.core.results import Kernels
from cnnviz_desktop.engine.arrays import frozen_array
from cnnviz_desktop.engine.session import Task

_CHUNK_ELEMENTS = 1 << 20

_Convolution = nn.Conv2d | nn.ConvTranspose2d


def kernels(task: Task) -> Iterator[Kernels]:
    """W[o, i, :, :] of each layer asked for, filters in order, a few at a time.

    Where the request names no layer, the first that has kernels.

    Raises:
        LayerError: A layer has no kernels; the sentence says what it is and where there are some.
    """
    outline = task.bench.outline
    names = [LayerRef.parse(layer).name for layer in task.request.layers] or [_first_with_kernels(outline)]
    for name in names:
        node = outline.layer(name)
        if node.kernel_shape is None:
            raise LayerError(
                f"{name} ({node.type}) has no kernels. {_first_with_kernels(outline)} is the first layer that has."
            )
        yield from _filters(name, task.bench.module.get_submodule(name))


def _first_with_kernels(outline: Outline) -> str:
    for node in outline.layers:
        if node.kernel_shape is not None:
            return node.name
    raise LayerError(f"{outline.name}: {outline.hidden}" if outline.hidden else f"{outline.name} has no kernels.")


def _filters(name: str, part: nn.Module) -> Iterator[Kernels]:
    weight = filters_first(part)
    bias = getattr(part, "bias", None)
    biases = frozen_array(bias.detach().clone()) if isinstance(bias, Tensor) else None
    step = max(1, _CHUNK_ELEMENTS // max(1, weight[0].numel()))
    for first in range(0, len(weight), step):
        chunk = weight[first : first + step].float().clone()  # a view would follow the weights if they were trained on
        yield Kernels(
            layer=name,
            first=first,
            total=len(weight),
            weights=frozen_array(chunk),
            norms=frozen_array(torch.linalg.vector_norm(chunk, dim=(1, 2, 3))),
            bias=biases[first : first + step] if biases is not None else None,
            kind=kind_of(part),
        )


def filters_first(part: nn.Module) -> Tensor:
    """(out, in/groups, kh, kw) view of a layer's weight, one filter an output channel.

    A transposed convolution stores (in, out/groups, kh, kw): its weight is turned, group by group. A linear layer's
    (out, in) becomes (out, 1, 1, in).
    """
    weight: Tensor = part.get_parameter("weight").detach()
    if weight.dim() == 2:
        return weight[:, None, None, :]
    if isinstance(part, nn.ConvTranspose2d):
        groups = weight.reshape(part.groups, -1, *weight.shape[1:])  # (groups, in/groups, out/groups, kh, kw)
        return groups.transpose(1, 2).flatten(0, 1)
    return weight


def kind_of(part: nn.Module) -> str:
    """What the layer is, in words: ``depthwise convolution 3×3, stride 2``."""
    if not isinstance(part, _Convolution):
        return "linear layer" if isinstance(part, nn.Linear) else type(part).__name__
    transposed = "transposed " if part.transposed else ""
    if part.groups == 1:
        grouping = ""
    elif part.groups == part.in_channels:
        grouping = "depthwise "
    else:
        grouping = f"grouped ({part.groups}) "
    words = f"{grouping}{transposed}convolution {_sides(part.kernel_size)}"
    for name, sides in (("stride", part.stride), ("dilation", part.dilation)):
        if any(side != 1 for side in sides):
            words += f", {name} {_sides(sides) if len(set(sides)) > 1 else sides[0]}"
    return words


def _sides(sides: tuple[int, ...]) -> str:
    return "×".join(map(str, sides))
