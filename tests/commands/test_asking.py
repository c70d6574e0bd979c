"""What becomes of a request that fails: what is asked again, answered all the same, and told."""

import msgspec
import pytest

from cnnviz_desktop.core.errors import CnnvizError, ImageError, LayerError, NetworkError, RequestError, TargetError
from cnnviz_desktop.core.requests import Request, Target
from cnnviz_desktop.figures.manifest import Problem
from tests.commands.scripted import NAMED, REGION, ask, every, request


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
