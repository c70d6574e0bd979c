"""What the network gives for the image: predictions, feature maps and kernels, one tab each."""

from PySide6.QtWidgets import QTabWidget, QWidget

from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.results import Predictions, Result
from cnnviz_desktop.ui.predictions_panel import PredictionsPanel
from cnnviz_desktop.ui.subject import Subject

PANELS = ("predictions", "feature_maps", "kernels")


class ResultsPanel(QTabWidget):
    """The panels of results."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.predictions = PredictionsPanel()
        self._shown: Predictions | None = None
        self.addTab(self.predictions, self.tr("Predictions"))
        self.setDocumentMode(True)

    def show_outline(self, outline: Outline) -> None:
        self.clear_image()

    def show_result(self, result: Result, subject: Subject) -> None:
        if isinstance(result, Predictions):
            self._shown = result
            self.predictions.show_result(result, subject.target)

    def clear_image(self) -> None:
        self.predictions.clear()

    def explain(self, view: str, message: str) -> None:
        pass

    def follow_likeliest(self) -> None:
        if self._shown is not None:
            self.predictions.show_result(self._shown, None)

    def find_class(self) -> None:
        self.setCurrentWidget(self.predictions)
        self.predictions.focus_search()
