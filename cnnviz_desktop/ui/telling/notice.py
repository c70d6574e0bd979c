"""A line that tells something for a while and is empty again."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_desktop.ui.eliding_label import ElidingLabel

TOLD_MS = 8000


class Notice(ElidingLabel):
    """Takes the room that others leave; “…” stands for what has none, and a tool tip has it all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._over = QTimer(self)
        self._over.setSingleShot(True)
        self._over.setInterval(TOLD_MS)
        self._over.timeout.connect(self.clear)

    def tell(self, text: str) -> None:
        """Show a sentence, in place of one that is still there."""
        self.setText(text)
        self._over.start()
