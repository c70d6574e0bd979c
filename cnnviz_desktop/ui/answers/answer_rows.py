"""The rows in which an answer is listed, and which of them is what is explained."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor

from cnnviz_desktop.core.answers import Detections, Segmentation, is_background
from cnnviz_desktop.core.geometry import Box
from cnnviz_desktop.core.label_colours import label_colour
from cnnviz_desktop.core.requests import ClassTarget, DetectionTarget, Target
from cnnviz_desktop.ui.percent import percent_text

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One class of a segmentation, or one object.

    Attributes:
        index: Of the class, or of the object in the answer.
        name: Of the class.
        value: Its share or score in words.
        share: The same, 0–1.
        detail: More of it, in small.
        colour: What it is drawn in on the picture; clear for the background, which is not drawn.
        is_target: Whether it is what is explained.
    """

    index: int
    name: str
    value: str
    share: float
    detail: str
    colour: QColor
    is_target: bool


def class_rows(found: Segmentation, target: Target) -> tuple[AnswerRow, ...]:
    """The classes that have any pixels, the largest first."""
    return tuple(
        AnswerRow(
            index=index,
            name=found.class_names[index],
            value=percent_text(float(found.shares[index])),
            share=float(found.shares[index]),
            detail=translate("AnswerPanel", "class {0}").format(index),
            colour=QColor(*label_colour(index), 0 if is_background(found.class_names[index]) else 255),
            is_target=isinstance(target, ClassTarget) and target.label == index,
        )
        for index in found.present()
    )


def object_rows(found: Detections, target: Target, threshold: float) -> tuple[AnswerRow, ...]:
    """The objects that the network is sure enough of, the surest first."""
    explained = explained_object(found, target)
    return tuple(
        AnswerRow(
            index=index,
            name=found.class_names[index],
            value=percent_text(float(found.scores[index])),
            share=float(found.scores[index]),
            detail=_place(found.box(index)),
            colour=QColor(*label_colour(int(found.labels[index]))),
            is_target=index == explained,
        )
        for index in found.surest(threshold)
    )


def explained_object(found: Detections, target: Target) -> int | None:
    """Which of the objects a target means, as the engine takes it; None where none is."""
    if isinstance(target, DetectionTarget) and target.index is not None:
        return target.index if target.index < len(found) else None
    if not isinstance(target, ClassTarget | DetectionTarget):
        return None
    alike = [
        index
        for index in found.surest()
        if target.label is None or target.label in (int(found.labels[index]), found.class_names[index])
    ]
    if not alike or isinstance(target, ClassTarget) or target.box is None:
        return alike[0] if alike else None
    overlaps = [_overlap(Box(*target.box), found.box(index)) for index in alike]
    best = int(np.argmax(overlaps))
    return alike[best] if overlaps[best] > 0 else None


def object_target(found: Detections, index: int) -> DetectionTarget:
    """The target that means an object: its place, to the hundredth of a pixel, and its class."""
    left, top, right, bottom = (round(edge, 2) for edge in found.box(index))
    return DetectionTarget(box=(left, top, right, bottom), label=int(found.labels[index]))


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    shared = max(0.0, width) * max(0.0, height)
    areas = [(box.right - box.left) * (box.bottom - box.top) for box in (one, other)]
    return shared / (sum(areas) - shared) if shared else 0.0


def _place(box: Box) -> str:
    words = translate("AnswerPanel", "{0}–{1} × {2}–{3} px")
    return words.format(*map(round, (box.left, box.right, box.top, box.bottom)))
