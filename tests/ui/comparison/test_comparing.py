"""The table in the window: tabs, keys, what it follows, and results enlarged over their images."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDoubleSpinBox, QLabel

from cnnviz_desktop.core.catalog.tutorial import TUTORIAL_METHODS
from cnnviz_desktop.core.geometry import Box
from cnnviz_desktop.core.requests import ClassTarget, UnitTarget
from cnnviz_desktop.ui.comparison.choice_popup import KEY_ROLE
from cnnviz_desktop.ui.comparison.comparison import GUIDED, Place
from cnnviz_desktop.ui.comparison.table_scene import TableScene
from cnnviz_desktop.ui.methods.parameter_form import ParameterForm
from tests.ui.comparison.conftest import lay_out
from tests.ui.comparison.window import SCENES, Window


def shows(scene: TableScene, place: Place) -> bool:
    return scene.answers.cell(place).state == "shown"


def test_that_a_key_shows_the_table_and_one_click_fills_the_preset(window: Window) -> None:
    assert window.tab == "Image"
    QTest.keyClick(window.main, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert window.tab == "Comparison"
    assert window.centre.table_action.isChecked()
    window.page._start.click()
    window.wait()
    assert window.page.scene is not None
    assert window.page.scene.answers.open == set()
    assert window.page.scene.comparison.images == (SCENES[0],)


def test_that_an_enlarged_result_is_shown_over_the_image_and_esc_leads_back(window: Window) -> None:
    window.centre.table_action.trigger()
    window.page.fill()
    window.wait()
    window.page.view.enlarged.emit(Place(3, 0))
    assert window.tab == "Image"
    assert "XGrad-CAM" in window.main.canvas.caption.title
    QTest.keyClick(window.main.canvas.view, Qt.Key.Key_Escape)
    assert window.tab == "Comparison"
    assert window.page.scene is not None


def test_that_esc_leads_nowhere_once_the_tab_was_changed_by_hand(window: Window) -> None:
    window.centre.table_action.trigger()
    window.page.fill()
    window.wait()
    window.page.view.enlarged.emit(Place(0, 0))
    window.centre.setCurrentIndex(1)
    window.centre.setCurrentIndex(0)
    QTest.keyClick(window.main.canvas.view, Qt.Key.Key_Escape)
    assert window.tab == "Image"


def test_that_a_result_of_another_image_is_enlarged_over_that_image(window: Window) -> None:
    lay_out(window.page.subject, "images")
    window.page.fill()
    window.wait()
    window.page.view.enlarged.emit(Place(1, 4))
    window.wait()
    assert window.main.strip.current == SCENES[1]
    assert window.main.canvas.picture is not None
    assert window.main.canvas.picture.image == SCENES[1]
    assert "Layer-CAM" in window.main.canvas.caption.title


def test_that_a_result_is_enlarged_while_the_table_still_fills_and_before_the_window_s_own_method(
    window: Window,
) -> None:
    window.session.held.add("ablationcam")
    lay_out(window.page.subject, "images")
    window.page.fill()
    window.wait_until(lambda: window.page.scene is not None and shows(window.page.scene, Place(0, 4)))
    window.session.held.add("gradcam")  # the window's own method, which is not waited for
    window.page.view.enlarged.emit(Place(0, 4))
    assert window.page.is_filling
    assert "Layer-CAM" in window.main.canvas.caption.title
    window.session.released.set()
    window.wait()
    assert "Layer-CAM" in window.main.canvas.caption.title


def test_that_a_result_waiting_for_its_image_is_dropped_where_another_is_chosen(window: Window) -> None:
    lay_out(window.page.subject, "images")
    window.page.fill()
    window.wait()
    window.page.view.enlarged.emit(Place(1, 4))
    window.main.strip.select(SCENES[0])
    window.wait()
    window.main.strip.select(SCENES[1])
    window.wait()
    assert "Layer-CAM" not in window.main.canvas.caption.title


def test_that_a_result_of_an_image_that_was_closed_is_not_enlarged_and_says_why(window: Window) -> None:
    window.centre.table_action.trigger()
    lay_out(window.page.subject, "images")
    window.page.fill()
    window.wait()
    window.main.strip.remove(SCENES[1])
    window.wait()
    window.page.view.enlarged.emit(Place(1, 4))
    assert window.tab == "Comparison"
    assert any("not open any more" in message.text for message in window.main.messages.messages)


def test_that_the_table_does_not_disturb_what_lies_over_the_image(window: Window) -> None:
    before = window.main.canvas.caption
    window.page.fill()
    window.wait()
    assert window.main.canvas.caption == before


def test_that_the_table_follows_strip_and_network(window: Window) -> None:
    window.page.fill()
    window.wait()
    window.main.strip.add("sample:three")
    window.wait()
    assert window.page.subject.editors["images"].chosen == (*SCENES, "sample:three")
    assert window.page.scene is not None
    window.main.examiner.open_network("other")
    window.wait()
    assert window.page.scene is None


def test_that_the_class_that_the_window_explains_is_compared(window: Window) -> None:
    window.main.results.predictions.target_chosen.emit(1)
    window.wait()
    comparison = window.page.subject.comparison()
    assert comparison is not None
    assert comparison.targets == (ClassTarget(1),)
    window.main.results.predictions.likeliest_chosen.emit()
    window.wait()
    comparison = window.page.subject.comparison()
    assert comparison is not None
    assert comparison.targets == (ClassTarget(),)


def test_that_a_difference_and_a_region_explained_in_the_window_can_be_columns(window: Window) -> None:
    difference, region = ClassTarget(1, minus=0), UnitTarget("stage", box=(1, 2, 9, 10))
    window.main.results.predictions.explanation_wanted.emit(difference)
    window.wait()
    window.main.canvas.region_drawn.emit(Box(1, 2, 9, 10))
    window.wait()
    subject = window.page.subject
    lay_out(subject, "classes")
    offered = subject.editors["targets"].popup.list
    subject.editors["targets"]._list()
    labels = {offered.item(row).text(): offered.item(row).data(KEY_ROLE) for row in range(offered.count())}
    names = [label for label in labels if " − " in label or label.startswith("region")]
    subject.editors["targets"].choose([key for label, key in labels.items() if label in names])
    comparison = subject.comparison()
    assert comparison is not None
    assert {difference, region} <= set(comparison.targets)
    window.page.fill()
    window.wait()
    assert window.page.scene is not None
    assert {window.page.scene.answers.cell(place).state for place in comparison.places} == {"shown"}


def test_that_the_table_uses_the_parameters_of_the_method_dock(window: Window) -> None:
    window.main.findChildren(ParameterForm)[0].changed.emit("gradcam", {"aug_smooth": True})
    window.wait()
    window.page.fill()
    window.wait()
    of_table = [each for each in window.session.explaining if each.also]
    got = {method: each.parameters for each in of_table for method in each.methods}
    assert set(got) == {*TUTORIAL_METHODS, GUIDED}
    assert got["gradcam"] == {"aug_smooth": True}
    assert got["hirescam"] == {}
    assert window.page.view.model().headerData(0, Qt.Orientation.Vertical) == "Grad-CAM\nSmooth over copies"


def test_that_a_number_that_is_still_being_typed_is_what_fill_computes_by(window: Window) -> None:
    (form,) = window.main.findChildren(ParameterForm)
    window.main.examiner.explain(replace(window.main.examiner.subject, method="finercam"))
    window.wait()
    control = form.fields["alpha"].control
    assert isinstance(control, QDoubleSpinBox)
    control.lineEdit().setText("0.25")
    lay_out(window.page.subject, "images")
    window.page.subject.editors["methods"].choose(("finercam",))
    window.page.subject.fill_button.click()
    window.wait()
    assert window.page.scene is not None
    assert window.page.scene.comparison.parameters == {"finercam": {"alpha": 0.25}}


def test_that_the_readout_of_the_window_tells_the_table_s_values(window: Window) -> None:
    window.centre.table_action.trigger()
    window.page.readout_changed.emit("Grad-CAM · cam")
    assert "Grad-CAM · cam" in [label.text() for label in window.main.statusBar().findChildren(QLabel)]


def test_that_the_menu_leads_to_a_table_of_two_networks_once_there_are_two(window: Window) -> None:
    (action,) = [each for each in window.main.findChildren(QAction) if "another network" in each.text()]
    assert not action.isEnabled()
    assert "Open another network first" in action.toolTip()
    window.main.examiner.open_network("after")
    window.wait()
    assert action.isEnabled()
    action.trigger()
    assert window.tab == "Comparison"
    comparison = window.page.subject.comparison()
    assert comparison is not None
    assert comparison.layout == "networks"
    assert [each.network for each in comparison.networks] == ["sample", "after"]
