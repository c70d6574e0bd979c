"""What the network gives for the image: predictions, feature maps and kernels, one tab each."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QStackedWidget, QTabWidget, QWidget

from cnnviz_desktop.core.answers import Detections, Embedding, Segmentation
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Answer, ChannelSummary, FeatureMaps, Kernels, Predictions, Result
from cnnviz_desktop.ui.answers.answer_panel import AnswerPanel
from cnnviz_desktop.ui.own_escape import OwnEscape
from cnnviz_desktop.ui.results.feature_maps_panel import FeatureMapsPanel
from cnnviz_desktop.ui.results.kernels_panel import KernelsPanel
from cnnviz_desktop.ui.results.map_pages import MapPages
from cnnviz_desktop.ui.results.offers import Offers, PartChooser
from cnnviz_desktop.ui.results.predictions_panel import PredictionsPanel
from cnnviz_desktop.ui.results.unit_actions import UnitActions

LARGEST_MINIMUM = QSize(400, 420)


class ResultsPanel(QTabWidget):
    """The panels of results, and which of them a result or a reason for its absence belongs to.

    Attributes:
        predictions: The classes the network finds likeliest.
        answers: What a network that is no classifier says, in their place.
        feature_maps: The maps of the chosen layer.
        kernels: Its weights.
        units: Explaining a channel or a unit of the maps.
    """

    answer_changed = Signal(object)  # what a network that is no classifier says, or None
    said = Signal(str)  # what was copied or saved
    failed = Signal(str)  # why it could not be
    layer_wanted = Signal(str)  # name of a layer that was offered
    part_wanted = Signal(str)  # one of the layer's tensors, as `LayerRef` writes it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Answer | None = None
        self._has_network = False
        self._awaited: dict[str, Request] = {}
        self.predictions = PredictionsPanel()
        self.feature_maps = FeatureMapsPanel()
        self.kernels = KernelsPanel()
        self.units = UnitActions(self.feature_maps)
        self.answers = AnswerPanel()
        self._answer_pages = QStackedWidget()
        self._answer_pages.addWidget(self.predictions)
        self._answer_pages.addWidget(self.answers)
        self.addTab(self._answer_pages, self.tr("Predictions"))
        self.addTab(self.feature_maps, self.tr("Feature maps"))
        self.addTab(self.kernels, self.tr("Kernels"))
        self.setDocumentMode(True)
        self._parts = PartChooser()
        self._parts.chosen.connect(self.part_wanted)
        _put_on_top(self.feature_maps, self._parts)
        self._offers = {
            "feature_maps": Offers(self.tr("Show the maps of")),
            "kernels": Offers(self.tr("Show the kernels of")),
        }
        for method, panel in (("feature_maps", self.feature_maps), ("kernels", self.kernels)):
            self._offers[method].chosen.connect(self.layer_wanted)
            _put_on_top(panel, self._offers[method])
        for panel in (self.feature_maps, self.kernels):
            OwnEscape(panel.pages, partial(_is_large, panel.pages))
            panel.said.connect(self.said)
            panel.failed.connect(self.failed)
        self.predictions.clear(self.tr("The network is being opened."))

    def show_no_network(self) -> None:
        """Say that there is nothing to ask."""
        why = self.tr("No network is open. Choose one in the File or Network menu.")
        self.predictions.clear(why)
        self.feature_maps.clear(why)
        self.kernels.clear(why)

    def minimumSizeHint(self) -> QSize:
        """What its panels need, within bounds: a long layer's name must not widen the window."""
        return super().minimumSizeHint().boundedTo(LARGEST_MINIMUM)

    @Slot(object)
    def show_outline(self, outline: Outline) -> None:
        """Forget the results of another network, and say what this one cannot give."""
        self._has_network = True
        self._awaited.clear()
        if outline.gives_predictions:
            self._clear_answer()
        else:
            self._clear_answer(
                self.tr("{0} gives no class scores, so there is nothing to predict.").format(outline.name)
            )
        self.feature_maps.clear()
        self.kernels.clear()

    @Slot(object)
    def show_request(self, request: Request) -> None:
        """Say what is being computed, in place of what belongs to another image or layer."""
        self._awaited[request.method] = request
        if request.method in self._offers:
            self._offers[request.method].offer(())
        if request.method == "predictions" and (self._shown is None or self._shown.image != request.images[0]):
            self._clear_answer(self.tr("Asking the network …"))
        elif request.method == "feature_maps":
            self.feature_maps.show_request(request.layers[0], request.images[0])
        elif request.method == "kernels":
            self.kernels.show_request(request.layers[0])

    def show_result(self, result: Result, target: int | None) -> None:
        """Show a result where it belongs; `target` is the class that is explained, None for the likeliest.

        What nobody asked of this network since it was opened is not shown.
        """
        if _method_of(result) not in self._awaited:
            return
        if isinstance(result, Predictions):
            self._shown = result
            self._answer_pages.setCurrentWidget(self.predictions)
            self.predictions.show_result(result, target)
        elif isinstance(result, Segmentation | Detections | Embedding) and not self._has_classes_of(result.image):
            self._shown = result
            self._answer_pages.setCurrentWidget(self.answers)
            self.answer_changed.emit(result)
        elif isinstance(result, FeatureMaps | ChannelSummary):
            self.feature_maps.show_result(result)
        elif isinstance(result, Kernels):
            self.kernels.show_result(result)

    def explain(self, method: str, message: str) -> None:
        """Say why a method's result cannot be shown."""
        if method == "predictions":
            self._clear_answer(message)
        elif method == "feature_maps":
            self.feature_maps.explain(message)
        elif method == "kernels":
            self.kernels.clear(message)

    def explain_cancelled(self, method: str, message: str) -> None:
        """Say why a method's result does not come; predictions that stand there for the same image stay."""
        if method != "predictions" or self._shown is None:
            self.explain(method, message)

    def show_parts(self, parts: Sequence[tuple[str, str]], chosen: str) -> None:
        """Offer the choice among several stacks of maps of the chosen layer, (reference, words) each."""
        self._parts.show_parts(parts, chosen)

    @Slot(str, str, object)
    def show_absence(self, method: str, message: str, layers: tuple[str, ...]) -> None:
        """Say why the chosen layer has nothing of that kind, and offer layers that have."""
        if method not in self._offers:
            return
        self._offers[method].offer(layers)
        if method == "feature_maps":
            self.feature_maps.clear(message)
        else:
            self.kernels.clear(message)

    def clear_image(self) -> None:
        """Show nothing about an image: there is none, or it cannot be read; before a network, an image helps little."""
        if not self._has_network:
            return
        self._clear_answer()
        self.feature_maps.clear(self.tr("Open an image to see the maps of a layer."))

    def find_class(self) -> None:
        """Put the keyboard into the search for a class."""
        self.setCurrentWidget(self._answer_pages)
        self.predictions.focus_search()

    def _has_classes_of(self, image: str) -> bool:
        """Whether class scores are shown of the image: a likeness of them takes not their place."""
        return isinstance(self._shown, Predictions) and self._shown.image == image

    def _clear_answer(self, why: str = "") -> None:
        """Show nothing that the network says, and say why."""
        self._shown = None
        self._answer_pages.setCurrentWidget(self.predictions)
        self.predictions.clear(why)
        self.answer_changed.emit(None)


def _put_on_top(panel: QWidget, widget: QWidget) -> None:
    layout = panel.layout()
    if isinstance(layout, QBoxLayout):
        layout.insertWidget(0, widget)


def _is_large(pages: MapPages) -> bool:
    return pages.large is not None


def _method_of(result: Result) -> str:
    """Id of the method that a panel's result comes from; empty for what no panel shows."""
    if isinstance(result, FeatureMaps | ChannelSummary):
        return "feature_maps"
    if isinstance(result, Answer):
        return "predictions"
    return "kernels" if isinstance(result, Kernels) else ""
