"""Two networks in one table: the same questions, and how the answers differ."""

from dataclasses import replace

import msgspec
import numpy as np

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.requests import ClassTarget, Request
from cnnviz_desktop.core.results import HeatMap, Predictions
from cnnviz_desktop.ui.comparison.comparison import Place
from cnnviz_desktop.ui.comparison.enlarged import Enlarged
from cnnviz_desktop.ui.comparison.network_offers import OpenedNetworks
from cnnviz_desktop.ui.subject import Subject
from tests.ui.comparison.conftest import Bench
from tests.ui.toy import outline_of


def open_after(bench: Bench, network: str) -> None:
    """Open another network after the sample."""
    bench.page.subject.show_network(outline_of(Request(method="outline", network=network)))
    bench.page.subject.show_subject(Subject(network=network, image="a", layer="stem"))


def test_that_one_network_alone_is_told_what_to_do(bench: Bench) -> None:
    bench.choose("networks")
    assert bench.page.subject.comparison() is None
    assert "Open the network to compare with" in bench.page.subject.problem


def test_that_both_are_asked_the_same_and_their_difference_is_shown(bench: Bench) -> None:
    open_after(bench, "after")
    bench.session.strengths["after"] = 3.0
    bench.choose("networks", methods=("gradcam", "saliency"))
    bench.fill()
    before, after = bench.session.explaining
    assert (before.network, after.network) == ("sample", "after")
    assert before.methods == after.methods == ("gradcam", "saliency")
    assert [heading.text for heading in bench.scene.comparison.columns[:2]] == ["Toy sample", "Toy after"]
    for row in range(2):
        first, second, difference, scaled = (bench.cell(row, column).result for column in range(4))
        assert first is not None
        assert second is not None
        assert difference is not None
        assert scaled is not None
        np.testing.assert_allclose(second.raw, first.raw * 3, rtol=1e-6)
        np.testing.assert_allclose(difference.raw, second.raw - first.raw)
        np.testing.assert_allclose(scaled.raw, 0, atol=1e-6)


def test_that_a_network_that_cannot_answer_leaves_the_answers_of_the_other(bench: Bench) -> None:
    open_after(bench, "broken")
    bench.choose("networks", methods=("gradcam",))
    bench.fill()
    assert [bench.cell(0, column).state for column in range(4)] == ["shown", "refused", "refused", "refused"]
    assert "cannot be opened" in bench.cell(0, 2).why


def test_that_an_enlarged_difference_is_told_by_the_requests_of_both(bench: Bench) -> None:
    open_after(bench, "after")
    bench.choose("networks", methods=("gradcam",))
    bench.fill()
    difference = Enlarged.of(bench.scene.answers, Place(0, 2), is_final=True)
    alone = Enlarged.of(bench.scene.answers, Place(0, 0), is_final=True)
    assert difference is not None
    assert alone is not None
    assert [request.network for request in difference.requests] == ["sample", "after"]
    assert "Toy after − Toy sample" in difference.title
    assert [request.network for request in alone.requests] == ["sample"]
    assert difference.command.count("cnnviz cam") == 2


def test_that_both_explain_the_class_that_the_open_network_finds_likeliest(bench: Bench) -> None:
    open_after(bench, "after")
    (predictions,) = bench.session.run(Request(method="predictions", images=("a",)))
    assert isinstance(predictions, Predictions)
    bench.page.subject.show_predictions(predictions)
    bench.choose("networks", methods=("gradcam",))
    comparison = bench.page.subject.comparison()
    assert comparison is not None
    assert comparison.targets == (ClassTarget(predictions.top(1)[0]),)


def test_that_a_network_that_is_opened_again_is_offered_once(bench: Bench) -> None:
    for network in ("after", "sample", "after"):
        open_after(bench, network)
    bench.choose("networks")
    comparison = bench.page.subject.comparison()
    assert comparison is not None
    assert comparison.other is not None
    assert comparison.other.network == "sample"


def test_that_the_requests_of_a_difference_compute_what_its_cell_shows(bench: Bench) -> None:
    open_after(bench, "after")
    bench.session.strengths["after"] = 2.0
    bench.choose("networks", methods=("gradcam",))
    bench.fill()
    enlarged = Enlarged.of(bench.scene.answers, Place(0, 2), is_final=True)
    assert enlarged is not None
    answered = [each for request in enlarged.requests for each in bench.session.run(request)]
    before, after = (each for each in answered if isinstance(each, HeatMap))
    np.testing.assert_array_equal(enlarged.result.raw, after.raw - before.raw)


def test_that_the_network_opened_last_is_compared_with_until_the_user_chooses(bench: Bench) -> None:
    bench.choose("networks")
    other = bench.page.subject.editors["other"]
    compared = []
    for network in ("second", "third"):
        open_after(bench, network)
        compared.append(other.text())
    assert "Toy sample" in compared[0]
    assert "Toy second" in compared[1]
    first = bench.page.subject.comparison()
    assert first is not None
    other.popup.toggled.emit(sample_key(bench), "Toy sample")
    open_after(bench, "fourth")
    assert "Toy sample" in other.text()


def sample_key(bench: Bench) -> str:
    """Key of the offer of the sample."""
    outline = outline_of(Request(method="outline", network="anything else"))
    opened = bench.page.subject._opened
    return next(offer.key for offer in opened.offers(outline) if offer.label == "Toy sample")


def test_that_the_same_network_prepared_otherwise_is_no_other_network(bench: Bench) -> None:
    controls = bench.page.subject
    bench.choose("layers", layers=("stem",), methods=("saliency",))
    outline = outline_of(Request(method="outline"))
    described = msgspec.structs.replace(outline.description, preprocessing=Preprocessing(size=(8, 8)))
    edited = replace(outline, network=described, description=described)
    controls.show_network(edited)
    controls.show_subject(Subject(network=described, image="a", layer="stem"))
    can_compare = [controls.can_compare_networks]
    assert controls.editors["layers"].chosen == ("stem",), "what was chosen was forgotten"
    open_after(bench, "after")
    can_compare.append(controls.can_compare_networks)
    assert can_compare == [False, True]
    bench.choose("networks")
    comparison = controls.comparison()
    assert comparison is not None
    assert comparison.other is not None
    assert comparison.other.network == described, "the network is compared as it was prepared last"


def test_that_two_networks_of_one_name_are_told_apart_by_the_folders_of_their_weights() -> None:
    outlines = []
    for folder in ("first run", "second run"):
        outline = outline_of(Request(method="outline", network="x"))
        described = msgspec.structs.replace(outline.description, weights=f"/runs/{folder}/best.pth")
        outlines.append(replace(outline, network=described, description=described, name="best"))
    opened = OpenedNetworks()
    for outline in outlines:
        opened.remember(outline, ())
    (offer,) = opened.offers(outlines[1])
    assert offer.label == "best (first run)"
    assert "/runs/first run/best.pth" in offer.tip
    other = opened.other(offer.key, outlines[1])
    assert other is not None
    assert (other.network, other.name) == (outlines[0].network, "best (first run)")


def test_that_a_difference_shows_both_signs_where_maps_show_their_positive_part(bench: Bench) -> None:
    open_after(bench, "after")
    bench.session.strengths["after"] = 0.25
    bench.choose("networks", methods=("gradcam",))
    bench.fill()
    assert bench.scene.look.positive
    map_look, difference_look = (bench.scene.map_look(Place(0, column)) for column in (1, 2))
    assert map_look is not None
    assert difference_look is not None
    assert map_look.limits.low == 0
    difference = bench.cell(0, 2).result
    assert difference is not None
    assert difference_look.limits.low == -difference_look.limits.high == -np.abs(difference.raw).max()
