"""A button that shows what is chosen for one axis, and opens a list to choose from."""

from collections.abc import Callable, Sequence
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
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cnnviz_desktop.ui.search_field import SearchField

KEY_ROLE = Qt.ItemDataRole.UserRole
POPUP_SIZE = QSize(300, 400)


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


Find = Callable[[str], Sequence[Offer]]


class AxisEditor(QToolButton):
    """Chooses some of what is offered, or, where `exclusive`, one of it. `changed` follows what the user does."""

    changed = Signal()

    def __init__(self, title: str, hint: str, *, exclusive: bool = False, parent: QWidget | None = None) -> None:
        """`title` names the axis; `hint` stands in the empty search field."""
        super().__init__(parent)
        self._title = title
        self._exclusive = exclusive
        self._offers: tuple[Offer, ...] = ()
        self._find: Find | None = None
        self._chosen: dict[str, str] = {}  # labels by key, in the order of choosing
        self.popup = _Popup(self, title, hint, exclusive=exclusive)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clicked.connect(self.open)
        self.popup.toggled.connect(self._on_toggled)
        self.popup.searched.connect(self._refresh)
        self.popup.all_wanted.connect(self._on_all)
        self.popup.none_wanted.connect(self._on_none)
        self._tell()

    @property
    def chosen(self) -> tuple[str, ...]:
        """Keys of what is chosen, in the order of choosing."""
        return tuple(self._chosen)

    def offer(self, offers: Sequence[Offer], find: Find | None = None) -> None:
        """Offer these; `find` finds what was typed, among others too: by default those that have it in their label."""
        self._offers, self._find = tuple(offers), find
        self._refresh()

    def choose(self, keys: Sequence[str]) -> None:
        """Choose exactly these, without a signal; those that nobody has offered by name go by their keys."""
        labels = {offer.key: offer.label for offer in self._offers}
        self._chosen = {key: labels.get(key, self._chosen.get(key, key)) for key in keys}
        self._refresh()

    @Slot()
    def open(self) -> None:
        """Open the list under the button, with the keyboard in its search field."""
        self._refresh()
        self.popup.show_at(self.mapToGlobal(QPoint(0, self.height())))

    @Slot(str, str)
    def _on_toggled(self, key: str, label: str) -> None:
        if self._exclusive:
            self._chosen = {key: label}
            self.popup.hide()
        elif key in self._chosen:
            del self._chosen[key]
        else:
            self._chosen[key] = label
        self._refresh()
        self.changed.emit()

    @Slot()
    def _on_all(self) -> None:
        self._chosen |= {offer.key: offer.label for offer in self._offers}
        self._refresh()
        self.changed.emit()

    @Slot()
    def _on_none(self) -> None:
        self._chosen.clear()
        self._refresh()
        self.changed.emit()

    @Slot()
    def _refresh(self) -> None:
        typed = self.popup.search.text().strip()
        if not typed:
            known = {offer.key for offer in self._offers}
            added = [Offer(key, label) for key, label in self._chosen.items() if key not in known]
            shown: Sequence[Offer] = (*self._offers, *added)
        elif self._find is not None:
            shown = self._find(typed)
        else:
            shown = [each for each in self._offers if _is_called(each, typed)]
        self.popup.show_offers(shown, set(self._chosen))
        self._tell()

    def _tell(self) -> None:
        labels = list(self._chosen.values())
        said = self._brief() if len(labels) == 1 else str(len(labels)) if labels else self.tr("none")
        self.setText(f"{self._title}: {said} ▾")
        self.setToolTip("\n".join(labels[:30]))
        self.setAccessibleName(f"{self._title}: {', '.join(labels) or said}")

    def _brief(self) -> str:
        """The only thing that is chosen, in a word or two."""
        (key, label), *_ = self._chosen.items()
        return next((offer.brief for offer in self._offers if offer.key == key and offer.brief), label)


def _is_called(offer: Offer, typed: str) -> bool:
    """Whether every word that was typed is in what an offer is called."""
    called = f"{offer.label} {offer.key}".casefold()
    return all(word in called for word in typed.casefold().split())


class _Popup(QFrame):
    """A search field over a list; `toggled` carries the key and the label of what was clicked."""

    toggled = Signal(str, str)
    searched = Signal()
    all_wanted = Signal()
    none_wanted = Signal()

    def __init__(self, parent: QWidget, title: str, hint: str, *, exclusive: bool) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.search = SearchField(hint, hint)
        self.list = _CheckList()
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
        for offer in offers:
            if offer.group and offer.group != group:
                group = offer.group
                self.list.add_heading(group)
            self.list.add_offer(offer, checked=offer.key in chosen)
        self.list.setCurrentRow(min(row, self.list.count() - 1))
        self.list.verticalScrollBar().setValue(place)
        self._nothing.setVisible(not offers)

    @Slot()
    def _on_return(self) -> None:
        """Take the first that was found."""
        self.list.toggle_first()

    @Slot()
    def _on_left_down(self) -> None:
        self.list.setFocus(Qt.FocusReason.TabFocusReason)
        if self.list.currentRow() < 0:
            self.list.setCurrentRow(0)


class _CheckList(QListWidget):
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
