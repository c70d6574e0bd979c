"""What is compared, as the user chooses it: the layout of the table and what stands on its axes."""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from cnnviz_desktop.core.catalog.tutorial import TUTORIAL_METHODS
from cnnviz_desktop.core.description import as_built
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import ClassTarget
from cnnviz_desktop.core.results import Predictions
from cnnviz_desktop.ui.comparison.asking import own_parameters
from cnnviz_desktop.ui.comparison.axis_editors import EDITORS, axis_editors, layout_combo
from cnnviz_desktop.ui.comparison.axis_offers import (
    first_layer,
    image_offers,
    in_order,
    is_there,
    layer_offers,
    method_offers,
    suggested_layers,
)
from cnnviz_desktop.ui.comparison.comparison import Comparison, Layout
from cnnviz_desktop.ui.comparison.explained_targets import ExplainedTargets
from cnnviz_desktop.ui.comparison.labelled import labelled, together
from cnnviz_desktop.ui.comparison.network_offers import OpenedNetworks
from cnnviz_desktop.ui.comparison.target_offers import layer_for
from cnnviz_desktop.ui.flow_layout import FlowLayout
from cnnviz_desktop.ui.subject import Subject

SUGGESTED_IMAGES = 12


class SubjectControls(QWidget):
    """The layout, an editor for each axis, and what fills the table.

    Signals:
        changed: Something else is to be compared.
        fill_asked: The user wants the table filled.
        cancel_asked: The user wants nothing more to come.
    """

    changed = Signal()
    fill_asked = Signal()
    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._outline: Outline | None = None
        self._subject = Subject(network="")
        self._opened = OpenedNetworks()
        self._strip: tuple[str, ...] = ()
        self._images_are_own = self._other_is_own = False
        self.layouts, self.editors = layout_combo(), axis_editors()
        self._explained = ExplainedTargets(self.editors["target"], self.editors["targets"], self)
        self.layouts.currentIndexChanged.connect(self._show_layout)
        for editor in self.editors.values():
            editor.changed.connect(self._on_changed)
        self.editors["images"].changed.connect(self._on_images_chosen)
        self.editors["other"].changed.connect(self._on_other_chosen)
        self.fill_button = QPushButton(self.tr("Fill"))
        self.fill_button.setToolTip(self.tr("Compute the table, in one pass over the network where that can be"))
        self.fill_button.setAutoDefault(True)  # Enter presses it, as Space does
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.cancel_button.setAccessibleName(self.tr("Cancel the comparison"))
        self.fill_button.clicked.connect(self.fill_asked)
        self.cancel_button.clicked.connect(self.cancel_asked)
        row = FlowLayout(self, spacing=6)
        for widget in (
            labelled(self.tr("Com&pare"), self.layouts),
            *self.editors.values(),
            together(self.fill_button, self.cancel_button),
        ):
            row.addWidget(widget)
        self.editors["methods"].choose(TUTORIAL_METHODS)
        self._show_layout()

    @property
    def layout_kind(self) -> Layout:
        """What the axes are."""
        kind: Layout = self.layouts.currentData()
        return kind

    def choose_layout(self, kind: Layout) -> None:
        """Choose what the axes are."""
        self.layouts.setCurrentIndex(self.layouts.findData(kind))

    @property
    def can_compare_networks(self) -> bool:
        """Whether another network was open before."""
        return self._outline is not None and bool(self._opened.offers(self._outline))

    def comparison(self) -> Comparison | None:
        """What is chosen; None where something is missing, see `problem`."""
        outline = self._outline
        if outline is None or self.problem:
            return None
        kind, chosen = self.layout_kind, {name: editor.chosen for name, editor in self.editors.items()}
        targets = self._explained.chosen(several=kind == "classes")
        layers = in_order(outline, chosen["layers"])
        if kind != "layers":
            layers = tuple(layer_for(outline, target, layer) for target in targets for layer in chosen["layer"])
        methods, subject = chosen["methods"], self._subject
        other = self._opened.other(chosen["other"][0], outline) if kind == "networks" else None
        return Comparison(
            layout=kind,
            methods=methods,
            layers=layers,
            targets=targets if other is None else tuple(map(self._explained.as_class, targets)),
            images=chosen["images"] if kind == "images" else (subject.image,),
            network=outline.network,
            name=outline.name,
            other=other,
            class_names=outline.class_names,
            device=subject.device,
            allowed_keys=subject.allowed_keys,
            parameters=own_parameters(methods, subject),
        )

    @property
    def problem(self) -> str:
        """Why there is nothing to compare, in a sentence; empty where there is."""
        kind = self.layout_kind
        if self._outline is None:
            return self.tr("No network is open yet.")
        targets = self._explained.chosen(several=kind == "classes")
        if not self._outline.has_classes and (not targets or any(isinstance(each, ClassTarget) for each in targets)):
            text = self.tr("{0} gives no class scores. Explain a channel or a region of an image, then choose it here.")
            return text.format(self._outline.name)
        if kind != "images" and not self._subject.image:
            return self.tr("Open an image to compare maps of.")
        missing = {
            "methods": self.tr("Choose at least one method."),
            "layers": self.tr("Choose at least one layer."),
            "targets": self.tr("Choose at least one class, or something else to explain."),
            "images": self.tr("Choose at least one image."),
            "other": self.tr("Open the network to compare with, then this one again: it is offered here from then on."),
        }
        for name in EDITORS[kind]:
            if name in missing and not self.editors[name].chosen:
                return missing[name]
        return ""

    def show_network(self, outline: Outline) -> None:
        """Offer the layers and classes of a network; what was chosen stays where it is the same network."""
        before = self._outline.description if self._outline is not None else None
        same = before is not None and as_built(before) == as_built(outline.description)
        kept = {name: self.editors[name].chosen if same else () for name in ("layers", "layer")}
        self._outline = outline
        self._offer_layers()
        for name, first in (("layers", suggested_layers(outline)), ("layer", first_layer(outline))):
            there = tuple(key for key in kept[name] if is_there(outline, key))
            self.editors[name].choose(there if there or (same and not kept[name]) else first)
        self._explained.show_network(outline, same=same)
        self._on_changed()

    def show_predictions(self, predictions: Predictions) -> None:
        """Offer what the network finds likeliest; the first three are chosen until the user chooses."""
        self._explained.show_predictions(predictions)
        self.changed.emit()

    def show_subject(self, subject: Subject) -> None:
        """Follow what is looked at: the image, the target, every method's own parameters, and where to compute."""
        self._subject = subject
        self._explained.show_subject(subject)
        self._offer_layers()
        self._offer_networks()
        self.changed.emit()

    def show_images(self, references: Sequence[str]) -> None:
        """Offer the images of the strip; the first dozen are chosen until the user chooses."""
        if tuple(references) == self._strip:
            return
        self._strip = tuple(references)
        images = self.editors["images"]
        images.offer(image_offers(references))
        kept = (
            [each for each in images.chosen if each in self._strip]
            if self._images_are_own
            else references[:SUGGESTED_IMAGES]
        )
        images.choose(kept)
        self.changed.emit()

    def show_filling(self, *, filling: bool) -> None:
        """Say whether anything is under way."""
        self.cancel_button.setEnabled(filling)

    def _offer_layers(self) -> None:
        if self._outline is not None:
            offers = layer_offers(self._outline, self._subject.layer)
            self.editors["layers"].offer(offers)
            self.editors["layer"].offer(offers)

    def _offer_networks(self) -> None:
        """Offer what was open before; the one opened last is chosen until the user chooses."""
        outline, editor = self._outline, self.editors["other"]
        if outline is None or self._subject.network != outline.network:
            return
        self._opened.remember(outline, self._subject.allowed_keys)
        offers = self._opened.offers(outline)
        editor.offer(offers)
        if not (self._other_is_own and editor.chosen):
            editor.choose([offer.key for offer in offers[:1]])

    @Slot()
    def _show_layout(self) -> None:
        self.editors["methods"].offer(method_offers(self.layout_kind))
        for name, editor in self.editors.items():
            editor.setVisible(name in EDITORS[self.layout_kind])
        self.updateGeometry()
        self._on_changed()

    @Slot()
    def _on_changed(self) -> None:
        self.changed.emit()

    @Slot()
    def _on_images_chosen(self) -> None:
        self._images_are_own = True

    @Slot()
    def _on_other_chosen(self) -> None:
        self._other_is_own = True
