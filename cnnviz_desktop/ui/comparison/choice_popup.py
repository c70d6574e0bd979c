"""A list to choose from, with a search field over it."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cnnviz_desktop.ui.search_field import SearchField

KEY_ROLE = Qt.ItemDataRole.UserRole
POPUP_SIZE = QSize(300, 400)
MOST_LISTED = 1000
"""Rows are made while the window waits, and nobody reads more than these: what is chosen is among them."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that can be chosen.

    Attributes:
        key: What stands for it.
        label: What people see.
        group: Heading it stands under; empty for none.
        tip: What it means.
        brief: What the button says where only this is chosen; the label where empty.
    """

    key: str
    label: str
    group: str = ""
    tip: str = ""
    brief: str = ""


class ChoicePopup(QFrame):
    """A search field over a list; `toggled` carries the key and the label of what was clicked."""

    toggled = Signal(str, str)
    searched = Signal()
    all_wanted = Signal()
    none_wanted = Signal()

    def __init__(self, parent: QWidget, title: str, hint: str, *, exclusive: bool) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.search = SearchField(hint, hint)
        self.list = CheckList()
        self.list.setAccessibleName(title)
        self._nothing = QLabel(self.tr("Nothing is called that."))
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        for widget in (self.search, self._nothing, self.list):
            column.addWidget(widget)
        if not exclusive:
            row = QHBoxLayout()
            for text, signal in ((self.tr("All"), self.all_wanted), (self.tr("None"), self.none_wanted)):
                button = QPushButton(text)
                button.clicked.connect(signal)
                row.addWidget(button)
            column.addLayout(row)
        self.search.textChanged.connect(self.searched)
        self.search.returnPressed.connect(self._on_return)
        self.search.left_down.connect(self._on_left_down)
        self.list.toggled.connect(self.toggled)

    def show_at(self, corner: QPoint) -> None:
        """Show it there, or as near as the screen allows."""
        screen = self.screen().availableGeometry()
        size = POPUP_SIZE.boundedTo(screen.size())
        self.resize(size)
        left = min(corner.x(), screen.right() - size.width())
        top = min(corner.y(), screen.bottom() - size.height())
        self.move(max(screen.left(), left), max(screen.top(), top))
        self.search.clear()
        self.show()
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def show_offers(self, offers: Sequence[Offer], chosen: set[str]) -> None:
        """List these, ticked where they are chosen; what was in sight stays in sight."""
        place, row = self.list.verticalScrollBar().value(), self.list.currentRow()
        self.list.clear()
        group = ""
        listed = [offer for row, offer in enumerate(offers) if row < MOST_LISTED or offer.key in chosen]
        for offer in listed:
            if offer.group and offer.group != group:
                group = offer.group
                self.list.add_heading(group)
            self.list.add_offer(offer, checked=offer.key in chosen)
        if left := len(offers) - len(listed):
            self.list.add_heading(self.tr("{0} more: search for them").format(f"{left:,}"))
        self.list.setCurrentRow(min(row, self.list.count() - 1))
        self.list.verticalScrollBar().setValue(place)
        self._nothing.setVisible(not offers)

    @Slot()
    def _on_return(self) -> None:
        """Take the first that was found; what is typed next searches anew."""
        self.list.toggle_first()
        self.search.selectAll()

    @Slot()
    def _on_left_down(self) -> None:
        self.list.setFocus(Qt.FocusReason.TabFocusReason)
        if self.list.currentRow() < 0:
            self.list.setCurrentRow(0)


class CheckList(QListWidget):
    """Items with ticks; a click anywhere on one, Space or Enter toggles it."""

    toggled = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.setUniformItemSizes(True)
        self.itemClicked.connect(self._toggle)

    def add_heading(self, text: str) -> None:
        """Add a line that cannot be chosen."""
        item = QListWidgetItem(text, self)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = item.font()
        font.setBold(True)
        item.setFont(font)

    def add_offer(self, offer: Offer, *, checked: bool) -> None:
        """Add a line with a tick."""
        item = QListWidgetItem(offer.label, self)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        item.setData(KEY_ROLE, offer.key)
        item.setToolTip(offer.tip)
        item.setCheckState(Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked)

    def toggle_first(self) -> None:
        """Toggle the first that can be chosen."""
        for row in range(self.count()):
            if self.item(row).data(KEY_ROLE) is not None:
                self._toggle(self.item(row))
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space and Enter toggle."""
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentItem() is not None:
            self._toggle(self.currentItem())
        else:
            super().keyPressEvent(event)

    @Slot(QListWidgetItem)
    def _toggle(self, item: QListWidgetItem) -> None:
        key = item.data(KEY_ROLE)
        if key is not None:
            self.toggled.emit(str(key), item.text())
