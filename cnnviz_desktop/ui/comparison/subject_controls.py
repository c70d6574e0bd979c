"""What is compared, as the user chooses it: the layout of the table and what stands on its axes."""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QPushButton, QWidget

from cnnviz_desktop.core.catalog.tutorial import TUTORIAL_METHODS
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import Device
from cnnviz_desktop.core.results import Predictions
from cnnviz_desktop.ui.comparison.axis_editor import AxisEditor
from cnnviz_desktop.ui.comparison.axis_offers import (
    LIKELIEST,
    SUGGESTED_CLASSES,
    class_offers,
    first_layer,
    found_classes,
    image_offers,
    in_order,
    layer_offers,
    method_offers,
    suggested_layers,
)
from cnnviz_desktop.ui.comparison.choice_popup import Offer
from cnnviz_desktop.ui.comparison.comparison import LAYOUTS, Comparison, Layout
from cnnviz_desktop.ui.comparison.labelled import labelled
from cnnviz_desktop.ui.flow_layout import FlowLayout

SUGGESTED_IMAGES = 12

_EDITORS: dict[Layout, tuple[str, ...]] = {
    "views": ("methods", "layer", "class"),
    "layers": ("methods", "layers", "class"),
    "classes": ("methods", "layer", "classes"),
    "images": ("images", "methods", "layer", "class"),
}


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
        self._image = self._tree_layer = ""
        self._strip: tuple[str, ...] = ()
        self._target: int | None = None
        self._device: Device = "auto"
        self._allowed_keys: tuple[str, ...] = ()
        self._classes_are_own = self._images_are_own = False
        self.layouts = self._layout_combo()
        self.editors = self._make_editors()
        self.fill_button = QPushButton(self.tr("Fill"))
        self.fill_button.setToolTip(self.tr("Compute the table, in one pass over the network where that can be"))
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.cancel_button.setAccessibleName(self.tr("Cancel the comparison"))
        self.fill_button.clicked.connect(self.fill_asked)
        self.cancel_button.clicked.connect(self.cancel_asked)
        row = FlowLayout(self, spacing=6)
        for widget in (
            labelled(self.tr("Com&pare"), self.layouts),
            *self.editors.values(),
            self.fill_button,
            self.cancel_button,
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
        layers = in_order(outline, chosen["layers"]) if kind == "layers" else chosen["layer"]
        labels = chosen["classes"] if kind == "classes" else chosen["class"]
        return Comparison(
            layout=kind,
            methods=self._chosen("methods"),
            layers=layers,
            classes=tuple(int(label) if label else None for label in labels),
            images=chosen["images"] if kind == "images" else (self._image,),
            network=outline.network,
            class_names=outline.class_names,
            device=self._device,
            allowed_keys=self._allowed_keys,
        )

    @property
    def problem(self) -> str:
        """Why there is nothing to compare, in a sentence; empty where there is."""
        kind = self.layout_kind
        if self._outline is None:
            return self.tr("No network is open yet.")
        if not self._outline.classes:
            return self.tr("{0} gives no class scores, so no class can be explained.").format(self._outline.name)
        if kind != "images" and not self._image:
            return self.tr("Open an image to compare maps of.")
        missing = {
            "methods": self.tr("Choose at least one method."),
            "layers": self.tr("Choose at least one layer."),
            "classes": self.tr("Choose at least one class."),
            "images": self.tr("Choose at least one image."),
        }
        for name in _EDITORS[kind]:
            if name in missing and not self._chosen(name):
                return missing[name]
        return ""

    def choose_layout(self, kind: Layout) -> None:
        """Lay the table out so."""
        self.layouts.setCurrentIndex(self.layouts.findData(kind))

    def show_network(self, outline: Outline) -> None:
        """Offer the layers and classes of a network; what was chosen stays where it is the same network."""
        same = self._outline is not None and self._outline.network == outline.network
        self._outline = outline
        if not same:
            self._predictions, self._classes_are_own = None, False
        self._offer_layers()
        self._offer_classes()
        if not same:
            self.editors["layers"].choose(suggested_layers(outline))
            self.editors["layer"].choose(first_layer(outline))
            self.editors["class"].choose((LIKELIEST,))
            self._target = None
            self.editors["classes"].choose([str(index) for index in range(min(SUGGESTED_CLASSES, outline.classes))])
        self._on_changed()

    def show_predictions(self, predictions: Predictions) -> None:
        """Offer what the network finds likeliest; the first three are chosen until the user chooses."""
        if predictions.image != self._image or self._outline is None:
            return
        self._predictions = predictions
        self._offer_classes()
        if not self._classes_are_own:
            self.editors["classes"].choose([str(index) for index in predictions.top(SUGGESTED_CLASSES)])
        self.changed.emit()

    def show_target(self, label: int | None) -> None:
        """Compare maps of the class that the window explains from now on; None for the likeliest."""
        if label == self._target or self._outline is None:
            return
        self._target = label
        key = LIKELIEST if label is None else str(label)
        names = {} if label is None else {key: self._outline.class_name(label)}
        self.editors["class"].choose((key,), names)
        self.changed.emit()

    def show_subject(self, image: str, tree_layer: str, device: Device, allowed_keys: tuple[str, ...]) -> None:
        """Follow what is looked at."""
        if image != self._image:
            self._predictions = None
        self._image, self._tree_layer = image, tree_layer
        self._device, self._allowed_keys = device, allowed_keys
        self._offer_layers()
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

    def _chosen(self, name: str) -> tuple[str, ...]:
        """What is chosen for an axis; methods that the layout has no place for are left out."""
        chosen = self.editors[name].chosen
        if name != "methods":
            return chosen
        offered = {offer.key for offer in method_offers(self.layout_kind)}
        return tuple(each for each in chosen if each in offered)

    def _layout_combo(self) -> QComboBox:
        combo = QComboBox()
        names: dict[Layout, str] = {
            "views": self.tr("Methods × cam, gb, cam_gb"),
            "layers": self.tr("Methods × layers"),
            "classes": self.tr("Methods × classes"),
            "images": self.tr("Images × methods"),
        }
        for kind in LAYOUTS:
            combo.addItem(names[kind], kind)
        combo.setAccessibleName(self.tr("What the table compares"))
        combo.currentIndexChanged.connect(self._show_layout)
        return combo

    def _make_editors(self) -> dict[str, AxisEditor]:
        layer_hint, class_hint = self.tr("Layer, by name or type"), self.tr("Class, by name or number")
        editors = {
            "images": AxisEditor(self.tr("Images"), self.tr("Image, by name")),
            "methods": AxisEditor(self.tr("Methods"), self.tr("Method, by name")),
            "layers": AxisEditor(self.tr("Layers"), layer_hint),
            "layer": AxisEditor(self.tr("Layer"), layer_hint, exclusive=True),
            "classes": AxisEditor(self.tr("Classes"), class_hint),
            "class": AxisEditor(self.tr("Class"), class_hint, exclusive=True),
        }
        for name, editor in editors.items():
            editor.setObjectName(name)
            editor.changed.connect(self._on_changed)
        editors["classes"].changed.connect(self._on_classes_chosen)
        editors["images"].changed.connect(self._on_images_chosen)
        return editors

    def _offer_layers(self) -> None:
        if self._outline is not None:
            offers: tuple[Offer, ...] = layer_offers(self._outline, self._tree_layer)
            self.editors["layers"].offer(offers)
            self.editors["layer"].offer(offers)

    def _offer_classes(self) -> None:
        outline = self._outline
        if outline is None:
            return

        def find(text: str) -> tuple[Offer, ...]:
            return found_classes(outline, text)

        for name, with_likeliest in (("classes", False), ("class", True)):
            self.editors[name].offer(class_offers(outline, self._predictions, with_likeliest=with_likeliest), find)

    @Slot()
    def _show_layout(self) -> None:
        if not hasattr(self, "editors"):
            return
        self.editors["methods"].offer(method_offers(self.layout_kind))
        for name, editor in self.editors.items():
            editor.setVisible(name in _EDITORS[self.layout_kind])
        self.updateGeometry()
        self._on_changed()

    @Slot()
    def _on_changed(self) -> None:
        self.changed.emit()

    @Slot()
    def _on_classes_chosen(self) -> None:
        self._classes_are_own = True

    @Slot()
    def _on_images_chosen(self) -> None:
        self._images_are_own = True
