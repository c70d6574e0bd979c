"""Pictures that leave the program: to the clipboard or a PNG file, with the colour bar that gives them meaning."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QColor,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QImage,
    QImageWriter,
    QKeySequence,
    QPainter,
)
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from cnnviz_desktop.core.errors import CnnvizError
from cnnviz_desktop.core.rendering import Limits, colour_table, quantise
from cnnviz_desktop.core.results import ByteArray, FloatArray
from cnnviz_desktop.ui.colours.colour_bar import bar_breadth, paint_colour_bar
from cnnviz_desktop.ui.qt_images import indexed_image, magnified, rgb_image

MARGIN = 8
LEAST_BAR = 72
MAP_SIDE = 448
FONT_PIXELS = 11
INK, PAPER = QColor("black"), QColor("white")


@dataclass(frozen=True, slots=True, eq=False)
class ShownPicture:
    """What a view shows, ready to leave the program.

    Attributes:
        image: The picture; its device pixel ratio says how many of its pixels make a logical one.
        name: Suggested name of a file, without suffix.
        caption: What it shows, in a line.
        table: (256, 3) uint8 colours, None where the colours stand for no values.
        limits: Values of the first and the last colour.
    """

    image: QImage
    name: str
    caption: str = ""
    table: ByteArray | None = None
    limits: Limits | None = None


def picture_with_colour_bar(image: QImage, table: ByteArray, limits: Limits, caption: str, scale: int = 1) -> QImage:
    """A picture on white with a colour bar at its right and a caption under it.

    Args:
        image: Any picture; its pixels stay sharp squares. One whose device pixel ratio is `scale` is kept as it is.
        table: (256, 3) uint8 colours.
        limits: Values of the first and the last colour.
        caption: A line under the picture, wrapped where it is longer; may be empty.
        scale: 1–4 pixels for a logical one; text is drawn at that size, not enlarged.
    """
    font = QFont(QGuiApplication.font())
    font.setPixelSize(FONT_PIXELS)
    metrics = QFontMetrics(font)
    size = image.deviceIndependentSize().toSize()
    upright = Qt.Orientation.Vertical
    height = max(size.height(), LEAST_BAR)
    width = size.width() + MARGIN + bar_breadth(metrics, upright)
    wrap = int(Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere)
    words = metrics.boundingRect(QRect(0, 0, width, 10_000), wrap, caption).height() + MARGIN if caption else 0
    whole = QSize(width + 2 * MARGIN, height + words + 2 * MARGIN)
    sheet = QImage(whole * scale, QImage.Format.Format_RGB32)
    sheet.fill(PAPER)
    painter = QPainter(sheet)
    painter.scale(scale, scale)
    painter.setFont(font)
    painter.drawImage(QPoint(MARGIN, MARGIN + (height - size.height()) // 2), enlarged(image, scale))
    bar = QRect(MARGIN + size.width() + MARGIN, MARGIN, bar_breadth(metrics, upright), height)
    paint_colour_bar(painter, bar, table, limits, upright, INK)
    painter.setPen(INK)
    painter.drawText(QRect(MARGIN, 2 * MARGIN + height, width, words), wrap, caption)
    painter.end()
    return sheet


def map_picture(values: FloatArray, limits: Limits, colours: str, title: str, scale: int) -> ShownPicture:
    """A map as large sharp squares.

    Args:
        values: (h, w) float32, or (h, w, 3) for a map that is colours.
        limits: Between which values it is drawn.
        colours: Name of the colour map.
        title: What it is: the caption and the suggested name.
        scale: 1–4 pixels for a logical one.
    """
    indices, table = quantise(values, limits), colour_table(colours)
    image = rgb_image(indices) if values.ndim == 3 else indexed_image(indices, table)
    image = magnified(image, max(1, MAP_SIDE // max(values.shape[:2])) * scale)
    image.setDevicePixelRatio(scale)
    return ShownPicture(image, title, title, None if values.ndim == 3 else table, limits)


def enlarged(image: QImage, scale: int) -> QImage:
    """The picture with `scale` pixels for each logical one, `scale` a multiple of its own ratio, as sharp squares."""
    larger = QImage(magnified(image, max(1, round(scale / image.devicePixelRatio()))))
    larger.setDevicePixelRatio(scale)
    return larger


def save_picture(image: QImage, path: Path) -> Path:
    """Write a PNG file whole or not at all; the name gets ``.png`` where it has not. Returns the file's path.

    Raises:
        CnnvizError: It cannot be written; what was at that path is left as it was.
    """
    target = path if path.suffix.lower() == ".png" else path.with_name(f"{path.name}.png")
    neighbour = ""
    try:
        handle, neighbour = tempfile.mkstemp(suffix=".png", prefix=".cnnviz-", dir=target.parent)
        os.close(handle)
        _write(QImageWriter(neighbour, b"png"), image)
        Path(neighbour).chmod(0o644)
        Path(neighbour).replace(target)
    except OSError as error:
        if neighbour:
            Path(neighbour).unlink(missing_ok=True)
        raise CnnvizError(f"The picture {target} cannot be saved: {error.strerror or error}.") from error
    return target


def _write(writer: QImageWriter, image: QImage) -> None:
    if not writer.write(image):
        raise OSError(writer.errorString())


class PictureActions(QObject):
    """“Copy picture” and “Save picture as…” of one view, in its context menu and on its keys.

    Signals:
        done: What was copied or saved, in words.
        failed: Why it could not be, in words.
    """

    done = Signal(str)
    failed = Signal(str)

    def __init__(self, view: QWidget, make: Callable[[int], ShownPicture | None]) -> None:
        """`make` gives the view's picture at 1–4 pixels for a logical one, None where it shows nothing."""
        super().__init__(view)
        self._view, self._make = view, make
        self._folder = Path.home()
        self.copy_action = self._action(
            self.tr("&Copy picture"), self._on_copy, QKeySequence(QKeySequence.StandardKey.Copy)
        )
        self.save_action = self._action(self.tr("&Save picture as…"), self._on_save, QKeySequence("Ctrl+Shift+E"))
        separator = QAction(self)
        separator.setSeparator(True)
        view.addAction(separator)
        self.bar_action = self._action(self.tr("With colour &bar"), None)
        self.bar_action.setCheckable(True)
        self.bar_action.setChecked(True)
        self._sizes = QActionGroup(self)
        view.addAction(self._size_menu(view).menuAction())
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    @property
    def scale(self) -> int:
        """Pixels for a logical one in the pictures, 1–4."""
        return int(self._sizes.checkedAction().data())

    def picture(self) -> QImage | None:
        """The view's picture as it would be copied or saved; None where the view shows nothing.

        Raises:
            CnnvizError: There is one, and it cannot be made.
        """
        shown = self._make(self.scale)
        if shown is None:
            return None
        if self.bar_action.isChecked() and shown.table is not None and shown.limits is not None:
            return picture_with_colour_bar(shown.image, shown.table, shown.limits, shown.caption, self.scale)
        return enlarged(shown.image, self.scale)

    def _action(self, text: str, slot: Callable[[], None] | None, keys: QKeySequence | None = None) -> QAction:
        action = QAction(text, self)
        if slot:
            action.triggered.connect(slot)
        if keys:
            action.setShortcut(keys)
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._view.addAction(action)
        return action

    def _size_menu(self, view: QWidget) -> QMenu:
        menu = QMenu(self.tr("Picture si&ze"), view)
        for scale in (1, 2, 3, 4):
            action = menu.addAction(f"{scale}×")
            action.setCheckable(True)
            action.setData(scale)
            action.setChecked(scale == 1)
            self._sizes.addAction(action)
        return menu

    @Slot()
    def _on_copy(self) -> None:
        try:
            picture = self.picture()
        except CnnvizError as error:
            self.failed.emit(str(error))
            return
        if picture is None:
            self.failed.emit(self.tr("There is no picture to copy."))
            return
        QGuiApplication.clipboard().setImage(picture)
        size = self.tr("{width} × {height} pixels").format(width=picture.width(), height=picture.height())
        self.done.emit(self.tr("Copied the picture ({size}).").format(size=size))

    @Slot()
    def _on_save(self) -> None:
        try:
            picture, shown = self.picture(), self._make(1)
            if picture is None or shown is None:
                self.failed.emit(self.tr("There is no picture to save."))
                return
            suggested = str(self._folder / f"{file_stem(shown.name)}.png")
            title, kinds = self.tr("Save picture as"), self.tr("PNG pictures (*.png)")
            chosen, _ = QFileDialog.getSaveFileName(self._view, title, suggested, kinds)
            if chosen:
                path = save_picture(picture, Path(chosen))
                self._folder = path.parent
                self.done.emit(self.tr("Saved {path}.").format(path=path))
        except CnnvizError as error:
            self.failed.emit(str(error))


def file_stem(name: str) -> str:
    """A name that every file system takes."""
    return "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name).strip("._") or "picture"
