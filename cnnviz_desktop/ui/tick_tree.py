"""A tree whose boxes to tick can be seen on a dark ground too."""

from PySide6.QtCore import QEvent
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QWidget

from cnnviz_desktop.ui.steady_tree import SteadyTree
from cnnviz_desktop.ui.theme import with_tick_frames


class TickTree(SteadyTree):
    """Draws the frames of boxes in the colour of hints, which every theme keeps readable."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._take_colours()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._take_colours()

    def _take_colours(self) -> None:
        frame = with_tick_frames(QApplication.palette()).color(QPalette.ColorRole.Window)
        if self.palette().color(QPalette.ColorRole.Window) != frame:
            own = QPalette()  # all else goes on following the application
            own.setColor(QPalette.ColorRole.Window, frame)
            self.setPalette(own)
