"""Gradients averaged over many inputs: on the way from a baseline to the image, or around the image."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.engine.chunks import Precision, parts, precision_of, rows_at_once, score_rows
from cnnviz_desktop.engine.explanation import Explanation
from cnnviz_desktop.engine.methods.explaining import Asked, Explainer, Found, OfEachRow
from cnnviz_desktop.engine.passes import Wanted
from cnnviz_desktop.engine.workbench import Workbench

_TELLING_ERROR = 0.05
"""A completeness error above this is told in words."""

_SCALES = (2.0**16, 2.0**8, 1.0, 2.0**-8)
"""What scores are multiplied by on the way back through float16, which has nothing between 6e-8 and 0; the greatest
that overflows nowhere is taken."""


@dataclass(frozen=True, slots=True, eq=False)
class _Points:
    """Inputs at which gradients are averaged.

    Attributes:
        weights: (n,) float64 tensor, what each counts.
        inputs: Gives those of a slice, (slice, C, H, W); slices are asked for in order.
    """

    weights: Tensor
    inputs: Callable[[slice], Tensor]


def integrated_gradients(asked: Asked, one: Explanation, row: int) -> Iterator[Found]:
    """(x − x₀) ⊙ ∫₀¹ ∂S/∂x (x₀ + t·(x − x₀)) dt by Gauss–Legendre quadrature (Sundararajan et al. 2017).

    The picture sharpens; its last one comes with the completeness error.
    """
    precision = precision_of(asked.bench, asked.choice("precision"))
    end = _wide(one.seen.input[0])
    start = baseline(asked.bench, asked.choice("baseline")).to(end).expand_as(end)
    for done, mean in _averaged(_way(start, end, int(asked.number("steps"))), asked, one, precision):
        raw = (end - start) * mean
        error, sums = _completeness(one, float(raw.sum()), _score(one, start)) if done == 1 else (None, ())
        yield Found(row, None, raw.float(), done, error, precision.notes, sums)


def smoothgrad(asked: Asked, one: Explanation, row: int) -> Iterator[Found]:
    """Mean of ∂S/∂x (x + N(0, σ²)), σ a share of the range of x (Smilkov et al. 2017). The picture sharpens."""
    precision = precision_of(asked.bench, asked.choice("precision"))
    centre = _wide(one.seen.input[0])
    deviation, notes = asked.number("noise") * float(centre.max() - centre.min()), precision.notes
    if asked.number("noise") > 0 and deviation == 0:
        notes = (*notes, "The input has one value throughout, so its range, and with it the noise, is 0.")
    points = _cloud(centre, deviation, int(asked.number("samples")), asked.seed)
    for done, mean in _averaged(points, asked, one, precision):
        yield Found(row, None, mean.float(), done, notes=notes)


def baseline(bench: Workbench, colour: str) -> Tensor:
    """(C, 1, 1) float32 tensor: the network's input where an image shows ``mean``, ``black`` or ``white``."""
    recipe = bench.outline.preprocessing
    mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (recipe.mean, recipe.std))
    return {"mean": torch.zeros_like(mean), "black": -mean / std, "white": (recipe.scale - mean) / std}[colour]


def _way(start: Tensor, end: Tensor, steps: int) -> _Points:
    """Gauss–Legendre points between two inputs, ordered so that the first few are spread over the whole way."""
    places, weights = np.polynomial.legendre.leggauss(steps)
    order = np.argsort(np.arange(steps) * (math.sqrt(5) - 1) / 2 % 1)  # multiples of the golden ratio
    along = torch.from_numpy((1 + places[order]) / 2).to(end)[:, None, None, None]
    return _Points(torch.from_numpy(weights[order] / 2), lambda part: start + along[part] * (end - start))


def _cloud(centre: Tensor, deviation: float, samples: int, seed: int) -> _Points:
    """Noisy copies of an input. Each is drawn on its own and on the CPU: the same for every chunk size and device."""
    generator = torch.Generator().manual_seed(seed)

    def inputs(part: slice) -> Tensor:
        noise = [torch.randn(centre.shape, generator=generator) for _ in range(part.stop - part.start)]
        return centre + deviation * torch.stack(noise).to(centre)

    return _Points(torch.full((samples,), 1 / samples, dtype=torch.float64), inputs)


def _averaged(
    points: _Points, asked: Asked, explanation: Explanation, precision: Precision
) -> Iterator[tuple[float, Tensor]]:
    """Share of the points that are in it, and the weighted mean (C, H, W) float64 of their gradients so far."""
    seen, count = explanation.seen.input, len(points.weights)
    whole = Wanted(of_input=True)
    rows = rows_at_once(asked.bench, int(asked.number("chunk")), Size(*seen.shape[-2:]), keeping=whole)
    weights = points.weights.to(seen.device)
    total = torch.zeros(seen.shape[1:], dtype=torch.float64, device=seen.device)
    for part in parts(count, rows):
        gradients = _gradients(explanation, points.inputs(part).to(seen.dtype), precision)
        total += torch.tensordot(weights[part], gradients.double(), dims=1)
        yield part.stop / count, total / weights[: part.stop].sum()


def _gradients(explanation: Explanation, inputs: Tensor, precision: Precision) -> Tensor:
    """(n, C, H, W) float32 tensor: ∂S/∂x at each of n inputs."""
    leaf = inputs.detach().requires_grad_()
    with torch.enable_grad():
        # A clone, since a network may work in place on what it is given, and a leaf does not allow that.
        scores = score_rows(explanation.bench, leaf.clone(), explanation.objective, precision)
        if precision.dtype is not torch.float16:
            return explanation.gradient_elsewhere(scores, leaf)
        for scale in _SCALES:
            gradients = explanation.gradient_elsewhere(scores * scale, leaf, keep_graph=scale != _SCALES[-1]) / scale
            if bool(gradients.isfinite().all()):
                break
    return gradients


def _score(explanation: Explanation, point: Tensor) -> float:
    """S of one input (C, H, W)."""
    batch = point[None].to(explanation.seen.input.dtype).clone()
    with torch.no_grad():
        return float(score_rows(explanation.bench, batch, explanation.objective, Precision())[0])


def _wide(tensor: Tensor) -> Tensor:
    """In float32 at least: points that lie close together are one in float16."""
    return tensor.detach().to(torch.promote_types(tensor.dtype, torch.float32))


def _completeness(explanation: Explanation, total: float, before: float) -> tuple[float | None, tuple[str, ...]]:
    """|Σ terms − (S(x) − S(x₀))| / |S(x) − S(x₀)|, and what to say of it.

    Args:
        explanation: Whose score is S(x).
        total: Σ terms.
        before: S(x₀).
    """
    score = float(explanation.scores[0].detach())
    difference, rounding = score - before, 8 * torch.finfo(explanation.seen.input.dtype).eps
    if not math.isfinite(total) or not math.isfinite(difference):
        return None, ()
    if abs(difference) <= rounding * max(abs(score), abs(before)):
        note = f"The score is the same at the baseline, so the terms should add up to 0; they add up to {total:.3g}."
        return None, (note,)
    error = abs(total - difference) / abs(difference)
    if error <= _TELLING_ERROR:
        return error, ()
    note = (
        f"The terms add up to {total:.4g}, while the score changes by {difference:.4g} on the way: {error:.0%} off. "
        "More steps bring the two together."
    )
    return error, (note,)


EXPLAINERS: dict[str, Explainer] = {
    "integrated_gradients": OfEachRow(integrated_gradients),
    "smoothgrad": OfEachRow(smoothgrad),
}
