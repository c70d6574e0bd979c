"""Arguments are typed as JSON, or as Python writes them, and what is wrong with them is said."""

import pytest
from PySide6.QtCore import QModelIndex, Qt

from cnnviz_desktop.ui.opening.picker.arguments_model import NAME, VALUE, Argument, ArgumentsModel, read_value

pytestmark = pytest.mark.usefixtures("qapp")


def type_in(model: ArgumentsModel, row: int, *, name: str | None = None, value: str | None = None) -> None:
    for column, text in ((NAME, name), (VALUE, value)):
        if text is not None:
            assert model.setData(model.index(row, column), text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", 2),
        ("0.5", 0.5),
        ('"relu"', "relu"),
        ("'relu'", "relu"),
        ("true", True),
        ("True", True),
        ("None", None),
        ("[1, 2]", [1, 2]),
        ("(1, 2)", [1, 2]),
        ('{"a": null}', {"a": None}),
    ],
)
def test_that_values_are_read_as_json_or_as_python_writes_them(text: str, value: object) -> None:
    assert read_value(text) == value
    assert type(read_value(text)) is type(value)


@pytest.mark.parametrize(
    "text", ["relu", "1 +", "[1,", "open('x')", "{1, 2}", "b'x'", "float('inf')", "1" + "0" * 9 + "j"]
)
def test_that_other_text_is_no_value_and_nothing_of_it_runs(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - it says nothing but what was typed
        read_value(text)


def test_that_offered_arguments_are_given_only_where_somebody_typed() -> None:
    model = ArgumentsModel()
    model.offer([Argument("width", default="64", is_offered=True), Argument("act", default='"relu"', is_offered=True)])
    assert model.arguments == {}
    assert model.index(0, VALUE).data() == "64"
    type_in(model, 1, value='"gelu"')
    assert model.arguments == {"act": "gelu"}
    assert not model.flags(model.index(0, NAME)) & Qt.ItemFlag.ItemIsEditable
    type_in(model, 1, value="")
    assert model.arguments == {}


def test_that_further_arguments_are_added_at_the_end_and_go_when_emptied() -> None:
    model = ArgumentsModel()
    type_in(model, 0, name="drop", value="0.1")
    assert model.rowCount(QModelIndex()) == 2
    type_in(model, 1, name="depth", value="3")
    assert model.arguments == {"drop": 0.1, "depth": 3}
    type_in(model, 0, name="", value="")
    assert model.arguments == {"depth": 3}
    assert model.rowCount(QModelIndex()) == 2


def test_that_what_was_typed_stays_when_others_are_offered() -> None:
    model = ArgumentsModel()
    model.offer([Argument("width", is_offered=True), Argument("depth", is_offered=True)])
    type_in(model, 0, value="8")
    type_in(model, 1, value="2")
    model.offer([Argument("depth", default="4", is_offered=True)])
    assert model.arguments == {"depth": 2, "width": 8}


def test_that_giving_arguments_replaces_all_that_were_given() -> None:
    model = ArgumentsModel()
    model.offer([Argument("width", is_offered=True)])
    type_in(model, 0, value="8")
    model.give({"num_classes": 2, "act": "relu"})
    assert model.arguments == {"num_classes": 2, "act": "relu"}
    assert model.index(0, NAME).data() == "width"


def test_that_what_is_wrong_is_said() -> None:
    model = ArgumentsModel()
    assert model.problem == ""
    model.offer([Argument("classes", is_needed=True, is_offered=True)])
    assert "classes has no default" in model.problem
    type_in(model, 0, value="three")
    assert "three is not JSON" in model.problem
    type_in(model, 0, value="3")
    assert model.problem == ""
    type_in(model, 1, value="1")
    assert "Name the argument whose value is 1" in model.problem
