"""The images of the strip, as a model and the way each is drawn."""

from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QImage, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from cnnviz_desktop.core.resources import image_name
from cnnviz_desktop.core.results import ByteArray
from cnnviz_desktop.ui.qt_images import rgb_image

ModelIndex = QModelIndex | QPersistentModelIndex
ITEM_ROLE = int(Qt.ItemDataRole.UserRole)
SIDE = 72
KEPT_SIDE = 2 * SIDE  # crisp on a screen of two device pixels a logical one


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """One image of the strip.

    Attributes:
        reference: Its reference, as in requests.
        image: Its small picture; None until there is one.
        problem: Why it cannot be shown; empty where it can.
    """

    reference: str
    image: QImage | None = None
    problem: str = ""

    @property
    def name(self) -> str:
        """What people call it."""
        return image_name(self.reference)


def thumbnail_image(pixels: ByteArray) -> QImage:
    """A small picture of (H, W, 3) uint8 `pixels`, at most `KEPT_SIDE` along its longer side.

    A large image is thinned first to twice what is kept: smooth enough for its size, and quick.
    """
    step = max(1, max(pixels.shape[:2]) // (2 * KEPT_SIDE))
    thinned = rgb_image(pixels[::step, ::step])
    if max(thinned.width(), thinned.height()) <= KEPT_SIDE:
        return thinned
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    scaled: QImage = thinned.scaled(KEPT_SIDE, KEPT_SIDE, keep, smooth)
    return scaled


class ThumbnailModel(QAbstractListModel):
    """The images, each once, in order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: list[Thumbnail] = []
        self._places: dict[str, int] = {}

    @property
    def references(self) -> tuple[str, ...]:
        """All references, in order."""
        return tuple(item.reference for item in self._items)

    def item(self, number: int) -> Thumbnail:
        """The image at a place."""
        return self._items[number]

    def place(self, reference: str) -> int | None:
        """Where an image stands; None where it is not among them."""
        return self._places.get(reference)

    def set_references(self, references: tuple[str, ...]) -> None:
        """Hold these images; small pictures that are there already are kept."""
        known = {item.reference: item for item in self._items}
        self.beginResetModel()
        self._items = [known.get(reference, Thumbnail(reference)) for reference in dict.fromkeys(references)]
        self._count_places()
        self.endResetModel()

    def add(self, references: tuple[str, ...]) -> None:
        """Append those that are not among them."""
        new = [Thumbnail(reference) for reference in dict.fromkeys(references) if reference not in self._places]
        if new:
            self.beginInsertRows(QModelIndex(), len(self._items), len(self._items) + len(new) - 1)
            self._items.extend(new)
            self._count_places()
            self.endInsertRows()

    def remove(self, reference: str) -> None:
        """Take one away; nothing where it is not among them."""
        place = self._places.get(reference)
        if place is not None:
            self.beginRemoveRows(QModelIndex(), place, place)
            del self._items[place]
            self._count_places()
            self.endRemoveRows()

    def set_image(self, reference: str, image: QImage) -> None:
        """Give an image its small picture."""
        self._change(reference, image, "")

    def set_problem(self, reference: str, problem: str) -> None:
        """Say why an image cannot be shown."""
        self._change(reference, None, problem)

    def rowCount(self, parent: ModelIndex | None = None) -> int:
        """Number of images."""
        return 0 if parent is not None and parent.isValid() else len(self._items)

    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - whatever the role wants
        """Name, tooltip, and the `Thumbnail` itself."""
        item = self._items[index.row()]
        if role == ITEM_ROLE:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return item.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{item.reference}\n{item.problem}" if item.problem else item.reference
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.tr("{0}, cannot be shown: {1}").format(item.name, item.problem) if item.problem else item.name
        return None

    def _change(self, reference: str, image: QImage | None, problem: str) -> None:
        place = self._places.get(reference)
        if place is not None:
            self._items[place] = replace(self._items[place], image=image, problem=problem)
            index = self.index(place)
            self.dataChanged.emit(index, index)

    def _count_places(self) -> None:
        self._places = {item.reference: place for place, item in enumerate(self._items)}


class ThumbnailDelegate(QStyledItemDelegate):
    """Draws an image of the strip: its small picture, a placeholder, or a broken frame, with its name below."""

    _GAP = 6

    def sizeHint(self, option: QStyleOptionViewItem, index: ModelIndex) -> QSize:
        """The same for all."""
        return QSize(SIDE + 2 * self._GAP + 8, SIDE + 3 * self._GAP + option.fontMetrics.height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: ModelIndex) -> None:
        """Draw one image of the strip."""
        item: Thumbnail = index.data(ITEM_ROLE)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(option.rect)
        area.setHeight(self.sizeHint(option, index).height())  # the view makes the row as high as itself
        self._paint_frame(painter, option, area)
        room = area.adjusted(self._GAP, self._GAP, -self._GAP, 0)
        square = QRectF(room.center().x() - SIDE / 2, room.top(), SIDE, SIDE)
        ink = option.palette.color(QPalette.ColorRole.Text)
        if item.image is not None:
            self._paint_image(painter, square, item.image)
        else:
            self._paint_empty(painter, square, ink, broken=bool(item.problem))
        painter.setPen(ink)
        words = QRectF(room.left(), square.bottom() + self._GAP / 2, room.width(), option.fontMetrics.height() + 2)
        name = option.fontMetrics.elidedText(item.name, Qt.TextElideMode.ElideMiddle, int(words.width()))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, name)
        painter.restore()

    @staticmethod
    def _paint_frame(painter: QPainter, option: QStyleOptionViewItem, area: QRectF) -> None:
        accent = option.palette.color(QPalette.ColorRole.Highlight)
        frame = area.adjusted(1.5, 1.5, -1.5, -1.5)
        wash = QColor(accent)
        if option.state & QStyle.StateFlag.State_Selected:
            wash.setAlphaF(0.18)
            painter.setPen(QPen(accent, 2))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            wash.setAlphaF(0.10)
            painter.setPen(Qt.PenStyle.NoPen)
        else:
            return
        painter.setBrush(wash)
        painter.drawRoundedRect(frame, 6, 6)

    @staticmethod
    def _paint_image(painter: QPainter, square: QRectF, image: QImage) -> None:
        scale = min(SIDE / image.width(), SIDE / image.height())
        width, height = max(1.0, image.width() * scale), max(1.0, image.height() * scale)
        middle = square.center()
        painter.drawImage(QRectF(middle.x() - width / 2, middle.y() - height / 2, width, height), image)

    @staticmethod
    def _paint_empty(painter: QPainter, square: QRectF, ink: QColor, *, broken: bool) -> None:
        faint = QColor(ink)
        faint.setAlphaF(0.07)
        line = QColor(ink)
        line.setAlphaF(0.45)
        painter.setBrush(faint)
        painter.setPen(QPen(line, 1, Qt.PenStyle.DashLine if broken else Qt.PenStyle.NoPen))
        painter.drawRoundedRect(square.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        middle = square.center()
        if broken:
            painter.setPen(QPen(ink, 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(middle - QPointF(9, 9), middle + QPointF(9, 9))
            painter.drawLine(middle + QPointF(-9, 9), middle + QPointF(9, -9))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(line)
            for right in (-9, 0, 9):
                painter.drawEllipse(middle + QPointF(right, 0), 2, 2)
