from dataclasses import replace

import pytest

from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.parameters import ChoiceParameter, NumberParameter
from cnnviz_desktop.core.requests import ClassTarget, LayerRef, Request, UnitTarget


def test_that_a_request_survives_json() -> None:
    request = Request(
        method="gradcam",
        network="nets/my.cnnviz-network.json",
        images=("图像/猫.png", "sample:scene_01"),
        also=("gradcam++", "saliency"),
        layers=("layer3.2", "layer4:input"),
        targets=(
            ClassTarget(3),
            ClassTarget("dog", minus="cat", score="probability"),
            ClassTarget(),
            UnitTarget("layer3", channel=4, cell=(1, 2)),
            UnitTarget("layer3", box=(0.0, 1.5, 20.0, 30.0)),
        ),
        parameters={"top": 3},
        seed=7,
        device="cpu",
        allowed_keys=("fc.weight",),
    )
    assert Request.from_json(request.to_json()) == request


def test_that_a_request_of_an_earlier_version_is_read() -> None:
    text = '{"method": "gradcam", "targets": [{"kind": "class", "label": "dog"}]}'
    assert Request.from_json(text) == Request(method="gradcam", targets=(ClassTarget("dog"),))


def test_that_a_method_named_twice_is_asked_once() -> None:
    assert Request(method="gradcam", also=("saliency", "gradcam")).methods == ("gradcam", "saliency")


@pytest.mark.parametrize(
    "text", ["", "{}", '{"method": 3}', '{"method": "gradcam", "colour": "red"}', '{"method": "x", "device": "tpu"}']
)
def test_that_json_that_is_no_request_is_refused_in_words(text: str) -> None:
    with pytest.raises(RequestError, match="not a request"):
        Request.from_json(text)


@pytest.mark.parametrize("text", ["layer3.2", "layer3.2:input", "head[1]", "features.0:input[2]"])
def test_that_layer_references_read_back_as_written(text: str) -> None:
    assert str(LayerRef.parse(text)) == text


def test_that_output_is_the_side_meant_when_none_is_named() -> None:
    assert LayerRef.parse("stem:output[0]") == LayerRef("stem")


@pytest.mark.parametrize("text", ["", "layer[", "layer:middle", "a:input:output", "layer[-1]"])
def test_that_what_is_no_layer_is_refused_in_words(text: str) -> None:
    with pytest.raises(RequestError, match="is not a layer"):
        LayerRef.parse(text)


def test_that_every_method_is_told_in_full() -> None:
    assert len({method.id for method in catalog.METHODS}) == len(catalog.METHODS)
    for method in catalog.METHODS:
        assert method.title
        assert method.summary.endswith(".")
        assert method.values({}) == {parameter.key: parameter.default for parameter in method.parameters}


SPEED = NumberParameter(key="speed", label="Speed", help="How fast.", default=5, minimum=1, maximum=9)
SHARE = NumberParameter(key="share", label="Share", help="How much.", default=0.5, minimum=0, maximum=1)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"colour": 1}, "no parameter “colour”"),
        ({"speed": 0}, "between 1 and 9"),
        ({"speed": "all"}, "whole number"),
        ({"speed": True}, "whole number"),
        ({"speed": 2.5}, "whole number"),
    ],
)
def test_that_unfit_parameters_are_refused_in_words(given: dict[str, bool | int | float | str], words: str) -> None:
    method = replace(catalog.method("gradcam"), parameters=(SPEED, SHARE))
    with pytest.raises(RequestError, match=words):
        method.values(given)


def test_that_parameters_have_defaults_and_take_whole_numbers_for_fractions() -> None:
    method = replace(catalog.method("gradcam"), parameters=(SPEED, SHARE))
    assert method.values({"share": 1}) == {"speed": 5, "share": 1.0}


PACE = ChoiceParameter(key="pace", label="Pace", help="Which.", default="slow", choices=(("slow", "S"), ("fast", "F")))


def test_that_a_choice_is_one_of_its_values() -> None:
    assert PACE.check("fast") == "fast"
    with pytest.raises(RequestError, match="“quick” is none of slow, fast"):
        PACE.check("quick")


def test_that_a_parameter_goes_to_every_method_that_has_it_and_to_no_other() -> None:
    first = replace(catalog.method("gradcam"), parameters=(SPEED, PACE))
    second = replace(catalog.method("saliency"), parameters=(SPEED, SHARE))
    found = catalog.parameter_values([first, second], {"speed": 7, "pace": "fast"})
    assert found == {"gradcam": {"speed": 7, "pace": "fast"}, "saliency": {"speed": 7, "share": 0.5}}


def test_that_a_parameter_of_none_of_the_methods_is_refused_in_words() -> None:
    methods = [catalog.method("gradcam"), catalog.method("saliency")]
    with pytest.raises(RequestError, match="None of Grad-CAM, Saliency has a parameter “patch”"):
        catalog.parameter_values(methods, {"patch": 3})
