"""What can be done with the canvas, as actions for menus, shortcuts and the palette."""

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from cnnviz_desktop.ui.canvas.overlay_bar import OverlayBar
from cnnviz_desktop.ui.canvas.view import ZOOM_STEP, CanvasView


class CanvasActions(QObject):
    """The actions of the view and the map; they are the first of the widget's context menu.

    Attributes:
        fit: Show the whole image.
        actual_pixels: One pixel of the image on one of the screen.
        zoom_in: Larger.
        zoom_out: Smaller.
        field: Whether the cell under the pointer and its receptive field are drawn.
        region: Whether a rectangle is drawn on the image, to be explained.
        in_sight: Whether copied and saved pictures show what is in sight, rather than the whole image at its own
            resolution.
    """

    def __init__(self, view: CanvasView, bar: OverlayBar, widget: QWidget) -> None:
        super().__init__(widget)
        self._view, self._bar = view, bar
        self.fit = self._action(self.tr("&Fit image"), "Ctrl+0")
        self.actual_pixels = self._action(self.tr("Actual &pixels"), "Ctrl+1")
        self.zoom_in = self._action(self.tr("Zoom &in"), "Ctrl++", "Ctrl+=")
        self.zoom_out = self._action(self.tr("Zoom &out"), "Ctrl+-")
        self.field = self._toggle(self.tr("&Receptive field under the pointer"), on=True)
        self.region = self._toggle(self.tr("Draw a re&gion to explain"), on=False)
        self.region.setShortcut(QKeySequence("R"))
        self.region.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.region.setToolTip(self.tr("Draw a rectangle on the image: what the layer sees there is explained (R)"))
        self.in_sight = self._toggle(self.tr("Pictures: only the part in &sight"), on=False)
        self.fit.triggered.connect(view.fit)
        self.actual_pixels.triggered.connect(view.show_actual_pixels)
        self.zoom_in.triggered.connect(self._on_zoom_in)
        self.zoom_out.triggered.connect(self._on_zoom_out)
        for group in (self.view_actions, self.map_actions, (self.region, self.in_sight)):
            widget.addActions(group)
            widget.addAction(self._line())

    @property
    def view_actions(self) -> tuple[QAction, ...]:
        """Those that zoom."""
        return self.fit, self.actual_pixels, self.zoom_in, self.zoom_out

    @property
    def map_actions(self) -> tuple[QAction, ...]:
        """Those that say what is drawn over the image."""
        bar = self._bar
        return bar.show_action, bar.smooth_action, bar.cells_action, bar.positive_action, self.field

    def set_enabled(self, *, picture: bool) -> None:
        """Grey what needs a picture."""
        for action in (*self.view_actions, self.region, self.in_sight):
            action.setEnabled(picture)

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
