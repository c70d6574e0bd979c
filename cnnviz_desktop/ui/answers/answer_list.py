"""The list of classes or objects, as a model and the way it is drawn: the legend of what lies on the picture."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from cnnviz_desktop.ui.answers.answer_rows import AnswerRow
from cnnviz_desktop.ui.results.class_list import faded

ModelIndex = QModelIndex | QPersistentModelIndex
ROW_ROLE = int(Qt.ItemDataRole.UserRole)


class AnswerModel(QAbstractListModel):
    """The rows, in the order to be shown."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[AnswerRow, ...] = ()

    @property
    def rows(self) -> tuple[AnswerRow, ...]:
        """All of them."""
        return self._rows

    def show_rows(self, rows: Sequence[AnswerRow]) -> None:
        """Hold these; where they are the same in the same order, only what they say changes."""
        alike = [row.index for row in rows] == [row.index for row in self._rows]
        if rows and alike:
            self._rows = tuple(rows)
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: ModelIndex | None = None) -> int:
        """Number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - whatever the role wants
        """Name, spoken text, tooltip, and the `AnswerRow` itself."""
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            text = self.tr("{0}, {1}, {2}").format(row.name, row.value, row.detail)
            return self.tr("{0}, the target").format(text) if row.is_target else text
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{row.name}\n{row.share:.6g}\n{row.detail}"
        return None


class AnswerDelegate(QStyledItemDelegate):
    """Draws a row: its colour, name and value, and in small where it is."""

    _PADDING = 7

    def sizeHint(self, option: QStyleOptionViewItem, index: ModelIndex) -> QSize:
        """Two lines."""
        return QSize(160, 2 * option.fontMetrics.height() + 2 * self._PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: ModelIndex) -> None:
        """Draw one row."""
        row: AnswerRow = index.data(ROW_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option)
        area = QRectF(option.rect).adjusted(self._PADDING + 2, self._PADDING, -self._PADDING - 2, -self._PADDING)
        text = option.palette.color(QPalette.ColorRole.Text)
        height = option.fontMetrics.height()
        swatch = QRectF(area.left(), area.top() + 2, height - 4, height - 4)
        painter.setPen(text if row.is_target or not row.colour.alpha() else Qt.PenStyle.NoPen)
        painter.setBrush(row.colour)
        painter.drawRoundedRect(swatch, 3, 3)
        bold = QFont(option.font)
        bold.setBold(row.is_target)
        painter.setFont(bold)
        painter.setPen(text)
        line = QRectF(swatch.right() + 8, area.top(), area.right() - swatch.right() - 8, height)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, right, row.value)
        room = line.width() - painter.fontMetrics().horizontalAdvance(row.value) - 8
        name = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideRight, int(room))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(option.font)
        painter.setPen(faded(text, option.palette.color(QPalette.ColorRole.Base)))
        small = line.translated(0, height)
        painter.drawText(small, Qt.AlignmentFlag.AlignVCenter, row.detail)
        if row.is_target:
            painter.drawText(small, right, self.tr("explained"))
        painter.restore()

    @staticmethod
    def _paint_ground(painter: QPainter, option: QStyleOptionViewItem) -> None:
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        accent = option.palette.color(QPalette.ColorRole.Highlight)
        frame = QRectF(option.rect).adjusted(2, 1, -2, -1)
        if selected or hovered:
            wash = QColor(accent)
            wash.setAlphaF(0.16 if selected else 0.08)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(wash)
            painter.drawRoundedRect(frame, 5, 5)
        if selected and option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(accent)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(frame, 5, 5)
