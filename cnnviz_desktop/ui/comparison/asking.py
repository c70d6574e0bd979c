"""The requests that answer a comparison's questions, as few as can be, and the same as commands."""

import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

import msgspec

from cnnviz_desktop.core.catalog import method
from cnnviz_desktop.core.catalog.parameter_sets import FUSE
from cnnviz_desktop.core.references import written
from cnnviz_desktop.core.request_parts import of_methods
from cnnviz_desktop.core.requests import ClassTarget, ParameterValue, Request, Target
from cnnviz_desktop.ui.comparison.comparison import Comparison, Parameters, Question
from cnnviz_desktop.ui.subject import Subject, target_options, written_value

Group = tuple[tuple[str, ...], dict[str, ParameterValue]]


def own_parameters(methods: Iterable[str], subject: Subject) -> Parameters:
    """The parameters that the window has set for the methods; a table joins no layers: they are an axis of it."""
    own = {each: subject.parameters.get(each, {}) for each in methods}
    kept = {each: {key: value for key, value in values.items() if key != FUSE.key} for each, values in own.items()}
    return {each: values for each, values in kept.items() if values}


def picture_request(comparison: Comparison) -> Request:
    """The request that reads the images."""
    return Request(method="picture", images=comparison.images)


def requests_of(comparison: Comparison) -> tuple[Request, ...]:
    """The requests that answer every question: one, where parameters and layers let it be."""
    return tuple(
        Request(
            method=methods[0],
            also=methods[1:],
            network=asked.network,
            images=comparison.images,
            layers=layers,
            targets=targets,
            parameters=parameters,
            device=comparison.device,
            allowed_keys=asked.allowed_keys,
        )
        for asked in comparison.networks
        for methods, parameters in grouped(comparison.asked_methods, comparison.parameters)
        for layers, targets in _together(comparison)
    )


def grouped(methods: Iterable[str], parameters: Parameters) -> tuple[Group, ...]:
    """The methods, parted so that every group can share one request with the parameters that go with it.

    In a request a key stands for all methods that have it; those that want it otherwise are asked apart.

    Args:
        methods: Their ids.
        parameters: By the id of a method, the values that are not its defaults.
    """
    groups: list[tuple[list[str], dict[str, ParameterValue]]] = []
    for each in methods:
        own = parameters.get(each, {})
        for members, shared in groups:
            if all(_gets_its_own(one, {**shared, **own}, parameters) for one in (*members, each)):
                members.append(each)
                shared.update(own)
                break
        else:
            groups.append(([each], dict(own)))
    return tuple((tuple(members), shared) for members, shared in groups)


def _gets_its_own(method_id: str, shared: dict[str, ParameterValue], parameters: Parameters) -> bool:
    """Whether a method gets the values it is to have where these are given to all."""
    known = method(method_id)
    return known.values(known.known(shared)) == known.values(dict(parameters.get(method_id, {})))


def _together(comparison: Comparison) -> Iterator[tuple[tuple[str, ...], tuple[Target, ...]]]:
    """The layers and targets that one request can ask for: all, unless each target has a layer of its own."""
    if comparison.layout != "classes" or not comparison.layers:
        yield comparison.layers, comparison.targets
        return
    for layer in dict.fromkeys(comparison.layers):
        pairs = zip(comparison.layers, comparison.targets, strict=True)
        yield (layer,), tuple(target for own, target in pairs if own == layer)


def narrowed(request: Request, questions: AbstractSet[Question]) -> Request | None:
    """The least request that still answers all those of `questions` that this one answers; None where there is none."""
    asked = asked_by(request, questions)
    if not asked:
        return None
    methods, targets = {question.method for question in asked}, {question.target for question in asked}
    layers, images = {question.layer for question in asked}, {question.image for question in asked}
    kept = tuple(layer for layer in request.layers if layer in layers)
    return msgspec.structs.replace(
        of_methods(request, [each for each in request.methods if each in methods]),
        layers=kept or request.layers,
        targets=tuple(target for target in request.targets if target in targets),
        images=tuple(image for image in request.images if image in images),
    )


def still_open(request: Request, questions: AbstractSet[Question]) -> tuple[Request, ...]:
    """Few requests that still answer all those of `questions` that this one answers, and hardly any other.

    Images of which the same methods are asked stay together; those of which most are asked come first.
    """
    of_image = defaultdict[str, set[str]](set)
    for question in asked_by(request, questions):
        of_image[question.image].add(question.method)
    alike = defaultdict[frozenset[str], list[str]](list)
    for image in request.images:
        if image in of_image:
            alike[frozenset(of_image[image])].append(image)
    together = (tuple(alike[methods]) for methods in sorted(alike, key=len, reverse=True))
    parts = (narrowed(msgspec.structs.replace(request, images=images), questions) for images in together)
    return tuple(part for part in parts if part is not None)


def asked_by(request: Request, questions: Iterable[Question]) -> set[Question]:
    """Those of the questions that a request asks."""
    methods, images, targets, layers = map(set, (request.methods, request.images, request.targets, request.layers))
    return {
        question
        for question in questions
        if question.network == request.network
        and question.image in images
        and question.method in methods
        and question.target in targets
        and (not question.layer or not layers or question.layer in layers)
    }


def commands_of(comparison: Comparison) -> str:
    """The commands that compute the same on the command line, a line each."""
    parts = [
        (request, targets) for request in requests_of(comparison) for targets in _by_minus(request.targets).values()
    ]
    names = ["comparison"] if len(parts) == 1 else [f"comparison-{number}" for number in range(1, len(parts) + 1)]
    return "\n".join(
        shlex.join(["cnnviz", "cam", *_options(request, targets), "--output", name])
        for (request, targets), name in zip(parts, names, strict=True)
    )


def _by_minus(targets: Iterable[Target]) -> Mapping[int | str | None, list[Target]]:
    """The targets that one command can name: it takes one class off for all of them."""
    parts: dict[int | str | None, list[Target]] = {}
    for target in targets:
        parts.setdefault(target.minus if isinstance(target, ClassTarget) else None, []).append(target)
    return parts


def _options(request: Request, targets: Iterable[Target]) -> list[str]:
    words = [*request.images, "--network", written(request.network)]
    settings = [f"{key}={written_value(value)}" for key, value in request.parameters.items()]
    for option, values in (
        ("--method", request.methods),
        ("--target-layer", request.layers),
        ("--set", settings),
        ("--device", [request.device] if request.device != "auto" else []),
        ("--allow-key", request.allowed_keys),
    ):
        words += [word for value in values for word in (option, value)]
    return [*words, *(word for target in targets for word in target_options(target))]
