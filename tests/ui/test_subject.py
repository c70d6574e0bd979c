"""Requests follow from what is looked at, and the copied command means the same request."""

import shlex
from dataclasses import replace

import pytest

from cnnviz_desktop.commands import cam
from cnnviz_desktop.commands.options import network_request
from cnnviz_desktop.core.catalog import METHODS
from cnnviz_desktop.core.requests import ClassTarget, Request
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


def test_that_the_command_line_reads_the_copied_command_as_the_same_request() -> None:
    program, command, *arguments = shlex.split(SUBJECT.command())
    options = cam._parser().parse_intermixed_args(arguments)
    assert (program, command) == ("cnnviz", "cam")
    assert options.images == [SUBJECT.image]
    assert options.method == ["gradcam"]
    wanted = SUBJECT.attribution
    assert tuple(options.target_layer) == wanted.layers
    assert tuple(ClassTarget(int(text)) for text in options.target_class) == wanted.targets
    given = network_request("gradcam", options)
    assert (given.network, given.device, given.allowed_keys) == (wanted.network, wanted.device, wanted.allowed_keys)
