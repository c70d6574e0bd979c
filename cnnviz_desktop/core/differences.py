"""One result less another: what two networks, such as one before and after its training, see otherwise."""

from dataclasses import replace

import numpy as np

from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.geometry import MapGeometry, Size
from cnnviz_desktop.core.rendering import upsample
from cnnviz_desktop.core.results import Attribution, FloatArray, GradientPicture, HeatMap


def difference_of(after: Attribution, before: Attribution, *, scaled: bool) -> Attribution:
    """`after` less `before`, signed, as a result of the same kind whose score is the difference of both scores.

    Maps of different resolution are compared at the finer one, the other enlarged bilinearly; a note says so.

    Args:
        after: The first.
        before: What is taken off it: the same method's answer about the same image.
        scaled: Whether each is divided by its own largest absolute value before, so that only its form counts.

    Raises:
        RequestError: They cannot be laid over one another.
    """
    notes = [*_about(after, before), *dict.fromkeys((*before.notes, *after.notes))]
    explained = replace(
        after.explained, score=after.explained.score - before.explained.score, probability=None, class_index=None
    )
    done = min(after.done, before.done)
    if isinstance(after, HeatMap) and isinstance(before, HeatMap):
        if _frame(after) != _frame(before):
            raise RequestError("The two networks see different parts of the image: give both the same preprocessing.")
        size = Size(*np.maximum(after.raw.shape, before.raw.shape).tolist())
        first, second = (_sized(each.raw, size) for each in (after, before))
        return replace(
            after,
            raw=_less(first, second, scaled=scaled),
            geometry=MapGeometry(after.geometry.transform, size, after.geometry.field),
            explained=explained,
            notes=tuple(notes),
            done=done,
            completeness=None,
        )
    if isinstance(after, GradientPicture) and isinstance(before, GradientPicture):
        if after.transform != before.transform or after.raw.shape != before.raw.shape:
            raise RequestError("The inputs of the two networks differ in size: give both the same preprocessing.")
        raw = _less(after.raw, before.raw, scaled=scaled)
        return replace(after, raw=raw, explained=explained, notes=tuple(notes), done=done, completeness=None)
    raise RequestError("A map and a picture cannot be taken from each other.")


def _frame(heat: HeatMap) -> tuple[object, ...]:
    """The part of the picture that the network sees, to the hundredth of a pixel: inputs may differ in size."""
    return tuple(round(side, 2) for side in heat.geometry.transform.seen)


def _sized(raw: FloatArray, size: Size) -> FloatArray:
    return raw if raw.shape == tuple(size) else upsample(raw, *size)


def _less(after: FloatArray, before: FloatArray, *, scaled: bool) -> FloatArray:
    first, second = (_scaled(after), _scaled(before)) if scaled else (after, before)
    return np.asarray(first - second, dtype=np.float32)


def _scaled(raw: FloatArray) -> FloatArray:
    finite = np.abs(raw[np.isfinite(raw)])
    largest = float(finite.max()) if finite.size else 0.0
    return np.asarray(raw / largest, dtype=np.float32) if largest > 0 else raw


def _about(after: Attribution, before: Attribution) -> list[str]:
    """What to know before believing the difference."""
    notes = []
    if after.explained.class_index != before.explained.class_index:
        notes.append(f"Different classes are explained: {before.explained.title} before, {after.explained.title} now.")
    if isinstance(after, HeatMap) and after.raw.shape != before.raw.shape:
        sizes = " and ".join("×".join(map(str, each.raw.shape)) for each in (before, after))
        notes.append(f"The maps have {sizes} cells: the coarser one was enlarged.")
    return notes
