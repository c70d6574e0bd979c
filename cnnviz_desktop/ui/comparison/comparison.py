"""What is compared, as plain data: two axes, the questions behind every cell, and the requests that answer them."""

import shlex
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple

import msgspec

from cnnviz_desktop.core.catalog import method
from cnnviz_desktop.core.requests import ClassTarget, Device, ParameterValue, Request
from cnnviz_desktop.core.resources import image_name
from cnnviz_desktop.core.results import Attribution

Layout = Literal["views", "layers", "classes", "images"]
LAYOUTS: tuple[Layout, ...] = ("views", "layers", "classes", "images")

GUIDED = "guided_backprop"
VIEWS = ("cam", "gb", "cam_gb")
"""Columns of the preset, by the names that pytorch-grad-cam's ``cam.py`` gives its files."""


class Place(NamedTuple):
    """A cell of the table."""

    row: int
    column: int


class Question(NamedTuple):
    """What one cell asks of the engine; `label` None is the likeliest class, an empty `layer` the suggested one."""

    method: str
    layer: str
    label: int | None
    image: str


class Heading(NamedTuple):
    """What stands beside a row or above a column: `text`, and `tip` that tells more."""

    text: str
    tip: str = ""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One table.

    Attributes:
        layout: What the axes are: ``views`` has methods × cam, gb, cam_gb; ``layers`` and ``classes`` have methods in
            rows; ``images`` has images in rows and methods in columns. What is no axis has one value.
        methods: Ids of the methods.
        layers: Layer references; one, or none for the suggested, where the layers are no axis.
        classes: Indices of classes; one, or (None,) for the likeliest, where the classes are no axis.
        images: Image references; one where the images are no axis.
        network: Reference of the network.
        class_names: One name a class; empty where it has none.
        device: Where to compute.
        allowed_keys: Weights' keys that need not fit.
        parameters: Of the methods.
    """

    layout: Layout
    methods: tuple[str, ...]
    layers: tuple[str, ...] = ()
    classes: tuple[int | None, ...] = (None,)
    images: tuple[str, ...] = ()
    network: str = "sample"
    class_names: tuple[str, ...] = ()
    device: Device = "auto"
    allowed_keys: tuple[str, ...] = ()
    parameters: tuple[tuple[str, ParameterValue], ...] = ()

    @cached_property
    def rows(self) -> tuple[Heading, ...]:
        """Headings of the rows."""
        if self.layout == "images":
            return tuple(Heading(image_name(image), image) for image in self.images)
        return tuple(map(_method_heading, self.methods))

    @cached_property
    def columns(self) -> tuple[Heading, ...]:
        """Headings of the columns."""
        if self.layout == "views":
            tips = ("heat map over the image", "guided backpropagation", "guided backpropagation where the map points")
            return tuple(map(Heading, VIEWS, tips))
        if self.layout == "layers":
            return tuple(Heading(layer) for layer in self.layers)
        if self.layout == "classes":
            return tuple(Heading(self.class_title(label), f"class {label}") for label in self.classes)
        return tuple(map(_method_heading, self.methods))

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Every cell, row by row."""
        return tuple(Place(row, column) for row in range(len(self.rows)) for column in range(len(self.columns)))

    def class_title(self, label: int | None) -> str:
        """What a class is called; empty for the likeliest, whatever that is."""
        if label is None:
            return ""
        return self.class_names[label] if label < len(self.class_names) else str(label)

    def questions(self, place: Place) -> tuple[Question, ...]:
        """What a cell shows the answers of: one, or the two factors of ``cam_gb``."""
        row, column = place
        layer, image = self.layers[0] if self.layers else "", self.images[0]
        if self.layout == "images":
            return (Question(self.methods[column], layer, self.classes[0], self.images[row]),)
        if self.layout == "layers":
            return (Question(self.methods[row], self.layers[column], self.classes[0], image),)
        if self.layout == "classes":
            return (Question(self.methods[row], layer, self.classes[column], image),)
        cam = Question(self.methods[row], layer, self.classes[0], image)
        guided = Question(GUIDED, "", self.classes[0], image)
        return ((cam,), (guided,), (cam, guided))[column]

    @cached_property
    def all_questions(self) -> tuple[Question, ...]:
        """Every question of the table, each once."""
        return tuple(dict.fromkeys(question for place in self.places for question in self.questions(place)))

    def answered_by(self, result: Attribution) -> tuple[Question, ...]:
        """The questions that a result answers: of every layer where it belongs to none of the table's."""
        own_layer = result.layer in self.layers
        return tuple(
            question
            for question in self.all_questions
            if question.method == result.method
            and question.image == result.image
            and question.label in (None, result.explained.class_index)
            and (not own_layer or question.layer in ("", result.layer))
        )

    def picture_request(self) -> Request:
        """The request that reads the images."""
        return Request(method="picture", images=self.images)

    def request(self) -> Request:
        """The one request that answers every question."""
        first, *others = dict.fromkeys((*self.methods, *((GUIDED,) if self.layout == "views" else ())))
        return Request(
            method=first,
            also=tuple(others),
            network=self.network,
            images=self.images,
            layers=self.layers,
            targets=tuple(map(ClassTarget, self.classes)),
            parameters=dict(self.parameters),
            device=self.device,
            allowed_keys=self.allowed_keys,
        )

    def command(self) -> str:
        """The command that computes the same on the command line."""
        request = self.request()
        words = ["cnnviz", "cam", *self.images, "--network", self.network]
        for option, values in (
            ("--method", request.methods),
            ("--target-layer", self.layers),
            ("--target-class", [str(label) for label in self.classes if label is not None]),
            ("--device", [self.device] if self.device != "auto" else []),
            ("--allow-key", self.allowed_keys),
        ):
            words += [word for value in values for word in (option, value)]
        return shlex.join([*words, "--output", "comparison"])

    def is_about(self, other: "Comparison") -> bool:
        """Whether both ask the same of the same; the device makes no other table."""
        return replace(self, device=other.device) == other


def narrowed(request: Request, questions: set[Question]) -> Request | None:
    """The least request that still answers all those of `questions` that this one answers; None where there is none."""
    asked = [question for question in questions if answers(request, question)]
    if not asked:
        return None
    methods = {question.method for question in asked}
    labels = {question.label for question in asked}
    layers, images = {question.layer for question in asked}, {question.image for question in asked}
    first, *others = (each for each in request.methods if each in methods)
    kept = tuple(layer for layer in request.layers if layer in layers)
    return msgspec.structs.replace(
        request,
        method=first,
        also=tuple(others),
        layers=kept or request.layers,
        targets=tuple(target for target in request.targets if label_of(target) in labels),
        images=tuple(image for image in request.images if image in images),
    )


def answers(request: Request, question: Question) -> bool:
    """Whether a request asks a question."""
    return (
        question.method in request.methods
        and question.image in request.images
        and question.label in map(label_of, request.targets)
        and (not question.layer or not request.layers or question.layer in request.layers)
    )


def label_of(target: object) -> int | None:
    """The class of a target; None for the likeliest."""
    return target.label if isinstance(target, ClassTarget) and isinstance(target.label, int) else None


def _method_heading(method_id: str) -> Heading:
    known = method(method_id)
    return Heading(known.title, known.summary)
