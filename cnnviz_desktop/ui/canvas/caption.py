"""What the canvas says: above the picture, on it, under it, and to a screen reader."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from cnnviz_desktop.core.rendering import Limits, why_blank
from cnnviz_desktop.core.resources import image_name
from cnnviz_desktop.core.results import Picture
from cnnviz_desktop.ui.canvas.overlay import Overlay
from cnnviz_desktop.ui.canvas.shown_map import ShownMap, range_in_words, why_not_drawn

translate = QCoreApplication.translate
BETWEEN = "  ·  "


@dataclass(frozen=True, slots=True)
class Caption:
    """The words.

    Attributes:
        name: The picture, as a screen reader names it.
        title: The picture and the map, above.
        plate: On the picture: why the map is not drawn; empty where it is.
        sentences: Under it: the raw range and what to know before believing the map.
    """

    name: str
    title: str = ""
    plate: str = ""
    sentences: tuple[str, ...] = ()

    @property
    def foot(self) -> str:
        """The sentences in a line."""
        return BETWEEN.join(self.sentences)

    @property
    def spoken(self) -> str:
        """All but the name."""
        return " ".join(filter(None, (self.title, self.plate, *self.sentences)))


def caption_of(
    picture: Picture | None,
    shown: ShownMap | None,
    overlay: Overlay | None,
    limits: Limits | None,
    why_empty: str = "",
    why_no_map: str = "",
    in_place: str = "",
) -> Caption:
    """What is said.

    Args:
        picture: The picture; None for the invitation to open one.
        shown: The map over it, if any.
        overlay: The map's drawn form.
        limits: Values of the first and the last colour where the map is drawn, else None.
        why_empty: Why there is no picture, where there is more to say than that.
        why_no_map: Why there is no map over it, where there is more to say than that.
        in_place: What lies over it in place of the map; empty for nothing.
    """
    if picture is None:
        return Caption(translate("Canvas", "No image; drop one here, paste, or press Ctrl+O"), plate=why_empty)
    height, width, _ = picture.pixels.shape
    name = translate("Canvas", "Image {0}, {1} × {2} pixels").format(picture.image, width, height)
    title = translate("Canvas", "{0}, {1} × {2}").format(image_name(picture.image), width, height)
    if in_place:
        return Caption(name, BETWEEN.join((title, in_place)), sentences=picture.notes)
    if shown is None or overlay is None or shown.image != picture.image:
        return Caption(name, title, why_no_map, picture.notes)
    if not overlay.fits(picture.pixels):
        plate = translate("Canvas", "The map was made of a picture of another size, so it is not drawn.")
    else:
        plate = why_not_drawn(overlay)
    about = (range_in_words(shown, limits), why_blank(overlay.raw)) if limits is not None else ()
    sentences = tuple(dict.fromkeys(filter(None, (*about, *shown.notes, *picture.notes))))
    return Caption(name, BETWEEN.join(filter(None, (title, shown.caption))), plate, sentences)
