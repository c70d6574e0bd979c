"""The requests that answer a table's questions, and the commands that compute the same."""

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from cnnviz_desktop.commands.cam import _parser
from cnnviz_desktop.commands.target_options import targets_of
from cnnviz_desktop.core.catalog import METHODS, method, parameter_values
from cnnviz_desktop.core.catalog.tutorial import TUTORIAL_METHODS
from cnnviz_desktop.core.requests import ClassTarget, UnitTarget
from cnnviz_desktop.ui.comparison.asking import (
    commands_of,
    grouped,
    narrowed,
    own_parameters,
    requests_of,
    still_open,
)
from cnnviz_desktop.ui.comparison.comparison import Comparison, Question
from cnnviz_desktop.ui.subject import Subject

if TYPE_CHECKING:
    from cnnviz_desktop.ui.comparison.comparison import Parameters

LAYERS = Comparison(
    layout="layers", methods=("gradcam", "layercam", "saliency"), layers=("stem", "stage"), images=("a",)
)
REGION = UnitTarget("stage3.1", box=(1.0, 2.0, 30.5, 40.0))


def test_that_a_narrowed_request_still_asks_all_that_is_open_and_nothing_else() -> None:
    (request,) = requests_of(LAYERS)
    assert narrowed(request, set(LAYERS.all_questions)) == request
    part = narrowed(request, {Question("layercam", "stage", ClassTarget(), "a")})
    assert part is not None
    assert (part.methods, part.layers, part.targets) == (("layercam",), ("stage",), (ClassTarget(),))
    assert narrowed(request, set()) is None


def test_that_what_is_open_of_some_images_asks_nothing_again_of_others() -> None:
    methods, images = ("gradcam", "layercam", "saliency"), ("a", "b", "c", "d")
    table = replace(LAYERS, layout="images", methods=methods, layers=("stage",), images=images)
    (request,) = requests_of(table)
    assert still_open(request, set(table.all_questions)) == (request,)
    done = {("a", "gradcam"), ("a", "layercam"), ("b", "gradcam"), ("b", "layercam"), ("c", "gradcam")}
    left = {question for question in table.all_questions if (question.image, question.method) not in done}
    parts = still_open(request, left)
    assert [(part.methods, part.images) for part in parts] == [
        (methods, ("d",)),
        (("layercam", "saliency"), ("c",)),
        (("saliency",), ("a", "b")),
    ]
    assert still_open(request, set()) == ()


class Reference(str):
    """An image reference that counts how often it is compared."""

    __slots__ = ()
    compared = 0

    def __eq__(self, other: object) -> bool:
        Reference.compared += 1
        return super().__eq__(other)

    __hash__ = str.__hash__


def test_that_narrowing_compares_no_image_with_all_the_others() -> None:
    images = tuple(Reference(f"{number}.png") for number in range(400))
    table = replace(LAYERS, layout="images", methods=("gradcam", "layercam"), layers=("stage",), images=images)
    (request,) = requests_of(table)
    questions = {question for question in table.all_questions if question.image != "7.png"}
    Reference.compared = 0
    part = narrowed(request, questions)
    assert part is not None
    assert part.images == (*images[:7], *images[8:])
    assert Reference.compared < 10 * len(images)


def test_that_a_narrowed_request_has_only_parameters_that_its_methods_have() -> None:
    table = replace(LAYERS, methods=("smoothgrad", "saliency"), parameters={"smoothgrad": {"samples": 7}})
    (request,) = requests_of(table)
    assert request.parameters == {"samples": 7}
    part = narrowed(request, {Question("saliency", "stage", ClassTarget(), "a")})
    assert part is not None
    assert part.parameters == {}


def test_that_methods_share_a_request_unless_a_parameter_of_theirs_differs() -> None:
    own: Parameters = {
        "gradcam": {"aug_smooth": True},
        "layercam": {"aug_smooth": True},
        "smoothgrad": {"samples": 7},
    }
    groups = grouped(("gradcam", "hirescam", "layercam", "saliency", "smoothgrad"), own)
    assert groups == (
        (("gradcam", "layercam", "saliency", "smoothgrad"), {"aug_smooth": True, "samples": 7}),
        (("hirescam",), {}),
    )


def test_that_every_method_gets_exactly_its_own_parameters_whatever_they_are() -> None:
    explaining = [each for each in METHODS if each.gives]
    own = {
        each.id: {
            parameter.key: not parameter.default
            for parameter in each.parameters[place % 2 :]
            if isinstance(parameter.default, bool)
        }
        for place, each in enumerate(explaining)
    }
    got: dict[str, object] = {}
    for methods, parameters in grouped([each.id for each in explaining], own):
        got |= parameter_values(map(method, methods), parameters)
    assert got == {each.id: each.values(dict(own[each.id])) for each in explaining}


def test_that_the_table_takes_the_window_s_parameters_but_joins_no_layers() -> None:
    subject = Subject(
        network="sample",
        parameters={"gradcam": {"fuse": "mean", "aug_smooth": True}, "layercam": {"fuse": "max"}, "fem": {"k": 1}},
    )
    assert own_parameters(("gradcam", "layercam", "saliency"), subject) == {"gradcam": {"aug_smooth": True}}


def test_that_targets_with_a_layer_of_their_own_are_asked_for_together_with_it() -> None:
    table = Comparison(
        layout="classes",
        methods=("gradcam",),
        layers=("stage3.1", "stage3.0", "stage3.1"),
        targets=(ClassTarget(3), REGION, ClassTarget(5)),
        images=("a",),
    )
    asked = [(request.layers, request.targets) for request in requests_of(table)]
    assert asked == [(("stage3.1",), (ClassTarget(3), ClassTarget(5))), (("stage3.0",), (REGION,))]
    assert [question.layer for question in table.all_questions] == ["stage3.1", "stage3.0", "stage3.1"]


def test_that_the_command_is_one_that_the_command_line_takes() -> None:
    table = Comparison(
        layout="classes",
        methods=TUTORIAL_METHODS,
        layers=("stage3.1",) * 2,
        targets=(ClassTarget(3), ClassTarget(5)),
        images=("sample:scene_01",),
    )
    words = shlex.split(commands_of(table))
    assert words[:2] == ["cnnviz", "cam"]
    options = _parser().parse_intermixed_args(words[2:])
    assert tuple(options.method) == TUTORIAL_METHODS
    assert options.target_class == ["3", "5"]
    assert options.target_layer == ["stage3.1"]
    assert options.images == ["sample:scene_01"]


def test_that_one_command_after_another_computes_what_no_single_one_can() -> None:
    targets = (ClassTarget(3), ClassTarget(5, minus=3), REGION)
    table = Comparison(
        layout="classes",
        methods=("gradcam", "layercam"),
        layers=("stage3.0",) * 3,
        targets=targets,
        images=("sample:scene_01",),
        parameters={"gradcam": {"aug_smooth": True}},
    )
    options = [_parser().parse_intermixed_args(shlex.split(line)[2:]) for line in commands_of(table).splitlines()]
    assert len({each.output for each in options}) == len(options) == 4
    asked = {(tuple(each.method), tuple(each.set), target) for each in options for target in targets_of(each)}
    assert asked == {
        (methods, settings, target)
        for methods, settings in ((("gradcam",), ("aug_smooth=true",)), (("layercam",), ()))
        for target in targets
    }
