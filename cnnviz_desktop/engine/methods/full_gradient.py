"""FullGrad: what the input and every additive constant of the network add to a score (Srinivas and Fleuret 2019)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor

from cnnviz_desktop.core.errors import LayerError, NetworkError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.token_grids import TokenGrid, grid_of
from cnnviz_desktop.engine.explanation import Explanation
from cnnviz_desktop.engine.methods.additive_constants import AdditiveConstants
from cnnviz_desktop.engine.methods.explaining import Asked, Explainer, Found, OfEachRow
from cnnviz_desktop.engine.methods.fusing import enlarged
from cnnviz_desktop.engine.methods.operation_calls import Constant
from cnnviz_desktop.engine.token_grids import arranged

_TOLERATED = 0.01
"""Of the score: what the terms may miss before it is said."""

_EPSILON = 1e-7
"""pytorch-grad-cam's, against a division by 0."""


def fullgrad(asked: Asked, one: Explanation, row: int) -> Iterator[Found]:
    """S = Σ x ⊙ ∂S/∂x + Σ_b b ⊙ ∂S/∂b, which holds where the network is linear piece by piece.

    A map of the input's size, from one forward pass of its own, which looks for the constants, and one backward pass.

    Raises:
        LayerError: The score does not depend on the image, the network keeps no graph, or its layers are hidden.
        NetworkError: The network pads its input itself, so that its layers' terms do not lie over it.
    """
    outline = one.bench.outline
    if outline.hidden:  # and with the layers the constants that they add
        raise LayerError(f"{outline.name}: {outline.hidden}")
    if one.seen.within is not None:
        raise NetworkError(
            f"FullGrad lays the terms of every layer over the input, and {one.bench.outline.name} resizes and pads "
            "that itself before its layers see it. Choose another method, such as Grad-CAM."
        )
    seen = one.seen.input.detach()
    terms = _Terms(Size(*seen.shape[-2:]), asked.choice("terms") == "absolute")
    constants = AdditiveConstants(terms.take)
    with torch.enable_grad():
        leaf = seen.clone().requires_grad_()
        with constants:
            # A clone, since a network may work in place on what it is given, and a leaf does not allow that.
            scores = one.bench.score_as_is(leaf.clone(), one.objective)[:1]
        gradient = one.gradient_elsewhere(scores, leaf)
    terms.take(Constant(seen, rows_at=1), gradient)
    value = float(scores.detach().sum())
    missed = abs(float(terms.total) - value) / max(abs(value), torch.finfo(torch.float32).tiny)
    sums = (*_about_sum(missed, constants), *_about_placeless(terms, value))
    yield Found(row, None, terms.drawn(), completeness=missed, notes=_about_constants(constants), sums=sums)


@dataclass(slots=True)
class _Terms:
    """Terms of one row, added up as the backward pass brings them.

    Attributes:
        size: Of the input.
        absolute: Whether each channel's absolute values are drawn, scaled to 0–1, and not the signed values.
        total: The sum of all terms.
        placeless: The sum of those without a place in the image: after pooling, or of a class token.
        maps: The others, summed over channels, by their size.
    """

    size: Size
    absolute: bool
    total: Tensor | float = 0.0
    placeless: Tensor | float = 0.0
    maps: dict[tuple[int, ...], Tensor] = field(default_factory=dict)

    def take(self, constant: Constant, gradient: Tensor) -> None:
        """Add constant ⊙ gradient."""
        value, gradient = constant.value.expand_as(gradient).float(), gradient.float()
        if gradient.dim() == 3 and gradient.shape[1] == 1 < gradient.shape[0]:  # tokens with the batch after them
            value, gradient = value.transpose(0, 1), gradient.transpose(0, 1)
        grid = self._grid(gradient, constant.rows_at)
        if grid is None:
            self._leave_out(value, gradient)
            return
        if grid.leading:
            self._leave_out(value[:, : grid.leading], gradient[:, : grid.leading])
        value, gradient = arranged(value, grid, "")[0], arranged(gradient, grid, "")[0]  # (C, h, w)
        summed = _summed(value, gradient)
        self.total = self.total + summed.sum(dtype=torch.float64)
        drawn = each_scaled((value * gradient).abs()).sum(dim=0) if self.absolute else summed
        size = tuple(drawn.shape)
        self.maps[size] = self.maps[size] + drawn if size in self.maps else drawn

    def drawn(self) -> Tensor:
        """(H, W) tensor, the map over the input."""
        placed = enlarged if self.absolute else _spread
        return torch.stack([placed(drawn, self.size) for drawn in self.maps.values()]).sum(dim=0)

    def _leave_out(self, value: Tensor, gradient: Tensor) -> None:
        term = (value * gradient).sum(dtype=torch.float64)
        self.total, self.placeless = self.total + term, self.placeless + term

    def _grid(self, signal: Tensor, rows_at: int | None) -> TokenGrid | None:
        if len(signal) != 1:
            return None
        grid = grid_of(tuple(signal.shape[1:]), self.size, rows_at=rows_at if signal.dim() == 4 else None)
        return grid if grid is not None and grid.rows * grid.columns > 1 else None


def _summed(value: Tensor, gradient: Tensor) -> Tensor:
    """(h, w) tensor: Σ_c value ⊙ gradient of two (C, h, w)."""
    if value.stride()[1:] != (0, 0):
        return (value * gradient).sum(dim=0)
    # One number a channel: a product of matrices reads the gradient once and writes no tensor of its size.
    return torch.mv(gradient.flatten(1).T, value[:, 0, 0]).view(gradient.shape[1:])


def each_scaled(maps: Tensor) -> Tensor:
    """(C, h, w) tensor: each channel of maps ≥ 0 scaled to 0–1, (x − min) / (max − min + ε); 0 where it is constant.

    ε is 1e-7 as in pytorch-grad-cam, and less where it would outweigh the terms, as it does those of small gradients:
    a tenth of the greatest max − min at the most.
    """
    shifted = maps - maps.amin(dim=(1, 2), keepdim=True)
    spread = shifted.amax(dim=(1, 2), keepdim=True)
    divisor = spread + (spread.max() / 10).clamp(max=_EPSILON)
    return shifted / divisor.masked_fill(divisor == 0, 1)


def _spread(drawn: Tensor, size: Size) -> Tensor:
    """(H, W) tensor: a map (h, w), bilinear, each cell's value shared out over the pixels it reaches: the sum stays."""
    down, across = (_shares(cells, pixels, drawn) for cells, pixels in zip(drawn.shape, size, strict=True))
    return down @ drawn @ across.T


def _shares(cells: int, pixels: int, like: Tensor) -> Tensor:
    """(pixels, cells) tensor: how much of each cell's value a pixel gets, all of a cell's shares adding up to 1."""
    each = torch.eye(cells, dtype=like.dtype, device=like.device)[None]
    if pixels >= cells:
        weights = F.interpolate(each, size=pixels, mode="linear", align_corners=False)[0].T
    else:
        weights = F.adaptive_avg_pool1d(each, pixels)[0].T
    return weights / weights.sum(dim=0)


def _about_constants(constants: AdditiveConstants) -> tuple[str, ...]:
    if constants.count:
        return ()
    return ("The network adds no bias and normalises nothing: this is the gradient × input alone.",)


def _about_sum(missed: float, constants: AdditiveConstants) -> tuple[str, ...]:
    if missed <= _TOLERATED:
        return ()
    where = f"the way to it is not linear piece by piece: {', '.join(constants.bends)}"
    unknown = (
        "something on the way to it is not linear piece by piece, passes on no gradient, or adds a constant in a way "
        "that is not followed"
    )
    return (f"The terms miss the score by {missed:.0%} of it, since {where if constants.bends else unknown}.",)


def _about_placeless(terms: _Terms, score: float) -> tuple[str, ...]:
    left_out = float(terms.placeless)
    if abs(left_out) <= 1e-6 * max(abs(score), torch.finfo(torch.float32).tiny):
        return ()
    share = f" ({left_out / score:.0%} of it)" if score else ""
    return (f"Terms without a place in the image, as after pooling, are not in the map: {left_out:.4g}{share}.",)


EXPLAINERS: dict[str, Explainer] = {"fullgrad": OfEachRow(fullgrad)}
