"""Joining further layers with the chosen one: Ctrl with a click, or Ctrl+Space."""

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView

from cnnviz_desktop.ui.network.layer_rows import LAYER_NAME_ROLE


class LayerJoining(QObject):
    """Takes Ctrl+click from a view of layers, which would choose the layer instead.

    `toggled` carries the name of the layer that is to join, or to leave again.

    Args:
        view: Its rows carry layers' names.
    """

    toggled = Signal(str)

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._view = view
        self.action = QAction(self.tr("&Join with the chosen layer, or leave out (Ctrl+click)"), self)
        self.action.setShortcut(QKeySequence("Ctrl+Space"))
        self.action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.action.triggered.connect(self._on_triggered)
        view.addAction(self.action)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take presses and releases with Ctrl."""
        kinds = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease, QEvent.Type.MouseButtonDblClick)
        if not isinstance(event, QMouseEvent) or event.type() not in kinds:
            return False
        if event.button() != Qt.MouseButton.LeftButton or not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        if event.type() == QEvent.Type.MouseButtonPress:
            self._toggle(self._view.indexAt(event.position().toPoint()))
        return True

    @Slot()
    def _on_triggered(self) -> None:
        self._toggle(self._view.currentIndex())

    def _toggle(self, index: QModelIndex) -> None:
        name = index.siblingAtColumn(0).data(LAYER_NAME_ROLE)
        if name:
            self.toggled.emit(str(name))
