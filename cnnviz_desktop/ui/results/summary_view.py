"""The sum and the mean over the channels of a layer, with their ranges."""

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QLabel, QWidget

from cnnviz_desktop.core.rendering import Limits
from cnnviz_desktop.core.results import ChannelSummary
from cnnviz_desktop.ui.picture_export import PictureActions, ShownPicture, map_picture
from cnnviz_desktop.ui.tiles.grid import TileGrid
from cnnviz_desktop.ui.tiles.words import range_text

SIDE = 104
ROOM = 16


class SummaryView(QWidget):
    """Two large tiles, each with a scale of its own, and what it is in words.

    Attributes:
        grid: The tiles: 0 is the sum, 1 the mean.

    Signals:
        said: What was copied or saved, in words.
        failed: Why it could not be.
    """

    said = Signal(str)
    failed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid = TileGrid(side=SIDE)
        self.title = ""
        self._words = QLabel()
        self._words.setWordWrap(True)
        self.grid.setAccessibleName(self.tr("Sum and mean of the channels"))
        self.grid.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._layout = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self.grid, 1)
        self._layout.addWidget(self._words)
        self.pictures = PictureActions(self.grid, self._shown_picture)
        self.pictures.done.connect(self.said)
        self.pictures.failed.connect(self.failed)
        self.set_upright(upright=True)

    def show_result(self, result: ChannelSummary) -> None:
        """Show a layer's sum and mean."""
        self.title = result.layer
        names = self.tr("sum of the channels"), self.tr("mean of the channels")
        captions = self.tr("sum"), self.tr("mean")
        self.grid.set_tiles(
            np.stack([result.total, result.mean]), captions=captions, names=names, columns=self._columns
        )
        numbers = self.grid.stack.statistics
        ranges = [Limits(*pair) for pair in zip(numbers.minimum.tolist(), numbers.maximum.tolist(), strict=True)]
        lines = [f"{caption}: {range_text(limits)}" for caption, limits in zip(captions, ranges, strict=True)]
        self._words.setText("\n".join([*lines, self.tr("(a scale each)")]))

    def clear(self) -> None:
        """Show nothing."""
        self.grid.clear()
        self._words.setText("")

    def await_tiles(self, message: str) -> None:
        """Show the places of the sum and the mean of another image, which is on its way."""
        self.grid.await_tiles(message)
        self._words.setText("")

    def set_upright(self, *, upright: bool) -> None:
        """One tile under the other, or side by side."""
        self._columns = 1 if upright else 2
        self.grid.set_columns(self._columns)
        direction = QBoxLayout.Direction
        self._layout.setDirection(direction.TopToBottom if upright else direction.LeftToRight)
        most = 16_777_215  # Qt's own “no limit”
        across, down = SIDE + ROOM, SIDE + ROOM + self.fontMetrics().height()
        self.grid.setFixedWidth(across if upright else 2 * SIDE + ROOM)
        self.grid.setMaximumHeight(most if upright else down)
        self.setMaximumWidth(across if upright else most)
        self.setMaximumHeight(most if upright else down)

    def _shown_picture(self, scale: int) -> ShownPicture | None:
        """The current one of sum and mean; the sum where neither is."""
        tile = max(0, self.grid.current())
        values = self.grid.map(tile)
        if values is None:
            return None
        title = f"{self.title}, {self.grid.model.name(tile)}"
        colours = self.grid.scale.map_name(self.grid.stack)
        return map_picture(values, self.grid.limits_of(tile), colours, title, scale)
