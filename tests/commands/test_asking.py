"""What becomes of a request that fails, asked of an engine whose answers are written down."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import product

import msgspec
import numpy as np
import pytest

from cnnviz_desktop.commands.asking import Asker
from cnnviz_desktop.commands.console import Console
from cnnviz_desktop.commands.engine import Engine
from cnnviz_desktop.core.errors import CnnvizError, ImageError, LayerError, NetworkError, RequestError, TargetError
from cnnviz_desktop.core.geometry import InputTransform, MapGeometry, Size
from cnnviz_desktop.core.requests import ClassTarget, Request, Target, UnitTarget
from cnnviz_desktop.core.results import Explained, HeatMap, Result
from cnnviz_desktop.figures.manifest import Problem

Failing = Callable[[str, str, Target], CnnvizError | None]
NAMED = (ClassTarget("dog"), ClassTarget("cat"))
REGION = UnitTarget("layer3", box=(0, 0, 9, 9))


class Scripted(Engine):
    """Gives a map for each target, image and method, in the engine's order, until one fails."""

    def __init__(self, failing: Failing, failing_layers: Mapping[str, CnnvizError]) -> None:
        super().__init__(Console())
        self.asked: list[Request] = []
        self._failing = failing
        self._failing_layers = failing_layers

    def answers(self, request: Request) -> Iterator[Result]:
        self.asked.append(request)
        geometry = MapGeometry(InputTransform.of("none", Size(2, 2), Size(2, 2)), Size(2, 2))
        for target in request.targets:
            title = str(target.label) if isinstance(target, ClassTarget) else target.layer
            for method in request.methods:
                for layer, image in product(request.layers or ("layer3",), request.images):
                    if error := self._failing(image, method, target) or self._failing_layers.get(layer):
                        raise error
                    yield HeatMap(
                        image=image,
                        method=method,
                        layer=layer,
                        explained=Explained(title=title, score=1.0, target=target),
                        raw=np.ones((2, 2), dtype=np.float32),
                        geometry=geometry,
                    )


class OneName(Scripted):
    """Whatever is explained is called a crane."""

    def answers(self, request: Request) -> Iterator[Result]:
        for result in super().answers(request):
            assert isinstance(result, HeatMap)
            explained = dataclasses.replace(result.explained, title="crane")
            yield dataclasses.replace(result, explained=explained)


def ask(
    failing: Failing, *requests: Request, lone: bool = True, failing_layers: Mapping[str, CnnvizError] | None = None
) -> tuple[Counter[tuple[str, str, str]], list[Problem], list[Problem], Scripted]:
    """What was answered, the problems kept, the problems told, and the engine."""
    told: list[Problem] = []
    engine = Scripted(failing, failing_layers or {})
    asker = Asker(engine, told.append, lone=lone)
    results = [result for request in requests for result in asker.answers(request)]
    maps = Counter((one.image, one.method, one.explained.title) for one in results if isinstance(one, HeatMap))
    questions = [one.to_json() for one in engine.asked]
    assert len(set(questions)) == len(questions)  # nothing is asked twice in the same words
    return maps, asker.problems, told, engine


def request(*images: str, also: tuple[str, ...] = (), targets: tuple[Target, ...] = NAMED) -> Request:
    return Request(method="gradcam", also=also, images=images, targets=targets)


def every(*results: tuple[str, str, str]) -> Counter[tuple[str, str, str]]:
    return Counter(results)


def test_that_a_method_that_does_not_apply_loses_no_other_and_is_asked_for_once() -> None:
    def failing(image: str, method: str, target: Target) -> CnnvizError | None:
        return LayerError("There is no global average.") if method == "cam" else None

    asked = [request(image, also=("cam", "layercam")) for image in ("a", "b")]
    maps, problems, told, engine = ask(failing, *asked)
    wanted = [(image, method, name) for image in "ab" for method in ("gradcam", "layercam") for name in ("dog", "cat")]
    assert maps == every(*wanted)
    assert [(problem.image, problem.method) for problem in problems] == [("a", "cam"), ("b", "cam")]
    assert [problem.image for problem in told] == ["a"]
    assert [one.methods for one in engine.asked][-1] == ("gradcam", "layercam")
    assert not any("cam" in one.methods and "b" in one.images for one in engine.asked)


def test_that_an_image_that_fails_loses_no_other_of_its_batch_and_is_told_once() -> None:
    def failing(image: str, method: str, target: Target) -> CnnvizError | None:
        return ImageError("b is broken.") if image == "b" else None

    maps, problems, told, _ = ask(failing, request("a", "b", "c", also=("layercam", "guided_backprop")))
    assert {image for image, _, _ in maps} == {"a", "c"}
    assert set(maps.values()) == {1}
    assert len(maps) == 2 * 2 * 3
    assert problems == told == [Problem("b", "gradcam", "b is broken.")]


def test_that_what_was_answered_before_a_failure_comes_once() -> None:
    def failing(image: str, method: str, target: Target) -> CnnvizError | None:
        return NetworkError("It failed.") if target == NAMED[1] and method == "layercam" else None

    maps, problems, *_ = ask(failing, request("a", also=("layercam", "hirescam")))
    assert maps == every(
        *(("a", method, name) for method in ("gradcam", "hirescam") for name in ("dog", "cat")),
        ("a", "layercam", "dog"),
    )
    assert problems == [Problem("a", "layercam", "It failed.")]


def test_that_an_image_in_which_a_region_cannot_be_seen_keeps_its_other_targets() -> None:
    def failing(image: str, method: str, target: Target) -> CnnvizError | None:
        return TargetError("It lies outside.") if target == REGION and image == "b" else None

    maps, problems, told, _ = ask(failing, request("a", "b", targets=(REGION, *NAMED), also=("layercam",)))
    assert {title for image, _, title in maps if image == "a"} == {"layer3", "dog", "cat"}
    assert {title for image, _, title in maps if image == "b"} == {"dog", "cat"}
    assert problems == [Problem("b", method, "It lies outside.") for method in ("gradcam", "layercam")]
    assert told == problems[:1]


def test_that_a_target_that_a_layer_is_not_on_the_way_to_keeps_the_methods_other_targets() -> None:
    def failing(image: str, method: str, target: Target) -> CnnvizError | None:
        return LayerError("not on the way") if method == "layercam" and target == NAMED[0] else None

    asked = [request(image, also=("layercam",)) for image in ("a", "b")]
    maps, problems, *_ = ask(failing, *asked)
    assert maps == every(
        *((image, "gradcam", name) for image in "ab" for name in ("dog", "cat")),
        *((image, "layercam", "cat") for image in "ab"),
    )
    assert [(problem.image, problem.method) for problem in problems] == [("a", "layercam"), ("b", "layercam")]


def test_that_a_method_asked_by_itself_is_given_its_own_parameters_alone() -> None:
    def failing(image: str, method: str, target: Target) -> CnnvizError | None:
        return LayerError("no") if method == "fullgrad" else None

    asked = msgspec.structs.replace(
        request("a", also=("smoothgrad", "fullgrad")), parameters={"samples": 3, "fuse": "max", "terms": "absolute"}
    )
    *_, engine = ask(failing, asked, msgspec.structs.replace(asked, images=("b",)))
    given = {one.methods: one.parameters for one in engine.asked[1:]}
    assert given["gradcam",] == {"fuse": "max"}
    assert given["smoothgrad",] == {"samples": 3}
    assert given["gradcam", "smoothgrad"] == {"samples": 3, "fuse": "max"}


@pytest.mark.parametrize("error", [TargetError("no class “unicorn”"), LayerError("no layer “nowhere”")])
def test_that_a_mistake_of_the_only_request_ends_the_order_at_once(error: CnnvizError) -> None:
    def failing(image: str, method: str, target: Target) -> CnnvizError | None:
        return error

    with pytest.raises(RequestError, match=str(error)):
        ask(failing, request("a", "b", also=("layercam", "guided_backprop")))


def test_that_a_request_that_can_give_nothing_loses_no_other_request() -> None:
    def failing(image: str, method: str, target: Target) -> CnnvizError | None:
        return LayerError("no maps") if method == "gradcam" else None

    other = Request(method="saliency", images=("a",))
    maps, problems, *_ = ask(failing, request("a"), other, lone=False)
    assert maps == every(("a", "saliency", "None"))
    assert [problem.message for problem in problems] == ["no maps"]


def test_that_maps_come_without_the_companion_that_fails() -> None:
    def failing(image: str, method: str, target: Target) -> CnnvizError | None:
        return LayerError("no rule") if method == "guided_backprop" else None

    maps, problems, _, engine = ask(failing, *(request(image, also=("guided_backprop",)) for image in ("a", "b")))
    assert {method for _, method, _ in maps} == {"gradcam"}
    assert len(maps) == 4
    assert {problem.method for problem in problems} == {"guided_backprop"}
    assert engine.asked[-1].methods == ("gradcam",)


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
    assert [one.methods for one in engine.asked[1:]] == [*[("occlusion",)] * 3, ("smoothgrad",)]


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
    assert sum("fc" in one.layers and one.images == ("b",) for one in engine.asked) == 0


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
