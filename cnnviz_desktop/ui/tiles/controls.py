"""The controls above a grid of tiles: colours and limits, whose scale, in which order, how large."""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QToolButton, QWidget

from cnnviz_desktop.ui.colours.colour_controls import ColourChoice, ColourControls
from cnnviz_desktop.ui.flow_layout import FlowLayout
from cnnviz_desktop.ui.tiles.scale import TileScale


class TileControls(QWidget):
    """Sets a `TileScale` and an order.

    Signals:
        scale_changed: The new `TileScale`.
        sort_chosen: Key of the new order.
        zoom_asked: +1 or −1 zoom steps.
    """

    scale_changed = Signal(object)
    sort_chosen = Signal(str)
    zoom_asked = Signal(int)

    def __init__(
        self, shared: str, alone: str, orders: Sequence[tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        """`shared` and `alone` name the two scales; `orders` are (key, name)."""
        super().__init__(parent)
        self.colours = ColourControls()
        self._scales, self._orders = QComboBox(), QComboBox()
        self._scales.addItem(shared, True)
        self._scales.addItem(alone, False)
        for key, name in orders:
            self._orders.addItem(name, key)
        self._scales.setAccessibleName(self.tr("Scale"))
        self._orders.setAccessibleName(self.tr("Order"))
        flow = FlowLayout(self)
        flow.addWidget(self.colours)
        flow.addWidget(self._second_group())
        self.colours.changed.connect(self._on_scale_changed)
        self._scales.activated.connect(self._on_scale_changed)
        self._orders.activated.connect(self._on_order_chosen)

    def scale(self) -> TileScale:
        """What is set."""
        return TileScale(self.colours.choice(), bool(self._scales.currentData()))

    def set_choice(self, choice: ColourChoice) -> None:
        """Show other colours and limits, and tell of them."""
        self.colours.set_choice(choice)
        self._on_scale_changed()

    def _second_group(self) -> QWidget:
        group = QWidget()
        scale, order = QLabel(self.tr("S&cale")), QLabel(self.tr("&Order"))
        scale.setBuddy(self._scales)
        order.setBuddy(self._orders)
        sizes = QHBoxLayout()
        for text, tip, slot in (
            ("−", self.tr("Smaller tiles (−, Ctrl+wheel)"), self._on_smaller),
            ("+", self.tr("Larger tiles (+, Ctrl+wheel)"), self._on_larger),
        ):
            button = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(slot)
            sizes.addWidget(button)
        grid = QGridLayout(group)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(scale, 0, 0)
        grid.addWidget(self._scales, 0, 1, 1, 2)
        grid.addWidget(order, 1, 0)
        grid.addWidget(self._orders, 1, 1)
        grid.addLayout(sizes, 1, 2)
        return group

    @Slot()
    def _on_scale_changed(self) -> None:
        self.scale_changed.emit(self.scale())

    @Slot()
    def _on_order_chosen(self) -> None:
        self.sort_chosen.emit(self._orders.currentData())

    @Slot()
    def _on_smaller(self) -> None:
        self.zoom_asked.emit(-1)

    @Slot()
    def _on_larger(self) -> None:
        self.zoom_asked.emit(1)
