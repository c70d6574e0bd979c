import numpy as np
import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.rendering import DIVERGING, PERCEPTUAL, Limits, colour_map_names
from cnnviz_desktop.ui.colours.colour_controls import ColourChoice, ColourControls

SIGNED = np.array([[-2.0, 0.0], [1.0, 0.5]], dtype=np.float32)
POSITIVE = np.arange(101, dtype=np.float32)


def named(controls: QWidget, name: str) -> QWidget:
    return next(child for child in controls.findChildren(QWidget) if child.accessibleName() == name)


@pytest.fixture
def controls(qtbot: QtBot) -> ColourControls:
    widget = ColourControls()
    qtbot.addWidget(widget)
    widget.show()
    return widget


def pick(controls: ColourControls, name: str, data: str) -> None:
    combo = named(controls, name)
    assert isinstance(combo, QComboBox)
    combo.setCurrentIndex(combo.findData(data))
    combo.activated.emit(combo.currentIndex())


def test_that_the_automatic_map_follows_the_sign_and_centres_at_zero() -> None:
    assert ColourChoice().map_name(signed=False) == PERCEPTUAL
    assert ColourChoice().map_name(signed=True) == DIVERGING
    assert ColourChoice().limits_of(SIGNED) == Limits(-2, 2)
    assert ColourChoice().limits_of(POSITIVE) == Limits(0, 100)


def test_that_a_chosen_sequential_map_keeps_the_range_and_a_diverging_one_centres_it() -> None:
    assert ColourChoice("magma").limits_of(SIGNED) == Limits(-2, 1)
    assert ColourChoice("bwr").limits_of(POSITIVE) == Limits(-100, 100)


def test_that_percentiles_and_fixed_limits_are_kept_to() -> None:
    assert ColourChoice("magma", "percentiles", (10, 80)).limits_of(POSITIVE) == Limits(10, 80)
    assert ColourChoice("bwr", "fixed", limits=Limits(-1, 3)).limits_of(SIGNED) == Limits(-1, 3)


def test_that_percentiles_that_coincide_give_way_to_the_full_range() -> None:
    sparse = np.zeros(1000, dtype=np.float32)
    sparse[3] = 7
    assert ColourChoice("", "percentiles", (1, 99)).limits_of(sparse) == Limits(0, 7)


def test_that_every_colour_map_can_be_chosen_and_the_default_is_none_of_the_rainbows(controls: ColourControls) -> None:
    combo = named(controls, "Colour map")
    assert isinstance(combo, QComboBox)
    offered = {combo.itemData(index) for index in range(combo.count())} - {None, ""}
    assert offered == set(colour_map_names())
    assert combo.currentData() == ""


def test_that_choosing_a_map_is_told_once(controls: ColourControls, qtbot: QtBot) -> None:
    with qtbot.waitSignal(controls.changed) as told:
        pick(controls, "Colour map", "jet")
    assert told.args == [ColourChoice("jet")]
    with qtbot.assertNotEmitted(controls.changed):
        pick(controls, "Colour map", "jet")


def test_that_setting_a_choice_shows_it_and_is_silent(controls: ColourControls, qtbot: QtBot) -> None:
    choice = ColourChoice("magma", "percentiles", (2.5, 97.5))
    with qtbot.assertNotEmitted(controls.changed):
        controls.set_choice(choice)
    assert controls.choice() == choice
    lower = named(controls, "Lower percentile")
    assert isinstance(lower, QDoubleSpinBox)
    assert lower.value() == 2.5
    assert lower.isVisible()
    assert not named(controls, "Lower limit").isVisible()


def test_that_fixed_limits_start_from_those_shown(controls: ColourControls) -> None:
    controls.show_limits(Limits(-0.25, 4))
    pick(controls, "Limits of the colours", "fixed")
    assert controls.choice() == ColourChoice("", "fixed", limits=Limits(-0.25, 4))


def test_that_limits_the_wrong_way_round_are_refused_in_words_and_change_nothing(
    controls: ColourControls, qtbot: QtBot
) -> None:
    before = ColourChoice("", "fixed", limits=Limits(0, 1))
    controls.set_choice(before)
    lower = named(controls, "Lower limit")
    assert isinstance(lower, QLineEdit)
    with qtbot.assertNotEmitted(controls.changed):
        lower.setText("5")
        QTest.keyClick(lower, Qt.Key.Key_Return)
    assert controls.choice() == before
    assert controls._hint.isVisible()
    assert "below" in controls._hint.text()
    assert lower.text() == "5"
    with qtbot.waitSignal(controls.changed):
        pick(controls, "Colour map", "jet")  # wrong limits keep nobody from choosing colours
    assert controls.choice() == ColourChoice("jet", "fixed", limits=Limits(0, 1))
    assert controls._hint.isVisible()


def test_that_percentages_are_written_as_all_other_numbers_are(qtbot: QtBot) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German))
    try:
        controls = ColourControls()
    finally:
        QLocale.setDefault(before)
    qtbot.addWidget(controls)
    lower = named(controls, "Lower percentile")
    assert isinstance(lower, QDoubleSpinBox)
    assert lower.text() == "1.0 %"
