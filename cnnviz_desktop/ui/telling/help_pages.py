"""The help menu: each entry shows a page of the help panel."""

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from cnnviz_desktop.ui.actions import Actions
from cnnviz_desktop.ui.docks import Docks
from cnnviz_desktop.ui.telling.help_panel import HelpPanel


class HelpPages(QObject):
    """Connects the help actions with the panel, and brings that up."""

    def __init__(self, window: QWidget, actions: Actions, panel: HelpPanel, docks: Docks) -> None:
        super().__init__(panel)
        self._window = window
        self._panel = panel
        self._docks = docks
        actions.methods.triggered.connect(self._on_methods)
        actions.shortcuts.triggered.connect(self._on_shortcuts)
        actions.about.triggered.connect(self._on_about)
        for action in actions.pages:
            action.triggered.connect(self._on_page)

    @Slot()
    def _on_methods(self) -> None:
        self._panel.show_methods()
        self._docks.bring_up(self._panel)

    @Slot()
    def _on_shortcuts(self) -> None:
        self._panel.show_shortcuts(self._window)
        self._docks.bring_up(self._panel)

    @Slot()
    def _on_page(self) -> None:
        self._panel.show_page(self.sender().objectName())
        self._docks.bring_up(self._panel)

    @Slot()
    def _on_about(self) -> None:
        self._panel.show_about()
        self._docks.bring_up(self._panel)
