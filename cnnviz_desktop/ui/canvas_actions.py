"""What can be done with the canvas, as actions for menus, shortcuts and the palette."""

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from cnnviz_desktop.ui.canvas_view import ZOOM_STEP, CanvasView
from cnnviz_desktop.ui.overlay_bar import OverlayBar

MULTIPLES = (1, 2, 3, 4)


class CanvasActions(QObject):
    """The actions. `copy_wanted` and `save_wanted` say whether the whole image is meant, or what is in sight.

    Attributes:
        fit: Show the whole image.
        actual_pixels: One pixel of the image on one of the screen.
        zoom_in: Larger.
        zoom_out: Smaller.
        field: Whether the cell under the pointer and its receptive field are drawn.
        with_bar: Whether copied and saved pictures have the colour bar.
        multiples: For 1×–4× of copied and saved pictures.
    """

    copy_wanted = Signal(bool)
    save_wanted = Signal(bool)

    def __init__(self, view: CanvasView, bar: OverlayBar, parent: QWidget) -> None:
        super().__init__(parent)
        self._view, self._bar = view, bar
        self.fit = self._action(self.tr("Fit image"), "Ctrl+0")
        self.actual_pixels = self._action(self.tr("Actual pixels"), "Ctrl+1")
        self.zoom_in = self._action(self.tr("Zoom in"), "Ctrl++", "Ctrl+=")
        self.zoom_out = self._action(self.tr("Zoom out"), "Ctrl+-")
        self.field = self._toggle(self.tr("Receptive field under the pointer"), on=True)
        self.copy_original = self._action(self.tr("Copy image with map"), "Ctrl+Shift+C")
        self.copy_in_sight = self._action(self.tr("Copy what is in sight"))
        self.save_original = self._action(self.tr("Save image with map…"), "Ctrl+E")
        self.save_in_sight = self._action(self.tr("Save what is in sight…"))
        self.with_bar = self._toggle(self.tr("With colour bar"), on=True)
        self.multiples = QActionGroup(self)
        for multiple in MULTIPLES:
            action = self._toggle(self.tr("{0}× pixels").format(multiple), on=multiple == 1)
            action.setData(multiple)
            self.multiples.addAction(action)
        self._lines = tuple(self._line() for _ in range(3))
        self._connect()
        parent.addActions([action for action in self.menu_order() if not action.isSeparator()])

    @property
    def multiple(self) -> int:
        """Pixels of a copied or saved picture for each of the image's, along both axes."""
        chosen: int = self.multiples.checkedAction().data()
        return chosen

    def menu_order(self) -> list[QAction]:
        """Every action, as a menu shows them, with separators."""
        view = [self.fit, self.actual_pixels, self.zoom_in, self.zoom_out]
        drawn = [self._bar.show_action, self._bar.smooth_action, self._bar.cells_action, self._bar.positive_action]
        return [*view, self._lines[0], *drawn, self.field, self._lines[1], *self.picture_order()]

    def picture_order(self) -> list[QAction]:
        """The actions that copy and save, with how they do it."""
        pictures = [self.copy_original, self.copy_in_sight, self.save_original, self.save_in_sight]
        return [*pictures, self._lines[2], self.with_bar, *self.multiples.actions()]

    def menu(self, parent: QWidget) -> QMenu:
        """A context menu of them all."""
        menu = QMenu(parent)
        menu.addActions(self.menu_order())
        return menu

    def set_enabled(self, *, picture: bool) -> None:
        """Grey what needs a picture."""
        for action in (self.fit, self.actual_pixels, self.zoom_in, self.zoom_out, *self.picture_order()):
            action.setEnabled(picture)

    def _connect(self) -> None:
        self.fit.triggered.connect(self._view.fit)
        self.actual_pixels.triggered.connect(self._view.show_actual_pixels)
        self.zoom_in.triggered.connect(self._on_zoom_in)
        self.zoom_out.triggered.connect(self._on_zoom_out)
        for action in (self.copy_original, self.copy_in_sight):
            action.triggered.connect(self._on_copy)
        for action in (self.save_original, self.save_in_sight):
            action.triggered.connect(self._on_save)

    def _action(self, text: str, *keys: str) -> QAction:
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        return action

    def _toggle(self, text: str, *, on: bool) -> QAction:
        action = QAction(text, self)
        action.setCheckable(True)
        action.setChecked(on)
        return action

    def _line(self) -> QAction:
        line = QAction(self)
        line.setSeparator(True)
        return line

    @Slot()
    def _on_zoom_in(self) -> None:
        self._view.zoom(ZOOM_STEP)

    @Slot()
    def _on_zoom_out(self) -> None:
        self._view.zoom(1 / ZOOM_STEP)

    @Slot()
    def _on_copy(self) -> None:
        self.copy_wanted.emit(self.sender() is self.copy_original)

    @Slot()
    def _on_save(self) -> None:
        self.save_wanted.emit(self.sender() is self.save_original)
