"""The form is the declaration: every kind of parameter gets its control, and what it gives passes the checks."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QDoubleSpinBox, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.catalog import METHODS, method
from cnnviz_desktop.core.parameters import ChoiceParameter, NumberParameter
from cnnviz_desktop.ui.methods.parameter_form import ParameterForm


@pytest.fixture
def form(qtbot: QtBot) -> ParameterForm:
    widget = ParameterForm()
    qtbot.addWidget(widget)
    widget.show()
    return widget


@pytest.mark.parametrize("method_id", [each.id for each in METHODS if each.gives])
def test_that_every_declared_parameter_has_its_control_at_its_default(form: ParameterForm, method_id: str) -> None:
    wanted = method(method_id)
    form.show_values(wanted, {})
    assert set(form.fields) == {parameter.key for parameter in wanted.parameters}
    for parameter in wanted.parameters:
        field = form.fields[parameter.key]
        assert field.value == parameter.default
        assert parameter.check(field.value) == parameter.default
        assert field.control.accessibleName() == parameter.label
        if isinstance(parameter, ChoiceParameter):
            assert isinstance(field.control, QComboBox)
            assert field.control.count() == len(parameter.choices)
        elif isinstance(parameter, NumberParameter):
            whole = isinstance(parameter.default, int)
            assert isinstance(field.control, QSpinBox if whole else QDoubleSpinBox)
            assert field.control.suffix().strip() == parameter.unit
        else:
            assert isinstance(field.control, QCheckBox)


def test_that_several_changes_are_told_once_and_without_the_defaults(qtbot: QtBot, form: ParameterForm) -> None:
    form.show_values(method("finercam"), {})
    told: list[tuple[str, dict[str, object]]] = []
    form.changed.connect(lambda *each: told.append(each))
    form.fields["alpha"].value = 0.5
    form.fields["compared"].value = 7
    form.fields["aug_smooth"].value = True
    form.fields["aug_smooth"].value = False
    assert told == []
    qtbot.waitUntil(lambda: bool(told))
    assert told == [("finercam", {"alpha": 0.5, "compared": 7})]


def test_that_what_was_changed_is_told_of_its_own_method_after_another_is_shown(
    qtbot: QtBot, form: ParameterForm
) -> None:
    form.show_values(method("finercam"), {})
    form.fields["compared"].value = 7
    control = form.fields["alpha"].control
    assert isinstance(control, QDoubleSpinBox)
    control.lineEdit().setText("0.25")
    with qtbot.waitSignal(form.changed) as changed:
        form.show_values(method("smoothgrad"), {"samples": 9})
        assert form.fields["samples"].value == 9
    assert changed.args == ["finercam", {"alpha": 0.25, "compared": 7}]
    assert form.fields["samples"].value == 9


def test_that_what_is_not_told_yet_is_shown_where_its_method_comes_back(form: ParameterForm) -> None:
    form.show_values(method("finercam"), {"alpha": 0.5})
    form.fields["compared"].value = 7
    form.show_values(method("smoothgrad"), {})
    form.show_values(method("finercam"), {"alpha": 0.5})
    assert (form.fields["alpha"].value, form.fields["compared"].value) == (0.5, 7)
    form.settle()


def test_that_values_that_are_given_show_without_being_told(qtbot: QtBot, form: ParameterForm) -> None:
    with qtbot.assertNotEmitted(form.changed):
        form.show_values(method("kpcacam"), {"kernel": "rbf", "gamma": 0.25})
        assert form.fields["kernel"].value == "rbf"
        assert form.fields["gamma"].value == 0.25
        form.show_values(method("gradcam"), {})
        form.show_values(method("kpcacam"), {})
        assert form.fields["kernel"].value == "sigmoid"
    assert not form._soon.isActive()


def test_that_the_defaults_can_be_restored(qtbot: QtBot, form: ParameterForm) -> None:
    form.show_values(method("scorecam"), {"fuse": "max", "eigen_smooth": True})
    (restore,) = form.findChildren(QPushButton)
    assert restore.isEnabled()
    with qtbot.waitSignal(form.changed) as changed:
        QTest.mouseClick(restore, Qt.MouseButton.LeftButton)
    assert changed.args == ["scorecam", {}]
    assert form.fields["fuse"].value == "none"
    assert not restore.isEnabled()


def test_that_scrolling_over_a_number_changes_nothing(form: ParameterForm) -> None:
    form.show_values(method("smoothgrad"), {})
    control = form.fields["samples"].control
    control.clearFocus()
    middle = QPointF(control.rect().center())
    event = QWheelEvent(
        middle,
        QPointF(control.mapToGlobal(middle)),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(control, event)
    assert form.fields["samples"].value == 50
