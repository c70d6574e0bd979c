"""Pictures that leave the program: to the clipboard or a PNG file, with the colour bar that gives them meaning."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication, QImage, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMenu, QWidget

from cnnviz_desktop.core.errors import CnnvizError
from cnnviz_desktop.core.rendering import Limits, colour_table, quantise
from cnnviz_desktop.core.results import ByteArray, FloatArray
from cnnviz_desktop.ui.picture_files import file_stem, save_picture
from cnnviz_desktop.ui.picture_sheet import enlarged, picture_with_colour_bar
from cnnviz_desktop.ui.qt_images import indexed_image, magnified, rgb_image

MAP_SIDE = 448


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


class PictureActions(QObject):
    """“Copy picture” and “Save picture as…” of one view, in its context menu and on its keys.

    Attributes:
        folder: Where the dialog for saving begins: where a picture was saved last.

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
        self.folder = Path.home()
        self._waiting: ShownPicture | None = None
        view.installEventFilter(self)
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
        made = self._made()
        return made.image if made is not None else None

    def take_key(self, event: QKeyEvent) -> bool:
        """Copy or save if the event is one of their keys, wherever the focus is; whether it was."""
        for action in (self.copy_action, self.save_action):
            if action.shortcut() == QKeySequence(event.keyCombination()):
                action.trigger()
                return True
        return False

    def _made(self) -> ShownPicture | None:
        shown = self._make(self.scale)
        if shown is None:
            return None
        if self.bar_action.isChecked() and shown.table is not None and shown.limits is not None:
            sheet = picture_with_colour_bar(shown.image, shown.table, shown.limits, shown.caption, self.scale)
            return replace(shown, image=sheet)
        return replace(shown, image=enlarged(shown.image, self.scale))

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

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave Ctrl+C to a text within the view of which something is selected."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            text = QApplication.focusWidget()
            if event.matches(QKeySequence.StandardKey.Copy) and isinstance(text, QLabel) and text.hasSelectedText():
                event.accept()
                return True
        return super().eventFilter(watched, event)

    @Slot()
    def _on_copy(self) -> None:
        picture = self._asked_for(self.tr("There is no picture to copy."))
        if picture is not None:
            image = picture.image
            QGuiApplication.clipboard().setImage(image)
            size = self.tr("{width} × {height} pixels").format(width=image.width(), height=image.height())
            self.done.emit(self.tr("Copied the picture ({size}).").format(size=size))

    @Slot()
    def _on_save(self) -> None:
        self._waiting = self._asked_for(self.tr("There is no picture to save."))
        if self._waiting is None:
            return
        dialog = QFileDialog(self._view, self.tr("Save picture as"), str(self.folder))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("PNG pictures (*.png)"))
        dialog.setDefaultSuffix("png")  # so that the dialog asks about the very file that will be written
        dialog.selectFile(f"{file_stem(self._waiting.name)}.png")
        dialog.fileSelected.connect(self._on_file_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def _on_file_chosen(self, chosen: str) -> None:
        if self._waiting is None:
            return
        try:
            path = save_picture(self._waiting.image, Path(chosen))
        except CnnvizError as error:
            self.failed.emit(str(error))
            return
        self.folder = path.parent
        self.done.emit(self.tr("Saved {path}.").format(path=path))

    def _asked_for(self, why_none: str) -> ShownPicture | None:
        """The picture that leaves the program, with its name; None, and why, where there is none."""
        try:
            shown = self._made()
        except CnnvizError as error:
            self.failed.emit(str(error))
            return None
        if shown is None:
            self.failed.emit(why_none)
        return shown
