"""A few lines of sentences in the room there is."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

MOST_LINES = 3


class NotesLine(QLabel):
    """Text that is wrapped, can be selected, and never widens its window.

    What does not fit into `MOST_LINES` lines is left out at the end; the tool tip has it all.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)

    @property
    def whole(self) -> str:
        """All of the text."""
        return self._whole

    def setText(self, text: str) -> None:
        """Show a text."""
        self._whole = text
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out as much as has to be."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = self._fitting()
        if shown != self.text():
            super().setText(shown)
        self.setToolTip(self._whole if shown != self._whole else "")
        self.setAccessibleDescription(self._whole)

    def _fitting(self) -> str:
        """The text, or as much of it as the lines hold."""
        width = self.contentsRect().width()
        layout = QTextLayout(self._whole, self.font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WordWrap)
        layout.setTextOption(option)
        layout.beginLayout()
        start = 0
        for number in range(MOST_LINES + 1):
            line = layout.createLine()
            if not line.isValid():
                break
            if number == MOST_LINES:
                layout.endLayout()
                rest = self.fontMetrics().elidedText(self._whole[start:], Qt.TextElideMode.ElideRight, width - 4)
                return self._whole[:start] + rest
            line.setLineWidth(max(1, width))
            line.setPosition(QPointF(0, 0))
            if number == MOST_LINES - 1:
                start = line.textStart()
        layout.endLayout()
        return self._whole
