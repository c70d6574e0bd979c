"""A cell of the table over its image: what is told of it, how it ends, and what has come since."""

import shlex

import numpy as np
import pytest

from cnnviz_desktop.commands.cam import _parser
from cnnviz_desktop.commands.target_options import targets_of
from cnnviz_desktop.core.geometry import Box
from cnnviz_desktop.core.requests import ClassTarget, Request, UnitTarget
from cnnviz_desktop.core.results import GradientPicture, HeatMap
from cnnviz_desktop.ui.comparison.comparison import GUIDED, LAYOUTS, Layout, guided_by
from cnnviz_desktop.ui.comparison.enlarged import Enlarged
from cnnviz_desktop.ui.comparison.target_offers import key_of
from tests.ui.comparison.conftest import Bench, lay_out
from tests.ui.comparison.window import SCENES, Window

REGION = UnitTarget("stage", box=(1.0, 2.0, 9.0, 10.0))


def test_that_a_cell_of_the_network_before_is_laid_over_nothing_once_another_is_open(window: Window) -> None:
    lay_out(window.page.subject, "images")
    window.fill()
    window.main.examiner.open_network("held")
    window.enlarge(1, 4)  # of another image, which is read only after the network is open
    window.session.released.set()
    window.wait()
    assert window.main.strip.current == SCENES[1]
    assert "Layer-CAM" not in window.title
    assert "Grad-CAM" in window.title


def test_that_what_the_user_asks_for_while_the_image_is_read_is_not_covered_by_a_cell(window: Window) -> None:
    lay_out(window.page.subject, "images")
    window.fill()
    window.enlarge(1, 4)
    window.main.results.predictions.target_chosen.emit(1)
    window.wait()
    assert "tree" in window.title
    assert "Layer-CAM" not in window.title


def test_that_a_cell_is_not_covered_by_a_channel_that_was_picked_before(window: Window) -> None:
    window.main.results.feature_maps.grid.set_current(2)
    assert "Grad-CAM" not in window.title
    lay_out(window.page.subject, "images")
    window.fill()
    window.enlarge(1, 4)
    window.wait()
    assert "Layer-CAM" in window.title


def test_that_command_request_and_line_tell_of_the_cell_and_then_of_the_window_again(window: Window) -> None:
    window.set_parameters("gradcam", aug_smooth=True)
    own = window.copied("Copy as command")
    lay_out(window.page.subject, "classes")
    window.page.subject.editors["targets"].choose((key_of(ClassTarget(1)), key_of(REGION)))
    window.page.subject.editors["layer"].choose(("stage",))
    window.fill()
    asked = len(window.session.ran)
    window.enlarge(4, 0)
    options = _parser().parse_intermixed_args(shlex.split(window.copied("Copy as command"))[2:])
    assert (options.images, options.method, options.target_layer) == ([SCENES[0]], ["layercam"], ["stage"])
    assert (list(targets_of(options)), options.set) == ([ClassTarget(1)], [])
    request = Request.from_json(window.copied("Copy request as JSON"))
    assert (request.method, request.layers, request.targets) == ("layercam", ("stage",), (ClassTarget(1),))
    assert window.explained == "Explained: tree (class 1), logit"
    window.enlarge(0, 1)
    request = Request.from_json(window.copied("Copy request as JSON"))
    assert (request.method, request.layers, request.targets) == ("gradcam", ("stem",), (REGION,))
    assert request.parameters == {"aug_smooth": True}
    assert "region" in window.explained
    assert window.region() == Box(1, 2, 9, 10)
    assert len(window.session.ran) == asked
    window.main.examiner.show_heat_map()
    assert window.copied("Copy as command") == own
    assert "likeliest" in window.explained
    assert window.region() is None
    window.wait()


def test_that_what_is_told_of_a_cell_ends_with_its_image(window: Window) -> None:
    window.fill()
    own = window.copied("Copy as command")
    window.enlarge(4, 0)
    assert window.copied("Copy as command") != own
    window.main.strip.select(SCENES[1])
    assert window.copied("Copy as command") == own.replace(SCENES[0], SCENES[1])
    window.wait()


def test_that_a_map_times_guided_backpropagation_bears_the_name_of_its_own_map(window: Window) -> None:
    window.set_parameters("hirescam", eigen_smooth=True)
    window.fill()
    window.enlarge(1, 2)
    assert "Guided HiResCAM ·" in window.title
    request = Request.from_json(window.copied("Copy request as JSON"))
    assert request.methods == ("hirescam", GUIDED)
    assert request.parameters == {"eigen_smooth": True}
    window.enlarge(0, 2)
    assert "Guided Grad-CAM ·" in window.title


def test_that_an_enlarged_cell_becomes_sharper_as_its_results_come(window: Window) -> None:
    window.session.held_halfway.add("ablationcam")
    window.page.fill()
    window.wait_until(lambda: window.done(6, 0) == 0.5)
    window.enlarge(6, 0)
    assert "50 %" in window.title
    window.session.released.set()
    window.wait()
    assert "Ablation-CAM" in window.title
    assert "50 %" not in window.title


def test_that_a_map_picked_over_an_enlarged_cell_is_not_taken_off_by_a_sharper_one(window: Window) -> None:
    window.session.held_halfway.add("ablationcam")
    window.page.fill()
    window.wait_until(lambda: window.done(6, 0) == 0.5)
    window.enlarge(6, 0)
    window.main.results.feature_maps.grid.set_current(2)
    picked = window.title
    assert "Ablation-CAM" not in picked
    window.session.released.set()
    window.wait()
    assert window.title == picked


@pytest.mark.parametrize("ends", ["cancel", "replace"])
def test_that_an_enlarged_cell_that_stays_preliminary_says_so(window: Window, ends: str) -> None:
    window.session.held_halfway.add("ablationcam")
    window.page.fill()
    window.wait_until(lambda: window.done(6, 0) == 0.5)
    window.enlarge(6, 0)
    if ends == "cancel":
        window.page.subject.cancel_button.click()
    else:
        lay_out(window.page.subject, "layers")
        window.page.fill()
    assert "Ablation-CAM" in window.title
    assert "Cancelled: this is a preliminary picture." in window.main.canvas.caption.foot
    window.session.released.set()
    window.wait()


@pytest.mark.parametrize("layout", [each for each in LAYOUTS if each != "networks"])  # test_networks.py is about it
def test_that_the_request_of_a_cell_computes_what_the_cell_shows(bench: Bench, layout: Layout) -> None:
    targets = (key_of(ClassTarget(1)), key_of(ClassTarget(0, minus=2)), key_of(REGION))
    bench.choose(layout, methods=("hirescam", "layercam"), layers=("stem", "stage"), targets=targets)
    bench.fill()
    for place in bench.scene.comparison.places:
        with bench.qtbot.waitSignal(bench.page.enlarged) as heard:
            bench.page.view.enlarged.emit(place)
        (enlarged,) = heard.args or [None]
        assert isinstance(enlarged, Enlarged)
        shown = bench.scene.answers.cell(place).result
        assert shown is not None
        computed = [
            each for each in bench.session.run(enlarged.requests[0]) if isinstance(each, HeatMap | GradientPicture)
        ]
        result = guided_by(*computed) if place.column == 2 and layout == "views" else computed[0]
        np.testing.assert_array_equal(result.raw, shown.raw)
        assert (result.layer, result.image, result.explained) == (shown.layer, shown.image, shown.explained)
