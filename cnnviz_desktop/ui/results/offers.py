"""Buttons for what can be looked at instead, where there is nothing to show; and the choice among several tensors."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QWidget

from cnnviz_desktop.ui.flow_layout import FlowLayout

NAME_WIDTH = 220


class Offers(QWidget):
    """A few layers by name; hidden where there is none to offer. `chosen` carries the name."""

    chosen = Signal(str)

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._buttons: list[QPushButton] = []
        self._flow = FlowLayout(self)
        label = QLabel(words)
        label.setMinimumHeight(QPushButton(words).sizeHint().height())  # in line with the buttons
        self._flow.addWidget(label)
        self.offer(())

    def offer(self, names: Sequence[str]) -> None:
        """Offer these layers, in place of those before."""
        for button in self._buttons:
            self._flow.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = [self._button(name) for name in names]
        for button in self._buttons:
            self._flow.addWidget(button)
        self.setVisible(bool(names))

    def _button(self, name: str) -> QPushButton:
        text = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, NAME_WIDTH)
        button = QPushButton(text.replace("&", "&&"))
        button.setObjectName(name)
        button.setToolTip(name)
        button.setAccessibleName(f"{self._words} {name}")
        button.clicked.connect(self._on_clicked)
        return button

    @Slot()
    def _on_clicked(self) -> None:
        self.chosen.emit(self.sender().objectName())


class PartChooser(QWidget):
    """Which of a layer's stacks of maps is shown; hidden where it has one.

    `chosen` carries the one that is wanted, as `LayerRef` writes it.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts = QComboBox()
        self._parts.setAccessibleName(self.tr("Part of the layer's maps"))
        self._parts.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._parts.activated.connect(self._on_activated)
        label = QLabel(self.tr("Pa&rt"))
        label.setBuddy(self._parts)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label)
        row.addWidget(self._parts)
        row.addStretch(1)
        self.hide()

    def show_parts(self, parts: Sequence[tuple[str, str]], chosen: str) -> None:
        """Offer (reference, words) of each; `chosen` is the one that is shown."""
        if [self._parts.itemData(place) for place in range(self._parts.count())] != [part for part, _ in parts]:
            self._parts.clear()
            for reference, words in parts:
                self._parts.addItem(words, reference)
        self._parts.setCurrentIndex(self._parts.findData(chosen))
        self.setVisible(len(parts) > 1)

    @Slot(int)
    def _on_activated(self, place: int) -> None:
        self.chosen.emit(self._parts.itemData(place))
