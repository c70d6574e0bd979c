"""What a network would take in place of an input that it refused, found out by trying."""

import time
from collections.abc import Generator, Iterable

from torch import nn

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.capture import release_cuda_memory
from cnnviz_desktop.engine.input_sizes import runs_at
from cnnviz_desktop.engine.running import InputRefused, is_out_of_memory

_USUAL_SIDES = (224, 32, 64, 96, 128, 160, 192, 256, 299, 384, 448, 512)
_STRIDES = (32, 16, 14)
_CHANNELS = (1, 3)
_ENOUGH = 3
_SECONDS = 10.0
"""After which no further size is tried."""


def advice_on(
    module: nn.Module, shape: tuple[int, ...], recipes: Iterable[Preprocessing | None]
) -> Generator[Progress, None, str]:
    """A sentence or two about what the network takes; closing the generator between two tries ends it.

    Tried are, on blank inputs: other numbers of channels, the sizes of known recipes, the sizes next to the refused one
    that common strides divide, and the usual squares.

    Args:
        module: The network on its device, borrowed (see `borrowing.borrowed`).
        shape: (C, height, width) that it refused.
        recipes: Recipes that are known of it, the most trusted first; None for one that there is not.
    """
    if len(shape) != len(("channels", "height", "width")):
        return ""
    channels, refused = shape[0], Size(*shape[1:])
    known = [recipe for recipe in recipes if recipe is not None]
    sizes = _candidates(refused, [Size(*recipe.size) for recipe in known])
    yield Progress(done=0, total=len(sizes), text="trying what the network takes")
    wanted = _channels_of(module)
    if wanted is not None and wanted != channels:
        if any(_goes_through(module, wanted, size) for size in (refused, *sizes[:_ENOUGH])):
            return _on_channels(wanted, channels)
        yield Progress(done=0, total=len(sizes), text="trying what the network takes")
    works: list[Size] = []
    began = time.monotonic()
    for number, size in enumerate(sizes, start=1):
        if _goes_through(module, channels, size):
            works.append(size)
        if len(works) >= _ENOUGH or time.monotonic() - began > _SECONDS:
            break
        yield Progress(done=number, total=len(sizes), text="trying what the network takes")
    return _on_sizes(works, number)


def advised(
    error: InputRefused, module: nn.Module, *recipes: Preprocessing | None, known: dict[tuple[int, ...], str]
) -> Generator[Progress, None, InputRefused]:
    """The error with advice after it; see `advice_on`. `known` holds what has been found out, by the refused shape."""
    if error.shape not in known:
        known[error.shape] = yield from advice_on(module, error.shape, recipes)
    return InputRefused(f"{error} {known[error.shape]}".rstrip(), error.shape)


def _goes_through(module: nn.Module, channels: int, size: Size) -> bool:
    """Whether it runs at that size, here: a size that the memory does not suffice for is nothing to advise."""
    try:
        return runs_at(module, channels, size)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
    release_cuda_memory()
    return False


def _candidates(refused: Size, known: list[Size]) -> list[Size]:
    """Sizes to try, each once, those of recipes and those near the refused one first."""
    near = [
        Size(*(max(stride, step(side, stride)) for side in refused)) for stride in _STRIDES for step in (_down, _up)
    ]
    small = max(refused) <= min(_USUAL_SIDES)
    squares = [Size(side, side) for side in (sorted(_USUAL_SIDES) if small else _USUAL_SIDES)]
    return [size for size in dict.fromkeys((*known, *near[:2], *squares[:2], *near[2:], *squares)) if size != refused]


def _down(side: int, stride: int) -> int:
    return side // stride * stride


def _up(side: int, stride: int) -> int:
    return -(-side // stride) * stride


def _channels_of(module: nn.Module) -> int | None:
    """How many channels the first convolution takes; None where there is none."""
    for part in module.modules():
        if isinstance(part, nn.Conv2d):
            return part.in_channels
    return None


def _on_channels(wanted: int, given: int) -> str:
    said = f"It takes {wanted} channel{'s' if wanted != 1 else ''}, and the preprocessing gives {given}"
    if wanted not in _CHANNELS:
        return f"{said}; an image has 3, or 1 in grey, so that it cannot be shown one."
    form = "one number each, for grey" if wanted == 1 else "three numbers each, for colour"
    return f"{said}: give “mean” and “std” of the preprocessing {form}."


def _on_sizes(works: list[Size], tried: int) -> str:
    if not works:
        return f"None of {tried} other sizes that were tried goes through it either."
    told = [f"{size.height} × {size.width}" for size in works]
    listed = " or ".join((", ".join(told[:-1]), told[-1])) if len(told) > 1 else told[0]
    only = "" if len(works) >= _ENOUGH else f" (of {tried} sizes that were tried)"
    return f"It takes {listed}, height × width{only}: set the size in the preprocessing."
