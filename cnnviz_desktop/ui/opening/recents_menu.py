"""A menu of what was opened lately."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from cnnviz_desktop.core.recents import Recents, is_missing
from cnnviz_desktop.ui.opening.reference_words import origin, title


class RecentsMenu(QMenu):
    """The newest first; what is gone is greyed, and says so."""

    chosen = Signal(object)  # a reference of an image or a network

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._recents = Recents()
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self._fill)
        self.triggered.connect(self._on_triggered)
        self.show_recents(Recents())

    def show_recents(self, recents: Recents) -> None:
        """Offer these from now on; whether they still exist is looked up when the menu opens."""
        self._recents = recents
        self.setEnabled(bool(recents.references))

    @Slot()
    def _fill(self) -> None:
        self.clear()
        titles = [title(reference) for reference in self._recents.references]
        for number, reference in enumerate(self._recents.references):
            missing = is_missing(reference)
            name = titles[number] if titles.count(titles[number]) == 1 else f"{titles[number]} – {origin(reference)}"
            key = f"&{(number + 1) % 10} "
            text = self.tr("{0} (missing)").format(name) if missing else name
            action = self.addAction(key + text.replace("&", "&&"))
            action.setData(number)
            action.setToolTip(origin(reference))
            action.setEnabled(not missing)

    @Slot(QAction)
    def _on_triggered(self, action: QAction) -> None:
        self.chosen.emit(self._recents.references[int(action.data())])
