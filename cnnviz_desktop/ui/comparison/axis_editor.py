"""A button that shows what is chosen for one axis, and opens a list to choose from."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QToolButton,
    QWidget,
)

from cnnviz_desktop.ui.comparison.choice_popup import ChoicePopup, Offer

LONGEST_BRIEF = 22
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
        self.popup = ChoicePopup(self, title, hint, exclusive=exclusive)
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
        """Keys of what is chosen, in the order of choosing; without those that are not offered any more."""
        return tuple(self._counted)

    @property
    def _counted(self) -> dict[str, str]:
        """Labels by key of what is chosen and can be: what is only found by a search is always on offer."""
        offered = {offer.key for offer in self._offers}
        return {key: label for key, label in self._chosen.items() if self._find is not None or key in offered}

    def offer(self, offers: Sequence[Offer], find: Find | None = None) -> None:
        """Offer these; `find` finds what was typed, among others too: by default those that have it in their label."""
        self._offers, self._find = tuple(offers), find
        self._refresh()

    def choose(self, keys: Sequence[str], labels: Mapping[str, str] | None = None) -> None:
        """Choose exactly these, without a signal; `labels` are for those that are not among the offers."""
        known = {**self._chosen, **(labels or {}), **{offer.key: offer.label for offer in self._offers}}
        self._chosen = {key: known.get(key, key) for key in keys}
        self._refresh()

    @Slot()
    def open(self) -> None:
        """Open the list under the button, with the keyboard in its search field."""
        self._list()
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
        self._chosen |= {offer.key: offer.label for offer in self._listed()}
        self._refresh()
        self.changed.emit()

    @Slot()
    def _on_none(self) -> None:
        for offer in self._listed():
            self._chosen.pop(offer.key, None)
        self._refresh()
        self.changed.emit()

    @Slot()
    def _refresh(self) -> None:
        """Tell what is chosen; list the offers only where they are seen: a large network has hundreds of layers."""
        self._tell()
        if self.popup.isVisible():
            self._list()

    def _list(self) -> None:
        self.popup.show_offers(self._listed(), set(self._chosen))

    def _listed(self) -> Sequence[Offer]:
        """What is offered and what is chosen besides, or of these what a search finds."""
        typed = self.popup.search.text().strip()
        if not typed:
            known = {offer.key for offer in self._offers}
            added = [Offer(key, label) for key, label in self._counted.items() if key not in known]
            return (*self._offers, *added)
        if self._find is not None:
            return self._find(typed)
        return [each for each in self._offers if _is_called(each, typed)]

    def _tell(self) -> None:
        labels = list(self._counted.values())
        said = self._brief() if len(labels) == 1 else str(len(labels)) if labels else self.tr("none")
        self.setText(f"{self._title}: {said} ▾")
        self.setToolTip("\n".join(labels[:30]))
        self.setAccessibleName(f"{self._title}: {', '.join(labels) or said}")

    def _brief(self) -> str:
        """The only thing that is chosen, in a word or two."""
        (key, label), *_ = self._counted.items()
        brief = next((offer.brief for offer in self._offers if offer.key == key and offer.brief), label)
        return brief if len(brief) <= LONGEST_BRIEF else f"{brief[:LONGEST_BRIEF]}…"


def _is_called(offer: Offer, typed: str) -> bool:
    """Whether every word that was typed is in what an offer is called."""
    called = f"{offer.label} {offer.key}".casefold()
    return all(word in called for word in typed.casefold().split())
