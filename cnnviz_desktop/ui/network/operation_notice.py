"""What is said where an operation is chosen in the tree, of which nothing can be shown."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from cnnviz_desktop.core.operations import Operation
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import LayerRef


class OperationNotice(QWidget):
    """Says that only layers can be looked at, and offers the nearest one."""

    layer_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._nearest = ""
        self._said = QLabel()
        self._said.setWordWrap(True)
        self._button = QPushButton()
        self._button.setAccessibleName(self.tr("Look at the nearest layer"))
        self._button.clicked.connect(self._on_clicked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._said)
        layout.addWidget(self._button)
        self.hide()

    @property
    def text(self) -> str:
        """What is said."""
        return self._said.text()

    def tell(self, operation: Operation, outline: Outline) -> None:
        """Say what the operation is, and where its values can be seen."""
        code = operation.owner or outline.name
        words = [
            self.tr("“{0}” is called by the code of {1}. Only layers can be looked at.").format(operation.name, code)
        ]
        self._nearest = operation.after or operation.owner
        if operation.same_as:
            same = LayerRef.parse(operation.same_as)
            self._nearest = same.name
            words.append(
                self.tr("What it gives is what goes into {0}.").format(same.name)
                if same.side == "input"
                else self.tr("What it gives is what {0} gives.").format(same.name)
            )
        self._said.setText(" ".join(words))
        self._button.setText(self.tr("Look at {0}").format(self._nearest))
        self._button.setVisible(bool(self._nearest))
        self.show()

    @Slot()
    def _on_clicked(self) -> None:
        self.hide()
        self.layer_wanted.emit(self._nearest)
