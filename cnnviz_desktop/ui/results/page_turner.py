"""Back, where one is, and on."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from cnnviz_desktop.ui.eliding_label import ElidingLabel


class PageTurner(QWidget):
    """Turns pages. Hidden where there is one page only.

    Signals:
        turned: Number of the new page, from 0.
    """

    turned = Signal(int)

    def __init__(self, noun: str, parent: QWidget | None = None) -> None:
        """`noun` is what is on the pages: “Filters”."""
        super().__init__(parent)
        self._number = 0
        self._words = ElidingLabel()
        self._back, self._on = QToolButton(), QToolButton()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for button, text, tip in (
            (self._back, "‹", self.tr("{noun} before")),
            (self._on, "›", self.tr("{noun} after")),
        ):
            button.setText(text)
            button.setToolTip(tip.format(noun=noun))
            button.setAccessibleName(tip.format(noun=noun))
        layout.addWidget(self._back)
        layout.addWidget(self._words, 1)
        layout.addWidget(self._on)
        self._back.clicked.connect(self._on_back)
        self._on.clicked.connect(self._on_on)

    def show_page(self, number: int, count: int, words: str) -> None:
        """Page `number`, from 0, of `count`; `words` say what is on it."""
        self._number = number
        self.setVisible(count > 1)
        self._back.setEnabled(number > 0)
        self._on.setEnabled(number + 1 < count)
        self._words.setText(words)

    @Slot()
    def _on_back(self) -> None:
        self.turned.emit(self._number - 1)

    @Slot()
    def _on_on(self) -> None:
        self.turned.emit(self._number + 1)
