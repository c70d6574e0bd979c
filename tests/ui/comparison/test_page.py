"""What is chosen, and what the page says about it."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from cnnviz_desktop.core.requests import ClassTarget, Request, UnitTarget
from cnnviz_desktop.core.results import Predictions
from cnnviz_desktop.ui.comparison.asking import commands_of
from cnnviz_desktop.ui.comparison.comparison import Layout, Place
from cnnviz_desktop.ui.comparison.target_offers import key_of, target_of
from cnnviz_desktop.ui.subject import Subject
from tests.ui.comparison.conftest import Bench
from tests.ui.toy import outline_of

POPS_UP = pytest.mark.qt_log_ignore("does not support raise", "does not support grabbing the keyboard", extend=True)

if TYPE_CHECKING:
    from cnnviz_desktop.ui.comparison.page import ComparisonPage


def labels(keys: tuple[str, ...]) -> list[object]:
    """Indices of the classes that keys of targets stand for."""
    targets = map(target_of, keys)
    return [target.label for target in targets if isinstance(target, ClassTarget)]


def predictions_of(bench: Bench, image: str) -> Predictions:
    request = Request(method="predictions", images=(image,))
    found = next(iter(bench.session.run(request)))
    assert isinstance(found, Predictions)
    return found


def test_that_a_page_with_an_image_offers_the_preset_at_once(bench: Bench) -> None:
    assert bench.page._start.isVisible()
    assert bench.page._start.text() == "Fill 7 × 3 cells"
    bench.page._start.click()
    bench.wait()
    assert bench.page.scene is not None
    assert bench.page.view.isVisible()


def test_that_an_empty_table_says_what_it_would_compare(bench: Bench) -> None:
    told = {}
    for layout in ("views", "layers", "classes", "images"):
        bench.choose(layout)
        told[layout] = bench.page._invitation.text()
    assert told["views"].startswith("7 methods side by side on a:")
    assert told["layers"] == "7 methods on a, at 2 layers."
    assert told["classes"] == "7 methods on a, explaining: umbrella, tree, ball."
    assert told["images"] == "3 images, explained by 7 methods."


def test_that_what_is_missing_is_said_and_nothing_can_be_filled(bench: Bench) -> None:
    subject = bench.page.subject
    bench.choose("layers", layers=())
    subject.changed.emit()
    assert subject.problem == "Choose at least one layer."
    assert not subject.fill_button.isEnabled()
    assert "layer" in bench.page._invitation.text()
    bench.choose("views", methods=("saliency",))
    assert subject.problem == "Choose at least one method."
    subject.show_network(outline_of(Request(method="outline", network="plain")))
    assert "class scores" in subject.problem


def test_that_a_network_without_classes_is_compared_by_what_else_was_explained(bench: Bench) -> None:
    subject = bench.page.subject
    subject.show_network(outline_of(Request(method="outline", network="plain")))
    assert subject.comparison() is None
    unit = UnitTarget("stage", channel=1)
    subject.show_subject(Subject(network="plain", image="a", layer="stem", target=unit))
    bench.fill()
    assert {bench.scene.answers.cell(place).state for place in bench.scene.comparison.places} == {"shown"}
    assert bench.scene.comparison.targets == (unit,)
    assert bench.page._title.text() == "a · stage, channel 1 · stem"
    bench.choose("classes", targets=(key_of(ClassTarget(0)),))
    assert "class scores" in subject.problem


def test_that_a_layout_shows_the_editors_of_its_axes_alone(bench: Bench) -> None:
    editors = bench.page.subject.editors
    shown = {}
    for layout in ("views", "layers", "classes", "images"):
        bench.choose(layout)
        shown[layout] = {name for name, editor in editors.items() if editor.isVisible()}
    assert shown == {
        "views": {"methods", "layer", "target"},
        "layers": {"methods", "layers", "target"},
        "classes": {"methods", "layer", "targets"},
        "images": {"images", "methods", "layer", "target"},
    }


def test_that_the_likeliest_classes_are_compared_until_the_user_chooses(bench: Bench) -> None:
    subject = bench.page.subject
    subject.show_subject(Subject(network="sample", image="ball", layer="stem"))
    subject.show_predictions(predictions_of(bench, "ball"))
    assert labels(subject.editors["targets"].chosen) == [2, 1, 0]
    subject.editors["targets"].popup.list.toggled.emit(key_of(ClassTarget(1)), "tree")
    subject.show_predictions(predictions_of(bench, "ball"))
    assert labels(subject.editors["targets"].chosen) == [2, 0]


def test_that_predictions_of_another_image_are_not_offered(bench: Bench) -> None:
    before = bench.page.subject.editors["targets"].chosen
    bench.page.subject.show_predictions(predictions_of(bench, "ball"))
    assert bench.page.subject.editors["targets"].chosen == before


def test_that_layers_stand_in_the_network_s_order_whatever_the_order_of_choosing(bench: Bench) -> None:
    bench.choose("layers", layers=("stage.conv", "stem", "stage"))
    comparison = bench.page.subject.comparison()
    assert comparison is not None
    assert comparison.layers == ("stem", "stage", "stage.conv")


@POPS_UP
def test_that_a_search_finds_classes_by_name_and_number_and_enter_takes_the_first(bench: Bench) -> None:
    editor = bench.page.subject.editors["targets"]
    bench.choose("classes", targets=())
    editor.open()
    editor.popup.search.setText("tre")
    QTest.keyClick(editor.popup.search, Qt.Key.Key_Return)
    assert labels(editor.chosen) == [1]
    editor.popup.search.setText("2")
    QTest.keyClick(editor.popup.search, Qt.Key.Key_Return)
    assert labels(editor.chosen) == [1, 2]
    assert editor.text().startswith("Explained: 2")
    editor.popup.search.setText("no such class")
    assert editor.popup.list.count() == 0
    editor.popup.hide()


@POPS_UP
def test_that_all_and_none_are_of_what_a_search_lists(bench: Bench) -> None:
    editor = bench.page.subject.editors["methods"]
    bench.choose("layers", methods=("gradcam", "eigencam"))
    editor.open()
    editor.popup.search.setText("eigen")
    editor.popup.none_wanted.emit()
    assert editor.chosen == ("gradcam",)
    editor.popup.all_wanted.emit()
    assert "eigengradcam" in editor.chosen
    assert all(method == "gradcam" or "eigen" in method for method in editor.chosen)
    editor.popup.hide()


def test_that_a_button_counts_the_methods_that_the_layout_has_a_place_for(bench: Bench) -> None:
    editor = bench.page.subject.editors["methods"]
    bench.choose("layers", methods=("gradcam", "layercam", "saliency"))
    assert editor.text().startswith("Methods: 3")
    bench.choose("views")
    assert editor.text().startswith("Methods: 2")
    bench.choose("layers")
    assert editor.chosen == ("gradcam", "layercam", "saliency")


@pytest.mark.parametrize("layout", ["classes", "layers"])
def test_that_what_a_network_lost_is_no_more_compared_once_it_is_opened_again(bench: Bench, layout: Layout) -> None:
    subject = bench.page.subject
    whole = outline_of(Request(method="outline"))
    gone = UnitTarget("stage.conv", 1)
    subject.show_subject(Subject(network="sample", image="a", layer="stem", target=gone))
    bench.choose(layout, targets=(key_of(ClassTarget(1)), key_of(gone)), layers=("stage.conv",), layer=("stage.conv",))
    subject.show_network(replace(whole, layers=tuple(node for node in whole.layers if node.name != "stage.conv")))
    comparison = subject.comparison()
    assert comparison is not None
    assert comparison.targets == ((ClassTarget(1),) if layout == "classes" else (ClassTarget(),))
    assert comparison.layers == (("stage",) if layout == "classes" else ("stem", "stage"))
    subject.editors["targets"]._list()
    offered = subject.editors["targets"].popup.list
    assert not any("conv" in offered.item(row).text() for row in range(offered.count()))


@POPS_UP
def test_that_a_list_is_worked_with_the_keyboard_alone(bench: Bench) -> None:
    editor = bench.page.subject.editors["methods"]
    editor.setFocus()
    QTest.keyClick(editor, Qt.Key.Key_Space)
    assert editor.popup.isVisible()
    editor.popup.search.setText("eigen")
    QTest.keyClick(editor.popup.search, Qt.Key.Key_Down)
    QTest.keyClick(editor.popup.list, Qt.Key.Key_Down)
    QTest.keyClick(editor.popup.list, Qt.Key.Key_Space)
    assert "eigencam" not in editor.chosen
    editor.popup.hide()


@POPS_UP
def test_that_an_exclusive_list_keeps_one(bench: Bench) -> None:
    editor = bench.page.subject.editors["layer"]
    editor.open()
    editor.popup.list.toggled.emit("stem", "stem (Conv2d)")
    assert list(editor.chosen) == ["stem"]
    assert not editor.popup.isVisible()


def test_that_of_many_images_a_dozen_is_chosen_and_all_can_be(bench: Bench) -> None:
    many = tuple(f"{number}.png" for number in range(30))
    bench.page.subject.show_images(many)
    editor = bench.page.subject.editors["images"]
    assert editor.chosen == many[:12]
    editor.popup.all_wanted.emit()
    assert set(editor.chosen) == set(many)
    bench.page.subject.show_images(many[5:])
    assert set(editor.chosen) == set(many[5:])


def test_that_another_image_changes_no_table_but_says_what_fill_would_compute(bench: Bench) -> None:
    bench.fill()
    scene = bench.page.scene
    assert bench.page._title.text() == "a · ball (likeliest) · stage"
    bench.page.subject.show_subject(Subject(network="sample", image="bb", layer="stem"))
    assert bench.page.scene is scene
    assert "changed: Fill computes bb" in bench.page._title.text()
    bench.fill()
    assert bench.scene.comparison.images == ("bb",)


def test_that_another_layout_is_told_by_the_size_of_its_table(bench: Bench) -> None:
    bench.fill()
    bench.choose("layers", layers=("stem", "stage"))
    bench.page.subject.changed.emit()
    assert bench.page._title.text().endswith("changed: Fill computes 7 × 2 cells")


def test_that_enter_on_the_button_fills_the_table(bench: Bench) -> None:
    bench.page.take_keyboard()
    QTest.keyClick(bench.page._start, Qt.Key.Key_Return)
    bench.wait()
    assert bench.page.scene is not None


def test_that_a_region_in_the_table_s_layer_is_of_the_layer_before_and_its_column_says_so(bench: Bench) -> None:
    region = UnitTarget("stage", box=(1.0, 2.0, 9.0, 10.0))
    bench.choose("classes", targets=(key_of(ClassTarget(0)), key_of(region), key_of(ClassTarget(1))))
    bench.fill()
    assert {request.layers for request in bench.session.explaining} == {("stage",), ("stem",)}
    assert [heading.note for heading in bench.scene.comparison.columns] == ["", "in stem", ""]
    assert bench.scene.words(Place(0, 1)).notes == ("of stem",)
    assert bench.scene.words(Place(0, 2)).notes == ()
    assert bench.page._title.text() == "a · stage"


def test_that_classes_are_explained_by_the_score_that_the_window_explains_them_by(bench: Bench) -> None:
    probability = ClassTarget(score="probability")
    bench.page.subject.show_subject(Subject(network="sample", image="a", layer="stem", target=probability))
    bench.choose("classes")
    comparison = bench.page.subject.comparison()
    assert comparison is not None
    assert comparison.targets == tuple(ClassTarget(index, score="probability") for index in range(3))
    assert comparison.columns[1].text == "probability of tree"


def test_that_a_picture_of_the_table_tells_own_parameters_in_a_line_of_their_own(bench: Bench) -> None:
    bench.choose("images")
    heights = []
    plain = Subject(network="sample", image="a", layer="stem")
    for subject in (plain, replace(plain, parameters={"layercam": {"aug_smooth": True}})):
        bench.page.subject.show_subject(subject)
        bench.fill()
        picture = bench.page._make_picture(1)
        assert picture is not None
        heights.append(picture.image.height())
    assert heights[0] < heights[1] < heights[0] + 40


def test_that_rows_of_images_tell_their_class(bench: Bench) -> None:
    bench.choose("images")
    bench.fill()
    assert bench.page.view.model().headerData(1, Qt.Orientation.Vertical) == "bb\nball"


def test_that_the_command_of_the_table_that_is_shown_is_copied(bench: Bench) -> None:
    bench.fill()
    bench.page.command_action.trigger()
    assert QGuiApplication.clipboard().text() == commands_of(bench.scene.comparison)


def test_that_every_control_has_an_accessible_name(bench: Bench) -> None:
    page: ComparisonPage = bench.page
    for widget in (*page.subject.editors.values(), page.subject.layouts, page.look.scales, page.look.colours,
                   page.look.opacity, page.look.widths, page.view):  # fmt: skip
        assert widget.accessibleName()
