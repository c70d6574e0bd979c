"""The image with a map over it: the view, its words, its colour bar and its controls."""

from dataclasses import replace
from pathlib import PurePath

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QWidget

from cnnviz_desktop.core.geometry import MapGeometry
from cnnviz_desktop.core.rendering import colour_table, is_signed
from cnnviz_desktop.core.resources import image_name
from cnnviz_desktop.core.results import Attribution, FloatArray, Picture
from cnnviz_desktop.ui.canvas.actions import CanvasActions
from cnnviz_desktop.ui.canvas.caption import Caption, caption_of
from cnnviz_desktop.ui.canvas.frame import lay_out
from cnnviz_desktop.ui.canvas.notes_line import NotesLine
from cnnviz_desktop.ui.canvas.on_picture import OnPicture
from cnnviz_desktop.ui.canvas.overlay import Overlay
from cnnviz_desktop.ui.canvas.overlay_bar import OverlayBar
from cnnviz_desktop.ui.canvas.picture_levels import PictureLevels
from cnnviz_desktop.ui.canvas.pictures import shown_picture
from cnnviz_desktop.ui.canvas.pointing import Pointing
from cnnviz_desktop.ui.canvas.region_tool import RegionTool
from cnnviz_desktop.ui.canvas.scene import MapLook, Scene
from cnnviz_desktop.ui.canvas.shown_map import Form, ShownMap, why_not_drawn
from cnnviz_desktop.ui.canvas.view import CanvasView
from cnnviz_desktop.ui.colours.colour_bar import ColourBar
from cnnviz_desktop.ui.own_escape import OwnEscape
from cnnviz_desktop.ui.picture_export import PictureActions, ShownPicture


class ImageCanvas(QWidget):
    """Shows a picture, and over it the map of a layer or a gradient picture.

    `readout_changed` carries the `Readout` under the pointer, or None. `cell_hovered` carries (row, column) of the
    map's cell under it, or None; `point_hovered` the `Point` of the picture, or None, for other views of the image.
    `region_drawn` carries the `Box` of the picture that is to be explained.

    Attributes:
        view: The area of the picture.
        on_picture: What is drawn on it besides the map.
        bar: How the map is drawn.
        menu_actions: What can be done with the view and the map, for menus.
        picture_actions: Copying and saving what is shown, for menus; it says in words what it did.
    """

    readout_changed = Signal(object)
    cell_hovered = Signal(object)
    point_hovered = Signal(object)
    region_drawn = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: Picture | None = None
        self._levels: PictureLevels | None = None
        self._map: ShownMap | None = None
        self._overlay: Overlay | None = None
        self._look: MapLook | None = None
        self._caption = Caption("")
        self._why_empty = self._why_no_map = self._in_place = ""
        self._scene: Scene | None = None
        self._heat_relu = True
        self._compares = False
        self.view = CanvasView()
        self.on_picture = OnPicture(self.view)
        self.bar = OverlayBar()
        self._colour_bar = ColourBar()
        self._title, self._foot = NotesLine(), NotesLine()
        self._zoom = QLabel()
        lay_out(self, self._title, self._zoom, (self.view, self._colour_bar), (self._foot, self.bar))
        self.menu_actions = CanvasActions(self.view, self.bar, self)
        self.picture_actions = PictureActions(self, self._make_picture)
        self._pointing = Pointing(self.menu_actions.field, self)
        self._region_tool = RegionTool(self.view, self.menu_actions.region, self._pointing.place)
        OwnEscape(self.view, self._pointing.has_stepped)
        self._connect()
        self._redraw()

    def _connect(self) -> None:
        self.view.pointed.connect(self._pointing.follow_mouse)
        self.view.stepped.connect(self._pointing.step)
        self.view.compared.connect(self._on_compared)
        self.view.view_changed.connect(self._show_zoom)
        self.bar.changed.connect(self._redraw)
        self.bar.positive_action.triggered.connect(self._on_positive_chosen)
        self.bar.form_chosen.connect(self._on_form_chosen)
        self._pointing.readout_changed.connect(self.readout_changed)
        self._pointing.cell_hovered.connect(self.cell_hovered)
        self._pointing.point_hovered.connect(self.point_hovered)
        self._pointing.point_hovered.connect(self._region_tool.follow_keyboard)
        self._pointing.marks_changed.connect(self._show_scene)
        self._region_tool.band_changed.connect(self.on_picture.show_band)
        self.on_picture.changed.connect(self._on_answer_changed)
        self._region_tool.drawn.connect(self.region_drawn)

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
            self._pointing.forget()
        if self._map is not None and self._map.image != picture.image:
            self._map = self._overlay = None
        self._drop_levels()
        self._picture = picture
        self._levels = PictureLevels(picture.pixels, self)
        self._levels.refined.connect(self.view.update)
        self._redraw()

    @property
    def shows_attribution(self) -> bool:
        """Whether the map over the picture explains something, rather than being one that was picked."""
        return self._map is not None and self._map.done is not None

    def show_attribution(self, result: Attribution, title: str = "") -> None:
        """Lay a class activation map, or a gradient picture, over the picture it was made of.

        Of a heat map its positive part is drawn, until the user wants both signs. `title` says what it is where the
        title of its method does not tell.
        """
        self._lay_over(ShownMap.of(result, self.bar.form, title), relu=self._heat_relu)

    def stay_preliminary(self) -> None:
        """Say that the map over the picture will not become sharper, where it could have."""
        if self._map is not None and self._map.is_preliminary:
            self._map = self._map.cancelled()
            self._redraw()

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

    def clear_map(self, why: str = "") -> None:
        """Show the picture alone, and say why where there is more to say than that."""
        self._map = self._overlay = self._pointing.marks = None
        self._why_no_map = why
        self._redraw()

    def forget_why(self) -> None:
        """Say no more why there is no map: one is being computed."""
        if self._why_no_map:
            self._why_no_map = ""
            self._show_words()

    def clear(self, why: str = "") -> None:
        """Show no picture, and say why; where nothing is said, invite to open one."""
        self._why_empty = why
        self._drop_levels()
        self._picture = self._levels = None
        self.clear_map()

    def show_cell(self, geometry: MapGeometry, row: int, column: int) -> None:
        """Draw a cell's box and its receptive field on the picture: another view points at it."""
        self._pointing.show_cell(geometry, row, column)

    def clear_cell(self) -> None:
        """Take the boxes off."""
        self._pointing.clear_cell()

    def _lay_over(self, shown: ShownMap, *, relu: bool) -> None:
        self._map, self._why_no_map = shown, ""
        self.bar.set_positive(relu and not shown.is_gradient)
        self._overlay = shown.overlay(relu=relu)
        self._pointing.marks = None
        self._redraw()
        self._pointing.point_again()

    def _drop_levels(self) -> None:
        if self._levels is not None:
            self._levels.stop()
            self._levels.deleteLater()

    @Slot()
    def _redraw(self) -> None:
        self._in_place = self.on_picture.label_map_over(self._picture)
        self._look = self._make_look()
        fits = self._fitting is not None
        self._pointing.look_at(self._picture.pixels if self._picture else None, self._map if fits else None)
        self._show_scene()
        self._show_words()
        self._show_zoom()
        self.menu_actions.set_enabled(picture=self._picture is not None)
        self.bar.setEnabled(self._overlay is not None and not self._in_place)
        coloured = self._overlay is not None and self._overlay.is_coloured
        self.bar.suit(gradient=self._map is not None and self._map.is_gradient, coloured=coloured)
        self._colour_bar.setVisible(self._look is not None and self.bar.show_action.isChecked() and not coloured)
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
        opacity = 1.0 if overlay.is_coloured else self.bar.opacity
        return MapLook(colours, choice.limits_of(values), opacity, self.bar.smooth_action.isChecked())

    @Slot()
    def _show_scene(self) -> None:
        overlay = self._fitting if self.bar.show_action.isChecked() and not self._compares else None
        self._scene = None
        if self._levels is not None and self._picture is not None:
            answer = self.on_picture.answer_for(self._picture.image)
            answer = None if self._in_place and self._compares else answer
            seen = overlay.seen if overlay is not None else None
            look, region, frame = self._look if overlay else None, self.on_picture.region, self.on_picture.frame
            self._scene = Scene(self._levels, overlay, look, seen, self._pointing.marks, region, frame, answer)
        self.view.show_scene(self._scene, keep_view=True)

    @property
    def _fitting(self) -> Overlay | None:
        """The map, where it was made of this picture at this size and is not hidden by what the network says."""
        overlay, picture, shown = self._overlay, self._picture, self._map
        if self._in_place or overlay is None or picture is None or shown is None or shown.image != picture.image:
            return None
        return overlay if overlay.fits(picture.pixels) else None

    def _show_words(self) -> None:
        limits = self._look.limits if self._look is not None else None
        words = self._caption = caption_of(
            self._picture, self._map, self._overlay, limits, self._why_empty, self._why_no_map, self._in_place
        )
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
        covered = self._scene.look or self._in_place
        return shown_picture(self._scene, in_sight, scale, f"{name}-map" if covered else name, caption)

    @Slot()
    def _on_answer_changed(self) -> None:
        if self.on_picture.label_map_over(self._picture) == self._in_place:
            self._show_scene()
        else:
            self._redraw()

    @Slot(str)
    def _on_form_chosen(self, form: Form) -> None:
        if self._map is not None and self._map.is_gradient:
            self._lay_over(replace(self._map, form=form), relu=False)

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
