"""What a segmentation, detection or embedding network says about the image, and the choice of what is explained."""

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cnnviz_desktop.core.answers import Detections, Embedding, Segmentation
from cnnviz_desktop.core.requests import ClassTarget, Target
from cnnviz_desktop.core.resources import image_name
from cnnviz_desktop.ui.answers.answer_list import ROW_ROLE, AnswerDelegate, AnswerModel
from cnnviz_desktop.ui.answers.answer_rows import AnswerRow, class_rows, object_rows

FIRST_THRESHOLD = 0.5


class AnswerPanel(QWidget):
    """The classes with their areas, the objects with their scores, or the vector's length and likeness.

    Signals:
        chosen: Index of the class or object whose row was clicked, or Enter was pressed on.
        classes_wanted: The vector's numbers are class scores.
        look_changed: The label map is to be shown or hidden, or objects of other scores are.
    """

    chosen = Signal(int)
    look_changed = Signal()
    classes_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: Segmentation | Detections | Embedding | None = None
        self._target: Target = ClassTarget()
        self._head = QLabel(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
        self._notes = QLabel(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
        self._labels = QCheckBox(self.tr("Show classes on the image"))
        self._labels.setToolTip(self.tr("Lay the class of every pixel over the image, in place of the heat map"))
        self._as_classes = QPushButton(self.tr("&Treat as class scores"))
        self._as_classes.setToolTip(self.tr("Take the vector's numbers as the scores of classes"))
        self._as_classes.clicked.connect(self.classes_wanted)
        self._make_threshold()
        self._make_list()
        self._lay_out()
        self._labels.toggled.connect(self.look_changed)
        self._threshold.valueChanged.connect(self._on_threshold_changed)
        self._refresh()

    @property
    def shows_labels(self) -> bool:
        """Whether the label map is wanted over the image."""
        return self._labels.isChecked()

    @property
    def rows(self) -> tuple[AnswerRow, ...]:
        """What is listed."""
        return self._model.rows

    def show_answer(self, result: Segmentation | Detections | Embedding | None) -> None:
        """Show what a network says; None for nothing.

        Where it is less sure of everything than the least score shown, the least score is lowered: an empty list would
        hide that it found anything.
        """
        self._result = result
        if isinstance(result, Detections) and len(result) and not result.surest(self._threshold.value()):
            self._threshold.setValue(int(float(result.scores.max()) * 100) / 100)
        self._refresh()

    def show_target(self, target: Target) -> None:
        """Mark what is explained."""
        self._target = target
        self._refresh()

    def _make_threshold(self) -> None:
        self._threshold = QDoubleSpinBox(minimum=0.0, maximum=1.0, singleStep=0.05, decimals=2, value=FIRST_THRESHOLD)
        self._threshold.setAccessibleName(self.tr("Least score of the objects shown"))
        self._threshold.setToolTip(self.tr("Objects that the network is less sure of are left out"))
        self._threshold_label = QLabel(self.tr("&Score at least"))
        self._threshold_label.setBuddy(self._threshold)

    def _make_list(self) -> None:
        self._model = AnswerModel(self)
        self._list = QListView(uniformItemSizes=True)
        self._list.setMouseTracking(True)
        self._list.setModel(self._model)
        self._list.setItemDelegate(AnswerDelegate(self._list))
        self._list.setAccessibleName(self.tr("What the network sees; Enter makes one the target"))
        self._list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setFrameShape(QListView.Shape.NoFrame)
        self._list.clicked.connect(self._choose)
        self._list.activated.connect(self._choose)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self._labels)
        row.addWidget(self._threshold_label)
        row.addWidget(self._threshold)
        row.addWidget(self._as_classes)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(4)
        for label in (self._head, self._notes):
            label.setContentsMargins(6, 2, 6, 2)
        column.addWidget(self._head)
        column.addLayout(row)
        column.addWidget(self._notes)
        column.addWidget(self._list, 1)
        column.addStretch(0)

    @Slot()
    def _refresh(self) -> None:
        result = self._result
        self._labels.setVisible(isinstance(result, Segmentation))
        for widget in (self._threshold, self._threshold_label):
            widget.setVisible(isinstance(result, Detections))
        self._as_classes.setVisible(isinstance(result, Embedding))
        self._list.setVisible(isinstance(result, Segmentation | Detections))
        rows: tuple[AnswerRow, ...] = ()
        if isinstance(result, Segmentation):
            rows = class_rows(result, self._target)
        elif isinstance(result, Detections):
            rows = object_rows(result, self._target, self._threshold.value())
        self._model.show_rows(rows)
        self._head.setText(self._words(result, len(rows)))
        self._notes.setText("\n".join(result.notes) if result is not None else "")
        self._notes.setVisible(bool(self._notes.text()))

    def _words(self, result: Segmentation | Detections | Embedding | None, shown: int) -> str:
        match result:
            case Segmentation():
                return self.tr("{0} of {1} classes, by their share of the area").format(shown, len(result.class_names))
            case Detections():
                return self.tr("{0} of {1} objects found, the surest first").format(shown, len(result))
            case Embedding():
                return self._words_of_vector(result)
            case None:
                return ""

    def _words_of_vector(self, result: Embedding) -> str:
        words = self.tr("A vector of {0} numbers and length {1}").format(
            f"{len(result.vector):,}", f"{result.norm:.4g}"
        )
        if result.similarity is None:
            how = self.tr(
                "Choose “Compare with this image” in the context menu of an image below to explain a likeness."
            )
            return f"{words}\n\n{how}"
        like = self.tr("Cosine similarity to {0}: {1}")
        return f"{words}\n{like.format(image_name(result.compared_with), f'{result.similarity:.4f}')}"

    @Slot()
    def _on_threshold_changed(self) -> None:
        self._refresh()
        self.look_changed.emit()

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        row: AnswerRow = index.data(ROW_ROLE)
        self.chosen.emit(row.index)
