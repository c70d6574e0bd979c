"""Which images are open: those the user asked for, and at a first start the scenes that ship."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Slot

from cnnviz_desktop.core.resources import SAMPLE_PREFIX, sample_images
from cnnviz_desktop.ui.strip.image_strip import ImageStrip


class OpenImages(QObject):
    """Fills the strip. Scenes that nobody asked for make room for the first image that is opened."""

    def __init__(self, strip: ImageStrip) -> None:
        super().__init__(strip)
        self._strip = strip
        self._make_room = False

    def show_first(self, references: Sequence[str]) -> None:
        """Show these, or the scenes that ship where there are none."""
        self._make_room = not references
        self._strip.set_images(references or sample_images())

    @Slot(object)
    def open(self, references: Sequence[str]) -> None:
        """Show images beside those that are open, and look at the first of them."""
        opened = self._strip.references
        if self._make_room:
            opened = tuple(each for each in opened if not each.startswith(SAMPLE_PREFIX))
        self._make_room = False
        self._strip.set_images((*opened, *references))
        self._strip.select(references[0])

    @Slot()
    def open_scenes(self) -> None:
        """Show the scenes that ship beside what is open."""
        self.open(sample_images())
