"""The dialog of preferences: whatever is changed in it holds at once."""

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTabWidget, QVBoxLayout, QWidget

from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import Device
from cnnviz_desktop.core.settings import Settings
from cnnviz_desktop.ui.preferences.device_page import DevicePage
from cnnviz_desktop.ui.preferences.programs_page import ProgramsPage
from cnnviz_desktop.ui.preferences.weights_page import WeightsPage

FIRST_SIZE = 760, 420


class PreferencesDialog(QDialog):
    """A page for each thing to decide."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Preferences"))
        self.resize(*FIRST_SIZE)
        self.programs = ProgramsPage()
        self.weights = WeightsPage()
        self.device = DevicePage()
        self.pages = QTabWidget()
        self.pages.setAccessibleName(self.tr("Pages of the preferences"))
        self.pages.addTab(self.programs, self.tr("&Programs that may run"))
        self.pages.addTab(self.weights, self.tr("&Weights"))
        self.pages.addTab(self.device, self.tr("&Device"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.pages, 1)
        layout.addWidget(buttons)

    def show_settings(self, settings: Settings) -> None:
        """Show what is remembered; nothing is told."""
        self.programs.show_programs(settings.trusted)
        if self.weights.mirrors.mirrors != settings.mirrors:
            self.weights.mirrors.show_mirrors(settings.mirrors)

    def show_device(self, device: Device, outline: Outline | None) -> None:
        """Show where is computed now."""
        self.device.show_device(device, outline)
