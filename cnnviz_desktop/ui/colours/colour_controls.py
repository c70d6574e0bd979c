"""How a map is coloured: which colour map, between which limits. The value, and the controls that set it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLocale, QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QDoubleValidator, QIcon, QPixmap
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QWidget

from cnnviz_desktop.core.rendering import DIVERGING, PERCEPTUAL, Limits, colour_table, is_signed, value_range
from cnnviz_desktop.ui.colours.colour_bar import colour_strip
from cnnviz_desktop.ui.qt_images import indexed_image

Bounds = tuple[float, float] | tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]]
LimitsMode = Literal["full", "percentiles", "fixed"]
AUTOMATIC = ""
PERCEPTUAL_MAPS = ("viridis", "magma", "inferno", "cividis", "gray")
DIVERGING_MAPS = ("coolwarm", "RdBu_r", "bwr")
RAINBOW_MAPS = ("turbo", "jet")
PREVIEW = QSize(56, 12)
UNIT = Limits(0.0, 1.0)


@dataclass(frozen=True, slots=True)
class ColourChoice:
    """What the user chose.

    Attributes:
        name: A colour map; empty for the automatic one: perceptual, or diverging where the values have both signs.
        limits_mode: The values' full range, their percentiles, or the fixed limits.
        percentiles: Lower and upper, 0–100.
        limits: For ``fixed``.
    """

    name: str = AUTOMATIC
    limits_mode: LimitsMode = "full"
    percentiles: tuple[float, float] = (1.0, 99.0)
    limits: Limits = UNIT

    def map_name(self, *, signed: bool) -> str:
        """The colour map for values of one sign or of both."""
        return self.name or (DIVERGING if signed else PERCEPTUAL)

    def centres(self, *, signed: bool) -> bool:
        """Whether 0 lies in the middle of the colours, as every diverging map needs it. Fixed limits stay as set."""
        return self.limits_mode != "fixed" and self.map_name(signed=signed) in DIVERGING_MAPS

    def limits_of(self, values: npt.NDArray[np.floating]) -> Limits:
        """Limits for these values."""

        def percentiles(percents: tuple[float, float]) -> Limits:
            return value_range(values, percents)

        return self.drawn(value_range(values), percentiles, signed=is_signed(values)).single

    def drawn(
        self, full: Bounds, percentiles: Callable[[tuple[float, float]], Bounds], *, signed: bool
    ) -> "DrawnLimits":
        """Between which values maps are drawn. Percentiles that coincide show nothing: the full range stands in.

        Args:
            full: Smallest and largest value, of one map or (k,) each of k maps.
            percentiles: Gives lower and upper percentile, of the same maps.
            signed: Whether the values have both signs.
        """
        low, high = map(np.asarray, full)
        coincide = np.zeros(low.shape, dtype=np.bool_)
        if self.limits_mode == "fixed":
            low, high = np.full(low.shape, self.limits.low), np.full(high.shape, self.limits.high)
        elif self.limits_mode == "percentiles":
            inner_low, inner_high = map(np.asarray, percentiles(self.percentiles))
            coincide = ~(inner_low < inner_high)
            low, high = np.where(coincide, low, inner_low), np.where(coincide, high, inner_high)
        if self.centres(signed=signed):
            high = np.maximum(np.abs(low), np.abs(high))
            low = -high
        return DrawnLimits(low, high, coincide)


@dataclass(frozen=True, slots=True, eq=False)
class DrawnLimits:
    """Between which values maps are drawn; 0-dimensional for one map, (k,) for k maps.

    Attributes:
        low: The first colour's value.
        high: The last colour's value.
        coincide: Whether the percentiles asked for coincide, so that the full range stands in for them.
    """

    low: npt.NDArray[np.floating]
    high: npt.NDArray[np.floating]
    coincide: npt.NDArray[np.bool_]

    @property
    def single(self) -> Limits:
        """The limits of one map."""
        return Limits(float(self.low), float(self.high))


def preview_icon(name: str) -> QIcon:
    """A strip of the colour map's colours."""
    table = colour_table(name)
    strip = indexed_image(colour_strip(table, Qt.Orientation.Horizontal), table)
    ratio = Qt.AspectRatioMode.IgnoreAspectRatio
    return QIcon(QPixmap.fromImage(strip.scaled(PREVIEW * 2, ratio, Qt.TransformationMode.FastTransformation)))


class ColourControls(QWidget):
    """Colour map and limits. `changed` carries the new `ColourChoice`."""

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choice = ColourChoice()
        self._shown = UNIT
        self._maps = self._map_combo()
        self._modes = QComboBox()
        self._percentiles = tuple(map(self._percentile, (self.tr("Lower percentile"), self.tr("Upper percentile"))))
        self._values = tuple(map(self._value, (self.tr("Lower limit"), self.tr("Upper limit"))))
        self._dash, self._hint = QLabel("–"), QLabel()
        self._hint.setWordWrap(True)
        self._fill_modes()
        self._lay_out()
        self._maps.activated.connect(self._on_edited)
        self._modes.activated.connect(self._on_mode_chosen)
        for spin in self._percentiles:
            spin.valueChanged.connect(self._on_edited)
        for field in self._values:
            field.editingFinished.connect(self._on_edited)
        self._show()

    def choice(self) -> ColourChoice:
        """What is chosen."""
        return self._choice

    def set_choice(self, choice: ColourChoice) -> None:
        """Show a choice, without a signal."""
        self._choice = choice
        self._show()

    def show_limits(self, limits: Limits) -> None:
        """Tell which limits the picture has now: where “Fixed” starts from."""
        self._shown = limits

    def _map_combo(self) -> QComboBox:
        combo = QComboBox()
        combo.setIconSize(PREVIEW)
        combo.setAccessibleName(self.tr("Colour map"))
        combo.addItem(self.tr("Automatic"), AUTOMATIC)
        combo.setItemData(
            0, self.tr("viridis; a diverging map centred at 0 for values of both signs"), Qt.ItemDataRole.ToolTipRole
        )
        for names in (PERCEPTUAL_MAPS, DIVERGING_MAPS, RAINBOW_MAPS):
            combo.insertSeparator(combo.count())
            for name in names:
                combo.addItem(preview_icon(name), name, name)
        warning = self.tr("Rainbow colours show edges that the values do not have.")
        for name in RAINBOW_MAPS:
            combo.setItemData(combo.findData(name), warning, Qt.ItemDataRole.ToolTipRole)
        return combo

    def _percentile(self, name: str) -> QDoubleSpinBox:
        spin = QDoubleSpinBox()
        spin.setLocale(QLocale.c())  # as every other number is written
        spin.setRange(0.0, 100.0)
        spin.setDecimals(1)
        spin.setSuffix(self.tr(" %"))
        spin.setAccessibleName(name)
        spin.setKeyboardTracking(False)
        return spin

    def _value(self, name: str) -> QLineEdit:
        field = QLineEdit()
        validator = QDoubleValidator(field)
        validator.setLocale(QLocale.c())
        field.setValidator(validator)
        field.setAccessibleName(name)
        field.setMaximumWidth(field.fontMetrics().horizontalAdvance("-0.000000e-00") + 12)
        return field

    def _fill_modes(self) -> None:
        self._modes.setAccessibleName(self.tr("Limits of the colours"))
        self._modes.addItem(self.tr("Full range"), "full")
        self._modes.addItem(self.tr("Percentiles"), "percentiles")
        self._modes.addItem(self.tr("Fixed"), "fixed")

    def _lay_out(self) -> None:
        colours, limits = QLabel(self.tr("&Colours")), QLabel(self.tr("&Limits"))
        colours.setBuddy(self._maps)
        limits.setBuddy(self._modes)
        numbers = QHBoxLayout()
        for widget in (self._modes, self._percentiles[0], self._values[0], self._dash):
            numbers.addWidget(widget)
        for widget in (self._percentiles[1], self._values[1]):
            numbers.addWidget(widget)
        numbers.addStretch(1)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(colours, 0, 0)
        grid.addWidget(self._maps, 0, 1, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(limits, 1, 0)
        grid.addLayout(numbers, 1, 1)
        grid.addWidget(self._hint, 2, 1)
        grid.setColumnStretch(1, 1)

    def _show(self) -> None:
        widgets = (self._maps, self._modes, *self._percentiles, *self._values)
        blockers = [QSignalBlocker(widget) for widget in widgets]
        choice = self._choice
        self._maps.setCurrentIndex(self._maps.findData(choice.name))
        self._modes.setCurrentIndex(self._modes.findData(choice.limits_mode))
        for spin, percent in zip(self._percentiles, choice.percentiles, strict=True):
            spin.setValue(percent)
        for field, value in zip(self._values, choice.limits, strict=True):
            field.setText(f"{value:.6g}")
        self._show_fields(choice.limits_mode)
        for blocker in blockers:
            blocker.unblock()

    def _show_fields(self, mode: LimitsMode) -> None:
        for spin in self._percentiles:
            spin.setVisible(mode == "percentiles")
        for field in self._values:
            field.setVisible(mode == "fixed")
        self._dash.setVisible(mode != "full")
        self._hint.hide()

    @Slot(int)
    def _on_mode_chosen(self, index: int) -> None:
        if self._modes.itemData(index) == "fixed" and self._choice.limits_mode != "fixed":
            for field, value in zip(self._values, self._shown, strict=True):
                field.setText(f"{value:.6g}")
        self._on_edited()

    @Slot()
    def _on_edited(self) -> None:
        mode: LimitsMode = self._modes.currentData()
        low, high = (spin.value() for spin in self._percentiles)
        self._show_fields(mode)
        choice = replace(self._choice, name=self._maps.currentData(), limits_mode=mode)
        if mode == "percentiles":
            choice = replace(choice, percentiles=(low, high))
        elif mode == "fixed":
            low, high = (float(field.text()) if field.hasAcceptableInput() else np.nan for field in self._values)
            choice = replace(choice, limits=Limits(low, high))
        fits = mode == "full" or low < high
        if not fits:
            choice = replace(self._choice, name=choice.name)  # the limits stay what they were
            self._hint.setText(self.tr("The first limit has to be a number below the second."))
            self._hint.show()
        if choice != self._choice:
            self._choice = choice
            if fits:
                self._show()
            self.changed.emit(choice)
