"""The image with a map over it: the view, its words, its colour bar and its controls."""

from pathlib import PurePath

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from cnnviz_desktop.core.geometry import MapGeometry, Point
from cnnviz_desktop.core.rendering import colour_table, is_signed
from cnnviz_desktop.core.resources import image_name
from cnnviz_desktop.core.results import FloatArray, HeatMap, Picture
from cnnviz_desktop.ui.canvas.actions import CanvasActions
from cnnviz_desktop.ui.canvas.caption import Caption, caption_of
from cnnviz_desktop.ui.canvas.overlay import Overlay
from cnnviz_desktop.ui.canvas.overlay_bar import OverlayBar
from cnnviz_desktop.ui.canvas.picture_levels import PictureLevels
from cnnviz_desktop.ui.canvas.pictures import shown_picture
from cnnviz_desktop.ui.canvas.readout import read_out, stepped
from cnnviz_desktop.ui.canvas.scene import MapLook, Marks, Scene
from cnnviz_desktop.ui.canvas.shown_map import ShownMap, why_not_drawn
from cnnviz_desktop.ui.canvas.view import CanvasView
from cnnviz_desktop.ui.colours.colour_bar import ColourBar
from cnnviz_desktop.ui.own_escape import OwnEscape
from cnnviz_desktop.ui.picture_export import PictureActions, ShownPicture


class ImageCanvas(QWidget):
    """Shows a picture, and over it the map of a layer.

    `readout_changed` carries the `Readout` under the pointer, or None. `cell_hovered` carries (row, column) of the
    map's cell under it, or None; `point_hovered` the `Point` of the picture, or None, for other views of the image.

    Attributes:
        view: The area of the picture.
        bar: How the map is drawn.
        menu_actions: What can be done with the view and the map, for menus.
        picture_actions: Copying and saving what is shown, for menus; it says in words what it did.
    """

    readout_changed = Signal(object)
    cell_hovered = Signal(object)
    point_hovered = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: Picture | None = None
        self._levels: PictureLevels | None = None
        self._map: ShownMap | None = None
        self._overlay: Overlay | None = None
        self._look: MapLook | None = None
        self._caption = Caption("")
        self._why_empty = ""
        self._scene: Scene | None = None
        self._marks: Marks | None = None
        self._pointer: Point | None = None
        self._steps = False
        self._heat_relu = True
        self._compares = False
        self.view = CanvasView()
        self.bar = OverlayBar()
        self._colour_bar = ColourBar()
        self._title, self._foot = _label(), _label()
        self._zoom = QLabel()
        self._lay_out()
        self.menu_actions = CanvasActions(self.view, self.bar, self)
        self.picture_actions = PictureActions(self, self._make_picture)
        OwnEscape(self.view, self._has_stepped)
        self.view.pointed.connect(self._on_mouse_pointed)
        self.view.stepped.connect(self._on_stepped)
        self.view.compared.connect(self._on_compared)
        self.view.view_changed.connect(self._show_zoom)
        self.bar.changed.connect(self._redraw)
        self.bar.positive_action.triggered.connect(self._on_positive_chosen)
        self._redraw()

    @property
    def picture(self) -> Picture | None:
        """The picture that is shown."""
        return self._picture

    @property
    def overlay(self) -> Overlay | None:
        """The drawn form of the map over it."""
        return self._overlay

    @property
    def scene(self) -> Scene | None:
        """What is drawn now; None where there is no picture."""
        return self._scene

    @property
    def caption(self) -> Caption:
        """What is said about the picture and the map."""
        return self._caption

    def show_picture(self, picture: Picture) -> None:
        """Show a picture. Another image's map is taken off; the view stays where the size is the same."""
        if self._picture is None or self._picture.image != picture.image:
            self._marks = self._pointer = None
        if self._map is not None and self._map.image != picture.image:
            self._map = self._overlay = None
        self._drop_levels()
        self._picture = picture
        self._levels = PictureLevels(picture.pixels, self)
        self._levels.refined.connect(self.view.update)
        self._redraw()

    def show_heat_map(self, heat_map: HeatMap) -> None:
        """Lay a class activation map over the picture: its positive part, until the user wants both signs."""
        self._lay_over(ShownMap.of_heat_map(heat_map), relu=self._heat_relu)

    def show_map(self, raw: FloatArray, geometry: MapGeometry, caption: str, *, image: str, relu: bool) -> None:
        """Lay any map over the picture it was made of; it is not drawn over another.

        Args:
            raw: (h, w) float32, signed; the readout tells its values.
            geometry: Where its cells lie on the picture.
            caption: What it is.
            image: Reference of the image it was made of.
            relu: Whether its positive part is drawn; the user can change that.
        """
        self._lay_over(ShownMap(image, raw, geometry, caption, caption), relu=relu)

    def clear_map(self) -> None:
        """Show the picture alone."""
        self._map = self._overlay = self._marks = None
        self._redraw()

    def clear(self, why: str = "") -> None:
        """Show no picture, and say why; where nothing is said, invite to open one."""
        self._why_empty = why
        self._drop_levels()
        self._picture = self._levels = None
        self.clear_map()

    def show_cell(self, geometry: MapGeometry, row: int, column: int) -> None:
        """Draw a cell's box and its receptive field on the picture: another view points at it."""
        self._mark(Marks(geometry.cell_box(row, column), geometry.field_box(row, column)))

    def clear_cell(self) -> None:
        """Take the boxes off."""
        self._mark(None)

    def _lay_over(self, shown: ShownMap, *, relu: bool) -> None:
        self._map = shown
        self.bar.set_positive(relu)
        self._overlay = shown.overlay(relu=relu)
        self._marks = None
        self._redraw()
        self._on_pointed(self._pointer)

    def _mark(self, marks: Marks | None) -> None:
        if marks != self._marks:
            self._marks = marks
            self._show_scene()

    def _drop_levels(self) -> None:
        if self._levels is not None:
            self._levels.stop()
            self._levels.deleteLater()

    @Slot()
    def _redraw(self) -> None:
        self._look = self._make_look()
        self._show_scene()
        self._show_words()
        self._show_zoom()
        self.menu_actions.set_enabled(picture=self._picture is not None)
        self.bar.setEnabled(self._overlay is not None)
        self._colour_bar.setVisible(self._look is not None and self.bar.show_action.isChecked())
        if self._look is not None:
            self._colour_bar.set_scale(colour_table(self._look.colours), self._look.limits)
            self.bar.show_limits(self._look.limits)

    def _make_look(self) -> MapLook | None:
        """How the map is drawn; None where there is none or nothing to see in it."""
        overlay = self._fitting
        if overlay is None or why_not_drawn(overlay):
            return None
        values, choice = overlay.values, self.bar.choice
        colours = choice.map_name(signed=is_signed(values))
        return MapLook(colours, choice.limits_of(values), self.bar.opacity, self.bar.smooth_action.isChecked())

    def _show_scene(self) -> None:
        overlay = self._fitting if self.bar.show_action.isChecked() and not self._compares else None
        self._scene = None
        if self._levels is not None:
            seen = overlay.seen if overlay is not None else None
            self._scene = Scene(self._levels, overlay, self._look if overlay else None, seen, self._marks)
        self.view.show_scene(self._scene, keep_view=True)

    @property
    def _fitting(self) -> Overlay | None:
        """The map, where it was made of this picture at this size."""
        overlay, picture, shown = self._overlay, self._picture, self._map
        if overlay is None or picture is None or shown is None or shown.image != picture.image:
            return None
        return overlay if overlay.fits(picture.pixels) else None

    def _show_words(self) -> None:
        limits = self._look.limits if self._look is not None else None
        words = self._caption = caption_of(self._picture, self._map, self._overlay, limits, self._why_empty)
        hides_map = self._picture is not None and not self.bar.show_action.isChecked()
        self.view.show_message("" if hides_map else words.plate)
        self._title.setText(words.title)
        self._foot.setText(words.foot)
        self.view.setAccessibleName(words.name)
        self.view.setAccessibleDescription(words.spoken)

    @Slot()
    def _show_zoom(self) -> None:
        viewport = self.view.viewport
        percent = viewport.scale * self.view.devicePixelRatioF() * 100 if viewport is not None else 0.0
        self._zoom.setText(self.tr("{0} %").format(f"{percent:.{0 if percent >= 10 else 1}f}") if percent else "")

    def _make_picture(self, scale: int) -> ShownPicture | None:
        if self._scene is None or self._picture is None:
            return None
        in_sight = self.view.viewport if self.menu_actions.in_sight.isChecked() else None
        caption = "\n".join(filter(None, (self._caption.title, self._caption.foot if self._scene.look else "")))
        name = PurePath(image_name(self._picture.image)).stem
        return shown_picture(self._scene, in_sight, scale, f"{name}-map" if self._scene.look else name, caption)

    def _has_stepped(self) -> bool:
        """Whether the keyboard has put the pointer's stand-in somewhere."""
        return self._steps

    @Slot(object)
    def _on_mouse_pointed(self, point: Point | None) -> None:
        self._steps = False
        self._on_pointed(point)

    def _on_pointed(self, point: Point | None) -> None:
        self._pointer = point
        picture, overlay = self._picture, self._fitting
        geometry = overlay.geometry if overlay is not None else None
        readout = None
        if point is not None and picture is not None:
            raw, source = (overlay.raw, self._map.source) if overlay is not None and self._map else (None, "")
            readout = read_out(point, picture.pixels, raw, geometry, source)
        cell = readout.cell if readout is not None else None
        if geometry is not None and cell is not None and self.menu_actions.field.isChecked():
            self.show_cell(geometry, *cell)
        else:
            self.clear_cell()
        self.readout_changed.emit(readout)
        self.cell_hovered.emit(cell)
        self.point_hovered.emit(point if readout is not None else None)

    @Slot(int, int)
    def _on_stepped(self, right: int, down: int) -> None:
        if self._levels is not None:
            geometry = self._fitting.geometry if self._fitting is not None else None
            self._steps = True
            self._on_pointed(stepped(self._pointer, (right, down), self._levels.size, geometry))

    @Slot(bool)
    def _on_compared(self, compares: bool) -> None:
        if compares != self._compares:
            self._compares = compares
            self._show_scene()

    @Slot(bool)
    def _on_positive_chosen(self, relu: bool) -> None:
        if self._map is not None:
            if self._map.is_heat:
                self._heat_relu = relu
            self._overlay = self._map.overlay(relu=relu)
            self._redraw()

    def _lay_out(self) -> None:
        kept = self._colour_bar.sizePolicy()
        kept.setRetainSizeWhenHidden(True)  # or the picture would jump whenever a map comes or goes
        self._colour_bar.setSizePolicy(kept)
        middle = QHBoxLayout()
        middle.setSpacing(6)
        middle.addWidget(self.view, 1)
        middle.addWidget(self._colour_bar)
        top = QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(self._zoom)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(middle, 1)
        column.addWidget(self._foot)
        column.addWidget(self.bar)


def _label() -> QLabel:
    """A line of text that can be selected and never widens the window."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return label
