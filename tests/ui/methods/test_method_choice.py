"""What is chosen about the explanation is asked for, shown as it comes, and remembered."""

import numpy as np
import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDoubleSpinBox, QToolButton
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.core.geometry import Box
from cnnviz_desktop.core.gradient_rendering import gradient_rgb, strongest
from cnnviz_desktop.core.requests import ClassTarget, UnitTarget
from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.ui.canvas.image_canvas import ImageCanvas
from cnnviz_desktop.ui.canvas.overlay import ColourOverlay
from cnnviz_desktop.ui.methods.method_panel import MethodPanel
from cnnviz_desktop.ui.methods.target_line import TargetLine
from cnnviz_desktop.ui.qt_images import rgb_pixels
from cnnviz_desktop.ui.telling.help_panel import HelpPanel
from tests.ui import toy
from tests.ui.conftest import Desk, Seat
from tests.ui.toy import gradient_of, maps_of


def panel(desk: Desk) -> MethodPanel:
    (found,) = desk.window.findChildren(MethodPanel)
    return found


def line(desk: Desk) -> TargetLine:
    (found,) = desk.window.findChildren(TargetLine)
    return found


def choose(qtbot: QtBot, desk: Desk, method_id: str) -> None:
    panel(desk).methods.chosen.emit(method_id)
    qtbot.waitUntil(desk.is_idle)


def toggle(qtbot: QtBot, desk: Desk, layer: str) -> None:
    desk.window.tree.layer_toggled.emit(layer)
    qtbot.waitUntil(desk.is_idle)


def explain(qtbot: QtBot, desk: Desk, target: ClassTarget | UnitTarget) -> None:
    desk.window.results.units.wanted.emit(target)
    qtbot.waitUntil(desk.is_idle)


def said(canvas: ImageCanvas) -> str:
    return f"{canvas.caption.title} {canvas.caption.spoken}"


def test_that_another_method_is_asked_for_alone_and_shown(qtbot: QtBot, desk: Desk) -> None:
    desk.session.ran.clear()
    choose(qtbot, desk, "layercam")
    (request,) = desk.session.ran
    assert (request.method, request.layers, request.targets) == ("layercam", ("stage",), (ClassTarget(),))
    assert "Layer-CAM · stage · umbrella (class 0)" in desk.window.canvas.caption.title


def test_that_a_gradient_picture_is_drawn_in_three_forms_and_read_channel_by_channel(qtbot: QtBot, desk: Desk) -> None:
    choose(qtbot, desk, "saliency")
    canvas, raw = desk.window.canvas, gradient_of("sample:one")
    assert desk.session.of("saliency")[0].layers == ()
    assert canvas.bar.form == "colours"  # at first, as gradients are published
    assert isinstance(canvas.overlay, ColourOverlay)
    expected = {"strongest": strongest(raw), "sum": raw.sum(axis=0), "colours": strongest(raw)}
    for form, values in expected.items():
        canvas.bar.form_chosen.emit(form)
        assert canvas.overlay is not None
        np.testing.assert_allclose(canvas.overlay.values, values, rtol=1e-6)
    assert canvas.scene is not None
    assert canvas.scene.look is not None
    assert canvas.overlay is not None
    image = canvas.overlay.image(canvas.scene.look.limits, np.zeros((256, 3), np.uint8), smooth=True)
    np.testing.assert_array_equal(rgb_pixels(image), gradient_rgb(raw))
    exported = canvas.picture_actions._make(1)
    assert exported is not None
    assert exported.table is None
    np.testing.assert_array_equal(rgb_pixels(exported.image), gradient_rgb(raw))
    with qtbot.waitSignal(canvas.readout_changed) as told:
        canvas.view.stepped.emit(1, 0)
    assert told.args[0].values == tuple(raw[:, told.args[0].cell[0], told.args[0].cell[1]])


def test_that_the_picture_of_many_passes_sharpens(qtbot: QtBot, desk: Desk) -> None:
    titles: list[str] = []
    desk.window.examiner.produced.connect(lambda _: titles.append(desk.window.canvas.caption.title))
    choose(qtbot, desk, "scorecam")
    shares = [title.rpartition(" · ")[2] for title in titles]
    assert shares == ["25 %", "75 %", "probability 50.0 %"]
    canvas = desk.window.canvas
    assert canvas.overlay is not None
    np.testing.assert_array_equal(canvas.overlay.raw, maps_of("stage", "sample:one")[0])


def test_that_a_map_that_is_picked_meanwhile_stays(qtbot: QtBot, desk: Desk) -> None:
    maps, came = desk.window.results.feature_maps, []

    def pick(result: object) -> None:
        came.append(result)
        if len(came) == 1:
            maps.grid.set_current(5)

    desk.window.examiner.produced.connect(pick)
    choose(qtbot, desk, "scorecam")
    assert len(came) == 3
    assert desk.window.canvas.caption.title.endswith("stage · channel 5")
    desk.action("Explanation over the image").trigger()
    qtbot.waitUntil(desk.is_idle)
    assert "Score-CAM" in desk.window.canvas.caption.title


def test_that_cancelling_keeps_the_preliminary_picture_and_says_so(qtbot: QtBot, desk: Desk) -> None:
    choose(qtbot, desk, "smoothgrad")
    desk.window.strip.add("sample:endless")
    canvas = desk.window.canvas
    qtbot.waitUntil(lambda: "37 %" in canvas.caption.title)
    assert "Cancelled" not in said(canvas)
    desk.action("Cancel").trigger()
    assert "Cancelled at 37 %: this is a preliminary picture" in said(canvas)
    assert canvas.overlay is not None
    np.testing.assert_allclose(canvas.overlay.raw, strongest(gradient_of("sample:endless") * np.float32(0.375)))


def test_that_completeness_and_notes_are_said_beside_the_picture(qtbot: QtBot, desk: Desk) -> None:
    canvas = desk.window.canvas
    choose(qtbot, desk, "fullgrad")
    assert "Its terms add up to the score within 0.31 %." in canvas.caption.sentences
    choose(qtbot, desk, "integrated_gradients")
    assert "Its terms add up to the score, less that of the baseline, within 0.31 %." in canvas.caption.sentences
    choose(qtbot, desk, "guided_backprop")
    assert "2 activations have no rule." in canvas.view.accessibleDescription()


def test_that_a_parameter_is_asked_for_again_and_remembered(qtbot: QtBot, seat: Seat) -> None:
    desk = seat()
    choose(qtbot, desk, "smoothgrad")
    panel(desk).form.fields["samples"].value = 7
    qtbot.waitUntil(lambda: desk.session.of("smoothgrad")[-1].parameters == {"samples": 7})
    qtbot.waitUntil(desk.is_idle)
    desk.window.close()
    again = seat()
    assert again.session.of("smoothgrad")[-1].parameters == {"samples": 7}
    assert panel(again).form.fields["samples"].value == 7
    assert again.session.of("gradcam") == []


def test_that_a_number_typed_before_another_method_is_chosen_is_kept_for_its_own(qtbot: QtBot, desk: Desk) -> None:
    choose(qtbot, desk, "finercam")
    control = panel(desk).form.fields["alpha"].control
    assert isinstance(control, QDoubleSpinBox)
    control.lineEdit().setText("0.25")
    choose(qtbot, desk, "smoothgrad")
    qtbot.waitUntil(lambda: desk.window.examiner.subject.parameters.get("finercam") == {"alpha": 0.25})
    asked = len(desk.session.of("smoothgrad"))
    qtbot.waitUntil(desk.is_idle)
    assert len(desk.session.of("smoothgrad")) == asked == 1, "its own parameters are what they were"
    choose(qtbot, desk, "finercam")
    assert desk.session.of("finercam")[-1].parameters == {"alpha": 0.25}
    assert panel(desk).form.fields["alpha"].value == 0.25


def test_that_what_is_remembered_but_unknown_is_left_out(seat: Seat, settings_path: object) -> None:
    settings = SettingsFile(settings_path)  # type: ignore[arg-type]
    settings.change(method="outline", parameters={"gone": {"a": 1}, "fem": {"sigmas": 1e9}, "finercam": {"alpha": 2}})
    desk = seat()
    assert desk.window.examiner.subject.method == "gradcam"
    assert desk.window.examiner.subject.parameters == {"finercam": {"alpha": 2.0}}


def test_that_layers_join_and_leave_again(qtbot: QtBot, desk: Desk) -> None:
    toggle(qtbot, desk, "stem")
    request = desk.session.of("gradcam")[-1]
    assert (request.layers, request.parameters) == (("stage", "stem"), {"fuse": "mean"})
    assert panel(desk).form.fields["fuse"].value == "mean"
    (leave,) = [each for each in panel(desk).layers.findChildren(QToolButton) if each.objectName() == "stage"]
    leave.click()
    qtbot.waitUntil(desk.is_idle)
    assert desk.layers("gradcam")[-1] == ("stem",)
    toggle(qtbot, desk, "fc")
    assert "values without a place" in desk.window.messages.messages[-1].text
    assert desk.layers("gradcam")[-1] == ("stem",)


def test_that_a_layer_without_maps_leaves_the_joined_ones_what_is_explained(qtbot: QtBot, desk: Desk) -> None:
    toggle(qtbot, desk, "stem")
    title, asked = desk.window.canvas.caption.title, desk.layers("gradcam")
    assert "stage + stem" in title
    desk.window.tree.layer_chosen.emit("fc")
    qtbot.waitUntil(desk.is_idle)
    assert desk.window.canvas.caption.title == title
    assert desk.layers("gradcam") == asked
    assert desk.window.examiner.subject.layers == ("stage", "stem")
    desk.window.results.predictions.target_chosen.emit(1)
    qtbot.waitUntil(desk.is_idle)
    assert desk.layers("gradcam")[-1] == ("stage", "stem")


def test_that_refine_cam_takes_all_layers_and_guided_grad_cam_one(qtbot: QtBot, desk: Desk) -> None:
    choose(qtbot, desk, "refinecam")
    toggle(qtbot, desk, "stem")
    assert desk.layers("refinecam")[-1] == ("stage", "stem")
    choose(qtbot, desk, "guided_gradcam")
    assert desk.layers("guided_gradcam")[-1] == ("stage",)
    desk.window.tree.layer_chosen.emit("stage.conv")
    qtbot.waitUntil(desk.is_idle)
    choose(qtbot, desk, "refinecam")
    assert desk.layers("refinecam")[-1] == ("stage.conv",), "another layer was chosen alone"


def test_that_a_unit_is_explained_at_the_layer_before_and_a_class_at_the_chosen_one_again(
    qtbot: QtBot, desk: Desk
) -> None:
    explain(qtbot, desk, UnitTarget("stage", channel=3))
    request = desk.session.of("gradcam")[-1]
    assert (request.targets, request.layers) == ((UnitTarget("stage", channel=3),), ("stem",))
    assert line(desk).words == "Explained: channel 3 of stage"
    line(desk).likeliest_wanted.emit()
    qtbot.waitUntil(desk.is_idle)
    request = desk.session.of("gradcam")[-1]
    assert (request.targets, request.layers) == ((ClassTarget(),), ("stage",))


def test_that_a_network_without_classes_is_explained_by_its_units(qtbot: QtBot, seat: Seat) -> None:
    desk = seat(network="plain")
    assert "gives no class scores" in said(desk.window.canvas)
    assert not desk.action("Copy as command").isEnabled()
    choose(qtbot, desk, "saliency")
    assert desk.session.of("saliency") == []
    explain(qtbot, desk, UnitTarget("stage", channel=1, cell=(2, 3)))
    assert desk.session.of("saliency")[-1].targets == (UnitTarget("stage", channel=1, cell=(2, 3)),)
    assert "no class scores" not in said(desk.window.canvas)


@pytest.mark.parametrize("picked", [False, True])
def test_that_a_region_is_explained_in_the_maps_that_are_shown(qtbot: QtBot, desk: Desk, picked: bool) -> None:
    if picked:
        desk.window.results.feature_maps.grid.set_current(5)
    choose(qtbot, desk, "saliency")
    desk.window.canvas.region_drawn.emit(Box(2.0, 3.0, 9.0, 8.0))
    qtbot.waitUntil(desk.is_idle)
    (target,) = desk.session.of("saliency")[-1].targets
    assert target == UnitTarget("stage", channel=5 if picked else None, box=(2.0, 3.0, 9.0, 8.0))
    assert desk.window.canvas.scene is not None
    assert desk.window.canvas.scene.region == Box(2.0, 3.0, 9.0, 8.0)
    assert "region" in line(desk).words
    desk.action("Copy as command").trigger()
    region = "stage#5@2,3,9,8" if picked else "stage@2,3,9,8"
    copied = QGuiApplication.clipboard().text()
    assert f"--target-region {region}" in copied.replace("'", "")


def test_that_a_refusal_stands_where_the_picture_would(
    qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(request: object) -> object:
        raise LayerError("stage comes after stem.")

    monkeypatch.setitem(toy.ANSWERS, "hirescam", refuse)
    choose(qtbot, desk, "hirescam")
    assert desk.window.canvas.overlay is None
    assert "stage comes after stem." in said(desk.window.canvas)
    assert not desk.window.messages.isVisible(), "the canvas says it, and needs the room"
    choose(qtbot, desk, "gradcam")
    assert "stage comes after stem." not in said(desk.window.canvas)


def test_that_a_cancelled_first_map_says_so_until_it_is_asked_for_again(qtbot: QtBot, desk: Desk) -> None:
    canvas = desk.window.canvas
    desk.window.examiner.open_network("held")
    desk.session.released.set()
    qtbot.waitUntil(desk.is_idle)
    canvas.clear_map()
    desk.session.released.clear()
    desk.action("Explanation over the image").trigger()
    qtbot.waitUntil(lambda: desk.runner.running is not None)
    desk.action("Cancel").trigger()
    assert "Cancelled. F5 computes it again." in said(canvas)
    desk.session.released.set()
    desk.action("Explanation over the image").trigger()
    assert "Cancelled" not in said(canvas)
    qtbot.waitUntil(desk.is_idle)
    assert canvas.overlay is not None


def test_that_the_help_leads_to_a_method_and_the_method_to_its_help(qtbot: QtBot, desk: Desk) -> None:
    (help_panel,) = desk.window.findChildren(HelpPanel)
    panel(desk).help_wanted.emit()
    assert help_panel.isVisible()
    assert 'href="method:gradcam++"' in help_panel.toHtml()
    help_panel.anchorClicked.emit(QUrl("method:gradcam++"))
    qtbot.waitUntil(desk.is_idle)
    assert desk.session.ran[-1].method == "gradcam++"
    desk.action("Choose a method").trigger()
    assert panel(desk).methods.search.hasFocus()
