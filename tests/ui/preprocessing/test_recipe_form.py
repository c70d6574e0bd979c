"""The form gives the recipe that is set, tells it once, and says what is no recipe."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.ui.preprocessing.recipe_form import GREY, OWN, RecipeForm

RECIPES = [
    Preprocessing(resize="short_side_crop", size=(224, 192), short_side=256, interpolation="bicubic"),
    Preprocessing(resize="letterbox", size=(416, 640), pad=(1, 2, 3), mean=(0.0,) * 3, std=(1.0,) * 3),
    Preprocessing(resize="none", mean=(103.939, 116.779, 123.68), std=(1.0,) * 3, order="bgr", scale=255.0),
    Preprocessing(size=(28, 28), mean=(0.1307,), std=(0.3081,)),
    Preprocessing(resize="short_side", short_side=520, scale=2.5),
]


@pytest.fixture
def form(qtbot: QtBot) -> RecipeForm:
    form = RecipeForm()
    qtbot.addWidget(form)
    form.show()
    return form


@pytest.fixture
def told(form: RecipeForm) -> list[Preprocessing]:
    recipes: list[Preprocessing] = []
    form.changed.connect(recipes.append)
    return recipes


def choose(box: QComboBox, value: object) -> None:
    place = next(place for place in range(box.count()) if box.itemData(place) == value)
    box.setCurrentIndex(place)
    box.activated.emit(place)


@pytest.mark.parametrize("recipe", RECIPES)
def test_that_a_recipe_that_is_shown_is_the_one_that_is_set(
    form: RecipeForm, told: list[Preprocessing], recipe: Preprocessing
) -> None:
    form.show_recipe(recipe)
    assert form.recipe == recipe
    form.settle()
    assert told == []


def test_that_a_choice_is_told_at_once_and_a_number_a_moment_later(
    form: RecipeForm, told: list[Preprocessing], qtbot: QtBot
) -> None:
    choose(form.resize_mode, "letterbox")
    assert told == [Preprocessing(resize="letterbox")]
    with qtbot.waitSignal(form.changed):
        form.width_field.setValue(100)
        form.height_field.setValue(50)
    assert told[1:] == [Preprocessing(resize="letterbox", size=(50, 100))]


def test_that_enter_tells_at_once(form: RecipeForm, told: list[Preprocessing]) -> None:
    form.width_field.setFocus()
    form.width_field.lineEdit().selectAll()
    QTest.keyClicks(form.width_field, "96")
    assert told == []
    QTest.keyClick(form.width_field, Qt.Key.Key_Return)
    assert told == [Preprocessing(size=(224, 96))]


@pytest.mark.parametrize("text", ["0.1, 0.2, 0.3", "[0.1;0.2;0.3]", "0.1 0.2\t0.3"])
def test_that_means_can_be_pasted_in_any_form(form: RecipeForm, told: list[Preprocessing], text: str) -> None:
    form.mean.setText(text)
    QTest.keyClick(form.mean, Qt.Key.Key_Return)
    assert told == [Preprocessing(mean=(0.1, 0.2, 0.3))]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("0.1, o.2, 0.3", "Standard deviation: “o.2” is no number"), ("1, 1", "three entries"), ("1, 0, 1", "above 0")],
)
def test_that_what_is_no_recipe_is_told_and_not_applied(
    form: RecipeForm, told: list[Preprocessing], text: str, sentence: str
) -> None:
    refused: list[str] = []
    form.refused.connect(refused.append)
    form.std.setText(text)
    form.settle()
    assert sentence in refused[-1]
    assert told == []
    form.std.setText("1, 1, 1")
    form.settle()
    assert refused[-1] == ""
    assert told == [Preprocessing(std=(1.0, 1.0, 1.0))]


def test_that_a_known_normalisation_leaves_the_size_as_it_is(form: RecipeForm, told: list[Preprocessing]) -> None:
    form.show_recipe(RECIPES[0])
    choose(form.normalisation, "−1 to 1")
    assert told == [replace(RECIPES[0], mean=(0.5,) * 3, std=(0.5,) * 3)]
    assert form.normalisation.currentData() == "−1 to 1"
    form.mean.setText("0.4, 0.5, 0.5")
    form.settle()
    assert form.normalisation.currentData() == OWN


def test_that_grey_and_the_order_of_channels_take_the_means_along(form: RecipeForm, told: list[Preprocessing]) -> None:
    form.show_recipe(Preprocessing(mean=(0.1, 0.2, 0.3), std=(0.4, 0.5, 0.6)))
    choose(form.channels, "bgr")
    assert told[-1] == Preprocessing(mean=(0.3, 0.2, 0.1), std=(0.6, 0.5, 0.4), order="bgr")
    choose(form.channels, GREY)
    assert told[-1] == Preprocessing(mean=(0.2,), std=(0.5,))
    choose(form.channels, "rgb")
    assert told[-1] == Preprocessing(mean=(0.2,) * 3, std=(0.5,) * 3)


def test_that_only_what_the_way_of_resizing_reads_can_be_set(form: RecipeForm) -> None:
    choose(form.resize_mode, "none")
    assert not form.width_field.isVisible()
    assert not form.interpolation.isVisible()
    choose(form.resize_mode, "letterbox")
    assert form.width_field.isVisible()
    assert form.pad.isVisible()
    assert not form.short_side.isVisible()


def test_that_every_control_has_a_name_and_takes_the_keyboard(form: RecipeForm) -> None:
    for control in form._controls:
        assert control.accessibleName()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
