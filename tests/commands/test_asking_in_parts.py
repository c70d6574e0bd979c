"""In what parts a request that fails is asked again, and what is not asked again."""

from collections import Counter
from itertools import product

import msgspec
import pytest

from cnnviz_desktop.commands.asking import Asker
from cnnviz_desktop.core.errors import (
    CnnvizError,
    LayerError,
    NetworkError,
    OutOfMemory,
    RequestError,
    TargetError,
)
from cnnviz_desktop.core.requests import ClassTarget, Request, Target
from cnnviz_desktop.core.results import HeatMap
from cnnviz_desktop.figures.manifest import Problem
from tests.commands.scripted import NAMED, REGION, OneName, ask, every, request


@pytest.mark.parametrize("kind", [LayerError, TargetError, RequestError])
def test_that_a_failure_that_hangs_on_one_image_takes_no_method_from_the_others(kind: type[RequestError]) -> None:
    def failing(image: str, method: str, target: Target) -> CnnvizError | None:
        return kind("not this one", of_image=True) if (image, method) == ("b", "kpcacam") else None

    asked = [request(*images, also=("kpcacam", "layercam")) for images in ("ab", "cd")]
    maps, problems, *_ = ask(failing, *asked)
    wanted = set(product("abcd", ("gradcam", "kpcacam", "layercam"), ("dog", "cat")))
    assert maps == every(*(one for one in wanted if one[:2] != ("b", "kpcacam")))
    assert problems == [Problem("b", "kpcacam", "not this one")]


def test_that_a_failure_that_hangs_on_each_image_does_not_end_the_order() -> None:
    maps, problems, *_ = ask(lambda *_: RequestError("too small", of_image=True), request("a", "b"))
    assert not maps
    assert [problem.image for problem in problems] == ["a", "b"]


@pytest.mark.parametrize("targets", [NAMED, NAMED[:1]])
def test_that_a_method_that_fails_by_itself_is_not_asked_again_as_it_was(targets: tuple[Target, ...]) -> None:
    def failing(image: str, method: str, target: Target) -> CnnvizError | None:
        return NetworkError("It failed.") if image == "a" else None

    *_, engine = ask(failing, request("a", targets=targets), request("b", targets=targets))
    assert [(one.images, one.targets) for one in engine.asked] == [
        (("a",), targets),
        *((("a",), (target,)) for target in targets if len(targets) > 1),
        (("b",), targets),
    ]


def test_that_a_method_that_has_answered_everything_is_not_computed_again() -> None:
    def failing(image: str, method: str, target: Target) -> CnnvizError | None:
        return NetworkError("It failed.") if method == "occlusion" and target == NAMED[1] else None

    *_, engine = ask(failing, request("a", also=("scorecam", "occlusion", "smoothgrad")))
    assert [one.methods for one in engine.asked[1:]] == [("occlusion",), ("smoothgrad",)]


def test_that_targets_that_have_their_answer_are_not_computed_again() -> None:
    named, likeliest = ClassTarget("dog"), ClassTarget()
    targets = (likeliest, named, ClassTarget(3), ClassTarget(9999))

    def failing(image: str, method: str, target: Target) -> CnnvizError | None:
        return TargetError("There is no class 9999.") if target == targets[3] else None

    asked = msgspec.structs.replace(request("a", targets=targets), method="scorecam")
    maps, problems, _, engine = ask(failing, asked)
    assert maps == every(("a", "scorecam", "None"), ("a", "scorecam", "dog"), ("a", "scorecam", "3"))
    assert problems == [Problem("a", "scorecam", "There is no class 9999.")]
    assert [one.targets for one in engine.asked] == [targets]


def test_that_a_target_is_asked_again_at_the_layer_that_it_has_no_answer_at() -> None:
    asked = msgspec.structs.replace(request("a"), layers=("layer2", "layer3"))
    maps, problems, _, engine = ask(lambda *_: None, asked, failing_layers={"layer3": NetworkError("It failed.")})
    assert maps == every(("a", "gradcam", "dog"), ("a", "gradcam", "cat"))
    assert [(one.targets, one.layers) for one in engine.asked] == [
        (NAMED, ("layer2", "layer3")),
        *((targets, layers) for targets in (NAMED[:1], NAMED[1:]) for layers in (("layer2", "layer3"), ("layer3",))),
    ]
    assert problems == [Problem("a", "gradcam", "It failed.")]


def test_that_the_one_method_without_an_answer_is_known_to_have_failed() -> None:
    def failing(image: str, method: str, target: Target) -> CnnvizError | None:
        return LayerError("not here", of_image=True) if method == "kpcacam" else None

    maps, problems, _, engine = ask(failing, request("a", also=("kpcacam",), targets=NAMED[:1]))
    assert maps == every(("a", "gradcam", "dog"))
    assert problems == [Problem("a", "kpcacam", "not here")]
    assert len(engine.asked) == 1


def test_that_a_method_for_which_the_memory_ran_out_is_tried_alone() -> None:
    crowded = [False, True]  # the second attempt, the first

    def failing(image: str, method: str, target: Target) -> CnnvizError | None:
        return OutOfMemory("full") if method == "fullgrad" and crowded.pop() else None

    maps, problems, *_ = ask(failing, request("a", also=("fullgrad",), targets=NAMED[:1]))
    assert maps == every(("a", "gradcam", "dog"), ("a", "fullgrad", "dog"))
    assert not problems


def test_that_a_target_that_a_method_cannot_explain_loses_no_other_method() -> None:
    def failing(image: str, method: str, target: Target) -> CnnvizError | None:
        return TargetError("CAM explains classes.") if method == "cam" and target == REGION else None

    asked = Request(method="cam", also=("gradcam",), images=("a", "b"), targets=(*NAMED, REGION))
    maps, problems, *_ = ask(failing, asked)
    titles = ("dog", "cat", "layer3")
    assert maps == every(*(one for one in product("ab", ("cam", "gradcam"), titles) if one[1:] != ("cam", "layer3")))
    assert problems == [Problem(image, "cam", "CAM explains classes.") for image in "ab"]


def test_that_a_layer_that_has_no_maps_loses_no_other_layer() -> None:
    asked = msgspec.structs.replace(request("a", "b", also=("saliency",)), layers=("layer2", "fc"))
    bad = {"fc": LayerError("fc gives no maps.")}
    maps, problems, told, engine = ask(lambda *_: None, asked, failing_layers=bad)
    assert maps["a", "gradcam", "dog"] == maps["b", "gradcam", "cat"] == 1
    assert Problem("a", "gradcam", "fc gives no maps.") in problems
    assert [problem.image for problem in told] == ["a"]
    assert not any("fc" in one.layers and one.images == ("b",) and one.method == "gradcam" for one in engine.asked)


def test_that_classes_of_one_name_are_told_apart_where_a_request_is_asked_again() -> None:
    cranes = (ClassTarget(134), ClassTarget(517), ClassTarget(517, minus=134), ClassTarget(517, minus=2))

    def failing(image: str, method: str, target: Target) -> CnnvizError | None:
        return NetworkError("It failed.") if method == "layercam" and target == cranes[2] else None

    told: list[Problem] = []
    asker = Asker(OneName(failing, {}), told.append, lone=True)
    results = [
        one for one in asker.answers(request("a", also=("layercam",), targets=cranes)) if isinstance(one, HeatMap)
    ]
    found = Counter((one.method, one.explained.target) for one in results)
    expected = set(product(("gradcam", "layercam"), cranes)) - {("layercam", cranes[2])}
    assert found == Counter(expected)


def test_that_what_fails_in_part_is_asked_apart_and_costs_the_next_image_no_second_attempt() -> None:
    def failing(image: str, method: str, target: Target) -> CnnvizError | None:
        return LayerError("not on the way") if (method, target) == ("layercam", NAMED[0]) else None

    asked = [request(image, also=("layercam", "hirescam")) for image in "abc"]
    maps, problems, told, engine = ask(failing, *asked)
    every_one = product("abc", ("gradcam", "layercam", "hirescam"), ("dog", "cat"))
    assert maps == every(*(one for one in every_one if one[1:] != ("layercam", "dog")))
    assert problems == [Problem(image, "layercam", "not on the way") for image in "abc"]
    assert told == problems[:1]
    for image in "bc":
        of_image = [one for one in engine.asked if one.images == (image,)]
        assert [(one.methods, one.targets) for one in of_image] == [
            (("gradcam", "hirescam"), NAMED),
            (("layercam",), NAMED[1:]),
        ]
