"""Everything that a table draws, and what it has drawn already: one scene for the screen and for pictures of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QImage

from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.rendering import value_range
from cnnviz_desktop.core.results import ByteArray
from cnnviz_desktop.ui.canvas.scene import MapLook
from cnnviz_desktop.ui.canvas.viewport import Viewport
from cnnviz_desktop.ui.colours.colour_bar import number_text
from cnnviz_desktop.ui.comparison.answers import Answers
from cnnviz_desktop.ui.comparison.cell_picture import Drawn, SmallPicture, composed, side_for
from cnnviz_desktop.ui.comparison.cell_words import CellWords, cell_words
from cnnviz_desktop.ui.comparison.comparison import Comparison, Place
from cnnviz_desktop.ui.comparison.linked_zoom import LinkedZoom
from cnnviz_desktop.ui.comparison.look import Scales, TableLook

if TYPE_CHECKING:
    from cnnviz_desktop.core.geometry import Point
    from cnnviz_desktop.ui.comparison.answers import Cell

SQUARE = Size(1, 1)
LEAST_SHARE = 0.02
"""A map that spans less of its scale than this looks like a single colour."""
MOST_KEPT = 160
"""Cells whose drawn forms are kept: more than a screen holds, where a folder of images would fill the memory."""

translate = QCoreApplication.translate
Form = TypeVar("Form")


@dataclass(frozen=True, slots=True)
class _MadeOf:
    """All that a cell's picture was composed of."""

    picture: SmallPicture
    drawn: Drawn
    look: MapLook | None
    viewport: Viewport
    ratio: float
    faint: bool


class TableScene:
    """The cells of one comparison, with the pictures under them.

    Attributes:
        answers: What has come.
        zoom: What part of every picture is seen.
        cross: Where all cells have their cross-hair, as shares of width and height; None for none.
    """

    def __init__(self, answers: Answers, look: TableLook) -> None:
        self.answers = answers
        self.zoom = LinkedZoom()
        self.cross: Point | None = None
        self._scales = Scales(answers, look)
        self._pictures: dict[str, SmallPicture] = {}
        self._drawn: dict[Place, tuple[Cell, Drawn]] = {}
        self._words: dict[Place, tuple[Cell, CellWords]] = {}
        self._composed: dict[Place, tuple[_MadeOf, QImage]] = {}

    @property
    def comparison(self) -> Comparison:
        """What is compared."""
        return self.answers.comparison

    @property
    def look(self) -> TableLook:
        """How the maps are drawn."""
        return self._scales.look

    def set_look(self, look: TableLook) -> None:
        """Draw the maps otherwise; nothing is computed again but what follows from another positive part."""
        if look.positive != self.look.positive:
            self._drawn.clear()
            self._words.clear()
        self._scales = Scales(self.answers, look)

    @property
    def pictures(self) -> Mapping[str, SmallPicture]:
        """The images that have come, by reference."""
        return self._pictures

    def add_picture(self, image: str, pixels: ByteArray) -> None:
        """Take an image in, as (H, W, 3) uint8; the more images there are, the smaller is what is kept of each."""
        self._pictures[image] = SmallPicture(pixels, self._picture_side)

    def take_pictures_of(self, other: "TableScene") -> None:
        """Take over the images that another scene has, until they are read again."""
        for image in self.comparison.images:
            if image in other.pictures:
                self._pictures[image] = other.pictures[image]

    @property
    def _picture_side(self) -> int:
        return side_for(len(self.comparison.images))

    @property
    def shape(self) -> Size:
        """Proportions of the cells: those of the image; a square where there are several or none has come."""
        sizes = {picture.size for picture in self._pictures.values()}
        return sizes.pop() if len(sizes) == 1 else SQUARE

    def image_of(self, place: Place) -> str:
        """Reference of the image that a cell is about."""
        return self.comparison.questions(place)[0].image

    def picture(self, place: Place) -> SmallPicture | None:
        """The image under a cell; None until it has come."""
        return self._pictures.get(self.image_of(place))

    def drawn(self, place: Place) -> Drawn:
        """What lies over a cell's image."""
        cell, known = self.answers.cell(place), self._drawn.get(place)
        if known is None or known[0] is not cell:
            known = cell, Drawn.of(cell.result, positive=self._scales.draws_positive(place))
            _keep(self._drawn, place, known)
        return known[1]

    def words(self, place: Place) -> CellWords:
        """What is said about a cell."""
        cell, known = self.answers.cell(place), self._words.get(place)
        if known is None or known[0] is not cell:
            known = cell, cell_words(self.comparison, place, cell, self.drawn(place).overlay)
            self._words[place] = known
        return known[1]

    def map_look(self, place: Place) -> MapLook | None:
        """How a cell's map is drawn; None where it has none to see."""
        overlay = self.drawn(place).overlay
        return self._scales.map_look(place) if overlay is not None and not self.words(place).plate else None

    def faintness(self, place: Place) -> str:
        """What to know about a map that a shared scale leaves in a single colour; empty for any other."""
        overlay, look = self.drawn(place).overlay, self.map_look(place)
        if overlay is None or look is None or self.look.scale == "separate":
            return ""
        low, high = value_range(overlay.values)
        span = look.limits.high - look.limits.low
        if span <= 0 or high - low >= LEAST_SHARE * span:
            return ""
        text = translate("Comparison", "spans {0} % of the shared scale")
        return text.format(number_text(100 * (high - low) / span))

    def viewport(self, place: Place, area: Size) -> Viewport | None:
        """Where the image lies in a cell's area of (height, width); None until it has come."""
        picture = self.picture(place)
        return self.zoom.viewport(picture.size, area) if picture is not None else None

    def image(self, place: Place, area: Size, ratio: float) -> QImage | None:
        """A cell's picture for an area of logical pixels; None until its image has come.

        It is composed again only where something about it has changed.
        """
        picture, viewport = self.picture(place), self.viewport(place, area)
        if picture is None or viewport is None:
            return None
        drawn, look, faint = self.drawn(place), self.map_look(place), bool(self.words(place).plate)
        made_of = _MadeOf(picture, drawn, look, viewport, ratio, faint)
        known = self._composed.get(place)
        if known is None or known[0] != made_of:
            shown = Drawn() if faint else drawn
            known = made_of, composed(picture, shown, look, viewport, ratio, faint=faint)
            _keep(self._composed, place, known)
        return known[1]


def _keep(forms: dict[Place, Form], place: Place, form: Form) -> None:
    """Keep a drawn form, and drop the oldest ones beyond what is kept."""
    forms.pop(place, None)
    forms[place] = form
    while len(forms) > MOST_KEPT:
        del forms[next(iter(forms))]
