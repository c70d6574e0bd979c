"""What is explained, named above the picture, with the way back to the likeliest class."""

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import ClassTarget, DetectionTarget, SimilarityTarget, Target, UnitTarget
from cnnviz_desktop.core.resources import image_name
from cnnviz_desktop.ui.eliding_label import ElidingLabel
from cnnviz_desktop.ui.toggle_style import TOGGLE_STYLE

translate = QCoreApplication.translate


class TargetLine(QWidget):
    """One line of words and two buttons.

    Signals:
        likeliest_wanted: Back to the likeliest class.

    Args:
        region: The action that draws a region.
        parent: Qt's parent.
    """

    likeliest_wanted = Signal()

    def __init__(self, region: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ElidingLabel()
        self._back = QToolButton()
        self._back.setText(self.tr("Likeliest class"))
        self._back.setToolTip(self.tr("Explain the likeliest class again"))
        self._back.clicked.connect(self.likeliest_wanted)
        self._draw = QToolButton()
        self._draw.setDefaultAction(region)
        self._draw.setText(self.tr("Draw a region"))
        for button in (self._back, self._draw):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setStyleSheet(TOGGLE_STYLE)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 4, 6, 0)
        row.addWidget(self._words, 1)
        row.addWidget(self._back)
        row.addWidget(self._draw)
        self.show_target(ClassTarget(), None)

    @property
    def words(self) -> str:
        """What it says."""
        return self._words.text()

    def show_target(self, target: Target, outline: Outline | None) -> None:
        """Name what is explained; `outline` has the names of the classes."""
        self._words.setText(self.tr("Explained: {0}").format(target_in_words(target, outline)))
        self._words.setAccessibleName(self._words.text())
        is_likeliest = target in (ClassTarget(), ClassTarget(score="probability"))
        self._back.setVisible(not is_likeliest and (outline is None or outline.task != "embedding"))
        self._back.setText(self._words_of_way_back(outline))

    def _words_of_way_back(self, outline: Outline | None) -> str:
        if outline is not None and outline.task == "detection":
            return self.tr("Surest object")
        return self.tr("Likeliest class")


def target_in_words(target: Target, outline: Outline | None) -> str:
    """What a target means: ``dog (class 5) − cat (class 3), logit``."""
    match target:
        case UnitTarget():
            return _unit_in_words(target)
        case DetectionTarget():
            return _object_in_words(target, outline)
        case SimilarityTarget():
            return translate("TargetLine", "similarity to {0}").format(image_name(target.image))
        case ClassTarget():
            return _score_in_words(target, outline)


def _score_in_words(target: ClassTarget, outline: Outline | None) -> str:
    if outline is not None and outline.task == "detection":
        if target.label is None:
            return translate("TargetLine", "the surest object")
        return translate("TargetLine", "the surest {0}").format(_class_in_words(target.label, outline))
    words = _class_in_words(target.label, outline)
    if target.minus is not None:
        words = f"{words} − {_class_in_words(target.minus, outline)}"
    if target.box is not None:
        words = translate("TargetLine", "{0} in {1}").format(words, _region_in_words(target.box))
    score = (
        translate("TargetLine", "probability") if target.score == "probability" else translate("TargetLine", "logit")
    )
    return f"{words}, {score}"


def _class_in_words(label: int | str | None, outline: Outline | None) -> str:
    if label is None:
        return translate("TargetLine", "the likeliest class")
    if isinstance(label, str) or outline is None:
        return str(label)
    return translate("TargetLine", "{0} (class {1})").format(outline.class_name(label), label)


def _object_in_words(target: DetectionTarget, outline: Outline | None) -> str:
    if target.label is not None:
        words = _class_in_words(target.label, outline)
    elif target.index is not None:
        return translate("TargetLine", "object {0}").format(target.index)
    else:
        words = translate("TargetLine", "the object")
    if target.box is not None:
        return translate("TargetLine", "{0} at {1}").format(words, _region_in_words(target.box))
    return translate("TargetLine", "the surest {0}").format(words)


def _region_in_words(box: tuple[float, float, float, float]) -> str:
    left, top, right, bottom = map(round, box)
    return translate("TargetLine", "{0}–{1} × {2}–{3} px").format(left, right, top, bottom)


def _unit_in_words(target: UnitTarget) -> str:
    if target.box is not None:
        where = translate("TargetLine", "a region of the image in {0}").format(target.layer)
        if target.channel is None:
            return translate("TargetLine", "{0}, all channels").format(where)
        return translate("TargetLine", "{0}, channel {1}").format(where, target.channel)
    if target.cell is not None:
        text = translate("TargetLine", "the unit in row {0}, column {1} of channel {2} of {3}")
        return text.format(*target.cell, target.channel, target.layer)
    return translate("TargetLine", "channel {0} of {1}").format(target.channel, target.layer)
