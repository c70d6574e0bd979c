"""The page for networks of torchvision and timm."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSpinBox, QSplitter, QVBoxLayout, QWidget

from cnnviz_desktop.core.description import Architecture
from cnnviz_desktop.core.network_catalogue import LibraryNetwork
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs
from cnnviz_desktop.ui.opening.picker.arguments_table import ArgumentsTable
from cnnviz_desktop.ui.opening.picker.library_model import billions, millions
from cnnviz_desktop.ui.opening.picker.library_table import LibraryTable
from cnnviz_desktop.ui.opening.picker.naming import Naming
from cnnviz_desktop.ui.opening.picker.page import Choice, Page, rows
from cnnviz_desktop.ui.opening.picker.weights_choice import WeightsChoice
from cnnviz_desktop.ui.opening.reference_words import of_description

CLASSES = "num_classes"
MOST_CLASSES = 1_000_000
DETAILS_WIDTH = 360


class LibraryPage(Page):
    """The table on the left, what is said of the chosen network on the right.

    Signals:
        networks_wanted: It came into sight: what the libraries have, and what of it is on this machine, is asked for.
    """

    networks_wanted = Signal()

    def __init__(self, dialogs: FileDialogs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[LibraryNetwork, ...] = ()
        self.table = LibraryTable()
        self.title, self.facts = QLabel(), QLabel()
        self.facts.setWordWrap(True)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.weights = WeightsChoice(dialogs)
        self.classes = QSpinBox()
        self.classes.setRange(0, MOST_CLASSES)
        self.classes.setSpecialValueText(self.tr("as it comes"))
        self.classes.setAccessibleName(self.tr("Number of classes"))
        self.arguments = ArgumentsTable()
        self._lay_out(dialogs)
        self.table.chosen.connect(self._on_chosen)
        self.table.wanted.connect(self.wanted)
        self.weights.changed.connect(self._on_weights_changed)
        self.classes.valueChanged.connect(self.changed)
        self.arguments.changed.connect(self.changed)
        self.naming.changed.connect(self.changed)
        self._on_chosen()

    def show_networks(self, networks: Iterable[LibraryNetwork], told: str = "") -> None:
        """Offer networks; `told` is what there is to say about what is not among them."""
        if (shown := tuple(networks)) != self._shown:
            self._shown = shown
            self.table.show_networks(shown, told)
            self._on_chosen()

    def showEvent(self, event: QShowEvent) -> None:
        """Be up to date: weights may have come since."""
        super().showEvent(event)
        if not event.spontaneous():
            self.networks_wanted.emit()

    def take_keyboard(self) -> None:
        """To the search field."""
        self.table.search.take_keyboard()

    def give_weights(self, path: str, classes: int | None = None) -> None:
        """Take a weights file and the number of its classes, whichever network is chosen."""
        self.weights.choose_file(path)
        self.classes.setValue(classes or 0)

    def choice(self) -> Choice:
        """The chosen network with the chosen weights."""
        network = self.table.network
        if network is None:
            return Choice(None, self.tr("Choose a network."))
        problem = self.weights.problem or self.arguments.problem or self.naming.problem
        if problem:
            return Choice(None, problem)
        pretrained = self.weights.pretrained
        description = self.naming.described(
            self._architecture(network), weights=self.weights.path, pretrained=pretrained
        )
        words = self.tr("Opens {0}.").format(of_description(description))
        if pretrained is not None and pretrained not in network.here:
            words += " " + self.tr("The weights are not on this machine: you will be asked before they are downloaded.")
        return Choice(description, words)

    def _architecture(self, network: LibraryNetwork) -> Architecture:
        arguments = self.arguments.given
        if self.classes.isEnabled() and self.classes.value():
            arguments[CLASSES] = self.classes.value()
        if network.library == "timm":
            return Architecture(timm=network.name, arguments=arguments)
        return Architecture(torchvision=network.name, arguments=arguments)

    def _lay_out(self, dialogs: FileDialogs) -> None:
        form = rows()
        form.addRow(self.tr("Weights"), self.weights)
        form.addRow(self.tr("Classes"), self.classes)
        self.naming = Naming(form, dialogs)
        form.addRow(self.tr("Arguments"), self.arguments)
        details = QWidget()
        column = QVBoxLayout(details)
        column.addWidget(self.title)
        column.addWidget(self.facts)
        column.addLayout(form)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setMinimumWidth(DETAILS_WIDTH)
        scroll.setWidget(details)
        scroll.setAccessibleName(self.tr("The chosen network"))
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(self.table)
        parts.addWidget(scroll)
        parts.setChildrenCollapsible(False)
        parts.setStretchFactor(0, 1)
        parts.setStretchFactor(1, 0)
        row = QVBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(parts)

    @Slot()
    def _on_chosen(self) -> None:
        network = self.table.network
        self.title.setText(network.name if network is not None else self.tr("No network is chosen"))
        self.facts.setText(self._facts(network) if network is not None else "")
        self.weights.show_network(network)
        self._on_weights_changed()

    @Slot()
    def _on_weights_changed(self) -> None:
        official = self.weights.kind == "official"
        self.classes.setEnabled(not official)
        self.classes.setToolTip(self.tr("Official weights bring their own classes") if official else "")
        self.naming.offer_name(self._name())
        self.changed.emit()

    def _name(self) -> str:
        network = self.table.network
        if network is None:
            return ""
        if self.weights.kind == "random":
            return self.tr("{0} (random weights)").format(network.name)
        path = self.weights.path
        return network.name if path is None else f"{network.name} · {Path(path).name}"

    def _facts(self, network: LibraryNetwork) -> str:
        said = [self.tr("{0} of {1}, {2}").format(network.family, network.library, network.task)]
        if network.parameters is not None:
            said.append(self.tr("{0} parameters").format(millions(network.parameters)))
        if network.macs is not None:
            said.append(self.tr("{0} GMACs").format(billions(network.macs)))
        return ", ".join(said)
