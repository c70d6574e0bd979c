"""Which weights a network of a library is to have."""

from typing import Literal

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from cnnviz_desktop.core.network_catalogue import LibraryNetwork
from cnnviz_desktop.core.official_weights import in_mebibytes
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs
from cnnviz_desktop.ui.opening.picker.page import hint
from cnnviz_desktop.ui.opening.picker.path_field import PathField, weights_sought

POPUP_MARGIN = 24
Kind = Literal["official", "random", "file"]


class WeightsChoice(QWidget):
    """Official weights, random ones, or a file of one's own.

    Signals:
        changed: Something else is chosen.
    """

    changed = Signal()

    def __init__(self, dialogs: FileDialogs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place: tuple[str, str] | None = None
        self.sets = QComboBox()
        self.sets.setAccessibleName(self.tr("Weights"))
        self.sets.setMinimumContentsLength(20)
        self.sets.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.told = hint()
        self.file = PathField(weights_sought(self), dialogs)
        self.sets.currentIndexChanged.connect(self._on_changed)
        self.file.changed.connect(self.changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.sets)
        column.addWidget(self.told)
        column.addWidget(self.file)
        self.show_network(None)

    def show_network(self, network: LibraryNetwork | None) -> None:
        """Offer a network's weights: those on this machine are chosen first.

        What was chosen for the same network stays, and so does a file of one's own.
        """
        place = (network.library, network.name) if network is not None else None
        kept = self.sets.currentData() if place == self._place or self.kind == "file" else None
        self._place = place
        blocker = QSignalBlocker(self.sets)
        self.sets.clear()
        for weights in network.weights if network is not None else ():
            is_here = network is not None and weights.name in network.here
            here = self.tr("on this machine") if is_here else self.tr("not on this machine")
            size = in_mebibytes(weights.bytes) if weights.bytes is not None else ""
            self.sets.addItem(f"{weights.name}{' ●' if is_here else ''}", ("official", weights.name))
            told = ", ".join(filter(None, (weights.recipe, size, here)))
            self.sets.setItemData(self.sets.count() - 1, told, Qt.ItemDataRole.ToolTipRole)
        self.sets.addItem(self.tr("Random weights"), ("random", ""))
        self.sets.addItem(self.tr("A weights file of my own…"), ("file", ""))
        places = [place for place in range(self.sets.count()) if kept and self.sets.itemData(place) == kept]
        self.sets.setCurrentIndex(places[0] if places else self._first(network))
        self.sets.view().setMinimumWidth(self.sets.view().sizeHintForColumn(0) + POPUP_MARGIN)
        blocker.unblock()
        self._on_changed()

    @property
    def kind(self) -> Kind:
        """What is chosen."""
        kinds: tuple[Kind, ...] = ("official", "random", "file")
        data = self.sets.currentData()
        return next((kind for kind in kinds if data is not None and data[0] == kind), "random")

    @property
    def pretrained(self) -> str | None:
        """Name of the official weights that are chosen."""
        return str(self.sets.currentData()[1]) if self.kind == "official" else None

    @property
    def path(self) -> str | None:
        """The weights file that is chosen."""
        return self.file.path or None if self.kind == "file" else None

    @property
    def problem(self) -> str:
        """What is missing, in a sentence; empty where nothing is."""
        if self.kind != "file":
            return ""
        return self.file.problem or ("" if self.file.path else self.tr("Choose a weights file."))

    def choose_file(self, path: str) -> None:
        """Choose a weights file of one's own."""
        self.file.path = path
        self.sets.setCurrentIndex(self.sets.count() - 1)

    def _first(self, network: LibraryNetwork | None) -> int:
        names = [weights.name for weights in network.weights] if network is not None else []
        here = [place for place, name in enumerate(names) if network is not None and name in network.here]
        return here[0] if here else 0 if names else self.sets.count() - 2

    @Slot()
    def _on_changed(self) -> None:
        self.file.setVisible(self.kind == "file")
        told = str(self.sets.currentData(Qt.ItemDataRole.ToolTipRole) or "")
        self.told.setText(told)
        self.told.setVisible(bool(told))
        self.sets.setAccessibleDescription(told)
        self.changed.emit()
