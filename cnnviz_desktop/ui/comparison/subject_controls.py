"""What is compared, as the user chooses it: the layout of the table and what stands on its axes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import msgspec
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from cnnviz_desktop.core.catalog.tutorial import TUTORIAL_METHODS
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import ClassTarget, Target
from cnnviz_desktop.core.results import Predictions
from cnnviz_desktop.ui.comparison.asking import own_parameters
from cnnviz_desktop.ui.comparison.axis_editors import EDITORS, axis_editors, layout_combo
from cnnviz_desktop.ui.comparison.axis_offers import (
    SUGGESTED_CLASSES,
    first_layer,
    image_offers,
    in_order,
    is_there,
    layer_offers,
    method_offers,
    suggested_layers,
)
from cnnviz_desktop.ui.comparison.choice_popup import Offer
from cnnviz_desktop.ui.comparison.comparison import Comparison, Layout
from cnnviz_desktop.ui.comparison.headings import target_title
from cnnviz_desktop.ui.comparison.labelled import labelled, together
from cnnviz_desktop.ui.comparison.network_offers import OpenedNetworks
from cnnviz_desktop.ui.comparison.target_offers import (
    LIKELIEST,
    Remembered,
    can_be_explained,
    class_offers,
    found_targets,
    key_of,
    layer_for,
    scored_as,
    target_of,
)
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
        self._predictions: Predictions | None = None
        self._subject = Subject(network="")
        self._remembered = Remembered()
        self._opened = OpenedNetworks()
        self._strip: tuple[str, ...] = ()
        self._targets_are_own = self._images_are_own = False
        self.layouts, self.editors = layout_combo(), axis_editors()
        self.layouts.currentIndexChanged.connect(self._show_layout)
        for editor in self.editors.values():
            editor.changed.connect(self._on_changed)
        self.editors["targets"].changed.connect(self._on_targets_chosen)
        self.editors["images"].changed.connect(self._on_images_chosen)
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

    def comparison(self) -> Comparison | None:
        """What is chosen; None where something is missing, see `problem`."""
        outline = self._outline
        if outline is None or self.problem:
            return None
        kind, chosen = self.layout_kind, {name: editor.chosen for name, editor in self.editors.items()}
        targets = self._targets
        layers = in_order(outline, chosen["layers"])
        if kind != "layers":
            layers = tuple(layer_for(outline, target, layer) for target in targets for layer in chosen["layer"])
        methods, subject = chosen["methods"], self._subject
        other = self._opened.of_key(chosen["other"][0]) if kind == "networks" else None
        return Comparison(
            layout=kind,
            methods=methods,
            layers=layers,
            targets=targets if other is None else tuple(map(self._as_class, targets)),
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
    def _targets(self) -> tuple[Target, ...]:
        """What is chosen to be explained, by the score that the window explains classes by."""
        keys = self.editors["targets" if self.layout_kind == "classes" else "target"].chosen
        return tuple(scored_as(target_of(key), self._subject.target) for key in keys)

    def _as_class(self, target: Target) -> Target:
        """What this network finds likeliest, as the class that it is: another network is asked about the same."""
        likeliest = isinstance(target, ClassTarget) and target.label is None
        if not likeliest or self._predictions is None:
            return target
        return msgspec.structs.replace(target, label=self._predictions.top(1)[0])

    @property
    def problem(self) -> str:
        """Why there is nothing to compare, in a sentence; empty where there is."""
        kind = self.layout_kind
        if self._outline is None:
            return self.tr("No network is open yet.")
        targets = self._targets
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
        same = self._outline is not None and self._outline.network == outline.network
        chosen = {name: editor.chosen for name, editor in self.editors.items()}
        self._outline, self._predictions = outline, None
        if same:
            self._remembered.forget_gone(outline)
        else:
            self._targets_are_own = False
            self._remembered.forget()
        self._offer_layers()
        self._offer_targets()
        if same:
            self._keep(outline, chosen)
        else:
            self.editors["layers"].choose(suggested_layers(outline))
            self.editors["layer"].choose(first_layer(outline))
            self.editors["target"].choose((LIKELIEST,) if outline.has_classes else ())
            self._subject = replace(self._subject, target=ClassTarget())
            self._suggest_classes(range(min(SUGGESTED_CLASSES, outline.classes)))
        self._on_changed()

    def _keep(self, outline: Outline, chosen: Mapping[str, tuple[str, ...]]) -> None:
        """Choose again what the network still has, whose file may have changed; where that is nothing, as at first."""
        likeliest = (LIKELIEST,) if outline.has_classes else ()
        for name, first in (("layers", suggested_layers(outline)), ("layer", first_layer(outline))):
            kept = tuple(key for key in chosen[name] if is_there(outline, key))
            self.editors[name].choose(kept if kept or not chosen[name] else first)
        for name, first in (("targets", ()), ("target", likeliest)):
            kept = tuple(key for key in chosen[name] if can_be_explained(outline, target_of(key)))
            self.editors[name].choose(kept or first)

    def show_predictions(self, predictions: Predictions) -> None:
        """Offer what the network finds likeliest; the first three are chosen until the user chooses."""
        if predictions.image != self._subject.image or self._outline is None:
            return
        self._predictions = predictions
        self._offer_targets()
        if not self._targets_are_own:
            self._suggest_classes(predictions.top(SUGGESTED_CLASSES))
        self.changed.emit()

    def show_subject(self, subject: Subject) -> None:
        """Follow what is looked at: the image, the target, every method's own parameters, and where to compute."""
        before, self._subject = self._subject, subject
        if subject.image != before.image:
            self._predictions = None
        self._offer_layers()
        self._offer_networks()
        if self._outline is not None and key_of(subject.target) != key_of(before.target):
            self._remembered.remember(subject.target)
            self._offer_targets()
            names = {key_of(subject.target): target_title(subject.target, self._outline.class_names)}
            self.editors["target"].choose((key_of(subject.target),), names)
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
            offers: tuple[Offer, ...] = layer_offers(self._outline, self._subject.layer)
            self.editors["layers"].offer(offers)
            self.editors["layer"].offer(offers)

    def _offer_networks(self) -> None:
        """Offer what was open before; the one opened last is chosen until the user chooses."""
        outline, editor = self._outline, self.editors["other"]
        if outline is None or self._subject.network != outline.network:
            return
        self._opened.remember(outline, self._subject.allowed_keys)
        offers = self._opened.offers(outline.network)
        editor.offer(offers)
        if not editor.chosen:
            editor.choose([offer.key for offer in offers[:1]])

    def _offer_targets(self) -> None:
        outline = self._outline
        if outline is None:
            return

        def find(text: str) -> tuple[Offer, ...]:
            return found_targets(outline, text)

        for name, with_likeliest in (("targets", False), ("target", outline.has_classes)):
            classes = class_offers(outline, self._predictions, with_likeliest=with_likeliest)
            listed = {offer.key for offer in classes}
            others = [offer for offer in self._remembered.offers(outline) if offer.key not in listed]
            self.editors[name].offer((*classes, *others), find)

    def _suggest_classes(self, indices: Iterable[int]) -> None:
        self.editors["targets"].choose([key_of(ClassTarget(index)) for index in indices])

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
    def _on_targets_chosen(self) -> None:
        self._targets_are_own = True

    @Slot()
    def _on_images_chosen(self) -> None:
        self._images_are_own = True
