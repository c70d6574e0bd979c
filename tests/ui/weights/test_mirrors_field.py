import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.mirrors import MIRRORS_VARIABLE
from cnnviz_desktop.ui.weights.mirrors_field import MirrorsField


@pytest.fixture
def field(qtbot: QtBot) -> MirrorsField:
    made = MirrorsField()
    qtbot.addWidget(made)
    made.show()
    return made


def test_that_addresses_are_told_as_they_are_written_once_they_are_right(qtbot: QtBot, field: MirrorsField) -> None:
    told: list[object] = []
    field.changed.connect(told.append)
    QTest.keyClicks(field.text, "https://m.example")
    QTest.keyClick(field.text, Qt.Key.Key_Return)
    QTest.keyClicks(field.text, "http://n")
    assert told[-1] == field.mirrors == ("https://m.example", "http://n")


def test_that_what_is_no_address_is_named_and_not_told(qtbot: QtBot, field: MirrorsField) -> None:
    field.show_mirrors(("https://m.example",))
    with qtbot.assertNotEmitted(field.changed):
        field.text.setPlainText("https://m.example\nmirror")
    assert "“mirror” is not the address of a mirror" in field.problem.text()
    assert list(field.mirrors) == ["https://m.example"]
    field.text.setPlainText("")
    assert list(field.mirrors) == []


def test_that_showing_what_is_remembered_tells_nothing(qtbot: QtBot, field: MirrorsField) -> None:
    with qtbot.assertNotEmitted(field.changed):
        field.show_mirrors(("https://a.example", "https://b.example"))
    assert field.text.toPlainText() == "https://a.example\nhttps://b.example"


def test_that_mirrors_of_the_environment_are_told(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MIRRORS_VARIABLE, "https://first.example")
    field = MirrorsField()
    qtbot.addWidget(field)
    assert "https://first.example" in field.problem.text()
