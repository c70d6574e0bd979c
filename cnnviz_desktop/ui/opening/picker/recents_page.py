"""The sample, and what was opened lately."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from cnnviz_desktop.core.description import NetworkRef
from cnnviz_desktop.core.recents import Recents, is_missing
from cnnviz_desktop.core.references import SAMPLE
from cnnviz_desktop.ui.opening.picker.page import Choice, Page, hint
from cnnviz_desktop.ui.opening.reference_words import origin, title


class RecentsPage(Page):
    """A list, the sample first; what is gone is greyed, and says so."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._references: tuple[NetworkRef, ...] = ()
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("The sample and networks opened lately"))
        self.list.currentRowChanged.connect(self.changed)
        self.list.itemDoubleClicked.connect(self.wanted)
        column = QVBoxLayout(self)
        column.addWidget(self.list, 1)
        column.addWidget(hint(self.tr("The sample ships with the program: small, trained, and quick to look into.")))

    def show_recents(self, recents: Recents) -> None:
        """Offer the sample and these."""
        chosen = self.choice().reference
        self._references = (SAMPLE, *recents.references)
        self.list.clear()
        for reference in self._references:
            self.list.addItem(self._item(reference))
        self.list.setCurrentRow(self._references.index(chosen) if chosen in self._references else 0)

    def take_keyboard(self) -> None:
        """To the list."""
        self.list.setFocus(Qt.FocusReason.TabFocusReason)

    def choice(self) -> Choice:
        """The chosen row."""
        row = self.list.currentRow()
        if not 0 <= row < len(self._references):
            return Choice(None, self.tr("Choose a network."))
        reference = self._references[row]
        if not self.list.item(row).flags() & Qt.ItemFlag.ItemIsEnabled:
            return Choice(None, self.tr("A file of {0} is missing.").format(title(reference)))
        return Choice(reference, self.tr("Opens {0}: {1}.").format(title(reference), origin(reference)))

    def _item(self, reference: NetworkRef) -> QListWidgetItem:
        name = self.tr("The sample") if reference == SAMPLE else title(reference)
        item = QListWidgetItem(f"{name}  –  {origin(reference)}")
        item.setToolTip(origin(reference))
        if is_missing(reference):
            item.setText(self.tr("{0}  –  {1} (missing)").format(name, origin(reference)))
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
        return item
