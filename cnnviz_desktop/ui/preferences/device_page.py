"""Where networks are computed."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QLabel, QRadioButton, QVBoxLayout, QWidget

from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import Device


class DevicePage(QWidget):
    """One choice, and what it comes to for the network that is open.

    Signals:
        chosen: The device.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._devices: dict[Device, QRadioButton] = {
            "auto": QRadioButton(self.tr("&Automatic: the graphics card where there is one")),
            "cpu": QRadioButton(self.tr("&CPU")),
            "cuda": QRadioButton(self.tr("CUDA &graphics card")),
        }
        self._group = QButtonGroup(self)
        self.now = QLabel()
        self.now.setWordWrap(True)
        self.now.setAccessibleName(self.tr("What is computed on now"))
        layout = QVBoxLayout(self)
        heading = QLabel(self.tr("Compute on"))
        layout.addWidget(heading)
        for button in self._devices.values():
            self._group.addButton(button)
            layout.addWidget(button)
        layout.addSpacing(heading.sizeHint().height())
        layout.addWidget(self.now)
        layout.addStretch(1)
        self._group.buttonClicked.connect(self._on_clicked)

    def show_device(self, device: Device, outline: Outline | None) -> None:
        """Mark what is chosen, and tell what it came to."""
        self._devices[device].setChecked(True)
        if outline is not None:
            text = self.tr("{0} is computed on {1}. {2}")
            self.now.setText(text.format(outline.name, outline.device.upper(), outline.device_reason))

    @Slot()
    def _on_clicked(self) -> None:
        self.chosen.emit(next(device for device, button in self._devices.items() if button.isChecked()))
