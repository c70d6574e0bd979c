"""Requests follow from what is looked at, and the copied command means the same request."""

import shlex
from dataclasses import replace

import msgspec
import pytest

from cnnviz_desktop.commands import cam
from cnnviz_desktop.core.catalog import METHODS
from cnnviz_desktop.core.requests import ClassTarget, Request, Target, UnitTarget
from cnnviz_desktop.ui.subject import Subject

SUBJECT = Subject(
    network="/nets/mine.cnnviz-network.json",
    image="/pictures/two cats.png",
    layer="fc",
    maps="",
    map_layer="layer3.2",
    target=ClassTarget(3),
    device="cpu",
    allowed_keys=("fc.weight", "it's"),
)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)
def test_that_a_request_names_what_its_method_needs_and_nothing_else(method: object) -> None:
    wanted = next(each for each in METHODS if each is method)
    subject = replace(SUBJECT, maps="layer3.2:input")
    request = replace(subject, method=wanted.id).attribution if wanted.gives else subject.request(wanted.id)
    assert bool(request.images) == wanted.needs_image
    assert bool(request.layers) == wanted.needs_layer
    assert Request.from_json(request.to_json()) == request


def test_that_each_method_is_about_its_own_layer() -> None:
    subject = replace(SUBJECT, maps="fc:input")
    assert subject.request("kernels").layers == ("fc",)
    assert subject.request("feature_maps").layers == ("fc:input",)
    assert subject.attribution.layers == ("layer3.2",)


SET: dict[str, dict[str, bool | int | float | str]] = {
    "gradcam": {"fuse": "max", "aug_smooth": True},
    "kpcacam": {"kernel": "rbf", "gamma": 0.125},
    "smoothgrad": {"samples": 3, "noise": 0.2, "precision": "reduced"},
}


@pytest.mark.parametrize(
    "target",
    [
        ClassTarget(),
        ClassTarget(3),
        ClassTarget(None, minus=2),
        ClassTarget(5, minus=0, score="probability"),
        ClassTarget(score="probability"),
        UnitTarget("layer3.2", channel=7),
        UnitTarget("head[1]", channel=0, cell=(3, 11)),
        UnitTarget("layer3.2", box=(0.25, 10.0, 1234567.89, 200.5)),
        UnitTarget("layer3.2", channel=4, box=(0.0, 1.0, 2.0, 3.0)),
    ],
    ids=repr,
)
@pytest.mark.parametrize("method_id", ["gradcam", "refinecam", "kpcacam", "smoothgrad", "fullgrad"])
def test_that_the_command_line_reads_the_copied_command_as_the_same_request(target: Target, method_id: str) -> None:
    subject = replace(SUBJECT, method=method_id, target=target, more_layers=("layer2",), parameters=SET)
    program, command, *arguments = shlex.split(subject.command())
    options = cam._parser().parse_intermixed_args(arguments)
    assert (program, command) == ("cnnviz", "cam")
    assert options.images == [subject.image]
    assert msgspec.structs.replace(cam._asked(options), images=(subject.image,)) == subject.attribution


def test_that_several_layers_are_asked_for_only_where_one_map_is_made_of_them() -> None:
    subject = replace(SUBJECT, more_layers=("layer2", "layer1"))
    assert subject.attribution.layers == ("layer3.2",)
    joined = replace(subject, parameters={"gradcam": {"fuse": "mean"}})
    assert joined.attribution.layers == ("layer3.2", "layer2", "layer1")
    assert replace(joined, method="hirescam").attribution.layers == ("layer3.2",), "its own parameters are the defaults"
    assert replace(joined, method="refinecam").attribution.layers == ("layer3.2", "layer2", "layer1")
    assert replace(joined, method="saliency").attribution.layers == ()
