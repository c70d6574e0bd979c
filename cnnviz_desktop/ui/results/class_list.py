"""The rows of the predictions panel: classes with their probabilities, as a model and the way it is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from cnnviz_desktop.core.results import Predictions
from cnnviz_desktop.ui.percent import percent_text

ModelIndex = QModelIndex | QPersistentModelIndex
ROW_ROLE = int(Qt.ItemDataRole.UserRole)


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class: its number, name, probability (0–1), logit, and whether it is the target, or taken off it."""

    index: int
    name: str
    probability: float
    logit: float
    is_target: bool
    is_minus: bool = False

    @property
    def percent(self) -> str:
        """The probability in words."""
        return percent_text(self.probability)


class ClassModel(QAbstractListModel):
    """Some of a result's classes, in the order to be shown."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[ClassRow, ...] = ()

    def show_classes(
        self, result: Predictions, indices: Sequence[int], target: int | None, minus: int | None = None
    ) -> None:
        """Hold these classes of the result; where they are the same in the same order, only what they say changes."""
        rows = tuple(
            ClassRow(
                index,
                result.class_names[index],
                float(result.probabilities[index]),
                float(result.logits[index]),
                index == target,
                index == minus,
            )
            for index in indices
        )
        if rows and [row.index for row in rows] == [row.index for row in self._rows]:
            self._rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def clear(self) -> None:
        """Hold nothing."""
        self.beginResetModel()
        self._rows = ()
        self.endResetModel()

    def row(self, number: int) -> ClassRow:
        """The class in that row."""
        return self._rows[number]

    def rowCount(self, parent: ModelIndex | None = None) -> int:
        """Number of classes."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - whatever the role wants
        """Name, spoken text, tooltip, and the `ClassRow` itself."""
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            text = self.tr("{0}, class {1}, {2}, logit {3}").format(
                row.name, row.index, row.percent, f"{row.logit:.3f}"
            )
            if row.is_minus:
                return self.tr("{0}, taken off the target").format(text)
            return self.tr("{0}, the target").format(text) if row.is_target else text
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tr("{0} (class {1})\nprobability {2}\nlogit {3}").format(
                row.name, row.index, f"{row.probability:.6g}", f"{row.logit:.6g}"
            )
        return None


class ClassDelegate(QStyledItemDelegate):
    """Draws a class: name and probability, a bar under them, number and logit in small."""

    _PADDING = 8
    _BAR = 6

    def sizeHint(self, option: QStyleOptionViewItem, index: ModelIndex) -> QSize:
        """Two lines and a bar."""
        return QSize(160, 2 * option.fontMetrics.height() + self._BAR + 2 * self._PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: ModelIndex) -> None:
        """Draw one class."""
        row: ClassRow = index.data(ROW_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        palette = option.palette
        frame = QRectF(option.rect).adjusted(2, 1, -2, -1)
        accent = palette.color(QPalette.ColorRole.Highlight)
        if selected or hovered:
            wash = QColor(accent)
            wash.setAlphaF(0.16 if selected else 0.08)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(wash)
            painter.drawRoundedRect(frame, 5, 5)
        if option.state & QStyle.StateFlag.State_HasFocus and selected:
            painter.setPen(accent)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(frame, 5, 5)
        self._draw_row(painter, option, row)
        painter.restore()

    def _draw_row(self, painter: QPainter, option: QStyleOptionViewItem, row: ClassRow) -> None:
        palette, metrics = option.palette, option.fontMetrics
        text_colour = palette.color(QPalette.ColorRole.Text)
        accent = palette.color(QPalette.ColorRole.Highlight)
        area = QRectF(option.rect).adjusted(self._PADDING + 2, self._PADDING, -self._PADDING - 2, -self._PADDING)
        bold = QFont(option.font)
        bold.setBold(row.is_target or row.is_minus)
        painter.setFont(bold)
        painter.setPen(text_colour)
        line = QRectF(area.left(), area.top(), area.width(), metrics.height())
        percent_width = metrics.horizontalAdvance("> 99.9 %") + 8
        name_line = line.adjusted(0, 0, -percent_width, 0)
        if row.is_target:
            self._draw_target(painter, QRectF(line.left(), line.center().y() - 5, 10, 10), accent)
            name_line.setLeft(name_line.left() + 16)
        elif row.is_minus:
            painter.drawText(name_line, Qt.AlignmentFlag.AlignVCenter, "−")
            name_line.setLeft(name_line.left() + 16)
        name = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideRight, int(name_line.width()))
        painter.drawText(name_line, Qt.AlignmentFlag.AlignVCenter, name)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, right, row.percent)
        painter.setFont(option.font)
        bar = QRectF(area.left(), line.bottom() + 3, area.width(), self._BAR - 1)
        self._draw_bar(painter, bar, row.probability, accent, text_colour)
        small = QRectF(area.left(), bar.bottom() + 3, area.width(), metrics.height())
        painter.setPen(faded(text_colour, palette.color(QPalette.ColorRole.Base)))
        painter.drawText(small, Qt.AlignmentFlag.AlignVCenter, self.tr("class {0}").format(row.index))
        logit = f"{row.logit:.3f}".replace("-", "−")
        painter.drawText(small, right, self.tr("logit {0}").format(logit))

    @staticmethod
    def _draw_target(painter: QPainter, area: QRectF, colour: QColor) -> None:
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(area.adjusted(3, 3, -3, -3))
        pen = painter.pen()
        pen.setStyle(Qt.PenStyle.SolidLine)
        pen.setColor(colour)
        pen.setWidthF(1.5)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(area)
        painter.restore()

    @staticmethod
    def _draw_bar(painter: QPainter, area: QRectF, share: float, filled: QColor, empty: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        track = QColor(empty)
        track.setAlphaF(0.12)
        radius = area.height() / 2
        painter.setBrush(track)
        painter.drawRoundedRect(area, radius, radius)
        if share > 0:  # NaN is not
            painter.setBrush(filled)
            width = max(area.height(), area.width() * min(share, 1.0))
            painter.drawRoundedRect(QRectF(area.left(), area.top(), width, area.height()), radius, radius)


def faded(text: QColor, base: QColor) -> QColor:
    """Text in the background: 70 % of its contrast, which leaves more than 4.5:1 of black or white text."""
    mixed = (0.7 * text.redF() + 0.3 * base.redF(), 0.7 * text.greenF() + 0.3 * base.greenF())
    return QColor.fromRgbF(*mixed, 0.7 * text.blueF() + 0.3 * base.blueF())
