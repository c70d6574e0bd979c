"""The recipe by which pictures are prepared, as a form."""

from collections.abc import Iterable
from typing import get_args

from msgspec.structs import replace
from PySide6.QtCore import QSignalBlocker, QTimer, Signal, Slot
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QLabel, QSpinBox, QWidget

from cnnviz_desktop.core.description import MAX_SIDE, Interpolation, Preprocessing
from cnnviz_desktop.ui.calm_wheel import calm
from cnnviz_desktop.ui.preprocessing.numbers_field import NumbersField
from cnnviz_desktop.ui.preprocessing.recipe_words import (
    Normalisation,
    in_colour,
    in_grey,
    known_normalisations,
    resize_words,
)

PAUSE_MS = 700
"""How long nothing more is changed before the change is told: numbers are turned in many steps."""

OWN = "own"
GREY = "grey"
Colour = tuple[int, int, int] | None
PADS: tuple[Colour, ...] = (None, (0, 0, 0), (114, 114, 114), (255, 255, 255))


class RecipeForm(QWidget):
    """A field for each part of a `Preprocessing`.

    Signals:
        changed: The recipe, a moment after it was changed; at once after Enter and after a choice from a list.
        refused: Why what is written is no recipe; empty once it is one again.
    """

    changed = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recipe = Preprocessing()
        self._known = known_normalisations()
        self._soon = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._soon.timeout.connect(self.settle)
        self._make_fields()
        self._lay_out()
        self._connect()
        self.show_recipe(self._recipe)

    @property
    def recipe(self) -> Preprocessing:
        """What is set.

        Raises:
            ValueError: That is no recipe; the sentence says why.
        """
        recipe = replace(
            self._recipe,
            resize=self.resize_mode.currentData(),
            size=(self.height_field.value(), self.width_field.value()),
            short_side=self.short_side.value() or None,
            interpolation=self.interpolation.currentData(),
            pad=_read_pad(self.pad.currentData()),
            scale=float(self.scale.currentData()),
        )
        return replace(recipe, mean=self.mean.numbers, std=self.std.numbers)

    def show_recipe(self, recipe: Preprocessing) -> None:
        """Show a recipe; what was changed and not told yet is forgotten."""
        self._soon.stop()
        self._recipe = recipe
        blockers = [QSignalBlocker(each) for each in self._controls]
        _choose(self.resize_mode, recipe.resize)
        self.height_field.setValue(recipe.size[0])
        self.width_field.setValue(recipe.size[1])
        self.short_side.setValue(recipe.short_side or 0)
        _choose(self.interpolation, recipe.interpolation)
        _choose(self.channels, GREY if recipe.channels == 1 else recipe.order)
        _choose(self.scale, recipe.scale, f"0 – {recipe.scale:g}")
        _choose(self.pad, _written(recipe.pad), _written(recipe.pad))
        self.mean.numbers, self.std.numbers = recipe.mean, recipe.std
        self._show_name(recipe)
        for blocker in blockers:
            blocker.unblock()
        self._show_needed()
        self.refused.emit("")

    @Slot()
    def settle(self) -> None:
        """Tell at once what was changed."""
        self._soon.stop()
        try:
            recipe = self.recipe
        except ValueError as error:
            self.refused.emit(str(error))
            return
        self.refused.emit("")
        self._show_name(recipe)
        if recipe != self._recipe:
            self._recipe = recipe
            self.changed.emit(recipe)

    def _make_fields(self) -> None:
        self.normalisation = self._choice(
            self.tr("Values"), [(OWN, self.tr("Own")), *((name, name) for name in self._known)]
        )
        self.resize_mode = self._choice(
            self.tr("Resize"), [(mode, words) for mode, (words, _) in resize_words().items()]
        )
        self.explanation = QLabel(wordWrap=True)
        self.height_field = self._pixels(self.tr("Height of the input"))
        self.width_field = self._pixels(self.tr("Width of the input"))
        self.short_side = self._pixels(self.tr("Short side before the crop"))
        self.short_side.setMinimum(0)
        self.short_side.setSpecialValueText(self.tr("as the size"))
        self.interpolation = self._choice(
            self.tr("Interpolation"), [(each, each.capitalize()) for each in get_args(Interpolation)]
        )
        self.channels = self._choice(
            self.tr("Channels"),
            [("rgb", self.tr("Red, green, blue")), ("bgr", self.tr("Blue, green, red")), (GREY, self.tr("Grey"))],
        )
        self.scale = self._choice(self.tr("Brightness"), [(1.0, "0 – 1"), (255.0, "0 – 255")])
        self.mean = NumbersField(self.tr("Mean"))
        self.std = NumbersField(self.tr("Standard deviation"))
        words = (self.tr("The mean"), self.tr("Black"), self.tr("Grey, 114"), self.tr("White"))
        self.pad = self._choice(self.tr("Border"), zip(map(_written, PADS), words, strict=True))

    @property
    def _controls(self) -> tuple[QWidget, ...]:
        lists = self.normalisation, self.resize_mode, self.interpolation, self.channels, self.scale, self.pad
        return (*lists, self.height_field, self.width_field, self.short_side, self.mean, self.std)

    def _choice(self, name: str, words: Iterable[tuple[object, str]]) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(10)
        for value, text in words:
            box.addItem(text, value)
        calm(box)
        return box

    def _pixels(self, name: str) -> QSpinBox:
        field = QSpinBox()
        field.setRange(1, MAX_SIDE)
        field.setSuffix(self.tr(" px"))
        field.setAccessibleName(name)
        field.setKeyboardTracking(False)  # a number that is being typed is not one yet
        field.lineEdit().setAcceptDrops(False)
        calm(field)
        return field

    def _lay_out(self) -> None:
        size = QHBoxLayout()
        size.addWidget(self.width_field, 1)
        size.addWidget(QLabel("×"))
        size.addWidget(self.height_field, 1)
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._form.addRow(self.tr("&Resize"), self.resize_mode)
        self._form.addRow(self.explanation)
        label = QLabel(self.tr("Si&ze, w × h"))
        label.setBuddy(self.width_field)
        self._form.addRow(label, size)
        self._form.addRow(self.tr("Short s&ide"), self.short_side)
        self._form.addRow(self.tr("&Border"), self.pad)
        self._form.addRow(self.tr("&Interpolation"), self.interpolation)
        self._form.addRow(self.tr("&Values"), self.normalisation)
        self._form.addRow(self.tr("&Channels"), self.channels)
        self._form.addRow(self.tr("Bri&ghtness"), self.scale)
        self._form.addRow(self.tr("&Mean"), self.mean)
        self._form.addRow(self.tr("S&td. deviation"), self.std)
        self._size_row = size

    def _connect(self) -> None:
        for field in (self.height_field, self.width_field, self.short_side):
            field.valueChanged.connect(self._soon.start)
            field.editingFinished.connect(self._settle_if_due)
        for box in (self.resize_mode, self.interpolation, self.scale, self.pad):
            box.activated.connect(self.settle)
        for numbers in (self.mean, self.std):
            numbers.committed.connect(self.settle)
        self.resize_mode.currentIndexChanged.connect(self._show_needed)
        self.channels.activated.connect(self._on_channels_chosen)
        self.normalisation.activated.connect(self._on_normalisation_chosen)

    @Slot()
    def _settle_if_due(self) -> None:
        if self._soon.isActive():
            self.settle()

    @Slot()
    def _on_channels_chosen(self) -> None:
        chosen = self.channels.currentData()
        self._put(in_grey(self._recipe) if chosen == GREY else in_colour(self._recipe, chosen))

    @Slot()
    def _on_normalisation_chosen(self) -> None:
        known = self._known.get(self.normalisation.currentData())
        if known is not None:
            self._put(known.put_into(self._recipe))

    def _put(self, recipe: Preprocessing) -> None:
        if recipe != self._recipe:
            self.show_recipe(recipe)
            self.changed.emit(recipe)

    def _show_name(self, recipe: Preprocessing) -> None:
        """Name the normalisation where it has a name."""
        own = Normalisation.of(recipe)
        name = next((name for name, known in self._known.items() if known == own), OWN)
        self.normalisation.setCurrentIndex(self.normalisation.findData(name))

    @Slot()
    def _show_needed(self) -> None:
        """Show only the fields that the way of resizing reads."""
        mode = self.resize_mode.currentData()
        self.explanation.setText(resize_words()[mode][1])
        self._form.setRowVisible(self._size_row, mode in ("short_side_crop", "stretch", "letterbox"))
        self._form.setRowVisible(self.short_side, mode in ("short_side_crop", "short_side", "stretch"))
        self._form.setRowVisible(self.pad, mode == "letterbox")
        self._form.setRowVisible(self.interpolation, mode != "none")


def _written(colour: Colour) -> str:
    """A border's colour as the list holds it: Qt gives tuples back as lists."""
    return ", ".join(map(str, colour)) if colour is not None else ""


def _read_pad(text: str) -> Colour:
    if not text:
        return None
    red, green, blue = map(int, text.split(","))
    return red, green, blue


def _choose(box: QComboBox, value: object, words: str = "") -> None:
    """Choose a value; one that is not in the list joins it under these words."""
    places = [place for place in range(box.count()) if box.itemData(place) == value]
    if not places:
        box.addItem(words, value)
        places = [box.count() - 1]
    box.setCurrentIndex(places[0])
