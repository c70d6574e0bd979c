"""Where official weights come from."""

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from cnnviz_desktop.ui.weights.mirrors_field import MirrorsField


class WeightsPage(QWidget):
    """The mirrors; what lies on this machine has a dialog of its own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mirrors = MirrorsField()
        heading = QLabel(self.tr("&Mirrors of official weights, one address a line"))
        heading.setBuddy(self.mirrors.text)
        explanation = QLabel(
            self.tr(
                "Official weights are downloaded only when you ask for them, and every file is compared with the hash "
                "its publisher has given it, wherever it came from."
            )
        )
        explanation.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.addWidget(explanation)
        layout.addWidget(heading)
        layout.addWidget(self.mirrors)
        layout.addStretch(1)
