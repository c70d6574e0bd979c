from dataclasses import replace

import pytest

from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.parameters import NumberParameter
from cnnviz_desktop.core.requests import ClassTarget, LayerRef, Request


def test_that_a_request_survives_json() -> None:
    request = Request(
        method="gradcam",
        network="nets/my.cnnviz-network.json",
        images=("图像/猫.png", "sample:scene_01"),
        layers=("layer3.2", "layer4:input"),
        targets=(ClassTarget(3), ClassTarget("dog"), ClassTarget()),
        parameters={"top": 3},
        seed=7,
        device="cpu",
        allowed_keys=("fc.weight",),
    )
    assert Request.from_json(request.to_json()) == request


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
