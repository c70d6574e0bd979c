"""How the table is drawn, as the user chooses it: scale, colours, opacity, positive part, smooth or cells, size."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QSlider, QWidget

from cnnviz_desktop.core.rendering import colour_map_names
from cnnviz_desktop.ui.colours.colour_controls import AUTOMATIC, PREVIEW, preview_icon
from cnnviz_desktop.ui.comparison.labelled import labelled
from cnnviz_desktop.ui.comparison.look import SCALES, TableLook
from cnnviz_desktop.ui.comparison.table_view import LEAST_WIDTH, MOST_WIDTH
from cnnviz_desktop.ui.flow_layout import FlowLayout

if TYPE_CHECKING:
    from cnnviz_desktop.ui.comparison.look import Scale

AUTOMATIC_WIDTH = LEAST_WIDTH - 1


class LookControls(QWidget):
    """Says how a table is drawn. `changed` carries a `TableLook`; `width_changed` the cells' width, 0 for fitting."""

    changed = Signal(object)
    width_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = TableLook()
        self.scales = self._scale_combo()
        self.colours = self._colour_combo()
        self.positive = QCheckBox(self.tr("Positive part"))
        self.positive.setToolTip(self.tr("Draw only values above 0, as class activation maps are published"))
        self.smooth = QCheckBox(self.tr("Smooth"))
        self.smooth.setToolTip(self.tr("Interpolate between the cells of a map"))
        self.opacity = _slider(0, 100, round(100 * self._look.opacity), self.tr("Opacity of the maps"))
        self.widths = _slider(AUTOMATIC_WIDTH, MOST_WIDTH, AUTOMATIC_WIDTH, self.tr("Width of the cells"))
        self.widths.setToolTip(self.tr("Width of the cells; at the left end they are as wide as the window allows"))
        self.positive.setChecked(self._look.positive)
        self.smooth.setChecked(self._look.smooth)
        row = FlowLayout(self, spacing=8)
        for text, widget in (
            (self.tr("Sca&le"), self.scales),
            (self.tr("C&olours"), self.colours),
            (self.tr("Opa&city"), self.opacity),
            ("", self.positive),
            ("", self.smooth),
            (self.tr("Si&ze"), self.widths),
        ):
            part = labelled(text, widget) if text else widget
            part.setMinimumHeight(self.scales.sizeHint().height())  # so that all stand on one line
            row.addWidget(part)
        self.scales.currentIndexChanged.connect(self._on_edited)
        self.colours.currentIndexChanged.connect(self._on_edited)
        self.opacity.valueChanged.connect(self._on_edited)
        self.positive.toggled.connect(self._on_edited)
        self.smooth.toggled.connect(self._on_edited)
        self.widths.valueChanged.connect(self._on_width_edited)

    @property
    def look(self) -> TableLook:
        """What is chosen."""
        return self._look

    def _scale_combo(self) -> QComboBox:
        combo = QComboBox()
        names: dict[Scale, str] = {
            "separate": self.tr("each its own"),
            "row": self.tr("one for each row"),
            "column": self.tr("one for each column"),
            "all": self.tr("one for all"),
        }
        for scale in SCALES:
            combo.addItem(names[scale], scale)
        combo.setAccessibleName(self.tr("Which maps share a scale"))
        return combo

    def _colour_combo(self) -> QComboBox:
        combo = QComboBox()
        combo.setIconSize(QSize(PREVIEW))
        combo.addItem(self.tr("automatic"), AUTOMATIC)
        for name in colour_map_names():
            combo.addItem(preview_icon(name), name, name)
        combo.setAccessibleName(self.tr("Colour map"))
        return combo

    @Slot()
    def _on_edited(self) -> None:
        self._look = TableLook(
            colours=replace(self._look.colours, name=self.colours.currentData()),
            opacity=self.opacity.value() / 100,
            smooth=self.smooth.isChecked(),
            positive=self.positive.isChecked(),
            scale=self.scales.currentData(),
        )
        self.changed.emit(self._look)

    @Slot(int)
    def _on_width_edited(self, width: int) -> None:
        self.width_changed.emit(0 if width == AUTOMATIC_WIDTH else width)


def _slider(least: int, most: int, value: int, name: str) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(least, most)
    slider.setValue(value)
    slider.setPageStep(max(1, (most - least) // 10))
    slider.setFixedWidth(72)
    slider.setAccessibleName(name)
    return slider
