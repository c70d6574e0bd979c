"""The layer that class activation maps of a network suit best."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.core.token_grids import TokenGrid
from cnnviz_desktop.engine.capture import capture
from cnnviz_desktop.engine.observing import Call
from cnnviz_desktop.engine.outputs import scores_of
from cnnviz_desktop.engine.running import run_network, told_in_words
from cnnviz_desktop.engine.token_grids import arranged

Grids = Mapping[str, tuple[TokenGrid | None, ...]]

_POOLING_TO_SIZE = (nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)
_NORMS_TRIED = 8
"""The last three blocks of a transformer and the norm after them: what reads the patches is among them."""


def suggested_layer(module: nn.Module, calls: Mapping[str, Call], grids: Grids, blank: Tensor) -> str:
    """The last layer with spatial extent before pooling; empty where no layer gives maps.

    Of tokens it is the last norm whose patches the class scores depend on: after the last attention a vision
    transformer reads its class token alone, and no gradient reaches a patch. So it is where maps come with something
    besides, which may be all that the scores read: a PiT gives its patches as maps, and its class token beside them.

    Args:
        module: The network, borrowed.
        calls: What the modules did that it may be one of when the network saw `blank`.
        grids: How the outputs of every module lie over the input.
        blank: (1, C, H, W) input; where the network gives tokens, it sees it once more.
    """
    last = _last_spatial(module, calls, grids)
    if not last:
        return ""
    grid = _first_grid(grids, last)
    if grid is None or (grid.form != "tokens" and len(calls[last].outputs) == 1):
        return last
    parts = dict(module.named_modules())
    norms = [
        name for name in calls if name and "norm" in type(parts[name]).__name__.lower() and _is_tokens(grids, name)
    ]
    tried = sorted(norms, key=lambda name: calls[name].order)[-_NORMS_TRIED:]
    if grid.form != "tokens":
        tried.append(last)
    return _last_that_matters(module, tried, grids, blank) or last


def _last_spatial(module: nn.Module, calls: Mapping[str, Call], grids: Grids) -> str:
    """As ``layer4.2`` rather than ``layer4`` or ``layer4.2.relu``.

    Among the modules that give the very last such tensor the outermost counts, of those that give nothing besides: what
    is made of it inside, as the pooled features that come with it, does not depend on what leaves the module. A plain
    Sequential stands for its last child.
    """
    parts = dict(module.named_modules())
    pooled = {call.first for name, call in calls.items() if isinstance(parts[name], _POOLING_TO_SIZE)}
    spatial = [
        name
        for name, call in calls.items()
        if name and _has_extent(_first_grid(grids, name)) and call.first not in pooled
    ]
    if not spatial:
        return ""
    last = max(spatial, key=lambda name: calls[name].order)
    same = [name for name in spatial if calls[name].first == calls[last].first]
    alone = [name for name in same if len(calls[name].outputs) == 1]
    name = min(alone or same, key=lambda candidate: (candidate.count("."), -calls[candidate].order))
    while type(parts[name]) is nn.Sequential:
        child = f"{name}.{list(dict(parts[name].named_children()))[-1]}"
        if child not in calls or calls[child].first != calls[name].first:
            break
        name = child
    return name


def _last_that_matters(module: nn.Module, names: Sequence[str], grids: Grids, blank: Tensor) -> str:
    """The last of the layers some of whose patches the scores depend on; empty where there is none.

    What is sent back through the network is NaN: it reaches everything that a score depends on, whatever the weights.
    A gradient would vanish behind a head that was initialised with zeros, as torchvision's are.
    """
    layers = [LayerRef(name) for name in names]
    if not layers:
        return ""
    try:
        with torch.enable_grad(), capture(module, layers=(), gradients=layers) as recording:
            scores = scores_of(run_network("The network", module, blank)).logits
        with told_in_words("The network cannot be differentiated"):
            nodes = [recording.tensors[layer] for layer in layers]
            nan = torch.full_like(scores, torch.nan)
            found: tuple[Tensor | None, ...] = torch.autograd.grad(scores, nodes, nan, allow_unused=True)
    except NetworkError:  # it gives no class scores, or keeps no graph: any layer is as good
        return ""
    for name, gradient in reversed(list(zip(names, found, strict=True))):
        if gradient is not None and bool(arranged(gradient, _first_grid(grids, name), name).isnan().any()):
            return name
    return ""


def _first_grid(grids: Grids, name: str) -> TokenGrid | None:
    return next(iter(grids.get(name, ())), None)


def _is_tokens(grids: Grids, name: str) -> bool:
    grid = _first_grid(grids, name)
    return grid is not None and grid.form == "tokens"


def _has_extent(grid: TokenGrid | None) -> bool:
    return grid is not None and grid.rows * grid.columns > 1
