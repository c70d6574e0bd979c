"""Keeps the answer in its panel and on the picture the same, and turns a choice in either into a target."""

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from cnnviz_desktop.core.answers import NO_CLASS, Detections, Embedding, Segmentation
from cnnviz_desktop.core.geometry import Box
from cnnviz_desktop.core.label_colours import label_table
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import ClassTarget, Target
from cnnviz_desktop.ui.answers.answer_panel import AnswerPanel
from cnnviz_desktop.ui.answers.answer_rows import object_target
from cnnviz_desktop.ui.canvas.answer_marks import AnswerMarks, MarkedObject
from cnnviz_desktop.ui.canvas.on_picture import OnPicture


class ShownAnswer(QObject):
    """What the network says, beside the picture and on it.

    Signals:
        wanted: The `Target` that was chosen.

    Args:
        panel: Lists it.
        picture: Draws it.
    """

    wanted = Signal(object)

    def __init__(self, panel: AnswerPanel, picture: OnPicture) -> None:
        super().__init__(panel)
        self._panel, self._picture = panel, picture
        self._result: Segmentation | Detections | Embedding | None = None
        self._target: Target = ClassTarget()
        panel.chosen.connect(self._choose)
        panel.look_changed.connect(self._draw)
        picture.object_clicked.connect(self._choose)

    @Slot(object)
    def show_outline(self, outline: Outline) -> None:
        """Forget what another network said."""
        del outline
        self.show_answer(None)

    @Slot(object)
    def show_answer(self, result: Segmentation | Detections | Embedding | None) -> None:
        """Show what the network says; None for nothing."""
        self._result = result
        self._panel.show_answer(result)
        self._draw()

    def show_target(self, target: Target) -> None:
        """Mark what is explained."""
        if target != self._target:
            self._target = target
            self._panel.show_target(target)
            self._draw()

    @Slot(int)
    def _choose(self, index: int) -> None:
        match self._result:
            case Segmentation():
                before = self._target if isinstance(self._target, ClassTarget) else ClassTarget()
                self.wanted.emit(ClassTarget(index, score=before.score, box=before.box))
            case Detections():
                self.wanted.emit(object_target(self._result, index))

    @Slot()
    def _draw(self) -> None:
        match self._result:
            case Segmentation() if self._panel.shows_labels:
                self._picture.show_answer(_label_marks(self._result, self.tr("the class of every pixel")))
            case Detections():
                self._picture.show_answer(self._object_marks(self._result))
            case _:
                self._picture.show_answer(None)

    def _object_marks(self, found: Detections) -> AnswerMarks:
        marks = [
            MarkedObject(row.index, found.box(row.index), row.colour, f"{row.name} {row.value}", row.is_target)
            for row in self._panel.rows
        ]
        return AnswerMarks(found.image, objects=tuple(reversed(marks)))


def _label_marks(found: Segmentation, caption: str) -> AnswerMarks:
    """The label map in its colours; the background and what has no class are clear."""
    table = label_table(found.class_names)
    colours = np.ascontiguousarray(table[np.where(found.labels == NO_CLASS, len(table) - 1, found.labels)])
    height, width = found.labels.shape
    image = QImage(colours.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
    size = found.geometry.transform.input
    whole = found.geometry.transform.box_to_original(Box(0, 0, size.width, size.height))
    return AnswerMarks(found.image, labels=image, labels_box=whole, labels_caption=caption)
