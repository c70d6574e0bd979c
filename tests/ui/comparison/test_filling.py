"""Filling a table: as few requests as can be, and what one failure costs."""

import pytest

from cnnviz_desktop.core.catalog.tutorial import TUTORIAL_METHODS
from cnnviz_desktop.core.requests import ClassTarget, Request
from cnnviz_desktop.core.results import Picture
from cnnviz_desktop.jobs.events import Finished
from cnnviz_desktop.ui.comparison.comparison import GUIDED
from cnnviz_desktop.ui.comparison.filling import VIEW
from cnnviz_desktop.ui.comparison.target_offers import key_of
from cnnviz_desktop.ui.strip.thumbnail_reader import THUMBNAIL
from tests.ui.comparison.conftest import Bench


def states(bench: Bench) -> dict[str, int]:
    """How many cells are in each state."""
    cells = [bench.scene.answers.cell(place).state for place in bench.scene.comparison.places]
    return {state: cells.count(state) for state in sorted(set(cells))}


def test_that_the_first_click_fills_seven_methods_from_one_request(bench: Bench) -> None:
    bench.fill()
    assert [request.methods for request in bench.session.explaining] == [(*TUTORIAL_METHODS, GUIDED)]
    assert states(bench) == {"shown": 21}


@pytest.mark.parametrize(
    ("layout", "axes", "cells"),
    [
        ("layers", {"layers": ("stem", "stage")}, 14),
        ("classes", {"targets": tuple(key_of(ClassTarget(index)) for index in range(3))}, 21),
        ("images", {}, 21),
    ],
)
def test_that_any_table_is_one_request(bench: Bench, layout: str, axes: dict[str, tuple[str, ...]], cells: int) -> None:
    bench.choose(layout, **axes)  # type: ignore[arg-type]  # parametrize loses the literal
    bench.fill()
    assert len(bench.session.explaining) == 1
    assert states(bench) == {"shown": cells}


def test_that_a_refused_method_costs_its_own_row_only(bench: Bench) -> None:
    bench.session.refused["eigencam"] = "There is no pattern."
    bench.fill()
    assert states(bench) == {"refused": 2, "shown": 19}
    assert bench.cell(5, 0).why == "There is no pattern."
    assert bench.cell(5, 1).state == "shown"


def test_that_without_guided_backpropagation_the_maps_still_come(bench: Bench) -> None:
    bench.session.refused[GUIDED] = "No rule."
    bench.fill()
    assert states(bench) == {"refused": 14, "shown": 7}


def test_that_a_layer_off_the_path_costs_its_own_column_only(bench: Bench) -> None:
    bench.session.pathless["stem"] = "stem is not on the way."
    bench.choose("layers", layers=("stem", "stage"))
    bench.fill()
    assert states(bench) == {"refused": 7, "shown": 7}
    assert {bench.cell(row, 0).why for row in range(7)} == {"stem is not on the way."}


def test_that_an_image_that_cannot_be_read_costs_its_own_row_only(bench: Bench) -> None:
    bench.page.subject.show_images(("a", "broken", "ccc"))
    bench.choose("images")
    bench.fill()
    assert states(bench) == {"refused": 7, "shown": 14}
    assert bench.cell(1, 0).why == "broken is no image."
    assert {request.images for request in bench.session.explaining} == {("a", "ccc")}


def test_that_a_fault_of_the_program_is_told_once_with_its_traceback(bench: Bench, expected_logs: list[str]) -> None:
    expected_logs.append("A job failed")
    bench.session.faulty.add("gradcam")
    bench.choose("images")
    told: list[tuple[str, str]] = []
    bench.page.failed.connect(lambda message, details: told.append((message, details)))
    bench.fill()
    assert states(bench) == {"refused": 3, "shown": 18}
    assert len(told) == 1
    assert "ZeroDivisionError" in told[0][1]


def test_that_all_refused_says_why_in_every_cell_and_ends(bench: Bench) -> None:
    for method in (*TUTORIAL_METHODS, GUIDED):
        bench.session.refused[method] = f"No {method}."
    bench.fill()
    assert states(bench) == {"refused": 21}
    assert bench.cell(0, 0).why == "No gradcam."


def test_that_preliminary_results_are_shown_and_replaced(bench: Bench) -> None:
    bench.session.preliminary.add("ablationcam")
    seen: list[float] = []

    def look() -> None:
        result = bench.cell(6, 0).result
        if result is not None:
            seen.append(result.done)

    bench.page._filler.changed.connect(look)
    bench.fill()
    assert seen[0] == 0.5
    assert seen[-1] == 1.0


def test_that_a_method_that_gives_nothing_is_not_said_to_be_cancelled(bench: Bench) -> None:
    bench.session.silent.add("eigencam")
    bench.fill()
    assert states(bench) == {"shown": 19, "unanswered": 2}


def test_that_cancelling_keeps_what_has_come_and_filling_again_asks_only_the_rest(bench: Bench) -> None:
    bench.session.held.add("layercam")
    bench.page.fill()
    bench.qtbot.waitUntil(lambda: bench.cell(3, 0).state == "shown")
    bench.page.subject.cancel_button.click()
    bench.wait()
    assert states(bench)["shown"] == 4
    bench.session.held.clear()
    bench.fill()
    assert states(bench) == {"shown": 21}
    assert bench.session.explaining[-1].methods == ("layercam", "eigencam", "ablationcam", GUIDED)


def test_that_cancelling_everything_ends_the_table_too(bench: Bench) -> None:
    bench.session.held.add("gradcam")
    bench.page.fill()
    bench.qtbot.waitUntil(bench.session.waits.is_set)
    bench.runner.cancel()
    assert not bench.page.is_filling
    assert states(bench) == {"cancelled": 21}


def test_that_a_newer_table_replaces_one_that_is_being_filled(bench: Bench) -> None:
    bench.session.held.add("gradcam")
    bench.page.fill()
    bench.qtbot.waitUntil(bench.session.waits.is_set)
    bench.session.held.clear()
    bench.choose("layers", layers=("stem",))
    bench.fill()
    assert states(bench) == {"shown": 7}
    assert not [job for job in bench.runner.live if job.view == VIEW]


def test_that_another_network_takes_the_table_away_and_nothing_of_it_comes_back(bench: Bench) -> None:
    bench.session.held.add("gradcam")
    bench.page.fill()
    bench.qtbot.waitUntil(bench.session.waits.is_set)
    bench.page.clear()
    bench.session.released.set()
    bench.qtbot.waitUntil(lambda: not bench.runner.live)
    assert bench.page.scene is None
    assert not bench.page.is_filling


def test_that_what_is_asked_elsewhere_goes_first_and_the_table_is_filled_all_the_same(bench: Bench) -> None:
    bench.session.held.add("layercam")
    bench.page.fill()
    bench.qtbot.waitUntil(lambda: bench.cell(3, 0).state == "shown")
    order: list[str] = []

    def note(event: object) -> None:
        if isinstance(event, Finished):
            order.append(event.job.view)

    bench.runner.happened.connect(note)
    bench.runner.submit("predictions", Request(method="predictions", images=("a",)))
    bench.runner.submit("feature_maps", Request(method="feature_maps", images=("a",), layers=("stem",)))
    bench.qtbot.waitUntil(lambda: "feature_maps" in order)
    assert bench.page.is_filling
    bench.session.held.clear()
    bench.wait()
    assert order == ["predictions", "feature_maps", VIEW]
    assert states(bench) == {"shown": 21}
    assert bench.session.explaining[-1].methods == ("layercam", "eigencam", "ablationcam", GUIDED)


def test_that_thumbnails_wait_for_the_table(bench: Bench) -> None:
    bench.session.held.add("layercam")
    bench.page.fill()
    bench.qtbot.waitUntil(bench.session.waits.is_set)
    asked = len(bench.session.ran)
    bench.runner.submit(THUMBNAIL, Request(method="picture", images=("a",)))
    bench.session.released.set()
    bench.wait()
    assert [request.method for request in bench.session.ran[asked:]] in ([], ["picture"])
    assert states(bench) == {"shown": 21}


def test_that_images_that_were_read_are_not_read_again_after_stepping_aside(bench: Bench) -> None:
    images = tuple(f"i{number}" for number in range(30))
    bench.page.subject.show_images(images)
    bench.choose("images", images=images)
    read: list[str] = []

    def note(picture: Picture) -> None:
        read.append(picture.image)
        if len(read) in (1, 5):
            bench.runner.submit("predictions", Request(method="predictions", images=("a",)))

    bench.page._filler.pictured.connect(note)
    bench.fill()
    assert read == list(images)
    asked = [request.images for request in bench.session.of("picture")]
    assert asked == [images, images[1:], images[5:]]
    assert set(states(bench)) == {"shown"}


def test_that_an_image_that_was_answered_in_part_costs_the_others_nothing(bench: Bench) -> None:
    bench.session.held.add("layercam")
    bench.choose("images")
    bench.page.fill()
    bench.qtbot.waitUntil(lambda: states(bench).get("shown") == 4)
    bench.runner.submit("predictions", Request(method="predictions", images=("a",)))
    bench.session.held.clear()
    bench.wait()
    assert [(request.images, request.methods) for request in bench.session.explaining[1:]] == [
        (("bb", "ccc"), TUTORIAL_METHODS),
        (("a",), TUTORIAL_METHODS[4:]),
    ]
    assert states(bench) == {"shown": 21}


def test_that_filling_a_whole_table_again_asks_nothing(bench: Bench) -> None:
    bench.choose("images")
    bench.fill()
    asked = len(bench.session.ran)
    bench.fill()
    assert len(bench.session.ran) == asked
    assert states(bench) == {"shown": 21}


def test_that_maps_of_another_content_of_an_image_are_computed_again(bench: Bench) -> None:
    bench.session.refused["layercam"] = "Not now."
    bench.choose("images")
    bench.fill()
    assert states(bench) == {"refused": 3, "shown": 18}
    before = bench.cell(1, 0).result
    bench.session.refused.clear()
    bench.session.contents["bb"] = "ef" * 32
    bench.fill()
    assert states(bench) == {"shown": 21}
    assert bench.cell(1, 0).result is not before
