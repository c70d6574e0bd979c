"""The layers that an explanation is of; any but the last one can be left out."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from cnnviz_desktop.ui.eliding_label import ElidingLabel


class LayerList(QWidget):
    """One line for each layer. `removed` carries the layer that is to be left out, as `LayerRef` writes it."""

    removed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layers: tuple[str, ...] = ()
        self._head = QLabel()
        self._note = QLabel(wordWrap=True)
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._lines = QWidget()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        for widget in (self._head, self._lines, self._note):
            self._column.addWidget(widget)

    def show_layers(self, layers: Sequence[str], note: str) -> None:
        """Show these, and a sentence about them; nothing where there are none."""
        self.setVisible(bool(layers))
        self._head.setText(self.tr("Layer") if len(layers) == 1 else self.tr("Layers"))
        self._note.setText(note)
        self._note.setVisible(bool(note))
        if tuple(layers) == self._layers:
            return
        self._layers = tuple(layers)
        lines = QWidget()
        column = QVBoxLayout(lines)
        column.setContentsMargins(8, 0, 0, 0)
        column.setSpacing(1)
        for layer in layers:
            column.addLayout(self._line(layer))
        self._column.replaceWidget(self._lines, lines)
        self._lines.hide()
        self._lines.deleteLater()
        self._lines = lines

    def _line(self, layer: str) -> QHBoxLayout:
        row = QHBoxLayout()
        name = ElidingLabel(mode=Qt.TextElideMode.ElideMiddle, bold=True)
        name.setText(layer)
        row.addWidget(name, 1)
        if len(self._layers) > 1:
            remove = QToolButton()
            remove.setObjectName(layer)
            remove.setText("✕")
            remove.setAutoRaise(True)
            remove.setToolTip(self.tr("Leave this layer out"))
            remove.setAccessibleName(self.tr("Leave {0} out").format(layer))
            remove.clicked.connect(self._on_clicked)
            row.addWidget(remove)
        return row

    @Slot()
    def _on_clicked(self) -> None:
        self.removed.emit(self.sender().objectName())
